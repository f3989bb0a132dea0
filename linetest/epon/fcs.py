"""Frame check sequences: the CRC-32 of every frame of a block (IEEE 802.3 clause 3.2.9).

One CRC over a long stretch costs far less than one for each frame. So the octets between two frames are replaced by
such as lead from the CRC of a good frame back to the begin of one: a run of good frames then ends as one good frame
does. The frames of a run that ends otherwise are checked one by one.
"""

import zlib
from functools import cache

import numpy as np

from linetest.epon.frames import ABSENT, Bools, Bytes, Int8s, Int64s

FCS_SIZE = 4
SHORTEST = 18
"""Octets of addresses, type and FCS: what is shorter has no FCS."""
_GOOD = 0x2144_DF1C
"""The CRC-32 of a frame with its FCS."""
_RUN = 64
"""Frames checked at once; a bad one costs so many single checks."""
_LONGEST_GAP = 64
"""Octets between two frames that are replaced: in common captures there are no more."""


def is_good(frame: bytes | memoryview) -> bool:
    """Tell whether the last four octets are the FCS of those before."""
    return zlib.crc32(frame) == _GOOD


def check_fcs(buffer: Bytes, begin: Int64s, end: Int64s, has_fcs: Bools) -> Int8s:
    """Return 1 for each frame whose FCS is good, 0 for a bad one, -1 where there is none.

    Destroys what stands between the frames.

    Args:
        buffer: Holds the frames.
        begin: Where each frame's DA stands, ascending.
        end: Where the octet behind its FCS stands.
        has_fcs: It is to be checked.
    """
    gap = np.zeros(begin.size, np.int64)
    gap[1:] = begin[1:] - end[:-1]
    is_linked = has_fcs & (gap >= FCS_SIZE) & (gap <= _LONGEST_GAP) & (np.arange(begin.size) % _RUN > 0)
    is_linked[1:] &= has_fcs[:-1]
    _link(buffer, begin[is_linked], gap[is_linked])
    runs = np.flatnonzero(~is_linked)
    last = np.append(runs[1:], begin.size) - 1
    good = np.where(has_fcs, 1, ABSENT).astype(np.int8)
    checked = has_fcs[runs]
    runs, last = runs[checked], last[checked]
    with buffer.data as view:
        for first, final, start, stop in zip(
            runs.tolist(), last.tolist(), begin[runs].tolist(), end[last].tolist(), strict=True
        ):
            if not is_good(view[start:stop]):
                for one in range(first, final + 1):
                    good[one] = is_good(view[begin[one] : end[one]])
    return good


def _link(buffer: Bytes, begin: Int64s, gap: Int64s) -> None:
    """Write the octets before each frame that lead to its begin."""
    for size in np.unique(gap).tolist():
        places = np.ndarray((len(buffer) - size + 1,), f"V{size}", buffer, 0, (1,))
        places[begin[gap == size] - size] = np.void(_link_octets(size))


@cache
def _link_octets(size: int) -> bytes:
    """Return so many octets that lead the CRC-32 from `_GOOD` to that of no octet."""
    zeros = bytes(size - FCS_SIZE)
    register = zlib.crc32(zeros, _GOOD) ^ 0xFFFF_FFFF
    wanted = 0xFFFF_FFFF
    for _bit in range(8 * FCS_SIZE):  # the register, bit by bit, backwards
        wanted = (wanted ^ 0xEDB8_8320) << 1 | 1 if wanted >> 31 else wanted << 1
    return zeros + (register ^ wanted).to_bytes(FCS_SIZE, "little")
