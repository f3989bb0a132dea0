"""The readings of dialling in: what each dial took, who answered, what was agreed."""

import statistics
from collections.abc import Iterable
from typing import Any

from linetest.model.codes import Reason, Warn
from linetest.model.metrics import METRICS
from linetest.model.reading import EvidenceFile, Measurement, Reading
from linetest.service.access import Access
from linetest.service.ppp_lcp import PPPOE_HEAD
from linetest.service.pppoe_dial import AUTHENTICATIONS, PHASES, Dial
from linetest.service.pppoe_settings import PppoeSettings
from linetest.service.readings import error_words
from linetest.transports.frames import Tag, tags_code


class Dialled:
    """All dials of one test."""

    def __init__(self, tags: tuple[Tag, ...]) -> None:
        self.tags = tags
        self.dials: list[Dial] = []
        self.echo_rtt_s: float | None = None


def measured(dialled: Dialled, settings: PppoeSettings, access: Access, capture: EvidenceFile) -> Measurement:
    """Return what was measured."""
    dials = dialled.dials
    trouble = next((one.trouble for one in dials if one.trouble is not None), None)
    times_s = [one.access_time_s for one in dials if one.access_time_s is not None]
    mean_s = statistics.fmean(times_s) if trouble is None and times_s else None
    reason = None if trouble is None else trouble.reason
    counted = list(enumerate(dials, 1))
    readings = [
        _reading("service.access_mean_s", mean_s, reason),
        *(_reading("service.access_s", one.access_time_s, _reason(one), dial=number) for number, one in counted),
        _refusals("service.session_refused_count", "PADS", Reason.SESSION_REFUSED, dials),
        _refusals("service.login_refused_count", "authentication", Reason.LOGIN_REFUSED, dials),
        *_of_answers(dials, access.server("concentrator")),
        _reading("service.mru_octets", dials[-1].mru_octets, reason),
        _reading("service.lcp_echo_rtt_ms", _ms(dialled.echo_rtt_s), reason or Reason.TIMEOUT),
        *(reading for number, one in counted for reading in _phases(number, one)),
        *(reading for number, one in counted for reading in _retransmissions(number, one)),
    ]
    return Measurement(
        readings=readings,
        details={
            "pppoe": {
                "tags": tags_code(dialled.tags),
                "retry_s": settings.retry_s,
                "dials": [_details(one) for one in dials],
            }
        },
        evidence=[capture],
        warnings=[Warn.SMALL_INTERFACE] if dials[-1].call.link.mtu - PPPOE_HEAD < (dials[-1].mru_octets or 0) else [],
        simulated=access.simulated,
        trouble="" if trouble is None else error_words(trouble),
    )


def _reading(metric: str, value: float | None, reason: str | None = None, **where: Any) -> Reading:
    return Reading(
        metric=metric,
        value=None if value is None else float(value),
        unit=METRICS[metric].unit,
        where=where,
        reason=None if value is not None else reason,
    )


def _phases(number: int, one: Dial) -> list[Reading]:
    """Return the time of each phase, those that were not reached included."""
    found = [(name, one.phases.get(name)) for name in PHASES]
    return [
        _reading("service.phase_ms", _ms(phase.time_s), phase.reason, dial=number, phase=name)
        if phase is not None
        else _reading("service.phase_ms", None, Reason.NOT_MEASURED, dial=number, phase=name)
        for name, phase in found
        if phase is not None or one.trouble is not None  # a line may want no authentication
    ]


def _retransmissions(number: int, one: Dial) -> list[Reading]:
    return [
        _reading("service.retransmission_count", phase.retransmissions, dial=number, phase=phase.name)
        for phase in one.phases.values()
    ]


def _refusals(metric: str, name: str, reason: str, dials: list[Dial]) -> Reading:
    """Count the dials that a phase ended with a refusal; none where no dial came so far."""
    came = [phase for one in dials if (phase := one.phases.get(name)) is not None]
    decided = [phase for phase in came if phase.reason in (None, reason)]
    refused = sum(phase.reason == reason for phase in decided)
    why = next((phase.reason for phase in came if phase.reason is not None), Reason.NOT_MEASURED)
    return _reading(metric, refused if decided else None, why)


def _of_answers(dials: list[Dial], wanted: str | None) -> list[Reading]:
    """Count who answered in any dial; which one may, is the one named, or the one that gave the session."""
    found = {one.mac: one.name for dial in dials for one in dial.call.concentrators}
    wrong = [words for dial in dials for words in dial.call.wrong_tags()]
    silence = None if found or wrong else Reason.NO_CONCENTRATOR  # of which nothing follows
    taken = {dial.session.concentrator.mac for dial in dials if dial.session is not None} or set(list(found)[:1])
    foreign = [name for mac, name in found.items() if (mac not in taken if wanted is None else name != wanted)]
    return [
        _reading("service.concentrator_count", len(found), **_named(found.values())),
        _reading("service.extra_concentrator_count", None if silence else len(foreign), silence, **_named(foreign)),
        _reading("service.wrong_tags_count", None if silence else len(wrong), silence),
    ]


def _named(names: Iterable[str]) -> dict[str, Any]:
    words = ", ".join(names)
    return {"concentrators": words} if words else {}


def _details(one: Dial) -> dict[str, Any]:
    """Return one dial as cli.md's details; whoever dialled in is not in it."""
    ip = one.ip
    return {
        "access_time_s": one.access_time_s,
        "phases": [
            {
                "phase": phase.name,
                "time_s": phase.time_s,
                "retransmissions": phase.retransmissions,
                "reason": phase.reason,
            }
            for phase in one.phases.values()
        ],
        "concentrators": [
            {"name": found.name, "mac": found.mac.hex(":"), "services": list(found.services), "error": found.error}
            for found in one.call.concentrators
        ],
        "wrong_tags": one.call.wrong_tags(),
        "authentication": AUTHENTICATIONS.get(one.authentication),
        "mru_octets": one.mru_octets,
        "address": None if ip is None or ip.address is None else str(ip.address),
        "dns_servers": [] if ip is None else ip.dns_servers,
        "trouble": None if one.trouble is None else one.trouble.what,
    }


def _reason(one: Dial) -> str | None:
    return None if one.trouble is None else one.trouble.reason


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else seconds * 1000.0
