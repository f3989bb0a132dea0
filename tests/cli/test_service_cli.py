"""`linetest service`: one point tested, both put side by side, wrong input refused, Ctrl-C puts all back."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from linetest.bench.access_network import PASSWORD, USER, AccessNetwork, Point, access_network

QUICK = ("--test", "dns", "--test", "neighbours")


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Iterator[AccessNetwork]:
    """Return a line whose router does not pass on questions for names."""
    monkeypatch.setenv("LINE_PASSWORD", PASSWORD)
    with access_network("router-without-names") as made:
        yield made


def direct(point: Point) -> list[str]:
    words = ["--interface", point.address, "--point", "direct", "--connect", "pppoe", "--user", USER]
    return [*words, "--password", "env:LINE_PASSWORD", "--profile", "quick.toml", *QUICK]


def behind(point: Point) -> list[str]:
    words = ["--interface", point.address, "--point", "behind-cpe", "--connect", "dhcp", "--profile", "quick.toml"]
    return [*words, *QUICK]


@pytest.fixture(autouse=True)
def quick_profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Write a profile that waits less."""
    from linetest.bench.access_network import shortened
    from linetest.catalog import load_profile

    text = shortened(load_profile("broadband-90").text).replace(
        "[step.settings.dns]", "[step.settings.dns]\ntimeout_s = 0.4"
    )
    (tmp_path / "quick.toml").write_text(text + "", encoding="utf-8")
    monkeypatch.chdir(tmp_path)


@pytest.mark.slow
def test_both_points_side_by_side_name_the_router(call: Any, network: AccessNetwork, tmp_path: Path) -> None:
    line = call("service", "check", *direct(network.line), "--json")
    assert line.returncode == 0, line.stderr
    router = call("service", "check", *behind(network.router), "--json")
    assert router.returncode == 1, router.stderr
    records = [json.loads(done.stdout) for done in (line, router)]
    assert [one["details"]["isolation"]["whose"] for one in records] == ["undetermined", "undetermined"]
    assert PASSWORD not in line.stdout
    both = call("service", "isolate", *(one["id"] for one in records), "--page", "customer.html", "--json")
    assert both.returncode == 1, both.stderr
    answer = json.loads(both.stdout)["details"]["isolation"]
    assert (answer["whose"], answer["fault"]) == ("customer-router", "no-names")
    assert "router should be set up again" in (tmp_path / "customer.html").read_text(encoding="utf-8")
    same = call("service", "isolate", records[0]["id"], records[0]["id"][:9])
    assert same.returncode == 2
    assert "same point" in same.stderr


def test_what_cannot_be_meant_is_refused_in_two_lines(call: Any) -> None:
    for words, said in (
        (("--interface", "nosuch0"), "nosuch0"),
        (("--interface", "eth0", "--server", "iperf3"), "KEY=VALUE"),
        (("--interface", "eth0", "--server", "iperv3=1.2.3.4"), "iperf3"),
        (("--interface", "eth0", "--test", "iptv", "--server", "iptv=nonsense"), "GROUP:PORT"),
        (("--interface", "eth0", "--test", "voip", "--server", "sip=nonsense"), "sip:"),
        (("--interface", "eth0", "--test", "rate", "--server", "http_down=ftp://x"), "http"),
        (("--interface", "eth0", "--down-mbps", "100"), "belong together"),
        (("--line", "L1", "--interface", "eth0"), "--line belongs to an order"),
        (("--interface", "eth0", "--profile", "ftth-light"), "no limits for services"),
        ((), "station"),
    ):
        done = call("service", "check", *words)
        assert done.returncode in (2, 3), words
        assert said in done.stderr, done.stderr
        assert len(done.stderr.strip().splitlines()) <= 3
        assert "Traceback" not in done.stderr


def test_a_record_of_something_else_cannot_be_isolated(call: Any) -> None:
    done = call("service", "isolate", "last")
    assert done.returncode == 2


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is a signal of POSIX here")
@pytest.mark.slow
def test_ctrl_c_puts_everything_back_and_keeps_what_was_measured(network: AccessNetwork, tmp_path: Path) -> None:
    words = [*direct(network.line), "--test", "latency", "--json", "--server", "ping=203.0.113.9"]
    slow = (tmp_path / "quick.toml").read_text(encoding="utf-8").replace("requests = 40", "requests = 4000")
    (tmp_path / "quick.toml").write_text(slow, encoding="utf-8")
    going = subprocess.Popen(
        [sys.executable, "-m", "linetest", "service", "check", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=dict(os.environ),
        cwd=tmp_path,
    )
    assert going.stderr is not None
    for said in iter(going.stderr.readline, ""):
        if said.startswith("latency ..."):
            break
    time.sleep(0.3)
    going.send_signal(signal.SIGINT)
    out, err = going.communicate(timeout=30)
    assert going.returncode == 4, err
    record = json.loads(out)
    assert {step["name"]: step["state"] for step in record["steps"]} == {"pppoe session": "restored"}
    found = {reading["metric"]: (reading["value"], reading["reason"]) for reading in record["readings"]}
    assert found["service.dns_working_count"] == (1.0, None)
    assert found["service.latency_ms"] == (None, "interrupted")
    assert record["verdict"] == "inconclusive"
