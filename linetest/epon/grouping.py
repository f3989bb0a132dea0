"""Rows by a key, and times by whether somebody held an LLID: in time that grows with their number, not its square.

A hostile capture may have a million senders and thirty thousand LLIDs.
"""

import numpy as np

from linetest.epon.frames import Bools, Int32s, Int64s
from linetest.epon.registration import Period
from linetest.epon.tally import Integers

Rows = Int32s
"""Rows of a table, by their number."""
_NEVER_NS = int(np.iinfo(np.int64).max)


def rows_by(key: Integers) -> dict[int, Rows]:
    """Return the rows of each key, in their order."""
    if not len(key):
        return {}
    order = np.argsort(key, kind="stable")
    found, first = np.unique(key[order], return_index=True)
    return dict(zip(found.tolist(), np.split(order.astype(np.int32), first[1:]), strict=True))


def held(periods: list[Period], time_ns: Int64s, in_flight_ns: int = 0) -> Bools:
    """Tell of each time whether one of the holders had the LLID then: more have begun than have ended.

    Args:
        periods: Of one LLID.
        time_ns: When.
        in_flight_ns: How long behind an end frames of before it still arrive.
    """
    began = np.sort(np.array([one.began_ns or 0 for one in periods], np.int64))
    ended = np.sort(
        np.array([_NEVER_NS if one.ended_ns is None else one.ended_ns + in_flight_ns for one in periods], np.int64)
    )
    found: Bools = np.searchsorted(began, time_ns, side="right") > np.searchsorted(ended, time_ns, side="left")
    return found
