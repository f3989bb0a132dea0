"""`linetest otdr show|check|compare|redact` as a person runs them, on simulated fibres."""

import hashlib
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from wcwidth import wcswidth

from linetest.otdr.sor import read_sor

Run = Callable[..., subprocess.CompletedProcess[str]]
Write = Callable[..., Path]
PERSONAL = ("CABLE-77", "F12", "Harbour", "Hotel", "zhang")


def records(call: Run) -> list[dict[str, object]]:
    found = json.loads(call("record", "list", "--json").stdout)["records"]
    assert isinstance(found, list)
    return found


def test_show_says_what_is_in_the_file_and_keeps_nothing(call: Run, write_trace: Write, tmp_path: Path) -> None:
    path = write_trace("drop.sor")
    done = call("otdr", "show", path, "--verify", "--plot", tmp_path / "drop.png")
    assert done.returncode == 0, done.stderr
    assert max(map(wcswidth, done.stdout.splitlines()[1:])) <= 80  # the first line is the path
    for wanted in ("linetest bench", "1550 nm", "10 ns", "Checksum", "right", "The instrument's own table", "1E9999"):
        assert wanted in done.stdout
    assert (tmp_path / "drop.png").read_bytes().startswith(b"\x89PNG")
    assert records(call) == []


def test_names_of_places_and_people_are_shown_only_when_asked_for(call: Run, write_trace: Write) -> None:
    path = write_trace("drop.sor")
    for options in ([], ["--json"], ["--verify"]):
        said = call("otdr", "show", path, *options).stdout
        assert not [name for name in PERSONAL if name in said], options
    asked = call("otdr", "show", path, "--personal").stdout
    assert all(name in asked for name in PERSONAL)
    document = json.loads(call("otdr", "show", path, "--personal", "--json").stdout)
    assert document["personal"]["location_a"] == "Harbour"


def test_show_as_json(call: Run, write_trace: Write) -> None:
    paths = [write_trace("a.sor"), write_trace("b.sor", wavelength_nm=1310.0)]
    one = json.loads(call("otdr", "show", paths[0], "--json").stdout)
    assert (one["schema"], one["checksum"], one["gaps"]) == ("linetest.trace/1", "not-checked", [])
    assert one["wavelength_nm"] == 1550.0
    assert [event["number"] for event in one["events"]] == list(range(1, len(one["events"]) + 1))
    assert len(one["file_events"]) >= 3
    assert len(one["curves"][0]["x"]) <= 2000
    both = json.loads(call("otdr", "show", *paths, "--json").stdout)
    assert both["schema"] == "linetest.traces/1"
    assert [trace["wavelength_nm"] for trace in both["traces"]] == [1550.0, 1310.0]


def test_what_is_left_of_a_damaged_file_is_shown_with_what_is_missing(call: Run, write_trace: Write) -> None:
    path = write_trace("drop.sor")
    body = path.read_bytes()
    samples = next(block for block in read_sor("x", body).blocks if block.name == "DataPts")
    path.write_bytes(body[: samples.offset + 12])
    done = call("otdr", "show", path)
    assert done.returncode == 0, done.stderr
    assert "Missing" in done.stdout
    assert "DataPts" in done.stdout


@pytest.mark.parametrize("command", [["show"], ["check"], ["compare", "OTHER"], ["redact"]])
def test_what_is_no_trace_is_refused_in_two_lines(
    call: Run, write_trace: Write, tmp_path: Path, command: list[str]
) -> None:
    path = tmp_path / "no.sor"
    path.write_bytes(b"this is no trace at all")
    other = [write_trace("good.sor") for word in command if word == "OTHER"]
    out = [tmp_path / "out.sor"] if command == ["redact"] else []
    done = call("otdr", command[0], *other, path, *out)
    assert (done.returncode, done.stdout) == (2, "")
    assert "no.sor" in done.stderr
    assert len(done.stderr.splitlines()) <= 2
    assert records(call) == []
    assert not (tmp_path / "out.sor").exists()


def test_check_keeps_a_record_with_both_hashes(call: Run, write_trace: Write, tmp_path: Path) -> None:
    path = write_trace("drop.sor")
    outputs = ["--plot", tmp_path / "drop.svg", "--report", tmp_path / "drop.html"]
    done = call("otdr", "check", path, "--json", *outputs)
    record = json.loads(done.stdout)
    assert done.returncode == {"pass": 0, "fail": 1, "inconclusive": 3}[record["verdict"]]
    assert (record["kind"], record["profile"]["name"], record["simulated"]) == ("otdr", "ftth-drop", True)
    (evidence,) = record["evidence"]
    assert evidence["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert evidence["redacted_sha256"] not in (None, evidence["sha256"])
    assert not [name for name in PERSONAL if name in done.stdout.replace(record["operator"], "")]
    page = (tmp_path / "drop.html").read_text()
    assert "<polyline" in page
    assert not [name for name in PERSONAL if name in page]
    assert (tmp_path / "drop.svg").read_text().startswith("<?xml")
    assert call("record", "verify").returncode == 0


def test_a_broken_drop_does_not_pass(call: Run, write_trace: Write) -> None:
    assert call("otdr", "check", write_trace("out.sor", "range-too-short"), "--profile", "p2p-fibre").returncode != 0


def test_among_several_the_unreadable_one_is_inconclusive(call: Run, write_trace: Write, tmp_path: Path) -> None:
    good = write_trace("good.sor")
    report = tmp_path / "page.html"
    done = call("otdr", "check", tmp_path / "missing.sor", good, "--json", "--report", report)
    document = json.loads(done.stdout)
    assert document["schema"] == "linetest.records/1"
    first, second = document["records"]
    assert (first["verdict"], first["details"]["fault"]) == ("inconclusive", "unreadable")
    assert {one["reason"] for one in first["checks"] if one["verdict"] == "inconclusive"} == {"unreadable"}
    assert second["details"]["file"] == "good.sor"
    assert "missing.sor" in done.stderr
    assert [(tmp_path / f"page-{number}.html").exists() for number in (1, 2)] == [True, True]


def test_both_directions_are_one_record(call: Run, write_trace: Write) -> None:
    there = write_trace("a.sor", "gainer")
    back = write_trace("b.sor", "gainer", seed=2, reverse=True)
    done = call("otdr", "check", there, "--reverse", back, "--profile", "p2p-fibre", "--json")
    record = json.loads(done.stdout)
    assert [trace["reverse"] for trace in record["details"]["traces"]] == [False, True]
    assert len(record["evidence"]) == 2
    other = write_trace("c.sor", "gainer", 1310.0, reverse=True)
    refused = call("otdr", "check", there, "--reverse", other, "--profile", "p2p-fibre")
    assert refused.returncode == 2
    assert "1310 nm" in refused.stderr
    assert "1550 nm" in refused.stderr
    assert len(records(call)) == 1


def test_two_wavelengths_together_are_one_record(call: Run, write_trace: Write) -> None:
    paths = [write_trace(f"{nm:g}.sor", "macrobend", nm) for nm in (1310.0, 1550.0)]
    record = json.loads(call("otdr", "check", *paths, "--together", "--json").stdout)
    assert [trace["wavelength_nm"] for trace in record["details"]["traces"]] == [1310.0, 1550.0]
    assert len(records(call)) == 1


def test_a_named_reel_comes_before_the_profiles(call: Run, write_trace: Write) -> None:
    path = write_trace("drop.sor")
    record = json.loads(call("otdr", "check", path, "--launch", "500", "--json").stdout)
    assert record["details"]["otdr_settings"]["launch_m"] == 500.0
    refused = call("otdr", "check", path, "--launch", "-3")
    assert refused.returncode == 2
    assert "launch_m" in refused.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--plot", "trace.jpg"], ".jpg"),
        (["--report", "page.doc"], ".doc"),
        (["--report", "nowhere/page.html"], "no such folder"),
        (["--profile", "adsl-prequal"], "no limits for traces"),
        (["--profile", "ftth-dorp"], "ftth-drop"),
    ],
)
def test_wrong_usage_is_refused_before_anything_is_kept(
    call: Run, write_trace: Write, options: list[str], said: str
) -> None:
    done = call("otdr", "check", write_trace("drop.sor"), *options)
    assert (done.returncode, said in done.stderr) == (2, True), done.stderr
    assert records(call) == []


def test_compare_says_what_changed_and_exits_1(call: Run, write_trace: Write) -> None:
    before, same = write_trace("birth.sor"), write_trace("today.sor", seed=2)
    quiet = call("otdr", "compare", before, same)
    assert quiet.returncode == 0, quiet.stdout
    assert "Nothing significant" in quiet.stdout
    done = call(
        "otdr", "compare", write_trace("whole.sor", "point-to-point"), write_trace("cut.sor", "break"), "--json"
    )
    document = json.loads(done.stdout)
    assert (done.returncode, document["schema"]) == (1, "linetest.trace-comparison/1")
    assert {"end-moved", "end-lost"} & {change["what"] for change in document["changes"] if change["significant"]}
    other = call("otdr", "compare", before, write_trace("1310.sor", wavelength_nm=1310.0))
    assert (other.returncode, "1310 nm" in other.stderr) == (2, True)


def test_redact_takes_the_names_out_and_leaves_the_measurement(call: Run, write_trace: Write, tmp_path: Path) -> None:
    path, out = write_trace("drop.sor"), tmp_path / "out.sor"
    done = call("otdr", "redact", path, out)
    assert done.returncode == 0, done.stderr
    body, new = path.read_bytes(), out.read_bytes()
    assert [hashlib.sha256(one).hexdigest() in done.stdout for one in (body, new)] == [True, True]
    assert not [name for name in PERSONAL if name.encode() in new]
    old, redacted = read_sor("old", body), read_sor("new", new)
    assert old.acquisitions[0].counts.tobytes() == redacted.acquisitions[0].counts.tobytes()
    assert old.table == redacted.table
    assert "right" in call("otdr", "show", out, "--verify").stdout


def test_redact_overwrites_only_by_force(call: Run, write_trace: Write, tmp_path: Path) -> None:
    path, out = write_trace("drop.sor"), tmp_path / "out.sor"
    out.write_text("mine")
    refused = call("otdr", "redact", path, out)
    assert (refused.returncode, out.read_text()) == (2, "mine")
    assert "--force" in refused.stderr
    document = json.loads(call("otdr", "redact", path, out, "--force", "--json").stdout)
    assert document["schema"] == "linetest.redaction/1"
    assert document["out"]["sha256"] == hashlib.sha256(out.read_bytes()).hexdigest()
    assert list(tmp_path.glob(".*.part")) == []


def test_real_traces_are_shown_without_names(call: Run, shared_data: Callable[[str], Path], tmp_path: Path) -> None:
    folder = shared_data("otdr") / "licensed"
    for number, source in enumerate(sorted(folder.glob("*.sor"))[::5]):
        path = tmp_path / f"{number}.sor"
        shutil.copyfile(source, path)
        general = read_sor("x", path.read_bytes()).general
        done = call("otdr", "show", path)
        assert done.returncode == 0, done.stderr
        assert max(map(wcswidth, done.stdout.splitlines()[1:])) <= 80
        assert general is None or len(general.location_a) < 5 or general.location_a not in done.stdout
