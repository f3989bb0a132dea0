"""`linetest report`, as a person runs it."""

import csv
import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import msgspec
import pytest

from linetest.model.codes import Verdict
from linetest.model.judge import judge_all, overall
from linetest.model.limit import Limit
from linetest.model.reading import Reading
from linetest.model.record import ProfileUsed, Record
from linetest.store.database import transaction
from linetest.store.opened import open_store
from linetest.store.records import append

Run = Callable[..., subprocess.CompletedProcess[str]]
LIMIT = Limit(metric="optical.power_dbm", min=-27.0, max=-8.0, source="ITU-T G.984.2")


def record_of(power_dbm: float, record_id: str) -> Record:
    reading = Reading(metric="optical.power_dbm", value=power_dbm, unit="dBm", where={"wavelength_nm": 1490.0})
    checks = judge_all([LIMIT], [reading])
    return Record(
        id=record_id,
        kind="optical",
        verdict=overall(checks),
        profile=ProfileUsed(name="ftth-light", sha256="0" * 64, text=""),
        software="linetest 0.1.0",
        started_at="2026-11-22T19:00:00+08:00",
        finished_at="2026-11-22T19:00:05+08:00",
        order="WO-1001",
        checks=checks,
        readings=[reading],
    )


@pytest.fixture
def kept(private_home: Path) -> list[Record]:
    """Keep a failed record and then a passed one."""
    records = [record_of(-30.0, "aaaa1111-0000"), record_of(-20.0, "aaaa2222-0000")]
    with open_store(private_home) as store:
        for record in records:
            with transaction(store.database):
                append(store.database, record)
    return records


@pytest.mark.usefixtures("kept")
def test_text_of_the_last_record_without_control_characters(run: Run) -> None:
    done = run("report", "last")
    assert done.returncode == 0, done.stderr
    assert "PASS" in done.stdout
    assert "-20.00 dBm" in done.stdout
    assert "\x1b" not in done.stdout


@pytest.mark.usefixtures("kept")
def test_a_failed_record_is_written_all_the_same(call: Run) -> None:
    done = call("report", "aaaa1")
    assert done.returncode == 0
    assert "FAIL" in done.stdout


@pytest.mark.slow
@pytest.mark.usefixtures("kept")
def test_all_formats_at_once(call: Run, tmp_path: Path) -> None:
    options = ["--html", "a.html", "--junit", "a.xml", "--csv", "a.csv", "--json-file", "a.json"]
    done = call("report", "last", *options)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert (tmp_path / "a.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert ElementTree.parse(tmp_path / "a.xml").getroot().tag == "testsuites"
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as stream:
        assert [row["value"] for row in csv.DictReader(stream)] == ["-20.0"]
    again = call("report", "a.json")
    assert again.stdout == call("report", "last").stdout


@pytest.mark.usefixtures("kept")
def test_json_is_one_document_on_stdout(call: Run, tmp_path: Path) -> None:
    done = call("report", "last", "--json", "--csv", tmp_path / "a.csv")
    assert json.loads(done.stdout)["id"] == "aaaa2222-0000"
    assert "a.csv" in done.stderr


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize("name", ["bbbb", "aaaa", "missing.json", "folder/none"])
def test_what_cannot_be_found_is_refused_in_two_lines(call: Run, name: str) -> None:
    done = call("report", name)
    assert done.returncode == 2
    assert done.stdout == ""
    assert name in done.stderr
    assert 1 <= len(done.stderr.strip().splitlines()) <= 2


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"schema": "linetest.record/1"}', b'{"schema": "linetest.record/9"}', b"\xff\xfe"]
)
def test_a_file_that_is_no_record_is_refused(call: Run, tmp_path: Path, body: bytes) -> None:
    (tmp_path / "odd.json").write_bytes(body)
    done = call("report", "odd.json")
    assert done.returncode == 2, done.stderr
    assert "odd.json" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("option", [[], ["--html", "page.html"]])
def test_a_record_with_a_verdict_that_only_checks_have_is_refused(call: Run, tmp_path: Path, option: list[str]) -> None:
    document = msgspec.to_builtins(record_of(-20.0, "x")) | {"verdict": "skipped"}
    (tmp_path / "odd.json").write_bytes(msgspec.json.encode(document))
    done = call("report", "odd.json", *option)
    assert (done.returncode, done.stdout) == (2, "")
    assert "odd.json: not a record: " in done.stderr


@pytest.mark.usefixtures("kept")
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_is_a_refusal(run: Run) -> None:
    done = run("report", "last", "--csv", "/dev/full")
    assert done.returncode == 2
    assert "/dev/full" in done.stderr
    assert Path("/dev/full").is_char_device()


@pytest.mark.usefixtures("kept")
def test_colour_only_on_a_terminal_that_wants_it(tmp_path: Path) -> None:
    pty = pytest.importorskip("pty", reason="this system has no pseudo-terminals")
    import sys

    def on_a_terminal(**env: str) -> bytes:
        leader, follower = pty.openpty()
        arguments = [sys.executable, "-m", "linetest", "report", "last"]
        kept_env = {key: value for key, value in os.environ.items() if key != "NO_COLOR"}
        with subprocess.Popen(arguments, stdout=follower, cwd=tmp_path, env=kept_env | env) as process:
            os.close(follower)
            text = b""
            while chunk := _read(leader):
                text += chunk
            assert process.wait(30) == 0
        os.close(leader)
        return text

    assert b"\x1b[" in on_a_terminal()
    plain = on_a_terminal(NO_COLOR="1")
    assert b"PASS" in plain
    assert b"\x1b" not in plain


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 4096)
    except OSError:  # Linux says EIO when the other side of a pseudo-terminal is closed
        return b""


def test_a_record_from_outside_cannot_speak_to_the_terminal(call: Run, tmp_path: Path) -> None:
    record = msgspec.structs.replace(record_of(-20.0, "x"), order="\x1b]0;owned\x07\u202e", verdict=Verdict.PASS)
    (tmp_path / "outside.json").write_bytes(msgspec.json.encode(record))
    done = call("report", "outside.json")
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout + done.stderr
    assert "\u202e" not in done.stdout
    assert "\\x1b]0;owned" in done.stdout
