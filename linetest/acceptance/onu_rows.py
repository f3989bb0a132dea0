"""From a record to the readings of its ONUs over time: whatever read an OLT adds to the trend."""

import sqlite3
from datetime import datetime
from typing import Any

import msgspec

from linetest.model.codes import Reason
from linetest.model.onu import OnuState, Technology
from linetest.model.record import Record
from linetest.store.onu_readings import OnuColumns, add_readings, readings_of
from linetest.store.records import find


def add_onu_rows(database: sqlite3.Connection, record: Record) -> None:
    """Add what a record tells of ONUs as their OLT does; nothing for a record of another kind."""
    olt = next((one.device for one in record.readings if one.metric.startswith("pon.") and one.device), None)
    told = [one for one in record.details.get("onus", []) if isinstance(one, dict) and "run_state" in one]
    if olt is None or not told:
        return
    moment = datetime.fromisoformat(record.finished_at)
    states = (msgspec.convert(one, OnuState) for one in told)
    add_readings(database, readings_of(olt, states, moment, record=record.id, simulated=record.simulated))


def technologies(database: sqlite3.Connection, columns: OnuColumns) -> dict[str, Technology]:
    """Return by OLT what its latest record says that it is; an OLT is left out whose record does not say it."""
    latest: dict[str, str] = {}
    for key, record in zip(reversed(columns.key), reversed(columns.record), strict=True):
        if record is not None:
            latest.setdefault(columns.keys[key].olt, record)
    told = {olt: find(database, record).details.get("technology") for olt, record in latest.items()}
    return {olt: msgspec.convert(one, Technology) for olt, one in told.items() if one is not None}


def compact(state: OnuState) -> dict[str, Any]:
    """Return an ONU for a record that holds thousands: without what is absent because the OLT has no such column."""
    told = {name: value for name, value in msgspec.to_builtins(state).items() if value is not None}
    told["reasons"] = {field: why for field, why in state.reasons.items() if why != Reason.NO_SUCH_OBJECT}
    return told
