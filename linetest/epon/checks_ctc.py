"""CTC checks: extended OAM between OLT and ONU (China Telecom's EPON equipment requirements, clauses 6.5 and 11)."""

from collections import defaultdict, deque
from collections.abc import Iterator
from typing import NamedTuple

from linetest.epon.checks_oam import by_link, sender
from linetest.epon.ctc import (
    Authentication,
    AuthenticationCode,
    Churning,
    ChurningCode,
    CtcOpcode,
    CtcPdu,
    ExtendedDiscovery,
    Indication,
    Variables,
)
from linetest.epon.finding import Finding, Outcome, first_frames
from linetest.epon.frames import ABSENT
from linetest.epon.heard import NS_PER_MS, Heard, OamHeard
from linetest.epon.oam import EventNotification, Information, Oampdu, OtherDialect
from linetest.model.codes import Reason

_EXCHANGES = 4
"""Questions with their answers that an extended discovery takes, with one to spare."""
_ANSWERS = {CtcOpcode.GET_REQUEST: CtcOpcode.GET_RESPONSE, CtcOpcode.SET_REQUEST: CtcOpcode.SET_RESPONSE}


class Discovery(NamedTuple):
    """How far the extended discovery of one link came."""

    versions: dict[str, set[int]]
    """The version in use that each end tells, by ``olt`` and ``onu``."""
    ouis: set[str]
    """Organizations other than CTC's whose extensions were seen."""
    frames: list[int]
    times_ns: list[int]
    """Of these frames."""

    @property
    def is_done(self) -> bool:
        """Tell whether both ends agreed on a version."""
        agreed = self.versions["olt"] & self.versions["onu"]
        return bool(agreed - {0})


def ctc(heard: Heard) -> Iterator[Outcome]:
    """Yield CTC-1 to CTC-5."""
    links = by_link(heard)
    discoveries = {llid: discovery(heard, link) for llid, link in links.items()}
    extended = {llid: one for llid, one in discoveries.items() if one.frames}
    half = _half_heard(heard, links)
    missing = half or (None if extended else Reason.NOT_SEEN)
    young_ns = heard.last_ns - _EXCHANGES * heard.settings.oam_answer_ms * NS_PER_MS
    undone = [
        _undone(heard, llid, one)
        for llid, one in extended.items()
        if not one.is_done and one.times_ns[0] < young_ns  # a younger one may still come to an end
    ]
    yield Outcome(check="CTC-1", findings=undone, missing=missing)
    contents = {type(content) for _one, content in _contents(heard.oam)}
    yield Outcome(
        check="CTC-2",
        findings=[found for link in links.values() for found in _unanswered(heard, link)],
        missing=half or (None if Variables in contents else Reason.NOT_SEEN),
    )
    yield Outcome(
        check="CTC-3",
        findings=[found for link in links.values() for found in _refused(heard, link)],
        missing=half or (None if Authentication in contents else Reason.NOT_SEEN),
    )
    yield Outcome(
        check="CTC-4",
        findings=[found for link in links.values() for found in _keys(heard, link)],
        missing=half or (None if Churning in contents else Reason.NOT_SEEN),
    )
    yield Outcome(check="CTC-5", findings=list(_alarms(heard)), missing=None if heard.oam else Reason.NOT_SEEN)


def _half_heard(heard: Heard, links: dict[int, list[OamHeard]]) -> Reason | None:
    """Return why the talk between OLT and ONUs cannot be followed; None where it can."""
    if heard.oam and any(one.is_cut for one in heard.oam):
        return Reason.SHORT_SNAP
    if not heard.source.has_preamble and len(links.keys() - heard.olt_macs) > 1:
        return Reason.NO_PREAMBLE
    ends = {sender(heard, one) for one in heard.oam}
    return Reason.ONE_DIRECTION if len(ends) == 1 else None


def discovery(heard: Heard, link: list[OamHeard]) -> Discovery:
    """Return what the ends of a link said of their extensions."""
    found = Discovery({"olt": set(), "onu": set()}, set(), [], [])
    for one in link:
        content = one.pdu.content if isinstance(one.pdu, Oampdu) else None
        if isinstance(content, Information):
            found.ouis.update(content.other_ouis)
            if content.extended_discovery is not None:
                found.versions[sender(heard, one)].add(_version(content.extended_discovery))
            if content.extended_discovery is not None or content.other_ouis:
                found.frames.append(one.number)
                found.times_ns.append(one.time_ns)
        elif isinstance(content, OtherDialect):
            found.ouis.add(content.oui)
            found.frames.append(one.number)
            found.times_ns.append(one.time_ns)
    return found


def authentication(link: list[OamHeard]) -> str | None:
    """Return how the LOID authentication of a link ended: accepted, refused, unanswered; None where there was none."""
    codes = [content.code for _one, content in _contents(link) if isinstance(content, Authentication)]
    if not codes:
        return None
    ends = {AuthenticationCode.SUCCESS: "accepted", AuthenticationCode.FAILURE: "refused"}
    return next((ends[AuthenticationCode(one)] for one in reversed(codes) if one in ends), "unanswered")


def _version(told: ExtendedDiscovery) -> int:
    return told.version if told.supported else 0


def _contents(link: list[OamHeard]) -> Iterator[tuple[OamHeard, object]]:
    """Yield the contents of CTC's PDUs."""
    for one in link:
        if isinstance(one.pdu, Oampdu) and isinstance(one.pdu.content, CtcPdu):
            yield one, one.pdu.content.content


def _undone(heard: Heard, llid: int, found: Discovery) -> Finding:
    """CTC-1: both ends speak of extensions and agreed on none of CTC's."""
    named = llid if heard.source.has_preamble else None
    holder = heard.registry.holder(llid, heard.last_ns) if named is not None else None
    return Finding(
        check="CTC-1",
        value=1.0,
        llid=named,
        mac=holder.mac if holder is not None else None,
        frames=first_frames(found.frames),
        more={"ouis": sorted(found.ouis)} if found.ouis else {},
    )


def _unanswered(heard: Heard, link: list[OamHeard]) -> Iterator[Finding]:
    """CTC-2: questions without an answer, and answers that say no; the newest may still be answered."""
    waiting: dict[CtcOpcode, deque[OamHeard]] = defaultdict(deque)
    wrong: list[int] = []
    codes: set[str] = set()
    for one in link:
        if not (isinstance(one.pdu, Oampdu) and isinstance(pdu := one.pdu.content, CtcPdu)):
            continue
        for asks, answers in _ANSWERS.items():
            if pdu.opcode == asks:
                waiting[asks].append(one)
            elif pdu.opcode == answers:
                if waiting[asks]:
                    waiting[asks].popleft()
                if refused := _refusals(pdu):
                    wrong.append(one.number)
                    codes |= refused
    late_ns = heard.last_ns - heard.settings.oam_answer_ms * NS_PER_MS
    wrong += [one.number for asked in waiting.values() for one in asked if one.time_ns < late_ns]
    if wrong:
        more: dict[str, object] = {"codes": sorted(codes)} if codes else {}
        yield _of_link(heard, "CTC-2", link, float(len(wrong)), sorted(wrong), more)


def _refusals(pdu: CtcPdu) -> set[str]:
    if not isinstance(pdu.content, Variables):
        return set()
    told = [one.indication for one in pdu.content.variables if one.indication is not None]
    return {f"0x{one:02x}" for one in told if one != Indication.SET_OK}


def _refused(heard: Heard, link: list[OamHeard]) -> Iterator[Finding]:
    """CTC-3: an authentication that the OLT refused or nobody finished."""
    steps = [one for one, content in _contents(link) if isinstance(content, Authentication)]
    ended = authentication(link)
    is_young = steps and heard.last_ns - steps[-1].time_ns < heard.settings.oam_answer_ms * NS_PER_MS
    if ended == "refused" or (ended == "unanswered" and not is_young):
        frames = [one.number for one in steps]
        yield _of_link(heard, "CTC-3", link, 1.0, frames, {"answer": ended})


def _keys(heard: Heard, link: list[OamHeard]) -> Iterator[Finding]:
    """CTC-4: requests for a key that were not answered, and new keys under the index in use."""
    waiting: tuple[OamHeard, Churning] | None = None
    wrong: list[int] = []
    for one, content in _contents(link):
        if not isinstance(content, Churning):
            continue
        if content.code == ChurningCode.NEW_KEY_REQUEST:
            wrong += [waiting[0].number] if waiting is not None else []
            waiting = (one, content)
        else:
            if waiting is not None and content.key_index == waiting[1].key_index:
                wrong.append(one.number)
            waiting = None
    if waiting is not None and heard.last_ns - waiting[0].time_ns > heard.settings.oam_answer_ms * NS_PER_MS:
        wrong.append(waiting[0].number)
    if wrong:
        yield _of_link(heard, "CTC-4", link, float(len(wrong)), wrong, {})


def _of_link(
    heard: Heard, check: str, link: list[OamHeard], value: float, frames: list[int], more: dict[str, object]
) -> Finding:
    macs = [one.source for one in link if sender(heard, one) == "onu"]
    llid = link[0].llid
    return Finding(
        check=check,
        value=value,
        llid=llid if llid != ABSENT else None,
        mac=macs[0] if macs else None,
        frames=first_frames(frames),
        more=more,
    )


def _alarms(heard: Heard) -> Iterator[Finding]:
    """CTC-5: alarms by number, and whether they were cleared."""
    told: dict[tuple[int, int, int], list[tuple[int, bool, str | None]]] = defaultdict(list)
    for one in heard.oam:
        content = one.pdu.content if isinstance(one.pdu, Oampdu) else None
        for alarm in content.alarms if isinstance(content, EventNotification) else ():
            told[one.llid, one.source, alarm.number].append((one.number, alarm.is_raised, alarm.name))
    for (llid, source, number), events in told.items():
        yield Finding(
            check="CTC-5",
            value=float(sum(raised for _frame, raised, _name in events)),
            llid=llid if llid != ABSENT else None,
            mac=source,
            frames=first_frames(frame for frame, _raised, _name in events),
            more={
                "alarm": number,
                "alarm_name": events[0][2],
                "alarm_state": "raised" if events[-1][1] else "cleared",
            },
        )
