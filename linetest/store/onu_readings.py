"""What OLTs told of each ONU over time: a table that is only added to, and its columns as arrays for the trend.

A row is one ONU at one moment, down or up; a value that was not told, or that was not asked for, is NULL. An ONU that
was exchanged (another serial or MAC) or moved (another port) is another one: its light is not that of the one before.
"""

import sqlite3
from array import array
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from datetime import datetime
from math import nan
from typing import Any, NamedTuple

from linetest.model.onu import OnuState
from linetest.store.database import transaction

_AT_ONCE = 5_000  # rows in memory as Python objects while they become arrays


class OnuReading(NamedTuple):
    """One ONU at one moment; the fields stand in the order of the table's columns."""

    olt: str
    """The station's name of it."""
    onu: str
    """``rack/slot/port:onu``."""
    identity: str
    """The serial, else the MAC; empty where the OLT told neither."""
    at_s: float
    """Seconds since 1970."""
    at: str
    """The same as ISO 8601 with the offset of where it was read."""
    run_state: str
    onu_rx_dbm: float | None
    onu_tx_dbm: float | None
    olt_rx_dbm: float | None
    temperature_c: float | None
    voltage_v: float | None
    bias_ma: float | None
    distance_m: float | None
    record: str | None
    """The id of the record that it was judged in."""
    simulated: bool


class OnuKey(NamedTuple):
    """One ONU as long as it is the same box at the same port."""

    olt: str
    onu: str
    identity: str


class OnuColumns(NamedTuple):
    """Readings as columns of equal length, in the order of time; `numpy.asarray` takes the arrays as they are."""

    keys: list[OnuKey]
    """The ONUs, each once."""
    key: "array[int]"
    """Of each reading its place in `keys`; int64."""
    at_s: "array[float]"
    """Seconds since 1970; float64, as all values: NaN is absent."""
    onu_rx_dbm: "array[float]"
    onu_tx_dbm: "array[float]"
    olt_rx_dbm: "array[float]"
    temperature_c: "array[float]"
    voltage_v: "array[float]"
    bias_ma: "array[float]"
    distance_m: "array[float]"
    at: list[str]
    run_state: list[str]
    record: list[str | None]
    simulated: "array[int]"
    """1 or 0; int8."""


_COLUMNS = OnuReading._fields
_TEXTS = ("at", "run_state", "record")
_NUMBERS = (
    "at_s",
    "onu_rx_dbm",
    "onu_tx_dbm",
    "olt_rx_dbm",
    "temperature_c",
    "voltage_v",
    "bias_ma",
    "distance_m",
)
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM onu_reading"
_WHICH = "WHERE olt = ifnull(?, olt) AND simulated = ifnull(?, simulated)"


def readings_of(
    olt: str, states: Iterable[OnuState], moment: datetime, *, record: str | None, simulated: bool
) -> Iterator[OnuReading]:
    """Yield the reading of each ONU that an OLT told of at `moment`, which has an offset."""
    at_s, at = moment.timestamp(), moment.isoformat(timespec="seconds")
    for state in states:
        yield OnuReading(
            olt=olt,
            onu=state.onu,
            identity=state.serial or state.mac or "",
            at_s=at_s,
            at=at,
            run_state=state.run_state,
            onu_rx_dbm=state.onu_rx_dbm,
            onu_tx_dbm=state.onu_tx_dbm,
            olt_rx_dbm=state.olt_rx_dbm,
            temperature_c=state.temperature_c,
            voltage_v=state.voltage_v,
            bias_ma=state.bias_ma,
            distance_m=state.distance_m,
            record=record,
            simulated=simulated,
        )


def add_readings(database: sqlite3.Connection, rows: Iterable[OnuReading]) -> None:
    """Add readings, all or none; inside of a transaction they become durable with that."""
    places = ", ".join("?" * len(_COLUMNS))
    with nullcontext() if database.in_transaction else transaction(database):
        database.executemany(f"INSERT INTO onu_reading ({', '.join(_COLUMNS)}) VALUES ({places})", rows)


def readings_since(
    database: sqlite3.Connection, olt: str | None, since_s: float, *, simulated: bool | None = None
) -> OnuColumns:
    """Return the readings of an OLT, or of all, from `since_s` (seconds since 1970) on.

    Args:
        database: The store's.
        olt: The name of one; all when None.
        since_s: The first moment.
        simulated: Only those of the bench, or only real ones; both when None.
    """
    found = database.cursor()
    found.row_factory = None
    found.execute(f"{_SELECT} {_WHICH} AND at_s >= ? ORDER BY at_s, n", (olt, simulated, since_s))
    return _columns(found)


def birth_readings(
    database: sqlite3.Connection, olt: str | None = None, *, simulated: bool | None = None
) -> OnuColumns:
    """Return of each ONU the first reading that tells its light, at its own end or the OLT's; arguments as above."""
    found = database.cursor()
    found.row_factory = None
    found.execute(
        f"{_SELECT} WHERE n IN (SELECT first FROM (SELECT n AS first, min(at_s) FROM onu_reading {_WHICH}"
        " AND (onu_rx_dbm IS NOT NULL OR olt_rx_dbm IS NOT NULL) GROUP BY olt, onu, identity, simulated))"
        " ORDER BY at_s, n",
        (olt, simulated),
    )
    return _columns(found)


def _columns(found: sqlite3.Cursor) -> OnuColumns:
    """Turn rows into columns, some thousand at a time; each text stands once in memory."""
    places: dict[OnuKey, int] = {}
    once: dict[Any, Any] = {}
    key, simulated = array("q"), array("b")
    texts: dict[str, Any] = {name: [] for name in _TEXTS}
    numbers: dict[str, Any] = {name: array("d") for name in _NUMBERS}
    while chunk := found.fetchmany(_AT_ONCE):
        columns = dict(zip(_COLUMNS, zip(*chunk, strict=True), strict=True))
        keys = map(OnuKey, columns["olt"], columns["onu"], columns["identity"])
        key.extend(places.setdefault(one, len(places)) for one in keys)
        simulated.extend(columns["simulated"])
        for name, words in texts.items():
            words.extend(once.setdefault(text, text) for text in columns[name])
        for name, values in numbers.items():
            values.extend(nan if value is None else value for value in columns[name])
    return OnuColumns(keys=list(places), key=key, simulated=simulated, **numbers, **texts)
