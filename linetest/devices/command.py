"""One command of a ``driver.toml``: what is said to the device, what it does there, and what comes back."""

from typing import Literal

import msgspec

from linetest.model.codes import Reason


class Command(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing that is said to the device, and what it answers."""

    send: str
    risk: Literal["read", "changes", "drops-service"]
    reply: str | None = None
    """None: a text protocol says nothing, a frame protocol sends an empty frame."""
    example: str | None = None
    """A reply that `reply` understands; of a frame the numbers' bytes in hexadecimal."""
    reason: Reason = Reason.REFUSED
    """Why there is no reading when something else is answered."""
    reply_s: float | None = None
    """How long this answer may take, as that to "have you finished?"; `timing.reply_s` when absent."""
    scale: float = 1.0
    """What the numbers of a frame are multiplied with."""
    stride: int = 1
    """How many numbers of a frame belong to one channel; the first of them counts."""


class ReadNumbers(Command, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A command that is answered with a list of numbers; `reply` is the pattern of each of them."""

    separator: str = ","
    """What stands between two numbers of one line; the end of a line separates them too."""

    def parts(self, reply: str) -> list[str]:
        """Return the numbers of a reply as text."""
        return [part.strip() for line in reply.splitlines() for part in line.split(self.separator)]
