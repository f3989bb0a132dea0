"""`linetest epon audit --interface` as a person runs it: a pair of virtual cards, as root; the refusals without."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from linetest.bench.pon_capture import CaptureForm, make_capture
from linetest.epon.capture import open_capture

Call = Callable[..., subprocess.CompletedProcess[str]]
Need = Callable[[bool, str], None]
NEAR = "ltnear0"  # conftest.py makes it


def frames_of(capture: bytes) -> list[bytes]:
    """Return the frames of a nanosecond pcap file."""
    found, at = [], 24
    while at < len(capture):
        size = int.from_bytes(capture[at + 8 : at + 12], "little")
        found.append(capture[at + 16 : at + 16 + size])
        at += 16 + size
    return found


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "name one capture file or one --interface"),
        (("pon.pcap", "--interface", "lo"), "name one capture file or one --interface"),
        (("pon.pcap", "--seconds", "3"), "--seconds belongs to --interface"),
        (("pon.pcap", "--save", "x.pcap"), "--save belongs to --interface"),
        (("--interface", "lo", "--seconds", "0"), "--seconds"),
    ],
)
def test_one_source_and_what_belongs_to_it(arguments: tuple[str, ...], said: str, call: Call) -> None:
    done = call("epon", "audit", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert len(done.stderr.splitlines()) <= 2


def test_a_wrong_interface_is_told_after_what_a_card_hides(call: Call) -> None:
    done = call("epon", "audit", "--interface", "no-such-card")
    assert done.returncode == 3
    assert "takes off the EPON preamble" in done.stderr.splitlines()[0]
    assert "no-such-card: there is no such interface" in done.stderr


@pytest.mark.peer
def test_a_live_capture_is_audited_saved_and_says_what_it_cannot_show(
    once_open: Callable[..., None], call: Call, tmp_path: Path
) -> None:
    plain = make_capture(onus=1, seconds=0.3, form=CaptureForm(lead=0, fcs=False))
    sent = [frame for frame in frames_of(plain.body) if len(frame) >= 14]
    once_open(*sent)
    saved = tmp_path / "live.pcap"
    done = call("epon", "audit", "--interface", NEAR, "--seconds", "3", "--save", saved, "--json")
    record = json.loads(done.stdout)
    assert "takes off the EPON preamble" in done.stderr
    assert f"{len(sent)} frames captured." in done.stderr
    assert "passwords in clear" in done.stderr
    assert record["warnings"] == ["ordinary-card"]
    told = record["details"]["capture"]
    assert (told["interface"], told["ended_by"], told["frames"]) == (NEAR, "time", len(sent))
    assert (told["preamble"], told["nanosecond"]) == (False, False)
    by_id = {check["id"]: check for check in record["checks"]}
    assert (by_id["PRE-1"]["verdict"], by_id["PRE-1"]["reason"]) == ("skipped", "no-preamble")
    assert by_id["TS-1"]["reason"] == "coarse-clock"
    assert by_id["REG-1"]["verdict"] == "pass"
    assert sum(len(block.frames.number) for block in open_capture(saved).blocks()) == len(sent)
    (evidence,) = record["evidence"]
    assert evidence["redacted_sha256"] not in (None, evidence["sha256"])


@pytest.mark.peer
def test_ctrl_c_keeps_the_record_and_the_exit_code_says_who_stopped(once_open: Callable[..., None], call: Call) -> None:
    plain = make_capture(onus=1, seconds=0.3, form=CaptureForm(lead=0, fcs=False))
    once_open(*frames_of(plain.body)[:50], then=lambda: os.kill(os.getpid(), signal.SIGINT))
    done = call("epon", "audit", "--interface", NEAR)
    assert done.returncode == 4
    assert "then stopped" in done.stderr
    assert "! captured with an ordinary network card" in done.stdout
    assert "! the capture ended early" in done.stdout
    assert "number 1 in the chain" in done.stdout


@pytest.mark.peer
def test_without_the_right_the_capability_is_named(need: Need, tmp_path: Path) -> None:
    drop = ["setpriv", "--bounding-set", "-net_raw", "--inh-caps", "-net_raw"]
    may = shutil.which("setpriv") is not None and hasattr(os, "geteuid") and os.geteuid() == 0
    need(may, "taking a right away needs root and setpriv")
    done = subprocess.run(
        [*drop, sys.executable, "-m", "linetest", "epon", "audit", "--interface", "lo", "--seconds", "1"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (3, "")
    assert "the capability CAP_NET_RAW is missing" in done.stderr
    assert "setcap cap_net_raw+ep" in done.stderr
