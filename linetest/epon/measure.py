"""From a capture to readings: every check once, or once for each culprit."""

from pathlib import Path

import msgspec

from linetest.epon.answer import onus
from linetest.epon.audit import check_all, listen
from linetest.epon.capture import Capture, open_capture, open_capture_bytes
from linetest.epon.details import capture_details, counter_details, grant_details, vlan_details
from linetest.epon.onu_wanted import OnuWanted, only_onu
from linetest.epon.readings import readings_of
from linetest.epon.redact import redact
from linetest.epon.settings import EponSettings
from linetest.epon.vlan_plan import VlanPlan
from linetest.errors import BadFile
from linetest.load import load_bounded
from linetest.model.codes import Warn
from linetest.model.limit import Limit
from linetest.model.reading import EvidenceFile, Measurement
from linetest.safe import evidence_name
from linetest.words.text import _

MEDIA_TYPE = "application/vnd.tcpdump.pcap"
MOST_EVIDENCE = 64 << 20
"""Octets of a capture that is kept with its record; of a larger one the record only says what was found."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What a person wants to know of a capture; it stands in the record, so that it can be measured again."""

    settings: EponSettings
    plan: VlanPlan | None = None
    """The VLANs of the LLIDs; ISO-3 cannot be decided without."""
    onu: OnuWanted | None = None
    """Tell of this one only; what belongs to no ONU is told as well."""


def measure(path: Path, limits: list[Limit], asked: Asked) -> Measurement:
    """Audit a capture.

    Args:
        path: pcap or pcapng, plain or gzip.
        limits: decide which values are culprits; of the others only the worst is told.
        asked: what is assumed and wanted.

    Raises:
        FileError, BadFile: the capture cannot be read.
        UsageError: there is no such ONU in the capture.
    """
    capture = open_capture(path)
    body = load_bounded(path, MOST_EVIDENCE) if path.stat().st_size <= MOST_EVIDENCE else None
    return _measure(capture, path.name, body, limits, asked)


def measure_bytes(name: str, body: bytes, limits: list[Limit], asked: Asked) -> Measurement:
    """Audit a capture that was kept as evidence; otherwise as `measure`."""
    return _measure(open_capture_bytes(name, body), name, body, limits, asked)


def _measure(capture: Capture, name: str, body: bytes | None, limits: list[Limit], asked: Asked) -> Measurement:
    heard = listen(capture.source, capture.blocks(), asked.settings, asked.plan)
    if heard is None:
        raise BadFile(_("{file}: no frame in this capture").format(file=name))
    if not (heard.source.has_preamble or heard.traffic.heard or heard.oam):
        raise BadFile(
            _("{file}: nothing of an EPON in this capture: no preambles, no MPCP and no OAM messages").format(
                file=name
            ),
            _("capture with a PON analyser, or at a mirror port that passes frames to 01-80-C2-00-00-01 on"),
        )
    found, outcomes = onus(heard), check_all(heard)
    if asked.onu is not None:
        found, outcomes = only_onu(found, outcomes, asked.onu)
    warnings = [Warn.CAPTURE_INCOMPLETE] if capture.cut_at is not None else []
    warnings += [Warn.TOO_MANY_REGISTRATIONS] if heard.registry.is_full else []
    warnings += [Warn.EVIDENCE_TOO_LARGE] if body is None else []
    return Measurement(
        readings=[reading for outcome in outcomes for reading in readings_of(heard, outcome, limits)],
        details={
            "capture": capture_details(heard, capture.cut_at),
            "asked": msgspec.to_builtins(asked, str_keys=True),
            "onus": found,
            "counters": counter_details(heard),
            "vlans": vlan_details(heard),
            "grants": grant_details(heard),
        },
        evidence=[] if body is None else [_evidence(name, body)],
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
