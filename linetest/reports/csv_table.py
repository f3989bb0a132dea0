"""A record as a table for spreadsheets: one row for each check.

Numbers are written bare and strings in quotes, so that a reader knows a negative level from a text that
begins with a minus. Without the byte order mark Excel takes the file for another encoding than UTF-8 and
garbles Chinese text.
"""

import csv
from io import StringIO

from linetest.model.places import place_codes
from linetest.model.record import Check, Record
from linetest.model.values import plain_number
from linetest.safe import safe_cell

_BYTE_ORDER_MARK = "\ufeff"
_PLACE_COLUMNS = ("wavelength_nm", "pair", "disturber", "end", "frequency_hz")

Cell = str | float | None


def render_csv(record: Record) -> str:
    """Return the checks as CSV: byte order mark, English field names, line ends as RFC 4180 wants."""
    text = StringIO()
    table = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    rows = [_row(record, check) for check in record.checks]
    table.writerow(_COLUMNS)
    table.writerows([[_cell(row[column]) for column in _COLUMNS] for row in rows])
    return _BYTE_ORDER_MARK + text.getvalue()


def _row(record: Record, check: Check) -> dict[str, object]:
    rest = {key: value for key, value in check.where.items() if key not in _PLACE_COLUMNS}
    return {
        "record": record.id,
        "simulated": record.simulated,
        "kind": record.kind,
        "finished_at": record.finished_at,
        "order": record.order,
        "line": record.line,
        "profile": record.profile.name,
        "check": check.id,
        "metric": check.metric,
        **{column: check.where.get(column) for column in _PLACE_COLUMNS},
        "where": place_codes(rest),
        "verdict": str(check.verdict),
        "value": check.value,
        "unit": check.unit,
        "limit_min": check.limit.get("min"),
        "limit_max": check.limit.get("max"),
        "limit_strict": check.limit.get("strict", False),
        "margin": check.margin,
        "marginal": check.marginal,
        "reason": check.reason,
        "hint": check.hint,
        "device": check.device,
        "source": _source(check),
    }


def _source(check: Check) -> str | None:
    source = check.limit.get("source")
    return f"{source} (not read)" if check.limit.get("source_read") is False else source


_COLUMNS = (
    *("record", "simulated", "kind", "finished_at", "order", "line", "profile", "check", "metric"),
    *_PLACE_COLUMNS,
    *("where", "verdict", "value", "unit", "limit_min", "limit_max", "limit_strict", "margin", "marginal"),
    *("reason", "hint", "device", "source"),
)


def _cell(value: object) -> Cell:
    """Return one cell: a number stays a number, everything else is made safe."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return number if (number := plain_number(value)) is not None else safe_cell(str(value))
