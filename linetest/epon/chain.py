"""Where the records of a stretch of a capture begin: each says how long it is, so they form a chain.

A long stretch is walked in many lanes at once. Where a lane begins is guessed by what all records have in common, and
believed only when the lane before it ends exactly there: a wrong guess costs time and nothing else.
"""

import struct
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from linetest.epon.frames import Bools, Bytes, Int64s
from linetest.epon.records import rows

_LANE = 48 << 10  # octets
_SEARCHED = 2 << 10  # octets at the begin of a lane; longer records are rare
_SAMPLED = 64 << 10  # octets whose records tell what all have in common
_WORTH_IT = 16 * _LANE
_FEWEST_KNOWN = 8
_FEWEST_IN_COMMON = 4
_FEWEST_LANES = 8  # fewer are walked faster one by one


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
    multiple: int
    """Every length is a multiple of it."""
    steady: tuple[int, ...]
    """Octets of a record that are alike in most records of a capture."""

    @property
    def head(self) -> int:
        """Octets of a record that must be there to know its length."""
        return max(self.fixed, self.length_at + 4)

    def allows(self, length: int) -> bool:
        """Tell whether a length can be true."""
        return self.least <= length <= self.most and length % self.multiple == 0


@dataclass(frozen=True, slots=True)
class Chain:
    """Whole records, one behind the other."""

    at: Int64s
    """Where each begins."""
    end: int
    """Where the one behind them begins."""
    is_broken: bool
    """The one behind them cannot be."""

    @property
    def ends(self) -> Int64s:
        """Where each ends."""
        return np.append(self.at[1:], self.end) if self.at.size else self.at

    def pieces(self, most: int) -> Iterator["Chain"]:
        """Yield it in pieces of like size and at most so many records; none where there is no record."""
        size = -(-self.at.size // max(-(-self.at.size // most), 1))
        for first in range(0, self.at.size, max(size, 1)):
            is_last = first + size >= self.at.size
            end = self.end if is_last else int(self.at[first + size])
            yield Chain(self.at[first : first + size], end, self.is_broken and is_last)


def walk(buffer: Bytes, begin: int, end: int, link: Link) -> Chain:
    """Return the whole records of ``buffer[begin:end]``, from the one at `begin` on."""
    found, at = _walk_one(buffer, begin, min(begin + _SAMPLED, end), link, frozenset())
    parts = [found]
    begins = _guess_begins(buffer, at, end, link, found) if end - at >= _WORTH_IT else np.array([at])
    lanes = _walk_lanes(buffer, begins, end, link)
    lane_of = {begin: lane for lane, begin in enumerate(begins.tolist())}
    while parts[-1].size or len(parts) == 1:
        lane = lane_of.get(at)
        if lane is not None and lanes[lane].at.size:
            parts.append(lanes[lane].at)
            at = lanes[lane].end
        else:  # behind a lane that is unfinished or does not lead to the next one
            found, at = _walk_one(buffer, at, end, link, lane_of.keys())
            parts.append(found)
    return Chain(np.concatenate(parts), at, _is_broken(buffer, at, end, link))


def _guess_begins(buffer: Bytes, at: int, end: int, link: Link, known: Int64s) -> Int64s:
    """Return where lanes may begin: at `at`, and wherever the octets stand that known records have in common."""
    size = max(link.steady) + 1
    heads = rows(buffer, known, size)
    common = [place for place in link.steady if (heads[:, place] == heads[:1, place]).all()]
    lanes = np.arange(at + _LANE, end - _SEARCHED - size, _LANE)
    if known.size < _FEWEST_KNOWN or len(common) < _FEWEST_IN_COMMON or not lanes.size:
        return np.array([at])
    is_alike = np.ones((lanes.size, _SEARCHED), np.bool_)
    for place in common:
        searched = np.ndarray(is_alike.shape, np.uint8, buffer, int(lanes[0]) + place, (_LANE, 1))
        is_alike &= searched == heads[0, place]
    guesses = lanes + is_alike.argmax(axis=1)
    return np.append(at, guesses[is_alike.any(axis=1)])


def _walk_lanes(buffer: Bytes, begins: Int64s, end: int, link: Link) -> list[Chain]:
    """Return the records of each lane up to or beyond the begin of the next one; the last few may stay unfinished."""
    stops = np.append(begins[1:], end)
    ends = begins.copy()
    active = np.arange(begins.size)
    steps = [begins[:0]]
    while active.size >= _FEWEST_LANES:
        at = ends[active]
        after, is_good = _next(buffer, at, end, link)
        if not is_good.all():
            active, at, after = active[is_good], at[is_good], after[is_good]
        steps.append(at)
        ends[active] = after
        active = active[after < stops[active]]
    found = np.sort(np.concatenate(steps))
    bounds = [*np.searchsorted(found, begins).tolist(), found.size]
    return [
        Chain(found[first:last], lane_end, False)
        for first, last, lane_end in zip(bounds, bounds[1:], ends.tolist(), strict=False)
    ]


def _next(buffer: Bytes, at: Int64s, end: int, link: Link) -> tuple[Int64s, Bools]:
    """Return where the next records begin, and whether the ones at `at` are whole and can be."""
    last = end - link.head
    is_good = at <= last
    length = rows(buffer, np.minimum(at, last) + link.length_at, 4).view(link.order + "u4")[:, 0].astype(np.int64)
    after = at + (link.fixed + length)
    is_good &= (after <= end) & (length <= link.most)
    if link.least:
        is_good &= length >= link.least
    if link.multiple > 1:
        is_good &= length % link.multiple == 0
    return after, is_good


def _walk_one(buffer: Bytes, at: int, end: int, link: Link, stops: Collection[int]) -> tuple[Int64s, int]:
    """Return the records from `at` up to the next of the stops, and where the one behind them begins."""
    length_of = struct.Struct(link.order + "I").unpack_from
    view = buffer.data
    found: list[int] = []
    last = end - link.head
    while at <= last and (at not in stops or not found):
        (length,) = length_of(view, at + link.length_at)
        after = at + link.fixed + length
        if after > end or not link.allows(length):
            break
        found.append(at)
        at = after
    return np.array(found, np.int64), at


def _is_broken(buffer: Bytes, at: int, end: int, link: Link) -> bool:
    """Tell whether a record has a length that cannot be."""
    if at > end - link.head:
        return False
    (length,) = struct.unpack_from(link.order + "I", buffer.data, at + link.length_at)
    return not link.allows(length)
