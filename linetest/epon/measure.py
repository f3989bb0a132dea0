"""From a capture to readings: every check once, or once for each culprit."""

from pathlib import Path
from typing import Any

import msgspec

from linetest.epon.answer import onus
from linetest.epon.audit import check_all, listen
from linetest.epon.capture import Capture, open_capture
from linetest.epon.details import capture_details, counter_details, grant_details, vlan_details
from linetest.epon.finding import Finding, Outcome, mac_text
from linetest.epon.heard import Heard
from linetest.epon.metric_of import INFORMING, METRIC_OF
from linetest.epon.onu_wanted import OnuWanted, only_onu
from linetest.epon.redact import redact
from linetest.epon.settings import EponSettings
from linetest.epon.vlan_plan import VlanPlan
from linetest.errors import BadFile
from linetest.model.codes import Reason, Warn
from linetest.model.judge import breaks, judge
from linetest.model.limit import Limit
from linetest.model.metrics import METRICS
from linetest.model.reading import EvidenceFile, Measurement, Reading
from linetest.safe import evidence_name
from linetest.words.text import _

MEDIA_TYPE = "application/vnd.tcpdump.pcap"
MOST_EVIDENCE = 64 << 20
"""Octets of a capture that is kept with its record; of a larger one the record only says what was found."""
_MOST_CULPRITS = 100
"""For each check: a record with a million culprits helps nobody."""
_ZERO_WITHOUT_CULPRIT = frozenset({"epon.grant_overlap_tq"})


def measure(
    path: Path,
    limits: list[Limit],
    settings: EponSettings,
    *,
    plan: VlanPlan | None = None,
    onu: OnuWanted | None = None,
    workers: int = 1,
) -> Measurement:
    """Audit a capture.

    Args:
        path: pcap or pcapng, plain or gzip.
        limits: decide which values are culprits; of the others only the worst is told.
        settings: what is assumed about the PON.
        plan: the VLANs of the LLIDs; ISO-3 cannot be decided without.
        onu: tell of this one only; what belongs to no ONU is told as well.
        workers: processes that read the file.

    Raises:
        FileError, BadFile: the capture cannot be read.
        UsageError: there is no such ONU in the capture.
    """
    capture = open_capture(path)
    heard = listen(capture.source, capture.blocks(workers), settings, plan)
    if heard is None:
        raise BadFile(_("{file}: no frame in this capture").format(file=path))
    return _measurement(path, capture, heard, limits, onu)


def _measurement(path: Path, capture: Capture, heard: Heard, limits: list[Limit], onu: OnuWanted | None) -> Measurement:
    found = onus(heard)
    outcomes = check_all(heard)
    if onu is not None:
        found, outcomes = only_onu(found, outcomes, onu)
    readings = [reading for outcome in outcomes for reading in _readings(heard, outcome, limits)]
    body = path.read_bytes() if path.stat().st_size <= MOST_EVIDENCE else None
    warnings = [Warn.CAPTURE_INCOMPLETE] if capture.cut_at is not None else []
    warnings += [Warn.EVIDENCE_TOO_LARGE] if body is None else []
    return Measurement(
        readings=readings,
        details={
            "capture": capture_details(heard, capture.cut_at),
            "onus": found,
            "counters": counter_details(heard),
            "vlans": vlan_details(heard),
            "grants": grant_details(heard),
        },
        evidence=[] if body is None else [_evidence(path.name, body)],
        warnings=[str(one) for one in warnings],
    )


def _evidence(name: str, body: bytes) -> EvidenceFile:
    return EvidenceFile(name=evidence_name(name), media_type=MEDIA_TYPE, body=body, redacted=_redacted(name, body))


def _redacted(name: str, body: bytes) -> bytes | None:
    """Return the copy that may leave the computer; None of a damaged capture, whose passwords nobody can find."""
    try:
        return redact(name, body)
    except BadFile:
        return None


def _readings(heard: Heard, outcome: Outcome, limits: list[Limit]) -> list[Reading]:
    """Return the culprits of a check; without any its worst value, or why there is none."""
    metric = METRIC_OF[outcome.check]
    values = [_reading(heard, one) for one in outcome.findings]
    if outcome.check in INFORMING:
        return values[:_MOST_CULPRITS] or [_without(outcome, metric)]
    spoken = [(reading, _failing(limit)) for reading in values for limit in limits if limit.speaks_of(reading)]
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
