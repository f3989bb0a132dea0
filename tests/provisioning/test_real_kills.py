"""A real process killed with -9 while a real session is open; and two of them on one OLT."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest

from linetest.bench.olt_config_faults import ConfigFault, ConfigFaultKind

Sites = Callable[..., Any]


def start(one: Any, agreed: str) -> subprocess.Popen[str]:
    """Start `provision apply` as a process of its own."""
    words = [sys.executable, "-m", "linetest", "provision", "apply", *one.arguments, "--yes", agreed]
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ))


def wait_for(one: Any, count: int) -> None:
    ends_at = time.monotonic() + 60.0
    while len(one.changing) < count:
        assert time.monotonic() < ends_at, one.olt.received
        time.sleep(0.02)


def killed_at(one: Any, call: Callable[..., Any], at: int, kind: ConfigFaultKind) -> None:
    """Kill the process while the OLT has its `at`-th changing command; the next start brings it to an end."""
    before = one.olt.configuration
    agreed = json.loads(call("provision", "plan", *one.arguments, "--json").stdout)["hash"]
    one.olt.fault = ConfigFault(kind, at=at, seconds=2.0)
    process = start(one, agreed)
    wait_for(one, at)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=10)
    done = call("provision", "apply", *one.arguments, "--yes", agreed)
    assert "was cut off" in done.stderr
    if done.returncode == 0:
        assert one.olt.configuration == one.olt.saved != before
    else:
        assert done.returncode == 1, done.stderr
        assert one.olt.configuration == one.olt.saved == before
    again = call("provision", "apply", *one.arguments, "--yes", agreed)
    assert again.returncode == 0, again.stderr
    assert one.olt.configuration == one.olt.saved != before


@pytest.mark.slow
@pytest.mark.parametrize("at", [1, 2, 3, 4])
def test_killed_after_each_step_took_effect(site: Sites, call: Callable[..., Any], at: int) -> None:
    killed_at(site(), call, at, ConfigFaultKind.SLOW)


@pytest.mark.slow
@pytest.mark.parametrize("at", [1, 2, 3, 4])
def test_killed_before_each_step(site: Sites, call: Callable[..., Any], at: int) -> None:
    killed_at(site(), call, at, ConfigFaultKind.SILENT)


@pytest.mark.slow
def test_two_processes_on_one_olt(site: Sites, call: Callable[..., Any]) -> None:
    one = site()
    agreed = json.loads(call("provision", "plan", *one.arguments, "--json").stdout)["hash"]
    one.olt.fault = ConfigFault(ConfigFaultKind.SLOW, at=1, seconds=1.5)
    first = start(one, agreed)
    wait_for(one, 1)
    second = call("provision", "apply", *one.arguments, "--yes", agreed)
    assert (second.returncode, "another linetest is changing olt7 now" in second.stderr) == (3, True)
    _out, said = first.communicate(timeout=60)
    assert first.returncode == 0, said
    assert sum(line.startswith("ont add") for line in one.changing) == 1
