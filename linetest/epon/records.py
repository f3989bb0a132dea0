"""What pcap and pcapng have in common: the records of a window, each with a frame."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from linetest.epon.frames import Bools, Bytes, Int64s

LONGEST_FRAME = 262_144
"""Octets; as libpcap, which takes a longer one for a damaged file."""
MOST_FRAMES = 65_536
"""Frames of a block."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """Some records of a capture in file order; n rows."""

    buffer: Bytes
    """Holds the frames, until the next records are asked for."""
    offset: int
    """Where in the (unpacked) capture the buffer begins."""
    at: Int64s
    """Where in the buffer each frame begins."""
    time_ns: Int64s
    captured: Int64s
    length: Int64s
    has_preamble: Bools


class Head(NamedTuple):
    """What the begin of a capture says."""

    has_preamble: bool
    is_nanosecond: bool
    has_fcs: bool | None
    """None where it does not say."""
    snap_length: int


def rows(buffer: Bytes, at: Int64s, octets: int) -> Bytes:
    """Return the octets from each place on, (n, `octets`): a copy by rows, without an index for each octet."""
    window = np.ndarray((len(buffer) - octets + 1,), f"V{octets}", buffer, 0, (1,))
    return window[at].view(np.uint8).reshape(at.size, octets)
