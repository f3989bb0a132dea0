"""REG and LLID checks on the messages of registration (IEEE 802.3 clause 64.3.3)."""

from collections import defaultdict
from collections.abc import Iterator

import msgspec
import numpy as np

from linetest.epon.constants import Opcode
from linetest.epon.control import RegistrationMessage
from linetest.epon.finding import MOST_FRAMES, Finding, Outcome, first_frames
from linetest.epon.frames import ABSENT
from linetest.epon.grouping import held, rows_by
from linetest.epon.heard import NS_PER_MS, Heard
from linetest.epon.registration import Period, Unasked
from linetest.model.codes import Reason

_NO_ROWS = np.empty(0, np.int32)
_MOST_FORMER = 64
"""Holders before one that may still be there: a splitter has no more ONUs."""
_LEGAL_FLAGS = {Opcode.REGISTER_REQ: {1, 3}, Opcode.REGISTER: {1, 2, 3, 4}, Opcode.REGISTER_ACK: {0, 1}}


def registration(heard: Heard) -> Iterator[Outcome]:
    """Yield REG-1 and REG-3 to REG-8; REG-2 needs the grants (checks_grants.py)."""
    missing = heard.cannot(up=True, down=True) or (None if heard.registry.messages else Reason.NOT_SEEN)
    periods = [one for one in heard.registry.all_periods() if one.register is not None]
    unseen = missing or (None if periods else Reason.NOT_SEEN)
    yield Outcome(check="REG-1", findings=list(_unfinished(heard, periods)), missing=unseen)
    flags = [_of(one, "REG-3") for one in heard.registry.messages if one.flags not in _LEGAL_FLAGS[one.opcode]]
    yield Outcome(check="REG-3", findings=flags, missing=missing)
    yield Outcome(check="REG-4", findings=[found for one in periods for found in _echoes(one)], missing=unseen)
    yield Outcome(check="REG-5", findings=[found for one in periods for found in _ack_time(one)], missing=unseen)
    mixed = [_of(one.register, "REG-6", one.meant) for one in _unasked(heard) if one.meant is not None]
    yield Outcome(check="REG-6", findings=mixed, missing=unseen)
    yield Outcome(check="REG-7", findings=list(_endings(heard)))
    yield Outcome(check="REG-8", findings=list(_per_minute(heard, periods)))


def holders(heard: Heard) -> Iterator[Outcome]:
    """Yield LLID-1 and LLID-2: one LLID is one ONU's at a time; an ONU may have several."""
    missing = heard.cannot(up=True, preamble=True)
    yield Outcome(check="LLID-1", findings=[] if missing else list(_shared(heard)), missing=missing)
    yield Outcome(check="LLID-2", findings=list(_several(heard)), missing=missing)


def _of(message: RegistrationMessage, check: str, mac: int | None = None) -> Finding:
    llid = message.port if message.port != ABSENT else message.llid
    mac = mac if mac is not None else _onu(message)
    return Finding(check=check, value=1.0, llid=llid if llid != ABSENT else None, mac=mac, frames=[message.number])


def _onu(message: RegistrationMessage) -> int:
    return message.destination if message.opcode is Opcode.REGISTER else message.source


def _unfinished(heard: Heard, periods: list[Period]) -> Iterator[Finding]:
    """REG-1: REGISTER, then a GATE to the new LLID, then REGISTER_ACK; what the capture's end cut off is left out."""
    for one in periods:
        assert one.register is not None
        waited_ms = (heard.last_ns - one.register.time_ns) / NS_PER_MS
        if one.ack is None and (one.ended_ns is not None or waited_ms > heard.settings.mpcp_timeout_ms):
            yield _of(one.register, "REG-1")
        elif one.ack is not None and heard.source.has_preamble:
            gates = heard.gates_in(one)
            if not (heard.gates.time_ns[gates] <= one.ack.time_ns).any():
                yield _of(one.ack, "REG-1")
    for unasked in _unasked(heard):
        if unasked.meant is None:
            yield _of(unasked.register, "REG-1")
    started_ns = _started_ns(heard)
    for stray in heard.registry.stray:
        if stray.time_ns >= started_ns:
            yield _of(stray, "REG-1")


def _unasked(heard: Heard) -> list[Unasked]:
    """Return the REGISTERs that nobody asked for, those left out whose request came before the capture began."""
    started_ns = _started_ns(heard)
    return [one for one in heard.registry.unasked if one.register.time_ns >= started_ns]


def _started_ns(heard: Heard) -> float:
    """Return from when on answers have their question in the capture."""
    asked = (one.time_ns for one in heard.registry.messages if one.opcode is Opcode.REGISTER_REQ)
    return min(next(asked, heard.last_ns), heard.first_ns + heard.settings.mpcp_timeout_ms * NS_PER_MS)


def _echoes(period: Period) -> Iterator[Finding]:
    """REG-4: REGISTER echoes the pending grants, REGISTER_ACK the LLID and the sync time."""
    register, request, ack = period.register, period.request, period.ack
    assert register is not None
    wrong = []
    if request is not None and ABSENT not in (request.pending, register.pending):
        wrong += [register.number] if request.pending != register.pending else []
    if ack is not None:
        same = ack.port == register.port and ack.sync_time == register.sync_time
        wrong += [] if same else [ack.number]
    if wrong:
        yield Finding(check="REG-4", value=float(len(wrong)), llid=period.llid, mac=period.mac, frames=wrong)


def _ack_time(period: Period) -> Iterator[Finding]:
    register, ack = period.register, period.ack
    if register is not None and ack is not None:
        waited_ms = (ack.time_ns - register.time_ns) / NS_PER_MS
        frames = [register.number, ack.number]
        yield Finding(check="REG-5", value=waited_ms, llid=period.llid, mac=period.mac, frames=frames)


def _endings(heard: Heard) -> Iterator[Finding]:
    """REG-7: every refusal and deregistration, by whom."""
    for refusal in heard.registry.refusals:
        found = _of(refusal.message, "REG-7")
        yield msgspec.structs.replace(found, more={"by": refusal.by})
    for period in heard.registry.all_periods():
        if period.ended_by is not None:
            frames = [period.end.number] if period.end is not None else []
            yield Finding(
                check="REG-7", value=1.0, llid=period.llid, mac=period.mac, frames=frames, more={"by": period.ended_by}
            )


def _per_minute(heard: Heard, periods: list[Period]) -> Iterator[Finding]:
    """REG-8: registrations of each ONU a minute; of captures below a minute, their number."""
    minutes = max((heard.last_ns - heard.first_ns) / 60e9, 1.0)
    numbers: dict[int | None, list[int]] = defaultdict(list)
    for one in periods:
        numbers[one.mac] += [one.register.number] if one.register is not None else []
    for mac, found in numbers.items():
        yield Finding(check="REG-8", value=len(found) / minutes, mac=mac, frames=first_frames(sorted(found)))


def _shared(heard: Heard) -> Iterator[Finding]:
    """LLID-1: MACs that speak on an LLID, or are given it, while another holds it."""
    reports = heard.reports
    for llid, periods in sorted(heard.registry.periods.items()):
        rows = heard.report_rows.get(llid, _NO_ROWS)
        rows = rows[reports.mode[rows] == 0]
        rows = rows[held(periods, reports.time_ns[rows])]
        of_mac: dict[int | None, list[Period]] = defaultdict(list)
        for period in periods:
            of_mac[period.mac].append(period)
        for mac, said in rows_by(reports.source[rows]).items():
            ours = rows[said]
            wrong = ours[~held([*of_mac.get(mac, []), *of_mac.get(None, [])], reports.time_ns[ours])]
            if len(wrong):
                frames = first_frames(reports.number[wrong])
                yield Finding(check="LLID-1", value=float(len(wrong)), llid=llid, mac=mac, frames=frames)
        yield from _given_twice(heard, periods)


def _given_twice(heard: Heard, periods: list[Period]) -> Iterator[Finding]:
    """Yield REGISTERs that give away what another ONU still has: it was heard less than a time-out ago."""
    timeout_ns = heard.settings.mpcp_timeout_ms * NS_PER_MS
    for number, one in enumerate(periods):
        if one.register is None:
            continue
        for former in periods[max(number - _MOST_FORMER, 0) : number]:
            if former.mac in (one.mac, None) or not former.holds(one.register.time_ns):
                continue
            spoken = heard.reports.time_ns[heard.reports_in(former)]
            alive = spoken[(spoken <= one.register.time_ns) & (spoken > one.register.time_ns - timeout_ns)]
            recent = former.register is not None and one.register.time_ns - former.register.time_ns < timeout_ns
            if len(alive) or recent:
                proofs = heard.reports.number[heard.reports_in(one)]
                found = _of(one.register, "LLID-1")
                yield msgspec.structs.replace(found, frames=first_frames([one.register.number, *proofs[:MOST_FRAMES]]))
                break


def _several(heard: Heard) -> Iterator[Finding]:
    """LLID-2: ONUs that hold several LLIDs at once."""
    by_mac: dict[int, list[Period]] = {}
    for one in heard.registry.all_periods():
        if one.mac is not None and one.ended_by is None:
            by_mac.setdefault(one.mac, []).append(one)
    for mac, periods in by_mac.items():
        llids = sorted({one.llid for one in periods})
        if len(llids) > 1:
            frames = first_frames(one.register.number for one in periods if one.register)
            yield Finding(check="LLID-2", value=float(len(llids)), mac=mac, frames=frames, more={"llids": llids})
