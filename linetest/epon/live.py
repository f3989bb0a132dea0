"""A capture from a network interface, for a time or until it is stopped."""

import struct
import time
from typing import Literal, NamedTuple

from linetest.errors import DeviceError, Unreachable
from linetest.model.codes import Reason
from linetest.transports.tap import LINKTYPE_ETHERNET, Tap
from linetest.words.text import N_, _

WHAT_A_CARD_HIDES = N_(
    "An ordinary network card takes off the EPON preamble, so nothing can be said about LLIDs, and many keep MPCP "
    "frames to themselves; its clock is good to microseconds only. A PON analyser or an FPGA tap saves all of it."
)
"""For the person who captures with one."""

MOST_OCTETS = 64 << 20
"""Of a capture, which is in memory."""

_SLICE_S = 0.2  # Ctrl-C is noticed within this time on every system
_SNAP = 65_535


class LiveCapture(NamedTuple):
    """What was captured, and why it ended."""

    body: bytes
    """pcap, microseconds, Ethernet: the clock of a card is not good to a TQ, and a file that said so would be audited
    as if it were."""
    frames: int
    ended_by: Literal["time", "person", "size", "interface"]


def capture(interface: str, seconds: float | None, *, most_octets: int = MOST_OCTETS) -> LiveCapture:
    """Return what passes at an interface.

    Args:
        interface: Its name, such as ``eth1``.
        seconds: How long; None until Ctrl-C, which ends it in any case. What was captured until then is kept.
        most_octets: Where it ends by itself.

    Raises:
        DeviceError: see `Tap`; or no frame came (no-reading).
    """
    tap = Tap(interface)
    parts = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, _SNAP, LINKTYPE_ETHERNET)]
    try:
        ended_by = _record(tap, parts, None if seconds is None else time.monotonic() + seconds, most_octets)
    finally:
        tap.close()
    if len(parts) == 1:
        raise DeviceError(
            _("{interface}: no frame came").format(interface=interface),
            _("check that the tap mirrors to this card, and that the card is up"),
            reason=Reason.NO_READING,
        )
    return LiveCapture(body=b"".join(parts), frames=(len(parts) - 1) // 2, ended_by=ended_by)


def _record(
    tap: Tap, parts: list[bytes], end: float | None, most_octets: int
) -> Literal["time", "person", "size", "interface"]:
    """Append a header and a frame for each frame that comes."""
    size = len(parts[0])
    try:
        while (left_s := _SLICE_S if end is None else end - time.monotonic()) > 0.0:
            frame = tap.read(min(left_s, _SLICE_S))
            if frame is None:
                continue
            time_ns, octets = frame
            size += 16 + len(octets)
            if size > most_octets:
                return "size"
            second, rest_ns = divmod(time_ns, 1_000_000_000)
            parts += (struct.pack("<IIII", second, rest_ns // 1000, len(octets), len(octets)), octets)
    except KeyboardInterrupt:
        return "person"
    except Unreachable:
        if len(parts) == 1:
            raise
        return "interface"
    return "time"
