"""Readings of ONUs over time: whole or not at all, only added to, and columns that tell absent from zero."""

import sqlite3
import subprocess
import sys
from datetime import datetime, timedelta, timezone

import numpy as np
import pytest

from linetest.model.onu import OnuState
from linetest.store.database import _VERSIONS, connect, home_folder, transaction
from linetest.store.onu_readings import (
    OnuKey,
    OnuReading,
    add_readings,
    birth_readings,
    readings_of,
    readings_since,
)
from linetest.store.opened import open_store

AT = datetime(2026, 3, 2, 9, tzinfo=timezone(timedelta(hours=8)))
AT_S = AT.timestamp()
WRITER = """
from datetime import UTC, datetime, timedelta
from linetest.model.onu import OnuState
from linetest.store.onu_readings import add_readings, readings_of
from linetest.store.opened import open_store
states = [OnuState(onu=f"0/1/0:{number}", onu_rx_dbm=-20.0) for number in range(500)]
with open_store() as store:
    for hour in range(100_000):
        at = datetime(2026, 3, 2, tzinfo=UTC) + timedelta(hours=hour)
        add_readings(store.database, readings_of("olt1", states, at, record=None, simulated=True))
        print(hour, flush=True)
"""


def rows(
    olt: str = "olt1", hours: float = 0.0, *states: OnuState, record: str | None = "r1", simulated: bool = False
) -> list[OnuReading]:
    return list(readings_of(olt, states, AT + timedelta(hours=hours), record=record, simulated=simulated))


def onu(number: int, rx_dbm: float | None, serial: str | None = None, mac: str | None = None) -> OnuState:
    state = "offline" if rx_dbm is None else "online"
    return OnuState(onu=f"0/1/0:{number}", serial=serial, mac=mac, onu_rx_dbm=rx_dbm, run_state=state)  # type: ignore[arg-type]


def test_columns_hold_what_was_added_and_absent_is_nan() -> None:
    with open_store() as store:
        add_readings(store.database, rows("olt1", 0.0, onu(1, -18.25, "HWTC0001"), onu(2, None, mac="00:11")))
        found = readings_since(store.database, "olt1", AT_S)
    assert found.keys == [OnuKey("olt1", "0/1/0:1", "HWTC0001"), OnuKey("olt1", "0/1/0:2", "00:11")]
    assert np.asarray(found.key).tolist() == [0, 1]
    assert np.asarray(found.key).dtype == np.int64
    np.testing.assert_array_equal(np.asarray(found.onu_rx_dbm), [-18.25, np.nan])
    assert np.isnan(np.asarray(found.olt_rx_dbm)).all()
    assert found.run_state == ["online", "offline"]
    assert found.at == ["2026-03-02T09:00:00+08:00"] * 2
    assert (found.record, list(found.at_s), list(found.simulated)) == (["r1", "r1"], [AT_S, AT_S], [0, 0])


def test_each_value_comes_back_in_its_own_column() -> None:
    values = {"onu_rx_dbm": -18.0, "onu_tx_dbm": 2.0, "olt_rx_dbm": -21.0, "temperature_c": 45.0, "voltage_v": 3.3}
    values |= {"bias_ma": 12.0, "distance_m": 3703.0}
    with open_store() as store:
        add_readings(store.database, rows("olt1", 0.0, OnuState(onu="0/1/0:1", **values)))  # type: ignore[arg-type]
        found = readings_since(store.database, None, 0.0)
    assert {name: list(getattr(found, name)) for name in values} == {name: [value] for name, value in values.items()}


def test_readings_are_of_the_olt_the_time_and_the_kind_asked_for() -> None:
    with open_store() as store:
        add_readings(store.database, rows("olt1", 1.0, onu(1, -19.0)))
        add_readings(store.database, rows("olt1", 0.0, onu(1, -18.0)))  # a sweep that was resumed comes in later
        add_readings(store.database, rows("olt2", 2.0, onu(1, -20.0), simulated=True))
        assert list(readings_since(store.database, None, 0.0).onu_rx_dbm) == [-18.0, -19.0, -20.0]
        assert list(readings_since(store.database, "olt1", AT_S + 1).onu_rx_dbm) == [-19.0]
        assert list(readings_since(store.database, None, 0.0, simulated=True).onu_rx_dbm) == [-20.0]
        assert list(readings_since(store.database, None, 0.0, simulated=False).onu_rx_dbm) == [-18.0, -19.0]
        nothing = readings_since(store.database, "olt3", 0.0)
    assert (nothing.keys, list(nothing.key), nothing.run_state) == ([], [], [])


def test_the_birth_reading_is_the_first_with_light_of_each_box_at_each_port() -> None:
    with open_store() as store:
        add_readings(store.database, rows("olt1", 2.0, onu(1, -19.0, "A"), onu(2, -21.0, "B")))
        add_readings(store.database, rows("olt1", 0.0, onu(1, None, "A")))
        add_readings(store.database, rows("olt1", 1.0, onu(1, -18.0, "A")))
        add_readings(store.database, rows("olt1", 3.0, onu(1, -17.0, "C")))  # the box was exchanged
        add_readings(store.database, rows("olt1", 0.5, onu(1, -10.0, "A"), simulated=True))
        born = birth_readings(store.database, simulated=False)
        assert [(born.keys[key].identity, rx) for key, rx in zip(born.key, born.onu_rx_dbm, strict=True)] == [
            ("A", -18.0),
            ("B", -21.0),
            ("C", -17.0),
        ]
        assert len(birth_readings(store.database, "olt1").key) == 4
        assert list(birth_readings(store.database, "olt2").key) == []


def test_nothing_is_changed_or_deleted() -> None:
    with open_store() as store:
        add_readings(store.database, rows("olt1", 0.0, onu(1, -18.0)))
        for statement in ("UPDATE onu_reading SET onu_rx_dbm = -10", "DELETE FROM onu_reading"):
            with pytest.raises(sqlite3.IntegrityError, match="only added to"):
                store.database.execute(statement)


def test_readings_fall_with_the_transaction_that_they_are_part_of() -> None:
    with open_store() as store:
        with pytest.raises(KeyError), transaction(store.database):
            add_readings(store.database, rows("olt1", 0.0, onu(1, -18.0)))
            raise KeyError
        broken = [*rows("olt1", 0.0, onu(1, -18.0)), *rows("olt1", 0.0, onu(2, -18.0))]
        broken[1] = broken[1]._replace(onu=None)  # type: ignore[arg-type]
        with pytest.raises(sqlite3.IntegrityError):
            add_readings(store.database, broken)
        assert list(readings_since(store.database, None, 0.0).key) == []


def test_a_store_of_an_older_version_gets_the_table_and_keeps_its_records(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as older:
        older.setattr("linetest.store.database._VERSIONS", _VERSIONS[:2])
        connect(home_folder()).close()
    with open_store() as store:
        store.database.execute("INSERT INTO sender VALUES ('rt', 'me', 1.0)")
        add_readings(store.database, rows("olt1", 0.0, onu(1, -18.0)))
        assert store.database.execute("SELECT owner FROM sender").fetchone()["owner"] == "me"


def test_what_was_told_as_added_survives_kill_9_and_no_part_of_a_sweep_does() -> None:
    with subprocess.Popen([sys.executable, "-c", WRITER], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        told = [int(writer.stdout.readline()) for _round in range(5)]
        writer.kill()
    database = connect(home_folder())
    count = len(readings_since(database, "olt1", 0.0).key)
    database.close()
    assert count % 500 == 0
    assert count >= 500 * len(told)
