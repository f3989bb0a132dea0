"""`linetest copper check` as a person runs it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from subprocess import CompletedProcess
from typing import Literal

import pytest

from linetest.bench.binder import binder_file

Run = Callable[..., CompletedProcess[str]]
Write = Callable[..., Path]
LABELS = "PAIR1_NEAR,PAIR1_FAR,PAIR2_NEAR,PAIR2_FAR,PAIR3_NEAR,PAIR3_FAR,PAIR4_NEAR,PAIR4_FAR"


@pytest.fixture
def write_binder(tmp_path: Path) -> Write:
    """Return a function that writes a simulated binder and returns its path."""

    def write(name: str, fault: Literal["next", "narrow", "no-fext"] | None = None) -> Path:
        ending, text = binder_file(fault=fault)
        path = tmp_path / f"{name}.{ending}"
        path.write_text(text)
        return path

    return write


def test_a_good_binder_passes(run: Run, write_binder: Write) -> None:
    done = run("copper", "check", write_binder("good"), "--json")
    record = json.loads(done.stdout)
    assert (done.returncode, record["verdict"], record["kind"]) == (0, "pass", "copper"), done.stderr
    assert record["profile"]["name"] == "adsl-prequal"
    assert record["evidence"][0]["name"] == "good.s8p"
    assert len(record["checks"]) == 8
    assert len(record["details"]["combinations"]) == 48


@pytest.mark.parametrize(
    ("fault", "code", "said"), [("next", 1, "FAIL"), ("narrow", 3, "whole band"), ("no-fext", 3, "not measured")]
)
def test_what_does_not_pass_says_why(call: Run, write_binder: Write, fault: str, code: int, said: str) -> None:
    done = call("copper", "check", write_binder("bad", fault))
    assert done.returncode == code
    assert said in done.stdout
    assert "\x1b" not in done.stdout


def test_one_file_that_cannot_be_read_is_refused_without_a_record(call: Run, tmp_path: Path) -> None:
    path = tmp_path / "broken.s8p"
    path.write_text("# HZ S RI R 100\n1 2 three\n")
    done = call("copper", "check", path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "broken.s8p: line 2: 'three' is not a number" in done.stderr
    assert len(done.stderr.splitlines()) <= 2
    assert json.loads(call("record", "list", "--json").stdout)["records"] == []


def test_among_several_the_unreadable_one_is_inconclusive_and_the_others_are_judged(
    call: Run, write_binder: Write, tmp_path: Path
) -> None:
    files = [write_binder("bad", "next"), tmp_path / "missing.s8p", write_binder("good")]
    done = call("copper", "check", *files, "--json")
    document = json.loads(done.stdout)
    assert done.returncode == 1
    assert document["schema"] == "linetest.records/1"
    assert [record["verdict"] for record in document["records"]] == ["fail", "inconclusive", "pass"]
    assert {check["reason"] for check in document["records"][1]["checks"]} == {"unreadable"}
    assert "missing.s8p" in done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="other systems' file names are text")
def test_a_file_name_that_is_no_text_is_judged_and_kept(write_binder: Write, tmp_path: Path) -> None:
    good = write_binder("good")
    odd = os.fsencode(tmp_path) + b"/odd-\xff.s8p"
    Path(os.fsdecode(odd)).write_bytes(good.read_bytes())
    missing = os.fsencode(tmp_path) + b"/gone-\xff.s8p"
    done = subprocess.run(
        [sys.executable, "-m", "linetest", "copper", "check", odd, missing, "--json"],
        capture_output=True,
        check=False,
        cwd=tmp_path,
        timeout=60,
    )
    assert done.returncode == 3, done.stderr
    read, unread = json.loads(done.stdout)["records"]
    assert (read["verdict"], read["evidence"][0]["name"]) == ("pass", "odd--.s8p")
    assert unread["verdict"] == "inconclusive"
    assert unread["details"] == {"sweep": "gone--.s8p", "fault": "unreadable"}


def test_ports_can_be_named(call: Run, write_binder: Write) -> None:
    path = write_binder("unnamed")
    path.write_text("\n".join(line for line in path.read_text().splitlines() if not line.startswith("!")))
    assert call("copper", "check", path, "--ports", LABELS).returncode == 0
    swapped = LABELS.replace("PAIR1_FAR", "x").replace("PAIR2_FAR", "PAIR1_FAR").replace("x", "PAIR2_FAR")
    refused = call("copper", "check", path, "--ports", swapped)
    assert refused.returncode == 2
    assert "wrong port map or crossed pair" in refused.stderr


def test_gain_read_as_loss_is_never_judged(call: Run, tmp_path: Path) -> None:
    path = tmp_path / "sweep.csv"
    rows = "".join(f"{25875 + 4312.5 * tone},-30.0\n" for tone in range(251))
    path.write_text("freq_hz,next_db\n" + rows)
    unsaid = call("copper", "check", path)
    assert (unsaid.returncode, "--sign" in unsaid.stderr) == (2, True)
    assert call("copper", "check", path, "--sign", "loss").returncode == 2
    done = call("copper", "check", path, "--sign", "gain", "--pair", "1", "--disturber", "3", "--json")
    record = json.loads(done.stdout)
    assert done.returncode == 1
    assert record["details"]["interpreted_as"] == "gain (negative dB)"
    assert record["warnings"] == ["read-as-gain"]
    assert [(c["verdict"], c["reason"]) for c in record["checks"]] == [("fail", None), ("inconclusive", "not-measured")]


def test_a_profile_without_copper_limits_is_refused(call: Run, write_binder: Write, tmp_path: Path) -> None:
    profile = tmp_path / "light.toml"
    profile.write_text(
        'name = "light"\nkind = "limits"\n[[limit]]\nmetric = "optical.power_dbm"\nmin = -27.0\nsource = "test"\n'
    )
    done = call("copper", "check", write_binder("good"), "--profile", profile)
    assert (done.returncode, "no limits for copper" in done.stderr) == (2, True)


def test_a_wider_band_of_another_profile_is_measured_again_from_the_evidence(
    call: Run, write_binder: Write, tmp_path: Path
) -> None:
    assert call("copper", "check", write_binder("good")).returncode == 0
    profile = tmp_path / "wide.toml"
    limit = 'max = {max}\nsource = "test"\nband_hz = [25875, 2208000]\n'
    profile.write_text(
        'name = "wide"\nkind = "limits"\n[[limit]]\nmetric = "copper.next_db"\n' + limit.format(max=-40.0)
    )
    done = call("record", "judge", "last", "--profile", profile, "--json")
    again = json.loads(done.stdout)
    assert (done.returncode, {check["reason"] for check in again["checks"]}) == (3, {"band-not-covered"})


def split_into_pairs(folder: Path, pairs: int = 4) -> Path:
    """Write the bench's binder as files of two pairs each, which is what four ports measure at a time."""
    lines = binder_file()[1].split("\n")
    head = [line for line in lines if line.startswith("!") and "Port[" not in line]
    numbers = " ".join(line for line in lines if line and line[0] not in "!#").split()
    option = next(line for line in lines if line.startswith("#"))
    points = [numbers[at : at + 129] for at in range(0, len(numbers), 129)]
    folder.mkdir()
    for one, other in combinations(range(pairs), 2):
        ports = [2 * one, 2 * one + 1, 2 * other, 2 * other + 1]
        names = [
            f"! Port[{n}] = PAIR{port // 2 + 1}_{'FAR' if port % 2 else 'NEAR'}" for n, port in enumerate(ports, 1)
        ]
        rows = [
            " ".join([point[0], *(word for a in ports for b in ports for word in point[1 + 16 * a + 2 * b :][:2])])
            for point in points
        ]
        (folder / f"{one + 1}-{other + 1}.s4p").write_text("\n".join([*head, *names, option, *rows, ""]))
    return folder


def test_a_folder_is_one_record_with_all_its_files_and_is_measured_again_from_them(
    call: Run, write_binder: Write, tmp_path: Path
) -> None:
    folder = split_into_pairs(tmp_path / "binder")
    done = call("copper", "check", folder, write_binder("whole"), "--json")
    assert done.returncode == 0, done.stderr
    many, whole = json.loads(done.stdout)["records"]
    assert [(one["value"], one["where"]) for one in many["checks"]] == [
        (one["value"], one["where"]) for one in whole["checks"]
    ]
    assert [one["name"] for one in many["evidence"]] == [f"{a}-{b}.s4p" for a, b in combinations(range(1, 5), 2)]
    assert many["simulated"]
    profile = tmp_path / "power.toml"
    profile.write_text(
        'name = "power"\nkind = "limits"\n[[limit]]\nmetric = "copper.psnext_db"\nmax = -40.0\nsource = "test"\n'
        "band_hz = [100000, 1104000]\n"
    )
    again = [
        json.loads(call("record", "judge", record["id"], "--profile", profile, "--json").stdout)
        for record in (many, whole)
    ]
    assert again[0]["verdict"] == "pass"
    assert "measured-again" in again[0]["warnings"]
    assert [check["value"] for check in again[0]["checks"]] == [check["value"] for check in again[1]["checks"]]


def test_missing_combinations_are_named_to_the_person(call: Run, tmp_path: Path) -> None:
    folder = split_into_pairs(tmp_path / "binder")
    (folder / "2-4.s4p").unlink()
    done = call("copper", "check", folder)
    assert done.returncode == 3
    assert "pair 2, nothing from 4" in done.stdout
    assert "pair 4, nothing from 2" in done.stdout


@pytest.mark.usefixtures("drawn_once")
@pytest.mark.slow
def test_the_station_may_name_a_folder_or_a_manifest(call: Run, tmp_path: Path) -> None:
    folder = split_into_pairs(tmp_path / "binder")
    files = "".join(f'[[sweep]]\nfile = "binder/{path.name}"\n' for path in sorted(folder.iterdir()))
    (tmp_path / "cable.toml").write_text(files)
    order = tmp_path / "order.toml"
    order.write_text('number = "WO-9"\naccess = "adsl"\n[[line]]\nid = "L1"\npair = "2"\n')
    for address in ("binder", "cable.toml"):
        station = tmp_path / "station.toml"
        station.write_text(f'name = "van"\n[device.sweep]\ndriver = "sweep_file"\naddress = "{address}"\n')
        done = call("accept", order, "--station", station, "--json")
        assert done.returncode == 0, done.stderr
        (record,) = json.loads(done.stdout)["records"]
        assert {check["where"]["pair"] for check in record["checks"]} == {"2"}
        assert len(record["evidence"]) == 6 + address.endswith(".toml")
