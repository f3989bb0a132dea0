"""One run of tests: the laptop's own port is not the line, and what could not be done is told of every test."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from linetest.catalog import load_profile
from linetest.errors import Timeout, UsageError
from linetest.model.codes import Reason, Verdict
from linetest.model.judge import judge_all, overall
from linetest.model.metrics import METRICS
from linetest.model.reading import Measurement, Reading
from linetest.service import system_path
from linetest.service import tests as tables
from linetest.service.access import Access
from linetest.service.measure import measure
from linetest.service.path import Joined
from linetest.service.restore import Restore
from linetest.service.settings import ServiceSettings
from linetest.service.system_path import SystemPath
from linetest.service.tests import Test
from tests.service.net_namespaces import ROOT, can_have_namespaces, row_of_namespaces, sh


def _silent(*_asked: object) -> Measurement:
    raise Timeout("nobody answers")


def _lossy(*_asked: object) -> Measurement:
    return Measurement(readings=[Reading(metric="service.loss_percent", value=100.0, unit="%")])


@contextmanager
def _entered(*_asked: object) -> Iterator[Joined]:
    yield Joined(path=SystemPath.__new__(SystemPath), measured=Measurement(readings=[]))


def _measure(monkeypatch: pytest.MonkeyPatch, **tests: Test) -> Measurement:
    monkeypatch.setitem(tables.CONNECTS, "system", _entered)
    for name, test in tests.items():
        monkeypatch.setitem(tables.TESTS, name, test)
    settings = msgspec.convert({"connect": "system", "tests": list(tests)}, ServiceSettings)
    return measure(Access(address="e0"), settings, lambda _test, _event: None).measured


def test_each_test_that_could_not_be_done_is_in_the_details(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("linetest.service.measure.is_down", lambda _interface: False)
    assert _measure(monkeypatch, dns=_silent, latency=_silent).details["service"][0]["not_done"] == [
        {"test": "dns", "reason": "timeout"},
        {"test": "latency", "reason": "timeout"},
    ]


def test_a_test_that_was_not_done_or_was_stopped_is_not_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was measured is all well; the verdict is open all the same."""

    def pressed(*_asked: object) -> Measurement:
        raise KeyboardInterrupt

    def well(*_asked: object) -> Measurement:
        return Measurement(readings=[Reading(metric="service.loss_percent", value=0.0, unit="%")])

    monkeypatch.setattr("linetest.service.measure.is_down", lambda _interface: False)
    measured = _measure(monkeypatch, latency=well, dns=_silent, rate=pressed, voip=well)
    assert {one.metric: one.reason for one in measured.readings} == {
        "service.loss_percent": None,
        "service.dns_working_count": Reason.TIMEOUT,
        "service.downstream_share_percent": Reason.INTERRUPTED,
        "service.upstream_share_percent": Reason.INTERRUPTED,
        "service.sip_registered_count": Reason.INTERRUPTED,
        "service.voip_mos": Reason.INTERRUPTED,
    }
    limits = load_profile("broadband-90").profile.limit
    assert overall(judge_all(limits, measured.readings)) is Verdict.INCONCLUSIVE


def test_every_test_has_metrics_that_decide_it() -> None:
    assert list(tables.DECIDED_BY) == list(tables.TESTS)
    assert all(metric in METRICS for metrics in tables.DECIDED_BY.values() for metric in metrics)


def test_a_cable_pulled_in_the_middle_of_a_test_is_no_loss_of_the_line(monkeypatch: pytest.MonkeyPatch) -> None:
    states = iter([False, False, True])  # entered, before the test, after it
    monkeypatch.setattr("linetest.service.measure.is_down", lambda _interface: next(states))
    measured = _measure(monkeypatch, latency=_lossy)
    assert [(one.value, one.reason) for one in measured.readings] == [(None, "offline")]
    assert "cable is out" in measured.trouble


def test_the_systems_connection_does_not_leave_out_a_tag_in_silence() -> None:
    with (
        pytest.raises(UsageError, match="no VLAN tags"),
        system_path.joined(Access(address="lo", tags=("41",)), ServiceSettings(), Restore()),
    ):
        pass


@pytest.mark.peer
def test_a_cable_that_is_out_says_nothing_about_the_line(tmp_path: Path, need: Any) -> None:
    need(can_have_namespaces(), "root on Linux with ip")
    with row_of_namespaces(f"ltm{os.getpid() % 100_000}") as row:
        sh("ip", "-n", row.router, "link", "set", "r0", "down")
        done = subprocess.run(
            row.inside(
                row.client, sys.executable, "-m", "linetest", "service", "check", "--interface", "c0", "--connect",
                "system", "--test", "dns", "--test", "latency", "--server", "dns=10.72.0.2", "--server",
                "ping=10.72.0.2", "--json",
            ),
            capture_output=True,
            timeout=60,
            check=False,
            env={**os.environ, "PYTHONPATH": str(ROOT), "LINETEST_HOME": str(tmp_path)},
        )  # fmt: skip
    record = msgspec.json.decode(done.stdout)
    assert done.returncode == 3
    assert record["verdict"] == "inconclusive"
    done_not = record["details"]["service"][0]["not_done"]
    assert done_not == [{"test": "dns", "reason": "offline"}, {"test": "latency", "reason": "offline"}]
    assert b"cable is out" in done.stderr
