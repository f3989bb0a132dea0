"""From what a check came to, to readings: its culprits, else its worst value, else the reason why there is none."""

from typing import Any

import msgspec

from linetest.epon.finding import Finding, Outcome, mac_text
from linetest.epon.heard import Heard
from linetest.epon.metric_of import INFORMING, METRIC_OF
from linetest.model.codes import Reason
from linetest.model.judge import breaks, judge
from linetest.model.limit import Limit
from linetest.model.metrics import METRICS
from linetest.model.reading import Reading

_MOST_CULPRITS = 100
"""For each check: a record with a million culprits helps nobody."""
_ZERO_WITHOUT_CULPRIT = frozenset({"epon.grant_overlap_tq"})


def readings_of(heard: Heard, outcome: Outcome, limits: list[Limit]) -> list[Reading]:
    """Return the culprits of a check; without any its worst value, or why there is none."""
    metric = METRIC_OF[outcome.check]
    values = [_reading(heard, one) for one in outcome.findings]
    if outcome.check in INFORMING:
        return values[:_MOST_CULPRITS] or [_without(outcome, metric)]
    mine = [(limit, _failing(limit)) for limit in limits if limit.metric == metric]
    spoken = [(reading, failing) for reading in values for limit, failing in mine if limit.speaks_of(reading)]
    if culprits := [reading for reading, limit in spoken if breaks(reading, limit)]:
        return culprits[:_MOST_CULPRITS]
    if spoken:
        return [min(spoken, key=lambda one: judge(*one).margin or 0.0)[0]]
    if values:
        return values[:_MOST_CULPRITS]
    return [_without(outcome, metric)]


def _failing(limit: Limit) -> Limit:
    """Return the limit as one that fails: what only warns has culprits too."""
    return msgspec.structs.replace(limit, on_breach="fail")


def _reading(heard: Heard, found: Finding) -> Reading:
    mac = found.mac
    if mac is None and found.llid is not None:
        periods = heard.registry.periods.get(found.llid, [])
        mac = next((one.mac for one in reversed(periods) if one.mac is not None), None)
    where: dict[str, Any] = {"check": found.check} if found.check in INFORMING else {}
    if found.llid is not None:
        where["llid"] = found.llid
    if mac is not None:
        where["mac"] = mac_text(mac)
    where |= {key: value for key, value in found.more.items() if value is not None}
    if found.frames:
        where["frames"] = found.frames
    metric = METRIC_OF[found.check]
    return Reading(metric=metric, value=found.value, unit=METRICS[metric].unit, where=where)


def _without(outcome: Outcome, metric: str) -> Reading:
    """Return the reading of a check without findings: none counted, or nothing to measure."""
    counts = metric.endswith("_count") or metric in _ZERO_WITHOUT_CULPRIT
    nothing = outcome.missing or (None if counts else Reason.NOT_SEEN)
    return Reading(
        metric=metric,
        value=0.0 if nothing is None else None,
        unit=METRICS[metric].unit,
        where={"check": outcome.check} if outcome.check in INFORMING else {},
        reason=nothing,
    )
