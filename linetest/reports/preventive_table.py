"""The list for preventive visits as a table for spreadsheets: one row for each ONU of each visit."""

import csv
from io import StringIO
from typing import Any

from linetest.model.trend import Drifting, Preventive, Visit, Way
from linetest.safe import safe_cell

_BYTE_ORDER_MARK = "\ufeff"
_WAY_COLUMNS = (
    "birth_dbm",
    "now_dbm",
    "change_db",
    "change_interval_db",
    "db_per_month",
    "leaves_percent",
    "leaves_earliest",
    "leaves_likely",
    "leaves_latest",
)
_COLUMNS = (
    *("visit", "simulated", "cause", "place", "shared", "cause_down_db", "cause_up_db", "at_once", "since", "bent"),
    *("inferred", "leaves_in_days", "olt", "onu", "identity", "replaced", "first_on", "last_on", "failed"),
    *(f"{end}_{column}" for end in ("onu_rx", "olt_rx") for column in _WAY_COLUMNS),
)


def render_preventive_csv(found: Preventive) -> str:
    """Return the list as CSV: byte order mark, English names, line ends as RFC 4180 wants."""
    text = StringIO()
    table = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    table.writerow(_COLUMNS)
    for number, visit in enumerate(found.visits, start=1):
        for onu in visit.onus:
            row = _row(number, visit, onu) | {"simulated": _flag(found.simulated)}
            table.writerow([row[column] for column in _COLUMNS])
    return _BYTE_ORDER_MARK + text.getvalue()


def _row(number: int, visit: Visit, onu: Drifting) -> dict[str, Any]:
    return {
        "visit": number,
        "cause": visit.cause,
        "place": safe_cell(visit.place),
        "shared": visit.shared,
        "cause_down_db": None if visit.down_db is None else round(visit.down_db, 3),
        "cause_up_db": None if visit.up_db is None else round(visit.up_db, 3),
        "at_once": _flag(visit.at_once),
        "since": visit.since,
        "bent": _flag(visit.bent),
        "inferred": _flag(visit.inferred),
        "leaves_in_days": visit.leaves_in_days,
        "olt": safe_cell(onu.olt),
        "onu": safe_cell(onu.onu),
        "identity": safe_cell(onu.identity),
        "replaced": _flag(onu.replaced),
        "first_on": onu.first_on,
        "last_on": onu.last_on,
        "failed": safe_cell("; ".join(str(check.id or check.metric) for check in onu.checks)),
        **_way("onu_rx", onu.down),
        **_way("olt_rx", onu.up),
    }


def _way(end: str, way: Way) -> dict[str, Any]:
    earliest, likely, latest = way.leaves_on or (None, None, None)
    values = (
        *(way.birth_dbm, way.now_dbm, way.change_db, way.change_interval_db, way.db_per_month, way.leaves_percent),
        *(earliest, likely, latest),
    )
    return {f"{end}_{column}": value for column, value in zip(_WAY_COLUMNS, values, strict=True)}


def _flag(value: bool) -> str:
    return "true" if value else "false"
