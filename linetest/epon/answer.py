"""How far each ONU came, and who ended it: the first thing that a technician asks of a capture."""

import itertools
from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

import numpy as np

from linetest.epon.checks_ctc import authentication, discovery
from linetest.epon.checks_oam import by_link, in_period, reached_stable
from linetest.epon.ctc import CtcOpcode, CtcPdu, Indication, Variables
from linetest.epon.finding import mac_text
from linetest.epon.frames import ABSENT
from linetest.epon.heard import Heard, OamHeard
from linetest.epon.oam import Oampdu
from linetest.epon.registration import Period

Stage = Literal["discovery", "registration", "oam", "ctc", "loid", "vlan"]
State = Literal["done", "failed", "missing", "before", "unused", "unseen"]
"""`before` the capture began; `unused` where nobody asked for it; `unseen` where the capture has one direction only."""

MOST_ONUS = 4096
"""A PON has 64 or 128; a record need not list a million that a hostile capture names."""
_METRES_PER_TQ = 1.6
"""One way; 299.792 m/us over 1.468 and two ways, for 16 ns."""
_VLAN_LEAF = (0xC7, 0x0021)


class Rung(NamedTuple):
    """One stage of an ONU's way into service."""

    stage: Stage
    state: State
    frames: list[int]
    """Those that prove it, the first ones."""


def onus(heard: Heard) -> list[dict[str, Any]]:
    """Return each ONU of the capture, in the order of LLIDs: its stages, how far it came and who ended it."""
    links = by_link(heard)
    by_onu: dict[tuple[int | None, int], list[Period]] = {}
    for period in heard.registry.all_periods():
        by_onu.setdefault((period.mac, period.llid), []).append(period)
    found = (_onu(heard, periods, in_period(heard, links, periods[-1])) for periods in by_onu.values())
    return list(itertools.islice(itertools.chain(found, _never_let_in(heard)), MOST_ONUS))


def _onu(heard: Heard, periods: list[Period], link: list[OamHeard]) -> dict[str, Any]:
    last = periods[-1]
    newest_end = next((one for one in reversed(periods) if one.ended_by is not None), None)
    rungs = [_seen(heard, one) for one in (*_registered(last), *_managed(heard, link), _vlan(heard, last, link))]
    done = [one.stage for one in rungs if one.state in ("done", "before")]
    stopped = next((one.stage for one in rungs if one.state in ("failed", "missing")), None)
    rtt_tq = float(heard.traffic.windows.rtt_tq[last.llid]) if last.llid < 0x7FFF else float("nan")
    known = bool(np.isfinite(rtt_tq))
    return {
        "mac": mac_text(last.mac) if last.mac is not None else None,
        "llid": last.llid,
        "reached": done[-1] if done else None,
        "stopped_at": stopped,
        "ended_by": newest_end.ended_by if newest_end is not None else None,
        "ended_frame": newest_end.end.number if newest_end is not None and newest_end.end is not None else None,
        "ended_s": _seconds(heard, newest_end.ended_ns) if newest_end is not None else None,
        "ended_count": sum(one.ended_by is not None for one in periods),
        "is_registered": last.ended_by is None,
        "registrations": sum(one.register is not None for one in periods),
        "rtt_tq": round(rtt_tq, 1) if known else None,
        "distance_m": round(rtt_tq * _METRES_PER_TQ) if known else None,
        "stages": [{"stage": one.stage, "state": one.state, "frames": one.frames[:20]} for one in rungs],
        "ladder": _ladder(heard, last),
    }


def _seen(heard: Heard, rung: Rung) -> Rung:
    """Return the stage as it is known: of half a talk nothing is missing, the other half was not captured."""
    half = heard.cannot(up=True, down=True) is not None
    return rung._replace(state="unseen") if half and rung.state == "missing" else rung


def _registered(period: Period) -> Iterator[Rung]:
    if period.register is None:
        yield Rung("discovery", "before", [])
        yield Rung("registration", "before", [])
        return
    asked = [period.request.number] if period.request is not None else []
    yield Rung("discovery", "done" if asked else "missing", asked)
    answers = [period.register.number, *([period.ack.number] if period.ack is not None else [])]
    refused = period.ack is not None and period.ack.flags == 0
    yield Rung("registration", "failed" if refused else "done" if period.ack else "missing", answers)


def _managed(heard: Heard, link: list[OamHeard]) -> Iterator[Rung]:
    frames = [one.number for one in link]
    if not link:
        state: State = "missing" if heard.oam else "unused"
        yield Rung("oam", state, [])
        yield Rung("ctc", "unused", [])
        yield Rung("loid", "unused", [])
        return
    yield Rung("oam", "done" if reached_stable(link) else "missing", frames)
    extended = discovery(heard, link)
    yield Rung("ctc", "done" if extended.is_done else "missing" if extended.frames else "unused", extended.frames)
    ended = authentication(link)
    states: dict[str | None, State] = {"accepted": "done", "refused": "failed", "unanswered": "missing", None: "unused"}
    yield Rung("loid", states[ended], [])


def _vlan(heard: Heard, period: Period, link: list[OamHeard]) -> Rung:
    """Return whether the OLT set VLANs and the ONU took them; without that, whether tagged frames go both ways."""
    answers = [
        (one.number, variable.indication)
        for one in link
        if isinstance(one.pdu, Oampdu)
        and isinstance(one.pdu.content, CtcPdu)
        and one.pdu.content.opcode == CtcOpcode.SET_RESPONSE
        and isinstance(one.pdu.content.content, Variables)
        for variable in one.pdu.content.content.variables
        if (variable.branch, variable.leaf) == _VLAN_LEAF
    ]
    if answers:
        taken = all(indication in (None, Indication.SET_OK) for _number, indication in answers)
        return Rung("vlan", "done" if taken else "failed", [number for number, _indication in answers])
    seen = heard.traffic.isolation.vlans
    frames = [numbers[0] for (llid, vid), numbers in seen.items() if llid == period.llid and vid != ABSENT]
    counts = heard.traffic.counts
    flows = period.llid < 0x7FFF and counts.up[period.llid] > 0 and counts.down[period.llid] > 0
    return Rung("vlan", "done" if frames and flows else "missing" if heard.traffic.users_seen else "unused", frames)


def _ladder(heard: Heard, period: Period) -> list[dict[str, Any]]:
    """Return the messages of a registration in their order, for the picture."""
    steps = []
    if (request := period.request) is not None:
        steps.append(("REGISTER_REQ", "up", request.time_ns, request.number, ""))
    if (register := period.register) is not None:
        steps.append(("REGISTER", "down", register.time_ns, register.number, f"LLID {register.port}"))
        gates = heard.gates_in(period)
        if len(gates):
            steps.append(("GATE", "down", int(heard.gates.time_ns[gates[0]]), int(heard.gates.number[gates[0]]), ""))
    if (ack := period.ack) is not None:
        steps.append(("REGISTER_ACK", "up", ack.time_ns, ack.number, "" if ack.flags else "NACK"))
    if (end := period.end) is not None:
        way = "down" if period.ended_by == "olt" else "up"
        steps.append((end.opcode.name, way, end.time_ns, end.number, "deregister"))
    return [
        {"message": message, "way": way, "at_s": _seconds(heard, time_ns), "frame": number, "says": says}
        for message, way, time_ns, number, says in sorted(steps, key=lambda one: one[2])
    ]


def _never_let_in(heard: Heard) -> Iterator[dict[str, Any]]:
    """Yield ONUs that asked and were never given an LLID."""
    let_in = {one.mac for one in heard.registry.all_periods()}
    refused = {one.message.destination: one.message.number for one in heard.registry.refusals if one.by == "olt"}
    asked: dict[int, list[int]] = {}
    for one in heard.registry.messages:
        if one.opcode.name == "REGISTER_REQ" and one.source not in let_in:
            asked.setdefault(one.source, []).append(one.number)
    for mac, frames in asked.items():
        answer = refused.get(mac)
        state: State = "failed" if answer is not None else "missing"
        yield {
            "mac": mac_text(mac),
            "llid": None,
            "reached": "discovery",
            "stopped_at": "registration",
            "ended_by": "olt" if answer is not None else None,
            "ended_frame": answer,
            "ended_s": None,
            "ended_count": 0,
            "is_registered": False,
            "registrations": 0,
            "rtt_tq": None,
            "distance_m": None,
            "stages": [
                {"stage": "discovery", "state": "done", "frames": frames[:20]},
                {"stage": "registration", "state": state, "frames": [answer] if answer is not None else []},
            ],
            "ladder": [],
        }


def _seconds(heard: Heard, time_ns: int | None) -> float | None:
    return None if time_ns is None else round((time_ns - heard.first_ns) / 1e9, 9)
