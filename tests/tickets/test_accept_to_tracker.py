"""The whole job over a serial path, pushed to a simulated and to a real Request Tracker and looked at there."""

import json
import signal
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from linetest.bench.run import start

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the bench meters need pseudo-terminals")


def write_order(path: Path, ticket: str) -> Path:
    text = f'number = "WO-77"\nticket = "{ticket}"\nwork_type = "fault"\naccess = "ftth-epon"\n[[line]]\nid = "L-7"\n'
    path.write_text(text, encoding="utf-8")
    return path


def write_station(bench: Any, back_end: Any, path: Path) -> Path:
    """Write the station of a van: a serial path, a sweep file, and the ticket system under test."""
    devices = bench.station.read_text(encoding="utf-8").split("[ticket]")[0].replace('"bench:', '"')
    entry = back_end.entry
    ticket = f'[ticket]\nsystem = "rt"\nurl = "{entry.url}"\nqueue = "{entry.queue}"\ntoken = "{entry.token}"\n'
    path.write_text(devices + ticket, encoding="utf-8")
    return path


@pytest.mark.slow
def test_every_field_is_in_the_ticket(back_end: Any, call: Any, tmp_path: Path) -> None:
    number = back_end.new_ticket()
    with start("all-good", tmp_path) as bench:
        station = write_station(bench, back_end, tmp_path / "van.toml")
        done = call("accept", write_order(tmp_path / "o.toml", number), "--station", station, "--json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    (record,) = document["records"]
    assert document["push"] == [{"record": record["id"], "ticket": number, "state": "delivered"}]
    shown = back_end.show(number)
    assert datetime.fromisoformat(shown.pop("Tested At")) == datetime.fromisoformat(record["finished_at"])
    levels = [reading["value"] for reading in record["readings"]]
    assert float(shown.pop("Rx Power dBm")) == pytest.approx(min(levels), abs=0.005)
    assert shown == {
        "Result Id": record["id"],
        "Work Order": "WO-77",
        "Line Id": "L-7",
        "Work Type": "repair",
        "Access": "epon",
        "Verdict": "pass",
        "Status": "resolved",
    }
    assert back_end.files(number) == [f"linetest-{record['id']}.json"]
    assert back_end.comments(number) == 1


@pytest.mark.slow
def test_an_acceptance_killed_while_it_pushes_is_delivered_once(back_end: Any, run: Any, tmp_path: Path) -> None:
    number = back_end.new_ticket()
    with start("all-good", tmp_path) as bench:
        station = write_station(bench, back_end, tmp_path / "van.toml")
        order = write_order(tmp_path / "o.toml", number)
        with subprocess.Popen(
            [sys.executable, "-m", "linetest", "accept", str(order), "--station", str(station)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stderr is not None
            for line in process.stderr:
                if "sending" in line:
                    process.kill()
                    break
        assert process.returncode == -signal.SIGKILL
        pushed = run("ticket", "push", "--station", station)
    assert pushed.returncode == 0, pushed.stderr
    assert back_end.comments(number) == 1
    assert len(back_end.files(number)) == 1
    assert back_end.show(number)["Status"] == "resolved"
