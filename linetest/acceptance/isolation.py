"""The kept records of two test points put together: one record that says whose fault it is."""

from typing import Any

import msgspec

from linetest.acceptance.records import build_record
from linetest.catalog import read_profile
from linetest.errors import UsageError
from linetest.model.codes import Warn
from linetest.model.reading import Measurement, merge_details
from linetest.model.record import Record
from linetest.store.database import transaction
from linetest.store.opened import open_store
from linetest.store.records import append, find
from linetest.words.text import _


def isolate_kept(wanted: list[str], *, device_fails: bool) -> Record:
    """Judge the readings of kept service records together by the first one's profile, keep the answer and return it.

    Args:
        wanted: ids of records, or their beginnings.
        device_fails: a person saw that the customer's own device does not work.

    Raises:
        UsageError: a record tests no service, or two are of the same point or of different lines.
    """
    with open_store() as store:
        kept = [find(store.database, one) for one in wanted]
        _check(kept)
        first = kept[0]
        record = build_record(
            "service",
            [_together(kept, device_fails=device_fails)],
            read_profile(first.profile.text, first.profile.name),
            started_at=min(one.started_at for one in kept),
            evidence=[evidence for one in kept for evidence in one.evidence],
        )
        record = msgspec.structs.replace(record, order=first.order, line=first.line)
        with transaction(store.database):
            return append(store.database, record)


def _check(kept: list[Record]) -> None:
    for record in kept:
        if not _points(record):
            raise UsageError(
                _("record {record} tests no service").format(record=record.id[:8]),
                _("`linetest service check` makes one that does"),
            )
    points = [point for record in kept for point in _points(record)]
    if len(set(points)) != len(points):
        raise UsageError(
            _("two of the records are of the same point"),
            _("name one that was made with --point direct and one with --point behind-cpe"),
        )
    lines = {(record.order, record.line) for record in kept if record.order is not None}
    if len(lines) > 1:
        raise UsageError(_("the records are of different lines"), _("`linetest record list` shows whose they are"))


def _points(record: Record) -> list[str]:
    parts = record.details.get("service")
    return [str(part.get("point")) for part in parts if isinstance(part, dict)] if isinstance(parts, list) else []


def _together(kept: list[Record], *, device_fails: bool) -> Measurement:
    more: dict[str, Any] = {"isolated": [record.id for record in kept]}
    if device_fails:
        more["device_fails"] = True
    parts = [{"service": record.details["service"]} for record in kept]
    warnings = [warning for record in kept for warning in record.warnings]
    return Measurement(
        readings=[reading for record in kept for reading in record.readings if reading.metric.startswith("service.")],
        details=merge_details([*parts, more]),
        warnings=[*warnings, *([str(Warn.ENTERED_BY_HAND)] if device_fails else [])],
        steps=[step for record in kept for step in record.steps],
        simulated=any(record.simulated for record in kept),
    )
