"""The ONUs of a sweep for spreadsheets: one row each, units in the names of the columns, OLT after OLT."""

import csv
from collections.abc import Iterable, Iterator
from io import StringIO
from typing import Any

from linetest.model.codes import Verdict
from linetest.model.record import Record
from linetest.model.values import plain_number
from linetest.safe import safe_cell

_BYTE_ORDER_MARK = "\ufeff"  # as in `csv_table`
_TEXTS = ("onu", "serial", "mac", "run_state", "last_down_cause")
_NUMBERS = (
    *("llid", "onu_rx_dbm", "onu_tx_dbm", "olt_rx_dbm", "distance_m", "rtt_tq", "temperature_c", "voltage_v"),
    *("bias_ma", "uptime_s"),
)
COLUMNS = ("olt", *_TEXTS, *_NUMBERS, "verdict", "failed", "reason", "at", "record", "simulated")


def sweep_csv(records: Iterable[tuple[str, Record]]) -> Iterator[str]:
    """Yield the head, then the text of each OLT's rows; an OLT that could not be read is one row with its reason.

    Numbers are bare and texts quoted, as in `csv_table`; what an OLT told can be no formula.
    """
    yield _BYTE_ORDER_MARK + _lines([COLUMNS])
    for olt, record in records:
        rows = [_row(olt, record, onu, verdicts) for onu, verdicts in _judged(record)]
        yield _lines(rows or [_unread_row(olt, record)])


def _judged(record: Record) -> Iterator[tuple[dict[str, Any], list[tuple[str, Verdict]]]]:
    """Yield each ONU with the metrics and verdicts of its checks."""
    found: dict[str, list[tuple[str, Verdict]]] = {}
    for check in record.checks:
        found.setdefault(str(check.where.get("onu")), []).append((check.metric, check.verdict))
    for onu in record.details.get("onus", []):
        yield onu, found.get(str(onu.get("onu")), [])


def _row(olt: str, record: Record, onu: dict[str, Any], checks: list[tuple[str, Verdict]]) -> list[object]:
    verdicts = [verdict for _metric, verdict in checks]
    verdict = next((one for one in (Verdict.FAIL, Verdict.INCONCLUSIVE, Verdict.PASS) if one in verdicts), None)
    failed = " ".join(metric for metric, one in checks if one is Verdict.FAIL)
    values = [_text(onu.get(name)) for name in _TEXTS] + [plain_number(onu.get(name)) for name in _NUMBERS]
    reason = onu.get("reasons", {}).get("onu_rx_dbm")
    return [safe_cell(olt), *values, _text(verdict), failed, _text(reason), *_end(record)]


def _unread_row(olt: str, record: Record) -> list[object]:
    reason = next((check.reason for check in record.checks if check.reason), None)
    empty = [None] * (len(_TEXTS) + len(_NUMBERS))
    return [safe_cell(olt), *empty, str(record.verdict), None, _text(reason), *_end(record)]


def _end(record: Record) -> list[object]:
    return [record.finished_at, record.id, "true" if record.simulated else "false"]


def _text(value: object) -> str | None:
    return None if value is None else safe_cell(str(value))


def _lines(rows: Iterable[Iterable[object]]) -> str:
    text = StringIO()
    csv.writer(text, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n").writerows(rows)
    return text.getvalue()
