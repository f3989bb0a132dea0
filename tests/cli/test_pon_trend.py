"""`linetest pon trend` from the store to the list, the table and the page."""

import csv
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from linetest.model.onu import OnuState
from linetest.store.onu_readings import add_readings, readings_of
from linetest.store.opened import open_store

Call = Callable[..., CompletedProcess[str]]
DAYS = 40


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """Keep 40 days of three ONUs of which one loses 2 dB, and one is new."""
    home = tmp_path / "home"
    now = datetime.now(UTC)
    with open_store(home) as store:
        for day in range(DAYS):
            states = [
                _state("0/1/0:1", "BNCH00000001", -20.0, day),
                _state("0/1/0:2", "BNCH00000002", -21.0 - 0.05 * day, day),
                *([_state("0/1/0:3", "BNCH00000003", -22.0, day)] if day > DAYS - 4 else []),
            ]
            moment = now - timedelta(days=DAYS - day)
            add_readings(store.database, readings_of("=olt7", states, moment, record=None, simulated=False))
    return home


def _state(onu: str, serial: str, rx_dbm: float, day: int) -> OnuState:
    wander = 0.02 * (day % 3)
    return OnuState(
        onu=onu, serial=serial, run_state="online", onu_rx_dbm=rx_dbm + wander, olt_rx_dbm=rx_dbm - 2.0 - wander
    )


def test_the_list_names_who_loses_light(call: Call, kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINETEST_HOME", str(kept))
    done = call("pon", "trend", "--csv", str(kept / "v.csv"), "--html", str(kept / "v.html"))
    assert done.returncode == 1, done.stderr
    assert "0/1/0:2: drop to one ONU" in done.stdout
    assert "0/1/0:1:" not in done.stdout
    assert "1 ONUs cannot be told yet" in done.stdout
    assert all(len(line) <= 80 for line in done.stdout.splitlines())
    with (kept / "v.csv").open(encoding="utf-8-sig", newline="") as table:
        (row,) = csv.DictReader(table)
    assert row["olt"] == "'=olt7"
    assert float(row["onu_rx_change_db"]) == pytest.approx(-1.95, abs=0.1)
    assert float(row["onu_rx_leaves_percent"]) < 1.0
    page = (kept / "v.html").read_text(encoding="utf-8")
    assert page.count("data:image/svg+xml") == 1
    assert "<script" not in page


def test_json_is_one_document_with_the_numbers(call: Call, kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINETEST_HOME", str(kept))
    document = json.loads(call("pon", "trend", "=olt7", "--json", "--ahead", "365").stdout)
    assert document["schema"] == "linetest.trend/1"
    assert document["days_ahead"] == 365.0
    assert document["undecided"] == {"too-few-points": 1}
    (visit,) = document["visits"]
    assert [onu["onu"] for onu in visit["onus"]] == ["0/1/0:2"]
    # -25 dBm at the OLT, 0.05 dB a day: -28 dBm in 60 days, sooner than -27 dBm at the ONU.
    assert visit["leaves_in_days"] == pytest.approx(60.0, abs=6.0)


def test_an_empty_store_and_an_unknown_olt_are_refused(
    call: Call, kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LINETEST_HOME", str(tmp_path / "other"))
    empty = call("pon", "trend")
    assert empty.returncode == 2
    assert "linetest pon sweep" in empty.stderr
    monkeypatch.setenv("LINETEST_HOME", str(kept))
    unknown = call("pon", "trend", "olt8")
    assert unknown.returncode == 2
    assert "=olt7" in unknown.stderr
    wrong = call("pon", "trend", "--profile", "gpon-b-plus")
    assert wrong.returncode == 2
    assert "pon-trend" in wrong.stderr


def test_too_few_days_are_inconclusive(call: Call, kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINETEST_HOME", str(kept))
    assert call("pon", "trend", "--days", "5").returncode == 3


def test_a_clock_that_ran_ahead_spoils_nothing(call: Call, kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINETEST_HOME", str(kept))
    with open_store(kept) as store:
        ahead = datetime.now(UTC) + timedelta(days=30_000)
        state = _state("0/1/0:1", "BNCH00000001", -30.0, 0)
        add_readings(store.database, readings_of("=olt7", [state], ahead, record=None, simulated=False))
    done = call("pon", "trend", "--json")
    assert "1 readings lie in the future" in done.stderr
    assert json.loads(done.stdout)["failed"] == 1


def test_a_folder_that_is_not_there_is_refused(call: Call, kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINETEST_HOME", str(kept))
    done = call("pon", "trend", "--csv", str(kept / "none" / "v.csv"))
    assert (done.returncode, done.stdout) == (2, "")
    assert "there is no such folder" in done.stderr
    assert not (kept / "none").exists()
