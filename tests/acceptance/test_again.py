"""A record is judged again by other limits, and measured again where those ask for something else."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from linetest.bench.run import start

LIGHT = """
name = "strict-light"
kind = "limits"
[[step]]
room = "optical"
[[limit]]
metric = "optical.power_dbm"
wavelength_nm = 1490
min = -15.0
source = "a test"
"""
BAND = """
name = "narrow"
kind = "limits"
[[step]]
room = "copper"
[[limit]]
metric = "copper.next_db"
max = -40.0
strict = true
end = "near"
band_hz = [26000, {edge}]
source = "a test"
[[limit]]
metric = "copper.psnext_db"
max = -20.0
end = "near"
band_hz = [26000, {edge}]
source = "a test"
"""


@pytest.fixture(scope="module")
def good_day(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, dict[str, Any]]]:
    """Return the data folder of a good day on the bench, and its records by order."""
    home = tmp_path_factory.mktemp("good-day")
    done = subprocess.run(
        [sys.executable, "-m", "linetest", "accept", "--bench", "--json"],
        capture_output=True,
        check=True,
        timeout=60,
        env={**os.environ, "LINETEST_HOME": str(home), "LINETEST_CONFIG": str(home / "config"), "LANGUAGE": "en"},
    )
    return home, {record["order"]: record for record in json.loads(done.stdout)["records"]}


@pytest.fixture
def kept(good_day: tuple[Path, dict[str, dict[str, Any]]], private_home: Path) -> dict[str, dict[str, Any]]:
    """Return the records of a good day, by order; this test has its own copy of them in its data folder."""
    home, records = good_day
    shutil.copytree(home, private_home)
    return records


def judge(call: Any, record: str, profile: Path | None = None) -> tuple[int, dict[str, Any]]:
    done = call("record", "judge", record, "--json", *(["--profile", profile] if profile else []))
    assert done.stderr == ""
    return done.returncode, json.loads(done.stdout)


def test_by_its_own_profile_the_verdict_stays(call: Any, kept: dict[str, dict[str, Any]]) -> None:
    for record in kept.values():
        code, again = judge(call, record["id"])
        assert (code, again["verdict"]) == (0, "pass")
        assert again["checks"] == record["checks"]
        assert again["details"]["judged_again"]["record"] == record["id"]
        assert again["id"] != record["id"]
        assert again["simulated"] is True


def test_by_other_limits_the_readings_stay(call: Any, kept: dict[str, dict[str, Any]], tmp_path: Path) -> None:
    profile = tmp_path / "strict.toml"
    profile.write_text(LIGHT, encoding="utf-8")
    record = kept["WO-B1"]
    code, again = judge(call, record["id"], profile)
    assert (code, again["verdict"]) == (1, "fail")
    assert again["readings"] == record["readings"]
    assert "judged-again" in again["warnings"]
    assert "measured-again" not in again["warnings"]


def test_another_band_is_measured_again_from_the_evidence(
    call: Any, kept: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    profile = tmp_path / "band.toml"
    profile.write_text(BAND.format(edge=552000), encoding="utf-8")
    record = kept["WO-B2"]
    code, again = judge(call, record["id"], profile)
    assert code == 0
    assert "measured-again" in again["warnings"]
    was = next(check["value"] for check in record["checks"] if check["metric"] == "copper.next_db")
    (check,) = (check for check in again["checks"] if check["metric"] == "copper.next_db")
    assert check["where"]["frequency_hz"] <= 552000
    assert check["where"]["pair"] == "1"
    assert check["value"] < was - 2.0  # crosstalk falls with frequency
    assert {check["metric"] for check in again["checks"]} == {"copper.next_db", "copper.psnext_db"}


def test_a_wider_band_than_was_swept_is_inconclusive(
    call: Any, kept: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    profile = tmp_path / "band.toml"
    profile.write_text(BAND.format(edge=2208000), encoding="utf-8")
    code, again = judge(call, kept["WO-B2"]["id"], profile)
    assert code == 3
    assert {check["reason"] for check in again["checks"]} == {"band-not-covered"}


def test_the_kept_record_is_not_touched(call: Any, kept: dict[str, dict[str, Any]], tmp_path: Path) -> None:
    profile = tmp_path / "strict.toml"
    profile.write_text(LIGHT, encoding="utf-8")
    judge(call, kept["WO-B1"]["id"], profile)
    assert call("record", "verify").returncode == 0
    shown = json.loads(call("record", "show", kept["WO-B1"]["id"], "--json").stdout)
    assert shown == kept["WO-B1"]
    assert len(json.loads(call("record", "list", "--json").stdout)["records"]) == 2


def test_the_orders_access_is_remembered(call: Any, kept: dict[str, dict[str, Any]], tmp_path: Path) -> None:
    profile = tmp_path / "strict.toml"
    profile.write_text(LIGHT + 'access = ["ftth-epon"]\n', encoding="utf-8")  # the order was ftth-gpon
    code, again = judge(call, kept["WO-B1"]["id"], profile)
    assert (code, again["checks"]) == (3, [])


def test_a_breach_in_a_part_of_the_band_is_no_pass_by_a_laxer_limit(call: Any, tmp_path: Path) -> None:
    harsh = tmp_path / "harsh.toml"
    harsh.write_text(BAND.format(edge=2208000).replace("-40.0", "-90.0").replace("-20.0", "-90.0"), encoding="utf-8")
    (tmp_path / "bench").mkdir()
    with start("all-good", tmp_path / "bench") as bench:
        sweep = bench.station.parent / "binder.s8p"
        failed = call("copper", "check", sweep, "--profile", harsh, "--json")
    assert failed.returncode == 1
    lax = tmp_path / "lax.toml"
    lax.write_text(BAND.format(edge=2208000), encoding="utf-8")
    code, again = judge(call, json.loads(failed.stdout)["id"], lax)
    assert (code, again["verdict"]) == (3, "inconclusive")
    assert {check["reason"] for check in again["checks"]} == {"band-not-covered"}
