"""Where the records of a stretch of a capture begin: each says how long it is, so they form a chain.

Two formats, one walk: a record's length is a 32-bit number at a fixed place, plus a fixed part.
"""

import struct
from typing import NamedTuple

import numpy as np

from linetest.epon.frames import Bytes, Int64s


class Link(NamedTuple):
    """How a format says where the next record begins."""

    order: str
    """Byte order, ``<`` or ``>``."""
    length_at: int
    """Where in a record its length stands, 32 bits."""
    fixed: int
    """Octets of the record that its length does not count."""
    least: int
    """The smallest length that can be true."""
    most: int
    """The largest one."""
    multiple: int = 1
    """Every length is a multiple of it."""


class Chain(NamedTuple):
    """The whole records of a stretch."""

    at: Int64s
    """Where each begins."""
    end: int
    """Where the one behind them begins."""
    is_broken: bool
    """The one behind them has a length that cannot be true."""


def walk(buffer: Bytes, begin: int, end: int, link: Link, most: int) -> Chain:
    """Return at most `most` whole records of ``buffer[begin:end]``, from the one at `begin` on."""
    length_of = struct.Struct(link.order + "I").unpack_from
    last = end - max(link.fixed, link.length_at + 4)
    view = buffer.data
    found: list[int] = []
    at = begin
    while at <= last and len(found) < most:
        (length,) = length_of(view, at + link.length_at)
        if not link.least <= length <= link.most or length % link.multiple:
            return Chain(np.array(found, np.int64), at, True)
        after = at + link.fixed + length
        if after > end:
            break
        found.append(at)
        at = after
    return Chain(np.array(found, np.int64), at, False)
