"""TS checks: the clocks of OLT and ONUs (IEEE 802.3 clauses 64.2.1.1 and 64.2.2)."""

from collections.abc import Iterator

import numpy as np

from linetest.epon.clock import Floats, wrapped
from linetest.epon.constants import FIRST_RESERVED_LLID
from linetest.epon.finding import Finding, Outcome, first_frames
from linetest.epon.frames import Int32s, Ticks
from linetest.epon.heard import Heard
from linetest.epon.registration import Period
from linetest.model.codes import Reason


def times(heard: Heard) -> Iterator[Outcome]:
    """Yield TS-1 to TS-3."""
    missing = heard.cannot(up=True, down=True, clock=True)
    yield Outcome(check="TS-1", findings=[] if missing else list(_backwards(heard)), missing=missing)
    if not missing and not len(heard.reports):
        missing = Reason.NOT_SEEN
    found = [] if missing else [one for period in heard.registry.all_periods() for one in _round_trips(heard, period)]
    yield Outcome(check="TS-2", findings=[one for one in found if one.check == "TS-2"], missing=missing)
    yield Outcome(check="TS-3", findings=[one for one in found if one.check == "TS-3"], missing=missing)


def _backwards(heard: Heard) -> Iterator[Finding]:
    """TS-1: clocks run forward modulo 2^32; the OLT's, and that of every LLID."""
    gates, reports = heard.gates, heard.reports
    order = np.argsort(gates.time_ns, kind="stable")
    if len(found := _steps_back(gates.timestamp[order], gates.number[order])):
        yield Finding(check="TS-1", value=float(len(found)), frames=first_frames(found), more={"by": "olt"})
    order = np.lexsort((reports.time_ns, reports.source))
    same = np.diff(reports.source[order]) == 0
    found = _steps_back(reports.timestamp[order], reports.number[order], same)
    if len(found):
        rows = np.flatnonzero(np.isin(reports.number, found))
        for mac in np.unique(reports.source[rows]).tolist():
            mine = rows[reports.source[rows] == mac]
            yield Finding(
                check="TS-1",
                value=float(len(mine)),
                llid=int(reports.llid[mine[0]]),
                mac=mac,
                frames=first_frames(reports.number[mine]),
                more={"by": "onu"},
            )


def _steps_back(timestamp: Ticks, number: Int32s, same: "np.typing.NDArray[np.bool_] | None" = None) -> Int32s:
    """Return the frames whose timestamp is before the one of the frame before it."""
    back = wrapped(np.diff(timestamp).astype(np.float64)) < 0
    return number[1:][back if same is None else back & same]


def _round_trips(heard: Heard, period: Period) -> Iterator[Finding]:
    """TS-2: how far the round trip moved while registered; TS-3: how long it is, beyond the planned reach."""
    rows = heard.reports_in(period)
    if not len(rows) or period.llid >= FIRST_RESERVED_LLID:
        return
    reports = heard.reports
    rtt: Floats = heard.clock.rtt_tq(reports.time_ns[rows], reports.timestamp[rows])
    least, most = int(rtt.argmin()), int(rtt.argmax())
    frames = [int(reports.number[rows[one]]) for one in sorted({least, most})]
    middle = float(np.median(rtt))
    yield Finding(check="TS-2", value=float(rtt[most] - rtt[least]), llid=period.llid, mac=period.mac, frames=frames)
    yield Finding(
        check="TS-3",
        value=middle - heard.settings.reach_rtt_tq,
        llid=period.llid,
        mac=period.mac,
        frames=first_frames(reports.number[rows]),
        more={"rtt_tq": round(middle, 1), "reach_km": heard.settings.reach_km},
    )
