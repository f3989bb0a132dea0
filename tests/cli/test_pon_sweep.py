"""`linetest pon sweep`: many OLTs at once, whatever some of them do; nothing is lost, and nothing is read twice."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from linetest.bench.plant_agent import CellTable
from linetest.store.onu_readings import readings_since
from linetest.store.opened import open_store
from linetest.store.records import rows, verify
from linetest.transports import snmp_engine, snmp_fast
from tests.cli.plant_station import olt_cells, station_of
from tests.conftest import Run

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "pon-sweep.txt"


def test_the_summary_names_the_worst_first(call: Run, tmp_path: Path) -> None:
    tables = [olt_cells(4), olt_cells(5, dark=2), olt_cells(3, gone=3)]
    with station_of(tmp_path, tables) as (station, _agents):
        done = call("pon", "sweep", "--optics", "--station", station)
    assert done.returncode == 1
    assert done.stdout == GOLDEN.read_text(encoding="utf-8")
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_each_onu_is_a_row_of_the_table_and_a_reading_in_time(call: Run, tmp_path: Path) -> None:
    table = tmp_path / "onus.csv"
    with station_of(tmp_path, [olt_cells(4), olt_cells(5, dark=2)]) as (station, _agents):
        done = call("pon", "sweep", "--optics", "--station", station, "--csv", table, "--json")
    document = json.loads(done.stdout)
    assert (document["schema"], document["onus"], document["states"]) == ("linetest.sweep/1", 9, {"online": 9})
    assert document["failed"] == {"pon.onu_rx_dbm": 1}
    with table.open(encoding="utf-8-sig", newline="") as stream:
        found = list(csv.DictReader(stream))
    assert len(found) == 9
    assert found[5]["olt"] == "olt-02"
    assert (found[5]["onu"], found[5]["onu_rx_dbm"], found[5]["verdict"]) == ("0/1/0:2", "-28.5", "fail")
    assert found[5]["failed"] == "pon.onu_rx_dbm"
    with open_store() as store:
        told = readings_since(store.database, "olt-02", 0.0, simulated=True)
        assert verify(store.database, store.home) == []
        assert [row.kind for row in rows(store.database)] == ["pon", "pon"]
    np.testing.assert_allclose(np.asarray(told.onu_rx_dbm), [-20.01, -28.5, -20.03, -20.04, -20.05])
    assert told.record == [document["olts"][1]["record"]] * 5
    assert {key.identity for key in told.keys} == {found[row]["serial"] for row in range(4, 9)}


def test_a_kept_olt_is_judged_again_by_other_limits_with_all_of_its_onus(call: Run, tmp_path: Path) -> None:
    stricter = tmp_path / "stricter.toml"
    limit = '[[limit]]\nmetric = "pon.onu_rx_dbm"\nmin = -20.035\nsource = "a test"\n'
    stricter.write_text(f'name = "stricter"\nkind = "limits"\n[[step]]\nroom = "pon"\n{limit}')
    with station_of(tmp_path, [olt_cells(5)]) as (station, _agents):
        assert call("pon", "sweep", "--optics", "--station", station).returncode == 0
    kept = json.loads(call("record", "show", "last", "--json").stdout)
    assert len(kept["checks"]) < 20
    assert kept["details"]["passed"]["pon.onu_rx_dbm"] == 5
    again = call("record", "judge", "last", "--profile", stricter, "--json")
    judged = json.loads(again.stdout)
    assert (again.returncode, judged["verdict"]) == (1, "fail")
    assert [one["where"]["onu"] for one in judged["checks"] if one["verdict"] == "fail"] == ["0/1/0:4", "0/1/0:5"]
    same = call("record", "judge", "last", "--profile", "gpon-b-plus", "--json")
    assert json.loads(same.stdout)["verdict"] == "pass"


def test_what_an_olt_calls_its_onus_is_no_formula(call: Run, tmp_path: Path) -> None:
    table = tmp_path / "onus.csv"
    with station_of(tmp_path, [olt_cells(2, serial=b'=1+"')]) as (station, _agents):
        call("pon", "sweep", "--station", station, "--csv", table)
    with table.open(encoding="utf-8-sig", newline="") as stream:
        for row in csv.DictReader(stream):
            for name, cell in row.items():
                assert not cell.startswith(("=", "@", "+")), name
                assert not cell.startswith("-") or float(cell) < 0.0


def test_the_light_is_asked_for_only_with_optics(call: Run, tmp_path: Path) -> None:
    with station_of(tmp_path, [olt_cells(3)]) as (station, agents):
        dark = call("pon", "sweep", "--station", station)
        asked = agents[0].asked
        light = call("pon", "sweep", "--station", station, "--optics")
        assert agents[0].asked - asked > asked
    assert (dark.returncode, light.returncode) == (0, 0)
    assert "was not asked for: --optics does" in dark.stdout
    assert "was not asked for" not in light.stdout
    with open_store() as store:
        told = readings_since(store.database, None, 0.0)
    assert np.isnan(np.asarray(told.onu_rx_dbm)).tolist() == [True] * 3 + [False] * 3
    assert told.run_state == ["online"] * 6


@pytest.mark.slow
def test_one_silent_olt_of_ten_stops_no_other(call: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snmp_fast, "_GAP_S", 0.1)
    monkeypatch.setattr(snmp_engine, "_FIRST_GAP_S", 0.1)
    tables: list[CellTable | None] = [olt_cells(2) for _number in range(10)]
    tables[4] = None
    with station_of(tmp_path, tables) as (station, _agents):
        done = call("pon", "sweep", "--station", station, "--olt-deadline", "2", "--json")
    assert done.returncode == 3
    document = json.loads(done.stdout)
    assert document["counts"] == {"fail": 0, "inconclusive": 1, "pass": 9}
    silent = document["olts"][4]
    assert (silent["olt"], silent["reason"], silent["verdict"]) == ("olt-05", "timeout", "inconclusive")
    assert "no answer over SNMP" in done.stderr
    with open_store() as store:
        assert sorted(row.verdict for row in rows(store.database)) == ["inconclusive"] + ["pass"] * 9


@pytest.mark.parametrize("in_flight", [pytest.param(1, marks=pytest.mark.slow), 3])
def test_an_olt_is_asked_no_more_at_a_time_than_was_said(call: Run, tmp_path: Path, in_flight: int) -> None:
    with station_of(tmp_path, [olt_cells(40)] * 4, delay_s=0.01, more=f"in_flight = {in_flight}\n") as (
        station,
        agents,
    ):
        done = call("pon", "sweep", "--optics", "--station", station)
        assert done.returncode == 0, done.stderr
        assert [agent.most_in_flight for agent in agents] == [in_flight] * 4
        call("pon", "sweep", "olt-01", "--in-flight", "2", "--station", station)
        assert agents[0].most_in_flight == max(2, in_flight)


def test_both_engines_tell_the_same(call: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("gufo.snmp")
    with station_of(tmp_path, [olt_cells(30, dark=7, gone=9)]) as (station, _agents):
        call("pon", "sweep", "--optics", "--station", station)
        monkeypatch.setattr(snmp_fast, "is_fast", lambda _target: False)
        call("pon", "sweep", "--optics", "--station", station)
    with open_store() as store:
        told = readings_since(store.database, None, 0.0)
    light = np.asarray(told.onu_rx_dbm)
    assert len(light) == 60
    np.testing.assert_array_equal(light[:30], light[30:])
    assert told.run_state[:30] == told.run_state[30:]


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="kill -9 is POSIX")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_killed_sweep_goes_on_where_it_stopped(run: Run, tmp_path: Path, how: signal.Signals) -> None:
    with station_of(tmp_path, [olt_cells(3)] * 8, delay_s=0.01) as (station, agents):
        command = [sys.executable, "-m", "linetest", "pon", "sweep", "--optics", "--workers", "1"]
        with subprocess.Popen(
            [*command, "--station", str(station)], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as killed:
            wait_for_records(2)
            killed.send_signal(how)
            killed.communicate(timeout=30)
        assert killed.returncode == (4 if how is signal.SIGINT else -9)
        with open_store() as store:
            kept = len(rows(store.database))
        assert 2 <= kept < 8
        asked = [agent.asked for agent in agents]
        done = run("pon", "sweep", "--resume", "last", "--json")
        assert done.returncode == 0, done.stderr
        assert [agent.asked for agent in agents][:kept] == asked[:kept]
    document = json.loads(done.stdout)
    assert [one["olt"] for one in document["olts"]] == [f"olt-{number:02}" for number in range(1, 9)]
    with open_store() as store:
        assert len(rows(store.database)) == 8
        assert len(readings_since(store.database, None, 0.0).key) == 24
        assert verify(store.database, store.home) == []
    again = run("pon", "sweep", "--resume", "last")
    assert (again.returncode, "nothing to resume" in again.stderr) == (2, True)


def wait_for_records(count: int) -> None:
    end = time.monotonic() + 40
    while time.monotonic() < end:
        with open_store() as store:
            if len(rows(store.database)) >= count:
                return
        time.sleep(0.05)
    pytest.fail("the sweep kept nothing")


def test_olts_are_named_by_patterns(call: Run, tmp_path: Path) -> None:
    with station_of(tmp_path, [olt_cells(1)] * 11) as (station, agents):
        done = call("pon", "sweep", "olt-1*", "olt-02", "olt-02", "--station", station, "--json")
        assert [one["olt"] for one in json.loads(done.stdout)["olts"]] == ["olt-10", "olt-11", "olt-02"]
        assert agents[0].asked == 0
        wrong = call("pon", "sweep", "olt-o1", "--station", station)
        assert wrong.returncode == 2
        assert "no OLT is called 'olt-o1'" in wrong.stderr
        both = call("pon", "sweep", "olt-01", "--resume", "last", "--station", station)
        assert (both.returncode, "leave the names" in both.stderr) == (2, True)


def test_the_whole_sweep_has_one_deadline(call: Run, tmp_path: Path) -> None:
    with station_of(tmp_path, [olt_cells(30)] * 6, delay_s=0.05) as (station, _agents):
        began = time.monotonic()
        done = call("pon", "sweep", "--workers", "1", "--deadline", "2", "--station", station, "--json")
        assert time.monotonic() - began < 20
    reasons = [one["reason"] for one in json.loads(done.stdout)["olts"]]
    assert done.returncode == 3
    assert reasons[-1] == "timeout"


def test_pon_check_adds_its_reading_too(call: Run, tmp_path: Path) -> None:
    with station_of(tmp_path, [olt_cells(3)]) as (station, _agents):
        assert call("pon", "check", "olt-01", "0/1/0:2", "--station", station).returncode == 0
    with open_store() as store:
        told = readings_since(store.database, "olt-01", 0.0)
    assert [key.onu for key in told.keys] == ["0/1/0:2"]
    assert list(told.onu_rx_dbm) == [-20.02]


def test_without_the_extra_the_sweep_is_done_by_pysnmp(
    call: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "gufo", None)
    monkeypatch.setitem(sys.modules, "gufo.snmp", None)
    with station_of(tmp_path, [olt_cells(2)]) as (station, _agents):
        assert call("pon", "sweep", "--station", station).returncode == 0
