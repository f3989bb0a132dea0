"""The wire to an instrument: bytes out, bytes in. What they mean is the business of `linetest.devices`."""

from typing import Literal, Protocol

import msgspec


class Wire(Protocol):
    """An open way to one device."""

    simulated: bool
    """True when the far end is the bench or a replayed transcript."""
    warnings: list[str]
    """`Warn` codes that belong into the record."""

    def write(self, data: bytes) -> None:
        """Send all of `data`; raise `Unreachable` when the device is gone."""

    def read(self, limit: int, timeout_s: float) -> bytes:
        """Return what arrives next, at most `limit` bytes; ``b""`` when nothing came within `timeout_s`.

        A time of 0.0 returns only what is already here. Raises `Unreachable` when the device is gone.
        """

    def close(self) -> None:
        """Let go of the device; a second call does nothing."""


class Link(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The settings of a serial line and of what ends a message: ``[link]`` of a driver."""

    baud: int = 9600
    bits: Literal[7, 8] = 8
    parity: Literal["none", "even", "odd"] = "none"
    stop: Literal[1, 2] = 1
    flow: Literal["none", "rts-cts", "xon-xoff"] = "none"
    send_end: str = "\n"
    """What ends a command on a text protocol."""
    reply_end: str = "\n"
    """What ends a reply on a text protocol; white space before it is dropped."""
    prompt: str = ""
    """What the device says when it waits for a command, such as ``ch> ``. With one, the device repeats each command as
    a line, and what follows up to the prompt is the reply; empty for a device that ends each reply with `reply_end`."""
