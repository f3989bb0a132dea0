"""`linetest copper tones` and `driver try` of modems, as a person runs them."""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

Run = Callable[..., CompletedProcess[str]]
RECORDINGS = Path(__file__).parents[1] / "recordings"
BROADCOM = RECORDINGS / "broadcom_xdsl"


def test_a_good_line_passes_and_its_record_has_the_curves(call: Run) -> None:
    files = [BROADCOM / name for name in ("stats.txt", "qln.txt")]
    done = call("copper", "tones", *files, "--json")
    record = json.loads(done.stdout)
    assert (done.returncode, record["verdict"], record["kind"]) == (0, "pass", "copper"), done.stderr
    assert record["profile"]["name"] == "adsl-line"
    assert not record["simulated"]
    assert [one["name"] for one in record["evidence"]] == ["stats.txt", "qln.txt"]
    assert [one["name"] for one in record["details"]["curves"]] == ["QLN down", "QLN up"]
    margin = {one["id"]: one for one in record["checks"]}["MARGIN-UP"]
    assert (margin["value"], margin["where"], margin["marginal"]) == (6.4, {"direction": "up"}, True)
    errors = [one for one in record["readings"] if one["metric"] == "copper.error_count"]
    assert {"counter": "CRC", "direction": "down", "since": "link"} in [one["where"] for one in errors]
    assert not {"copper.next_db", "copper.fext_db"} & {one["metric"] for one in record["checks"] + record["readings"]}


def test_in_words(call: Run) -> None:
    done = call("copper", "tones", *(BROADCOM / name for name in ("stats.txt", "bits.txt")))
    assert done.returncode == 0
    text = " ".join(done.stdout.split())
    assert "PASS downstream 9.50 dB at least 6.0 dB 3.50 dB" in text
    assert "Tones that carry nothing" in text
    assert "CRC, downstream, since the link came up: 4" in text
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert "NEXT" not in done.stdout


def test_tones_that_carry_nothing_warn(call: Run) -> None:
    record = json.loads(call("copper", "tones", *(BROADCOM / n for n in ("stats.txt", "bits.txt")), "--json").stdout)
    missing = {one["where"]["direction"]: one for one in record["checks"] if one["id"] == "MISSING-TONES"}
    assert (missing["down"]["verdict"], missing["down"]["marginal"]) == ("pass", True)
    assert missing["down"]["value"] == pytest.approx(100.0 * 20 / 261)
    assert (missing["up"]["value"], missing["down"]["hint"]) == (0.0, "tones-taken")


def test_a_low_margin_fails(call: Run, tmp_path: Path) -> None:
    path = tmp_path / "stats.txt"
    path.write_text((BROADCOM / "stats.txt").read_text().replace(" 9.5", " 3.2"))
    done = call("copper", "tones", path)
    assert done.returncode == 1
    assert "try without the house wiring" in " ".join(done.stdout.split())


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("ADSL driver and PHY status\nStatus: G.994 Training\n", "no-sync"),
        ("Status: Showtime\nADSL driver and PHY status\n", "not-measured"),
    ],
)
def test_what_was_not_told_is_inconclusive(call: Run, tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "modem.txt"
    path.write_text(text.replace("Status: Showtime\nADSL driver", "ADSL driver") + "\n")
    done = call("copper", "tones", path, "--json", "--driver", "broadcom_xdsl")
    record = json.loads(done.stdout)
    assert (done.returncode, record["verdict"]) == (3, "inconclusive")
    assert record["checks"][0]["reason"] == reason


def test_whole_decibels_are_inconclusive_with_a_warning(call: Run, shared_data: Callable[[str], Path]) -> None:
    done = call(
        "copper", "tones", shared_data("dsl") / "snmp" / "draytek_vdsl.snmprec", "--profile", "vdsl-line", "--json"
    )
    record = json.loads(done.stdout)
    assert (done.returncode, record["warnings"]) == (3, ["unit-doubtful"])
    assert {one["reason"] for one in record["checks"]} == {"unit-doubtful"}


def test_a_device_of_the_station(call: Run, tmp_path: Path) -> None:
    station = tmp_path / "station.toml"
    recorded = RECORDINGS / "std_xdsl_snmp" / "vdsl2.snmprec"
    station.write_text(f'name = "van"\n[device.modem]\ndriver = "std_xdsl_snmp"\nsnmp = "replay:{recorded}"\n')
    done = call("copper", "tones", "modem", "--station", station, "--profile", "vdsl-line", "--json")
    record = json.loads(done.stdout)
    assert (done.returncode, record["verdict"], record["simulated"]) == (0, "pass", True), done.stderr
    assert {one["device"] for one in record["checks"] if one["value"] is not None} == {"modem"}
    reached = call("station", "check", "--station", station)
    assert (reached.returncode, "VDSL2 G.993.2 Annex B" in reached.stdout) == (0, True), reached.stderr
    other = call("copper", "tones", "moden", "--station", station)
    assert (other.returncode, "devices: modem" in other.stderr) == (2, True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nothing.txt"], "nothing.txt"),
        (["nothing"], "there is no file 'nothing'"),
        ([str(BROADCOM / "stats.txt"), "--profile", "adsl-prequal"], "limits nothing that is measured here"),
        ([str(BROADCOM / "stats.txt"), "--driver", "broadcom"], "nearest: broadcom_xdsl"),
        ([__file__], "no driver of a DSL modem knows this text"),
    ],
)
def test_refusals_are_short_and_leave_no_record(call: Run, words: list[str], said: str) -> None:
    done = call("copper", "tones", *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert len(done.stderr.splitlines()) <= 2
    assert json.loads(call("record", "list", "--json").stdout)["records"] == []


def test_a_sweep_is_not_judged_by_what_a_modem_tells(call: Run, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("freq_hz,next_gain_db\n25875,-60\n")
    done = call("copper", "check", tmp_path / "x.csv", "--profile", "adsl-line")
    assert (done.returncode, "no limits for copper" in done.stderr) == (2, True)


def test_hostile_texts_do_not_reach_the_terminal(call: Run, tmp_path: Path) -> None:
    path = tmp_path / "near.txt"
    path.write_text("attenuation downstream: 3 db\ntone   0- 31: 00\n\ncurrent modem status: \x1b]0;x\x07\n")
    done = call("copper", "tones", path)
    assert done.returncode == 3
    assert "not understood: tone   0- 31: 00" in done.stderr
    assert "\x1b" not in done.stdout + done.stderr


def test_an_old_record_is_judged_by_another_profile(call: Run) -> None:
    assert call("copper", "tones", BROADCOM / "stats.txt").returncode == 0
    done = call("record", "judge", "last", "--profile", "vdsl-line", "--json")
    record = json.loads(done.stdout)
    assert (done.returncode, record["profile"]["name"], record["verdict"]) == (0, "vdsl-line", "pass"), done.stderr


def test_other_settings_measure_the_kept_texts_again(call: Run, tmp_path: Path) -> None:
    """A margin of 7.1 dB in tenths is doubted by a profile that doubts all below 9 dB."""
    path = RECORDINGS / "trendchip_adsl" / "params.txt"
    assert json.loads(call("copper", "tones", path, "--json").stdout)["warnings"] == []
    profile = tmp_path / "mine.toml"
    text = (Path(__file__).parents[2] / "profiles" / "adsl-line.toml").read_text(encoding="utf-8")
    profile.write_text(text.replace("whole_db_below_db = 2.0", "whole_db_below_db = 9.0"), encoding="utf-8")
    record = json.loads(call("record", "judge", "last", "--profile", profile, "--json").stdout)
    assert record["warnings"] == ["unit-doubtful", "judged-again", "measured-again"]
    assert {one["id"]: one["reason"] for one in record["checks"]}["MARGIN-DOWN"] == "unit-doubtful"


def test_two_files_of_one_name_are_both_kept(call: Run, tmp_path: Path) -> None:
    for folder, name in (("a", "stats.txt"), ("b", "qln.txt")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "modem.txt").write_text((BROADCOM / name).read_text())
    done = call("copper", "tones", tmp_path / "a" / "modem.txt", tmp_path / "b" / "modem.txt", "--json")
    assert [one["name"] for one in json.loads(done.stdout)["evidence"]] == ["modem.txt", "2-modem.txt"]


def test_driver_try_prints_what_the_driver_reads(call: Run) -> None:
    done = call("driver", "try", "trendchip_adsl", "--reply", RECORDINGS / "trendchip_adsl" / "params.txt", "--json")
    document = json.loads(done.stdout)
    assert (done.returncode, document["schema"], document["unread"]) == (0, "linetest.reply/1", [])
    down, bits = document["rows"]
    assert (down["direction"], down["snr_margin_db"], down["tx_power_dbm"]) == ("down", 7.1, 18.7)
    assert (bits["quantity"], bits["direction"], bits["values"][32:36]) == ("bits", "down", [4.0, 5.0, 6.0, 7.0])
    words = call("driver", "try", "broadcom_xdsl", "xdslctl info --stats", "--reply", BROADCOM / "stats.txt").stdout
    assert "direction=down  snr_margin_db=9.5" in words


def test_driver_try_refuses_what_is_no_command(call: Run, tmp_path: Path) -> None:
    done = call("driver", "try", "broadcom_xdsl", "xdslctl info --snr", "--reply", BROADCOM / "stats.txt")
    assert (done.returncode, "xdslctl info --SNR" in done.stderr) == (2, True)
    assert call("driver", "try", "broadcom_xdsl", "--address", "/dev/null").returncode == 2
    (tmp_path / "empty.txt").write_text("hello\n")
    done = call("driver", "try", "trendchip_adsl", "--reply", tmp_path / "empty.txt")
    assert (done.returncode, "nothing of a line" in done.stderr) == (3, True)
