"""GRT checks and REG-2: what the OLT grants, judged on its own clock (IEEE 802.3 clause 64.3.5)."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from linetest.epon.clock import Floats, wrapped
from linetest.epon.constants import BROADCAST_LLID, FIRST_RESERVED_LLID, Opcode, RequestFlag
from linetest.epon.finding import Finding, Outcome, first_frames
from linetest.epon.frames import ABSENT, MOST_GRANTS, Int16s, Int32s, Int64s
from linetest.epon.heard import Heard
from linetest.epon.registration import Period
from linetest.model.codes import Reason

_WINDOW_NS = 2_000_000_000
"""No discovery window opens so long after its GATE; the 32-bit clock comes round after 68 s."""


_SLOTS = BROADCAST_LLID + 2
"""One for each LLID, and the last one, which -1 also names, for discovery windows."""


class AtOlt(NamedTuple):
    """Grants as they lie on the fibre at the OLT, in the order of their starts."""

    start: Floats
    end: Floats
    llid: Int16s
    """`ABSENT` of a discovery window."""
    number: Int32s
    """The GATE's frame."""


def at_olt(heard: Heard) -> AtOlt:
    """Return all grants whose round trip is known, and the discovery windows, on the OLT's clock."""
    gates, grants = heard.gates, heard.grants
    llid = np.where(gates.discovery[grants.gate] == 1, np.int16(ABSENT), gates.llid[grants.gate])
    start = np.where(llid == ABSENT, 0.0, heard.traffic.windows.rtt_tq[llid])  # at first the round trip alone
    start += heard.grant_start_tq
    known = np.flatnonzero(np.isfinite(start) & (llid < FIRST_RESERVED_LLID))
    order = known[np.argsort(start[known], kind="stable")].astype(np.int32)
    start = start[order]
    return AtOlt(
        start=start, end=start + grants.length[order], llid=llid[order], number=gates.number[grants.gate[order]]
    )


def grants(heard: Heard) -> Iterator[Outcome]:
    """Yield REG-2 and GRT-1 to GRT-5."""
    both = heard.cannot(up=True, down=True, preamble=True) or (None if len(heard.gates) else Reason.NOT_SEEN)
    fine = both or heard.cannot(clock=True)
    yield Outcome(check="REG-2", findings=[] if both else list(_requests(heard)), missing=both)
    placed = None if fine else at_olt(heard)
    yield Outcome(check="GRT-1", findings=list(_overlaps(placed)) if placed else [], missing=fine)
    yield Outcome(check="GRT-2", findings=list(_gaps(placed)) if placed else [], missing=fine)
    missing = heard.cannot(down=True) or (None if len(heard.gates) else Reason.NOT_SEEN)
    yield Outcome(check="GRT-3", findings=[] if missing else list(_notices(heard)), missing=missing)
    yield Outcome(check="GRT-4", findings=[] if missing else list(_outstanding(heard)), missing=missing)
    yield Outcome(check="GRT-5", findings=[] if missing else list(_too_short(heard)), missing=missing)


def _requests(heard: Heard) -> Iterator[Finding]:
    """REG-2: by its own clock, an ONU asks to register while a discovery window is open."""
    windows = np.flatnonzero(heard.gates.discovery[heard.grants.gate] == 1)
    starts = heard.grants.start[windows]
    lengths = heard.grants.length[windows]
    opened = heard.gates.time_ns[heard.grants.gate[windows]]
    for one in heard.registry.messages:
        if one.opcode is not Opcode.REGISTER_REQ or one.flags == RequestFlag.DEREGISTER:
            continue
        before = (opened <= one.time_ns) & (opened > one.time_ns - _WINDOW_NS)
        if not before.any():
            continue  # its window was opened before the capture began
        into = wrapped((one.timestamp - starts[before]).astype(np.float64))
        tolerance = heard.settings.grant_tolerance_tq
        if not ((into >= -tolerance) & (into <= lengths[before] + tolerance)).any():
            yield Finding(check="REG-2", value=1.0, mac=one.source, frames=[one.number])


def _overlaps(placed: AtOlt) -> Iterator[Finding]:
    """GRT-1: by how much a grant begins before an earlier one ends, told of both; discovery windows share."""
    earlier = _last_to_end(placed)
    over = placed.end[earlier] - placed.start[1:]
    both_discovery = (placed.llid[1:] == ABSENT) & (placed.llid[earlier] == ABSENT)
    rows = np.flatnonzero((over > 0) & ~both_discovery)
    yield from _pairs(placed, "GRT-1", earlier[rows], rows + 1, over[rows], 1.0)


def _gaps(placed: AtOlt) -> Iterator[Finding]:
    """GRT-2: the least gap between the grants of different LLIDs, told of both; overlaps are GRT-1's."""
    earlier = _last_to_end(placed)
    gap = placed.start[1:] - placed.end[earlier]
    before, after = placed.llid[earlier], placed.llid[1:]
    rows = np.flatnonzero((after != before) & (after != ABSENT) & (before != ABSENT) & (gap >= 0))
    yield from _pairs(placed, "GRT-2", earlier[rows], rows + 1, gap[rows], -1.0)


def _last_to_end(placed: AtOlt) -> Int32s:
    """Return for every grant but the first which of those before it ends last."""
    ends = np.maximum.accumulate(placed.end[:-1])
    leads = np.where(placed.end[:-1] >= ends, np.arange(len(ends), dtype=np.int32), np.int32(0))
    return np.maximum.accumulate(leads)


def _pairs(placed: AtOlt, check: str, first: Int32s, second: Int64s, value: Floats, sign: float) -> Iterator[Finding]:
    """Yield the worst pair of neighbours of each LLID that takes part; `sign` times value is the worse, the larger."""
    badness = sign * value
    worst = np.full(_SLOTS, -np.inf)
    for rows in (first, second):
        np.maximum.at(worst, placed.llid[rows], badness)
    for slot in np.flatnonzero(np.isfinite(worst)).tolist():
        own = ABSENT if slot == _SLOTS - 1 else slot
        of_own = (placed.llid[first] == own) | (placed.llid[second] == own)
        row = int(np.flatnonzero(of_own & (badness == worst[slot]))[0])
        before, after = int(placed.llid[first[row]]), int(placed.llid[second[row]])
        other = after if before == own else before
        yield Finding(
            check=check,
            value=float(value[row]),
            llid=None if own == ABSENT else own,
            frames=[int(placed.number[first[row]]), int(placed.number[second[row]])],
            more={"other_llid": None if other == ABSENT else other},
        )


def _notices(heard: Heard) -> Iterator[Finding]:
    """GRT-3: how long before its start a grant is announced."""
    gates, held = heard.gates, heard.grants
    notice = wrapped((held.start - gates.timestamp[held.gate]).astype(np.float64))
    for llid, rows in _unicast(heard):
        least = rows[np.argmin(notice[rows])]
        frames = [int(gates.number[held.gate[least]])]
        yield Finding(check="GRT-3", value=float(notice[least]), llid=llid, frames=frames)


def _outstanding(heard: Heard) -> Iterator[Finding]:
    """GRT-4: grants above four in a GATE, or above what the ONU said that it can keep pending."""
    gates = heard.gates
    over = np.flatnonzero(gates.claimed > MOST_GRANTS)
    for llid in np.unique(gates.llid[over]).tolist():
        mine = over[gates.llid[over] == llid]
        worst = float(gates.claimed[mine].max() - MOST_GRANTS)
        yield Finding(check="GRT-4", value=worst, llid=llid, frames=first_frames(gates.number[mine]))
    if heard.source.has_preamble and heard.clock.is_known:
        for period in heard.registry.all_periods():
            yield from _pending(heard, period)


def _pending(heard: Heard, period: Period) -> Iterator[Finding]:
    if period.request is None or period.request.pending <= 0:
        return
    gates, rows = heard.gates_in(period), heard.grants_in(period)
    issued = heard.clock.issued(heard.gates.time_ns[gates], heard.gates.timestamp[gates])
    end = np.sort(heard.grant_start_tq[rows] + heard.grants.length[rows])
    given = np.searchsorted(heard.grants.gate[rows], gates, side="right")
    pending = given - np.searchsorted(end, issued, side="right")
    too_many = np.flatnonzero(pending > period.request.pending)
    if len(too_many):
        excess = float(pending.max() - period.request.pending)
        frames = first_frames(heard.gates.number[gates[too_many]])
        yield Finding(check="GRT-4", value=excess, llid=period.llid, mac=period.mac, frames=frames)


def _too_short(heard: Heard) -> Iterator[Finding]:
    """GRT-5: what a grant leaves for frames once the laser is on, the OLT has locked, and the laser goes off."""
    settings = heard.settings
    sync = {one.llid: one.register.sync_time for one in heard.registry.all_periods() if one.register is not None}
    for llid, rows in _unicast(heard):
        overhead = settings.laser_on_tq + settings.laser_off_tq + max(sync.get(llid, 0), 0)
        least = rows[np.argmin(heard.grants.length[rows])]
        frames = [int(heard.gates.number[heard.grants.gate[least]])]
        yield Finding(check="GRT-5", value=float(heard.grants.length[least]) - overhead, llid=llid, frames=frames)


def _unicast(heard: Heard) -> Iterator[tuple[int, Int32s]]:
    """Yield each LLID with the rows of its grants."""
    for llid, rows in heard.grant_rows.items():
        if 0 <= llid < FIRST_RESERVED_LLID:
            yield llid, rows
