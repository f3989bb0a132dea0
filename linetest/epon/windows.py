"""When each LLID may speak: its grants on the OLT's clock, round-trip time included (IEEE 802.3 clause 64.3.5).

In their own time bases the grants of different ONUs may overlap; on the fibre they may not. A grant is at the OLT from
start + RTT to start + length + RTT.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from linetest.epon.clock import Floats, OltClock, wrapped
from linetest.epon.constants import BROADCAST_LLID
from linetest.epon.control import Gates, Grants, Reports
from linetest.epon.frames import Int8s, Int16s, Int64s

INSIDE, OUTSIDE, UNKNOWN = 1, 0, -1
_LLIDS = BROADCAST_LLID + 1
_LONGEST_RTT_TQ = 2.0**16
"""The round trip is a number of 16 bits (RFC 4837, dot3MpcpRoundTripTime)."""
_TIME_BITS = 44
"""Three days in TQ: more than a capture lasts, so that LLID and time make one sortable number."""


def starts_tq(gates: Gates, grants: Grants, clock: OltClock) -> Floats:
    """Return each grant's start on the OLT's clock without wraps, round trip not included."""
    issued = clock.issued(gates.time_ns, gates.timestamp)[grants.gate]
    started: Floats = issued + wrapped((grants.start - gates.timestamp[grants.gate]).astype(np.float64))
    return started


def _key(llid: npt.NDArray[np.integer[Any]], time_tq: Floats) -> Int64s:
    """Return one number that sorts by LLID and then by time."""
    return (llid.astype(np.int64) << _TIME_BITS) + np.maximum(time_tq, 0.0).astype(np.int64)


@dataclass(slots=True)
class Windows:
    """The grants of the last second and the latest round trips, for the frames of the next block."""

    rtt_tq: Floats = field(default_factory=lambda: np.full(_LLIDS, np.nan))
    """By LLID; nan where it is not known yet."""
    duty: Floats = field(default_factory=lambda: np.zeros(_LLIDS))
    """By LLID, the part of the last block's time that was its own."""
    _first: Floats = field(default_factory=lambda: np.full(_LLIDS, np.inf))
    """By LLID, the start of the first grant in the capture: what came before it cannot be judged."""
    _llid: Int16s = field(default_factory=lambda: np.empty(0, np.int16))
    _end: Floats = field(default_factory=lambda: np.empty(0))
    _key: Int64s = field(default_factory=lambda: np.empty(0, np.int64))

    def learn(self, first_ns: int, gates: Gates, grants: Grants, reports: Reports, clock: OltClock) -> None:
        """Take a block's grants and reports; without an OLT's clock there is nothing to learn.

        Of the grants before, those stay that a frame of this block, from `first_ns` on, can still lie in.
        """
        if not clock.is_known:
            return
        self._learn_rtt(reports, clock)
        ours = (gates.discovery[grants.gate] != 1) & (gates.llid[grants.gate] >= 0)
        start = starts_tq(gates, grants, clock)[ours]
        llid = gates.llid[grants.gate][ours]
        end = start + grants.length[ours]
        np.minimum.at(self._first, llid, start)
        if len(gates):
            began, ended = clock.at(np.array([first_ns, gates.time_ns[-1]])).tolist()
            self._count_duty(llid, grants.length[ours], start, ended)
            kept = self._end > began - _LONGEST_RTT_TQ
            key = _key(llid, start)
            llid = np.concatenate([self._llid[kept], llid])
            end = np.concatenate([self._end[kept], end])
            key = np.concatenate([self._key[kept], key])
            order = np.argsort(key)
            self._llid, self._end, self._key = llid[order], end[order], key[order]

    def judged(self, llid: Int64s, arrival_tq: Floats, duration_tq: Floats, tolerance_tq: float) -> Int8s:
        """Return for frames, by their arrival at the OLT, whether they lie in a grant of their LLID: a code above."""
        if not len(self._key):
            return np.full(len(llid), UNKNOWN, np.int8)
        sent = arrival_tq - self.rtt_tq[llid]
        known = np.isfinite(sent) & (sent >= self._first[llid])
        sent = np.where(known, sent, 0.0)
        at = np.searchsorted(self._key, _key(llid, sent + tolerance_tq), side="right") - 1
        same = (at >= 0) & (self._llid[at] == llid)
        inside = same & (sent + duration_tq <= self._end[at] + tolerance_tq)
        return np.where(known, inside, UNKNOWN).astype(np.int8)

    def _learn_rtt(self, reports: Reports, clock: OltClock) -> None:
        """Keep the middle one of each LLID's round trips: one wrong timestamp does not move it."""
        rtt = clock.rtt_tq(reports.time_ns, reports.timestamp)
        order = np.lexsort((rtt, reports.llid))
        llids, first, counts = np.unique(reports.llid[order], return_index=True, return_counts=True)
        middle = order[first + counts // 2]
        named = llids >= 0
        self.rtt_tq[llids[named]] = rtt[middle[named]]

    def _count_duty(self, llid: Int16s, length: Int64s, start: Floats, ended: float) -> None:
        if not len(start):
            return
        span = max(ended - float(start.min()), 1.0)
        self.duty = np.minimum(np.bincount(llid, weights=length, minlength=_LLIDS)[:_LLIDS] / span, 1.0)
