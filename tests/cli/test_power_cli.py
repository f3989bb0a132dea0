"""The commands power, driver and station, as a person runs them."""

import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from linetest.bench.run import start

Run = Callable[..., subprocess.CompletedProcess[str]]
RECORDINGS = Path(__file__).resolve().parents[1] / "recordings"


def replay(driver: str, name: str) -> list[str]:
    return ["--driver", driver, "--address", f"replay:{RECORDINGS / driver / name}.jsonl"]


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Path]:
    """Give the station file of a bench on which everything works."""
    folder = tmp_path / "bench"
    folder.mkdir()
    with start("all-good", folder) as bench:
        yield bench.station


def test_read_prints_a_line_per_wavelength(run: Run) -> None:
    done = run("power", "read", *replay("thorlabs_pm100", "good"))
    assert done.returncode == 0, done.stderr
    assert done.stdout == "1490 nm: -18.23 dBm\n1550 nm: -19.05 dBm\n"
    assert "simulated" in done.stderr


def test_read_says_whose_word_the_wavelength_is(call: Run) -> None:
    done = call("power", "read", *replay("optokon_pm212", "good"))
    assert done.stdout.splitlines()[0] == "1490 nm: -23.45 dBm (wavelength as the person set it at the meter)"


def test_read_without_light_is_no_number_and_exit_3(call: Run) -> None:
    done = call("power", "read", *replay("optokon_pm212", "no-light"), "--wavelength", "1490")
    assert done.returncode == 3
    assert done.stdout == "1490 nm: no value, too little light to measure\n"
    assert "Try: check that the fibre is plugged in" in done.stderr


def test_read_json_is_one_document(call: Run) -> None:
    done = call("power", "read", "--json", "--wavelength", "1490", *replay("newport_1830c", "watts-behind-dbm"))
    assert done.returncode == 3
    document = json.loads(done.stdout)
    assert document["schema"] == "linetest.readings/1"
    (reading,) = document["readings"]
    assert (reading["value"], reading["reason"], reading["unit"]) == (None, "wrong-unit", "dBm")


def test_recorded_talk_replays(call: Run, station: Path, tmp_path: Path) -> None:
    first = call("power", "read", "--station", station, "--transcript", "talk.jsonl")
    assert first.returncode == 0, first.stderr
    assert len(first.stdout.splitlines()) == 8  # four channels, two wavelengths
    talk = f"replay:{tmp_path / 'talk.jsonl'}"
    again = call("power", "read", "--driver", "joinwit_jw8103a", "--address", talk)
    assert again.stdout == first.stdout


def test_check_judges_and_keeps_a_record(call: Run, station: Path) -> None:
    done = call("power", "check", "--station", station, "--json")
    assert done.returncode == 0, done.stderr
    record = json.loads(done.stdout)
    assert (record["kind"], record["verdict"], record["simulated"]) == ("optical", "pass", True)
    assert [check["where"]["wavelength_nm"] for check in record["checks"]] == [1490, 1550]
    assert record["profile"]["name"] == "ftth-light"
    assert record["evidence"][0]["name"].endswith("transcript.jsonl")
    kept = call("record", "show", record["id"], "--json")
    assert json.loads(kept.stdout)["id"] == record["id"]


@pytest.mark.parametrize(
    "arguments", [["check"], ["read", "--wavelength", "1490"], ["watch", "--count", "1"]], ids=lambda words: words[0]
)
def test_a_transcript_that_cannot_be_written_costs_no_measurement(
    call: Run, station: Path, arguments: list[str]
) -> None:
    done = call("power", *arguments, "--station", station, "--transcript", "no-folder/talk.jsonl", "--json")
    assert done.returncode == 2
    assert "no-folder/talk.jsonl: cannot be written" in done.stderr
    document = json.loads(done.stdout)
    if arguments[0] == "check":
        assert document["verdict"] == "pass"
        assert [row["id"] for row in json.loads(call("record", "list", "--json").stdout)["records"]] == [document["id"]]
    else:
        assert document["readings"][0]["value"] is not None


def test_check_of_a_profile_without_light_is_refused(call: Run, station: Path) -> None:
    Path(station.parent / "dark.toml").write_text(
        'name = "dark"\nkind = "limits"\n[[limit]]\nmetric = "copper.next_db"\nmax = -40.0\nsource = "x"\n',
        encoding="utf-8",
    )
    done = call("power", "check", "--station", station, "--profile", station.parent / "dark.toml")
    assert done.returncode == 2
    assert "no limit for optical.power_dbm" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["read", "--address", "/dev/ttyUSB0"], "--address and --driver belong together"),
        (["read", "--driver", "optokon_pm213", "--address", "x"], "nearest: optokon_pm212"),
        (["read"], "no such station file"),
        (["read", "--wavelength", "red", "--driver", "optokon_pm212", "--address", "x"], "'red' is not a valid"),
        (["read", "--driver", "optokon_pm212", "--address", "replay:nothing"], "nothing: cannot be read"),
    ],
)
def test_refusal_is_two_lines(call: Run, arguments: list[str], said: str) -> None:
    done = call("power", *arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert said in done.stderr
    assert len(done.stderr.splitlines()) <= 2


def test_missing_port_is_offline(call: Run) -> None:
    done = call("power", "read", "--wavelength", "1490", "--driver", "optokon_pm212", "--address", "/dev/ttyUSB99")
    assert done.returncode == 3
    assert "cannot be reached" in done.stdout
    assert "/dev/ttyUSB99" in done.stderr


def test_watch_counts_and_ends(run: Run, station: Path) -> None:
    done = run("power", "watch", "--station", station, "--count", "2")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == 2
    assert lines[1].endswith("n=2")
    assert "lowest" in lines[1]
    assert "\x1b" not in done.stdout
    assert "\r" not in done.stdout


def test_watch_is_stopped_by_the_person(station: Path, tmp_path: Path) -> None:
    near, far = pty.openpty()
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    watching = subprocess.Popen(
        [sys.executable, "-m", "linetest", "power", "watch", "--station", str(station)],
        stdout=far,
        stderr=subprocess.DEVNULL,
        cwd=tmp_path,
        env={**environment, "TERM": "xterm"},
    )
    os.close(far)
    shown = b""
    until = time.monotonic() + 20.0
    while b"n=2" not in shown and time.monotonic() < until:
        shown += os.read(near, 4096)
    watching.send_signal(signal.SIGINT)
    assert watching.wait(10.0) == 4
    os.close(near)
    assert b"n=2" in shown
    assert b"\r\x1b[K" in shown  # one line that is refreshed


def test_driver_list_show_check(call: Run, tmp_path: Path) -> None:
    assert "optokon_pm212" in call("driver", "list").stdout
    listed = json.loads(call("driver", "list", "--json").stdout)
    kinds = {"power-meter", "copper-analyser", "sweep-file", "trace-file", "epon-capture", "olt", "dsl-modem"}
    assert {driver["kind"] for driver in listed["drivers"]} == kinds | {"line-tester", "access-port"}
    assert "not yet seen on an instrument" in call("driver", "show", "optokon_pm212").stdout
    assert call("driver", "check").returncode == 0
    folder = tmp_path / "acme_x"
    folder.mkdir()
    (folder / "driver.toml").write_text('name = "acme_x"\n', encoding="utf-8")
    refused = call("driver", "check", folder)
    assert refused.returncode == 2
    assert "acme_x/driver.toml: the key 'kind' is missing" in refused.stderr


def test_a_broken_driver_hides_no_other(call: Run, tmp_path: Path) -> None:
    for name, text in (("acme_x", 'name = "acme_x'), ("acme_y", 'name = "acme_y"\n')):
        (tmp_path / "config" / "drivers" / name).mkdir(parents=True)
        (tmp_path / "config" / "drivers" / name / "driver.toml").write_text(text, encoding="utf-8")
    listed = call("driver", "list", "--json")
    assert listed.returncode == 0
    assert "optokon_pm212" in [driver["name"] for driver in json.loads(listed.stdout)["drivers"]]
    checked = call("driver", "check")
    assert checked.returncode == 2
    assert "optokon_pm212: good" in checked.stdout
    for done in (listed, checked):
        assert "acme_x/driver.toml: not valid TOML" in done.stderr
        assert "acme_y/driver.toml" in done.stderr


@pytest.mark.parametrize("group", ["power", "driver", "station", "copper", "bench"])
def test_a_group_takes_the_options_of_every_command(run: Run, group: str) -> None:
    done = run(group, "--lang", "zh", "-v", "--help")
    assert done.returncode == 0, done.stderr
    assert "示例" in done.stdout


def rows(call: Run, *arguments: str | Path, code: int = 0) -> list[dict[str, Any]]:
    done = call("driver", "try", *arguments, "--json")
    assert done.returncode == code, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)["rows"]
    return found


def test_driver_try_on_a_saved_reply(call: Run, tmp_path: Path) -> None:
    reply = tmp_path / "reply"
    reply.write_bytes(b"-20.123,-20.454,9.9E37,-20.644\r\n")
    found = rows(call, "santec_mpm210", "--reply", reply, code=3)
    assert [row["power_dbm"] for row in found] == [-20.123, -20.454, None, -20.644]
    assert found[2]["reason"] == "over-range"
    reply.write_bytes(b"+1.49E-06")
    assert rows(call, "keysight_816x", "wavelength.query", "--reply", reply) == [{"value": "1.49E-06"}]
    reply.write_bytes(bytes.fromhex("7bff150162cab8ffffa015ffffa015ffffa015ffff 50 7d"))
    refused = call("driver", "try", "joinwit_jw8103a", "--reply", reply)
    assert refused.returncode == 3
    assert "instead of" in refused.stderr


def test_driver_try_on_a_transcript(call: Run) -> None:
    found = rows(call, "newport_1830c", "--reply", RECORDINGS / "newport_1830c" / "good.jsonl")
    assert [row["power_dbm"] for row in found] == [-18.23, -19.05, -19.05]


@pytest.mark.parametrize(
    "reads",
    ['"all"', "[1490]", "[{}]", '[{"wavelength_nm": "1490"}]', '[{"wavelength_nm": 1490, "channel": 0}]', "[" * 5000],
)
def test_driver_try_refuses_a_transcript_whose_first_line_is_wrong(call: Run, tmp_path: Path, reads: str) -> None:
    talk = tmp_path / "talk.jsonl"
    talk.write_text('{"transcript": 1, "reads": ' + reads + "}\n", encoding="utf-8")
    done = call("driver", "try", "newport_1830c", "--reply", talk)
    assert done.returncode == 2, done.stderr
    assert "talk.jsonl: line 1: " in done.stderr
    assert "failed" not in done.stderr


def test_driver_try_sends_nothing_that_changes(call: Run) -> None:
    done = call("driver", "try", "newport_1830c", "unit.set", "--address", "/dev/ttyUSB99")
    assert done.returncode == 2
    assert "no command 'unit.set' has a reply" in done.stderr


def test_station_check(run: Run, station: Path) -> None:
    done = run("station", "check", "--station", station)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "answers" in done.stdout
    text = station.read_text(encoding="utf-8").replace("bench:/dev/pts", "bench:/dev/nothing")
    broken = station.with_name("broken.toml")
    broken.write_text(text, encoding="utf-8")
    refused = run("station", "check", "--station", broken, "--json")
    assert refused.returncode == 3
    devices = {device["device"]: device for device in json.loads(refused.stdout)["devices"]}
    assert devices["meter"]["reason"] == "offline"
    assert devices["sweep"]["reached"]
