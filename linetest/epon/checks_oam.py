"""OAM checks: did both ends find each other, and do they keep in touch (IEEE 802.3 clause 57)."""

import itertools
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator
from typing import Literal

import numpy as np

from linetest.epon.finding import Finding, Outcome, first_frames
from linetest.epon.frames import ABSENT
from linetest.epon.heard import NS_PER_MS, Heard, OamHeard
from linetest.epon.oam import OamCode, OamFlag, Oampdu
from linetest.epon.registration import Period
from linetest.model.codes import Reason

_SECOND_NS = 1_000_000_000
_STABLE = int(OamFlag.LOCAL_STABLE | OamFlag.REMOTE_STABLE)
_TROUBLE = {
    int(OamFlag.DYING_GASP): "dying-gasp",
    int(OamFlag.LINK_FAULT): "link-fault",
    int(OamFlag.CRITICAL_EVENT): "critical-event",
}
_ANY_TROUBLE = sum(_TROUBLE)

End = Literal["olt", "onu"]


def sender(heard: Heard, one: OamHeard) -> End:
    """Return which end sent an OAMPDU: the OLT's MACs are known from its MPCP messages."""
    return "olt" if one.source in heard.olt_macs else "onu"


def by_link(heard: Heard) -> dict[int, list[OamHeard]]:
    """Return the OAMPDUs of each LLID in the order of the capture.

    Without preambles they are sorted by the ONU's MAC; whom the OLT speaks to is then known only of a single ONU.
    """
    links: dict[int, list[OamHeard]] = defaultdict(list)
    macs = {one.source for one in heard.oam} - heard.olt_macs
    only = next(iter(macs)) if len(macs) == 1 else None
    for one in heard.oam:
        links[one.llid if one.llid != ABSENT else only or one.source].append(one)
    for link in links.values():
        link.sort(key=_time_ns)
    return links


def in_period(heard: Heard, links: dict[int, list[OamHeard]], period: Period) -> list[OamHeard]:
    """Return the OAMPDUs that belong to a holder; without preambles all of its MAC's."""
    if not heard.source.has_preamble:
        return links.get(period.mac, []) if period.mac is not None else []
    link = links.get(period.llid, [])
    first = 0 if period.began_ns is None else bisect_left(link, period.began_ns, key=_time_ns)
    last = len(link) if period.ended_ns is None else bisect_right(link, period.ended_ns, key=_time_ns)
    return link[first:last]


def _time_ns(one: OamHeard) -> int:
    return one.time_ns


def oam(heard: Heard) -> Iterator[Outcome]:
    """Yield OAM-1 to OAM-5."""
    missing = None if heard.oam else Reason.NOT_SEEN
    links = by_link(heard)
    found = [one for link in links.values() for one in _intervals(heard, link)]
    yield Outcome(check="OAM-1", findings=list(_unfinished(heard, links)), missing=missing)
    yield Outcome(check="OAM-2", findings=[one for one in found if one.check == "OAM-2"], missing=missing)
    yield Outcome(check="OAM-3", findings=[one for one in found if one.check == "OAM-3"], missing=missing)
    ends = [pick(link, key=_octets) for link in links.values() for pick in (min, max)]
    yield Outcome(check="OAM-4", findings=[_size(heard, one) for one in ends], missing=missing)
    yield Outcome(check="OAM-5", findings=list(_troubles(heard)), missing=missing)


def reached_stable(link: list[OamHeard]) -> bool:
    """Tell whether some end of the link said that both ends are satisfied."""
    return any(isinstance(one.pdu, Oampdu) and int(one.pdu.flags) & _STABLE == _STABLE for one in link)


def _unfinished(heard: Heard, links: dict[int, list[OamHeard]]) -> Iterator[Finding]:
    """OAM-1: links that never became stable, and ONUs that were registered for long and said nothing."""
    for period in heard.registry.all_periods():
        link = in_period(heard, links, period)
        if link and not reached_stable(link):
            frames = first_frames(one.number for one in link)
            yield Finding(check="OAM-1", value=1.0, llid=period.llid, mac=period.mac, frames=frames)
        elif not link and heard.source.has_preamble and _lasted_ms(heard, period) > heard.settings.oam_lost_ms:
            frames = [period.register.number] if period.register else []
            yield Finding(check="OAM-1", value=1.0, llid=period.llid, mac=period.mac, frames=frames)


def _lasted_ms(heard: Heard, period: Period) -> float:
    began = period.began_ns if period.began_ns is not None else heard.first_ns
    ended = period.ended_ns if period.ended_ns is not None else heard.last_ns
    return (ended - began) / NS_PER_MS


def _intervals(heard: Heard, link: list[OamHeard]) -> Iterator[Finding]:
    """OAM-2: the longest wait for an Information OAMPDU of one end; OAM-3: the most OAMPDUs of one end in a second."""
    ends: dict[End, list[OamHeard]] = defaultdict(list)
    for one in link:
        ends[sender(heard, one)].append(one)
    if not heard.source.has_preamble and len(ends) == 1:
        ends.pop("olt", None)  # whom it speaks to is not known
    changes = _changes(heard, link[0].llid)
    for end, pdus in ends.items():
        mac = pdus[0].source if end == "onu" else None
        llid = pdus[0].llid if pdus[0].llid != ABSENT else None
        told = [one for one in pdus if isinstance(one.pdu, Oampdu) and one.pdu.code == OamCode.INFORMATION]
        waits = [
            (b.time_ns - a.time_ns, a, b) for a, b in itertools.pairwise(told) if not _parted(heard, changes, a, b)
        ]
        if waits:
            wait, a, b = max(waits, key=lambda one: one[0])
            yield Finding(
                check="OAM-2",
                value=wait / NS_PER_MS,
                llid=llid,
                mac=mac,
                frames=[a.number, b.number],
                more={"end": end},
            )
        times = np.array([one.time_ns for one in pdus], np.int64)
        inside = np.searchsorted(times, times + _SECOND_NS) - np.arange(len(times))
        at = int(inside.argmax())
        frames = first_frames(one.number for one in pdus[at : at + int(inside[at])])
        yield Finding(check="OAM-3", value=float(inside[at]), llid=llid, mac=mac, frames=frames, more={"end": end})


def _changes(heard: Heard, llid: int) -> list[int]:
    """Return when an LLID got or lost a holder, where it had several: a new registration is a new link."""
    periods = heard.registry.periods.get(llid, [])
    if len(periods) < 2:
        return []
    return sorted(time_ns for one in periods for time_ns in (one.began_ns, one.ended_ns) if time_ns is not None)


def _parted(heard: Heard, changes: list[int], a: OamHeard, b: OamHeard) -> bool:
    """Tell whether something ended between two OAMPDUs of an LLID: its sender asked anew, or the holder changed."""
    return any(
        bisect_right(times, a.time_ns) < bisect_left(times, b.time_ns)
        for times in (heard.registry.asked.get(a.source, []), changes)
    )


def _troubles(heard: Heard) -> Iterator[Finding]:
    """OAM-5: dying gasps, link faults and critical events, each end's first frames."""
    told: dict[tuple[str, int, int], list[OamHeard]] = defaultdict(list)
    for one in heard.oam:
        flags = int(one.pdu.flags) if isinstance(one.pdu, Oampdu) else 0
        if flags & _ANY_TROUBLE:
            for flag, name in _TROUBLE.items():
                if flags & flag:
                    told[name, one.llid, one.source].append(one)
    for (name, llid, source), pdus in told.items():
        yield Finding(
            check="OAM-5",
            value=float(len(pdus)),
            llid=llid if llid != ABSENT else None,
            mac=source,
            frames=first_frames(one.number for one in pdus),
            more={"event": name},
        )


def _octets(one: OamHeard) -> int:
    return one.octets


def _size(heard: Heard, one: OamHeard) -> Finding:
    """OAM-4: the smallest and the largest OAMPDU of a link."""
    return Finding(
        check="OAM-4",
        value=float(one.octets),
        llid=one.llid if one.llid != ABSENT else None,
        mac=one.source if sender(heard, one) == "onu" else None,
        frames=[one.number],
        more={"end": sender(heard, one)},
    )
