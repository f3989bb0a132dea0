"""`linetest bench` as a person runs it."""

import json
import os
import signal
import subprocess
import sys
import threading
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]


def test_scenarios_as_a_table(call: Run) -> None:
    done = call("bench", "scenarios")
    assert done.returncode == 0
    rows = {words[0]: words[1:] for line in done.stdout.splitlines()[::2] if (words := line.split())}
    assert rows["all-good"] == ["exit", "0"]
    assert rows["no-light"] == ["exit", "3", "under-range"]
    assert rows["ticket-down"] == ["exit", "5", "pending"]
    assert done.stderr == ""


def test_scenarios_as_json(call: Run) -> None:
    document = json.loads(call("bench", "scenarios", "--json").stdout)
    assert document["schema"] == "linetest.scenarios/1"
    rows = {row["name"]: row for row in document["scenarios"]}
    assert rows["low-light"]["exit_code"] == 1
    assert rows["low-light"]["code"] == "low-light"
    assert rows["all-good"]["code"] is None


def test_help_has_an_example(run: Run) -> None:
    for words in (("bench",), ("bench", "up"), ("bench", "scenarios")):
        done = run(*words, "--help")
        assert done.returncode == 0
        assert "Example: linetest bench" in done.stdout


def test_an_unknown_scenario_is_refused_with_those_there_are(call: Run, tmp_path: Path) -> None:
    done = call("bench", "up", "no-lihgt", "--folder", tmp_path / "bench")
    assert done.returncode == 2
    assert done.stdout == ""
    assert "no-light" in done.stderr
    assert len(done.stderr.splitlines()) <= 2


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("with_folder", [True, False])
def test_up_prints_the_station_and_ends_well(number: signal.Signals, with_folder: bool, tmp_path: Path) -> None:
    folder = ["--folder", str(tmp_path / "rehearsal")] if with_folder else []
    process = subprocess.Popen(
        [sys.executable, "-m", "linetest", "bench", "up", "all-good", *folder],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    guard = threading.Timer(30, process.kill)
    guard.start()
    try:
        assert process.stderr is not None
        said = ""
        while "Ctrl-C" not in said and (line := process.stderr.readline()):
            said += line
        station = Path(next(word for word in said.split() if word.endswith("station.toml.")).rstrip("."))
        text = station.read_text(encoding="utf-8")
        assert "linetest accept" in said
        assert "WO-B1.toml" in said
        process.send_signal(number)
        out, rest = process.communicate(timeout=10)
    finally:
        guard.cancel()
        process.kill()
        process.communicate()
    assert process.returncode == 0
    assert out == text
    assert tomllib.loads(out)["name"] == "bench-all-good"
    assert "stopped" in rest
    assert station.exists() is with_folder, "a temporary folder goes away, a person's stays"
