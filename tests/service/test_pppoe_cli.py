"""Dialling in as a person does it: stopped by Ctrl-C, without the right, with a wrong interface."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from linetest.bench.bng import Bng
from linetest.bench.bng_settings import BngSettings
from linetest.bench.net_inside import Inside
from linetest.bench.net_wire import open_wire

Need = Callable[[bool, str], None]
_DIAL = ("service", "check", "--connect", "pppoe", "--user", "line1@isp", "--password", "env:PPP_PASSWORD")


@pytest.fixture
def bng(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bng]:
    monkeypatch.setenv("PPP_PASSWORD", "correct horse")
    with open_wire() as wire:
        bng = Bng(wire, BngSettings(), Inside())
        wire.stations.append(bng)
        yield bng


def _wait(until: Callable[[], bool]) -> None:
    for _moment in range(600):
        if until():
            return
        time.sleep(0.05)
    pytest.fail("it did not come so far")


@pytest.mark.parametrize("state", ["lcp", "open"])
def test_ctrl_c_ends_the_session_and_says_so(bng: Bng, tmp_path: Path, state: str) -> None:
    if state == "lcp":
        bng.settings.faults = frozenset({"lcp-silent"})
    started = subprocess.Popen(
        [sys.executable, "-m", "linetest", *_DIAL, "--interface", bng.wire.address, "--test", "latency", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
    )
    _wait(lambda: any(session.state == state for session in list(bng.sessions.values())))
    started.send_signal(signal.SIGINT)
    said, _hints = started.communicate(timeout=30)
    assert started.returncode == 4
    assert not bng.sessions
    assert bng.ended[-1] in ("Terminate-Request", "PADT")
    if state == "open":
        record = json.loads(said)
        assert {"pppoe session"} <= {step["name"] for step in record["steps"] if step["state"] == "restored"}
        assert "correct horse" not in said


@pytest.mark.peer
def test_without_the_right_the_capability_is_named(need: Need, bng: Bng, tmp_path: Path) -> None:
    drop = ["setpriv", "--bounding-set", "-net_raw", "--inh-caps", "-net_raw"]
    may = shutil.which("setpriv") is not None and hasattr(os, "geteuid") and os.geteuid() == 0
    need(may, "taking a right away needs root and setpriv")
    done = subprocess.run(
        [*drop, sys.executable, "-m", "linetest", *_DIAL, "--interface", "lo"],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=tmp_path,
    )
    assert done.returncode == 3
    assert "the capability CAP_NET_RAW is missing" in done.stderr
    assert "setcap cap_net_raw+ep" in done.stderr
    assert "PASS" not in done.stdout
