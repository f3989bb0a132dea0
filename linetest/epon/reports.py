"""The queue sets of REPORTs (IEEE 802.3 clause 64.3.6.2): do their number, bitmaps and lengths agree?"""

import numpy as np

from linetest.epon.frames import ABSENT, Bools, Bytes, Int64s
from linetest.epon.records import rows

_SETS_AT = 21  # octets from DA on
_SIZE = 60  # of an MPCPDU, without FCS: what the sets leave is zero
_QUEUES = 8
_BITS = np.array([bitmap.bit_count() for bitmap in range(256)], np.int64)


def read_reports(octets: Bytes, size: Int64s, queue_sets: Int64s, is_whole: Bools) -> tuple[Int64s, Int64s]:
    """Return for each REPORT whether it agrees with itself, and what its last set asks for.

    Args:
        octets: From DA on, (k, 80).
        size: How many of them were captured, without FCS.
        queue_sets: How many it claims, -1 where that octet is missing.
        is_whole: No octet is missing.

    Returns:
        1, 0, or -1 where octets that would tell were not captured; the sum of the last set's queues in TQ, -1 where
        there is no set or the sets do not fit in.
    """
    end = np.minimum(size, _SIZE)
    at = np.full(size.size, _SETS_AT, np.int64)
    fits = (queue_sets >= 0) & (queue_sets <= _SIZE - _SETS_AT)
    queued = np.full(size.size, ABSENT, np.int64)
    for number in range(int(queue_sets.max(initial=0, where=fits))):
        its = np.flatnonzero(fits & (queue_sets > number))
        queues = _BITS[octets[its, at[its]]]
        at[its] += 1 + 2 * queues
        fits[its] = at[its] <= end[its]
        is_last = fits[its] & (queue_sets[its] == number + 1)
        queued[its[is_last]] = _sum(octets, its[is_last], at[its[is_last]], queues[is_last])
    places = np.arange(_SIZE)
    is_behind = (places >= at[:, None]) & (places < end[:, None])
    good = (fits & ~(is_behind & (octets[:, :_SIZE] != 0)).any(axis=1)).astype(np.int64)
    good[~is_whole & (size < _SIZE)] = ABSENT
    return good, queued


def _sum(octets: Bytes, its: Int64s, end: Int64s, queues: Int64s) -> Int64s:
    """Return the sum of the lengths that end at `end`, so many `queues` of two octets each."""
    room = octets.shape[1]
    begin = its * room + end - 2 * queues
    lengths = rows(octets.reshape(-1), begin, 2 * _QUEUES).view(">u2").astype(np.int64)
    lengths[np.arange(_QUEUES) >= queues[:, None]] = 0
    total: Int64s = lengths.sum(axis=1)
    return total
