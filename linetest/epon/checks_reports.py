"""RPT checks: who speaks how often, and who fell silent (IEEE 802.3 clause 64.3.4)."""

from collections.abc import Iterator

import numpy as np

from linetest.epon.finding import Finding, Outcome, first_frames
from linetest.epon.frames import ABSENT, Int32s, Int64s
from linetest.epon.heard import NS_PER_MS, Heard
from linetest.epon.registration import Period
from linetest.model.codes import Reason


def reports(heard: Heard) -> Iterator[Outcome]:
    """Yield RPT-1 to RPT-5."""
    periods = heard.registry.all_periods()
    up = heard.cannot(up=True) or (None if len(heard.reports) else Reason.NOT_SEEN)
    down = heard.cannot(down=True, preamble=True) or (None if len(heard.gates) else Reason.NOT_SEEN)
    timeout_ns = heard.settings.mpcp_timeout_ms * NS_PER_MS
    late, rare, silent = [], [], []
    for period in periods:
        spoken = heard.reports_in(period)
        late += list(_longest(period, "RPT-1", heard.reports.time_ns[spoken], heard.reports.number[spoken], timeout_ns))
        asked = heard.gates_in(period)
        rare += list(_longest(period, "RPT-2", heard.gates.time_ns[asked], heard.gates.number[asked], timeout_ns))
        silent += list(_silence(heard, period, spoken))
    yield Outcome(check="RPT-1", findings=late, missing=up)
    yield Outcome(check="RPT-2", findings=rare, missing=down)
    yield Outcome(check="RPT-3", findings=silent, missing=up or heard.cannot(down=True))
    both = up or down
    unanswered = [] if both else [found for one in periods for found in _unanswered(heard, one)]
    yield Outcome(check="RPT-4", findings=unanswered, missing=both)
    yield Outcome(check="RPT-5", findings=[] if up else list(_bad(heard)), missing=up)


def _longest(period: Period, check: str, time_ns: Int64s, number: Int32s, timeout_ns: float) -> Iterator[Finding]:
    """Yield the longest gap between two messages; what is longer than the time-out is RPT-3's."""
    if len(time_ns) < 2:
        return
    gaps = np.diff(time_ns)
    gaps = np.where(gaps <= timeout_ns, gaps, -1)
    if gaps.max() >= 0:
        at = int(gaps.argmax())
        frames = [int(number[at]), int(number[at + 1])]
        yield Finding(check=check, value=float(gaps[at]) / NS_PER_MS, llid=period.llid, mac=period.mac, frames=frames)


def _silence(heard: Heard, period: Period, spoken: Int32s) -> Iterator[Finding]:
    """RPT-3: how long a registered ONU said nothing, to its deregistration or the end of the capture."""
    times, numbers = heard.reports.time_ns[spoken], heard.reports.number[spoken]
    heard_first = period.ack.time_ns if period.ack is not None else None
    if not len(times) and heard_first is None:
        return
    is_over = period.ended_ns is not None and period.ended_by != "timeout"
    ended = period.ended_ns if is_over and period.ended_ns is not None else heard.last_ns
    first = [heard_first] if heard_first is not None and not (len(times) and times[0] < heard_first) else []
    points = np.concatenate([np.array(first, np.int64), times, np.array([ended], np.int64)])
    gaps = np.diff(points)
    at = int(gaps.argmax())
    before = at - len(first)
    frames = [int(numbers[one]) for one in (before, before + 1) if 0 <= one < len(numbers)]
    yield Finding(check="RPT-3", value=float(gaps[at]) / NS_PER_MS, llid=period.llid, mac=period.mac, frames=frames)


def _unanswered(heard: Heard, period: Period) -> Iterator[Finding]:
    """RPT-4: forced reports that did not come; asked of an ONU that is still heard afterwards."""
    gates, grants = heard.gates, heard.grants
    rows = heard.grants_in(period)
    forced = rows[(gates.force_report[grants.gate[rows]] >> grants.place[rows]) & 1 == 1]
    spoken = heard.report_rows.get(period.llid, forced[:0])
    if not len(forced) or not len(spoken):
        return
    tolerance = heard.settings.grant_tolerance_tq
    said = np.sort(heard.clock.issued(heard.reports.time_ns[spoken], heard.reports.timestamp[spoken]))
    start = heard.grant_start_tq[forced]
    end = start + grants.length[forced] + tolerance
    at = np.searchsorted(said, start - tolerance)
    answered = (at < len(said)) & (said[np.minimum(at, len(said) - 1)] <= end)
    missed = forced[~answered & (at < len(said))]
    if len(missed):
        frames = first_frames(gates.number[grants.gate[missed]])
        yield Finding(check="RPT-4", value=float(len(missed)), llid=period.llid, mac=period.mac, frames=frames)


def _bad(heard: Heard) -> Iterator[Finding]:
    """RPT-5: reports whose sets, bitmaps and length do not agree, or with another number of sets than planned."""
    told = heard.reports
    wanted = heard.settings.queue_sets
    bad = told.good == 0
    if wanted is not None:
        bad |= told.queue_sets != wanted
    rows = np.flatnonzero(bad)
    for mac in np.unique(told.source[rows]).tolist():
        mine = rows[told.source[rows] == mac]
        llid = int(told.llid[mine[0]])
        yield Finding(
            check="RPT-5",
            value=float(len(mine)),
            llid=None if llid == ABSENT else llid,
            mac=mac,
            frames=first_frames(told.number[mine]),
            more={"queue_sets": sorted(set(told.queue_sets[mine].tolist()))[:8]},
        )
