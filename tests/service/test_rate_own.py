"""The rate over a PPPoE session of linetest's own, dialled at real concentrators, VLAN tags and a shaper in the way."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from shutil import which
from typing import Any, NamedTuple

import msgspec
import pytest

from linetest.model.judge import judge
from linetest.model.limit import Limit
from linetest.model.reading import Reading
from tests.service.net_namespaces import MEASURE_ALL, ROOT, sh
from tests.service.real_bng import QINQ, Concentrators

pytestmark = [pytest.mark.peer, pytest.mark.slow]

_CONTRACT_MBPS = 3.0  # the second kernel does not carry much on a busy machine
_SHARE = Limit(metric="service.downstream_share_percent", min=90.0, source="the test")
_QUICK = {"samples": 1, "seconds": 3, "omit_s": 1, "streams": 2, "busy_wait_s": 0.5, "cpu_limit_percent": 1000.0}
_SERVER = "192.0.2.10"


class Line(NamedTuple):
    """A customer's port: a bridge with a shaper in each direction, and a concentrator behind it."""

    real: Concentrators
    tap: str
    tags: tuple[str, ...]
    of_frame: float
    """The share of TCP's data in a full frame, as tbf counts that: without the tag that Linux takes out."""

    def inside(self, *words: str) -> list[str]:
        return ["ip", "netns", "exec", self.real.space, *words]

    def shape(self, tcp_mbps: float) -> None:
        for port in ("hub", self.tap):
            rate = f"{tcp_mbps / self.of_frame * 1e6:.0f}bit"
            words = ["rate", rate, "burst", "16kb", "latency", "900ms"]
            sh(*self.inside("tc", "qdisc", "replace", "dev", port, "root", "tbf", *words))

    def start(self, **more: Any) -> "subprocess.Popen[str]":
        asked = {
            "access": {
                "address": "pc",
                "tags": self.tags,
                "user": self.real.user,
                "secrets": {"ppp": "env:PPP_PASSWORD"},
                "servers": {"iperf3": _SERVER},
                "contracted": {"down_mbps": _CONTRACT_MBPS, "up_mbps": _CONTRACT_MBPS},
            },
            "settings": {"connect": "pppoe", "pppoe": {"dials": 1}, "tests": ["rate"], "rate": {**_QUICK, **more}},
        }
        return subprocess.Popen(
            self.inside(sys.executable, "-c", MEASURE_ALL, json.dumps(asked)),
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT), "PPP_PASSWORD": self.real.password},
            start_new_session=True,
        )

    def measure(self, **more: Any) -> dict[str, Any]:
        return _told(self.start(**more))

    def ports(self) -> list[str]:
        return [one["ifname"] for one in json.loads(sh("ip", "-n", self.real.space, "-j", "link"))]

    def is_testing(self) -> bool:
        return ":5201 " in sh(*self.inside("ss", "-Htn", "state", "established"))


def _told(process: "subprocess.Popen[str]") -> dict[str, Any]:
    said, _nothing = process.communicate(timeout=60)
    assert process.returncode == 0
    told: dict[str, Any] = json.loads(said)
    return told


def reading(measured: dict[str, Any], metric: str) -> Reading:
    (found,) = [one for one in measured["readings"] if one["metric"] == f"service.{metric}"]
    return msgspec.convert(found, Reading)


def rate_of(measured: dict[str, Any]) -> dict[str, Any]:
    (whole,) = measured["details"]["service"]
    found: dict[str, Any] = whole["rate"]
    return found


@pytest.fixture(params=["chap", "qinq"])
def line(request: pytest.FixtureRequest, real: Concentrators, need: Callable[[bool, str], None]) -> Iterator[Line]:
    need(all(map(which, ("iperf3", "tc", "ss"))), "iperf3, tc or ss is missing")
    tap, tags = {"chap": ("tap0", ()), "qinq": ("tap1", QINQ)}[request.param]
    of_frame = 1440 / 1514 if not tags else 1432 / 1510
    made = Line(real, tap, tags, of_frame)
    space = real.space
    for way in ("rmem", "wmem"):  # small windows fill the shaper's queue and never lose a packet there: a steady rate
        sh(*made.inside("sysctl", "-qw", f"net.ipv4.tcp_{way}=4096 32768 65536"))
    sh("ip", "-n", space, "link", "add", "br9", "type", "bridge")
    sh("ip", "-n", space, "link", "add", "hub", "type", "veth", "peer", "name", "pc")
    try:
        for port in ("hub", tap):
            sh("ip", "-n", space, "link", "set", port, "master", "br9")
        for port in ("br9", "hub", "pc"):
            sh("ip", "-n", space, "link", "set", port, "up")
        yield made
    finally:
        sh("ip", "-n", space, "link", "del", "pc", check=False)
        sh("ip", "-n", space, "link", "del", "br9", check=False)
        sh(*made.inside("tc", "qdisc", "del", "dev", tap, "root"), check=False)


def test_89_and_91_percent_of_the_contract(line: Line) -> None:
    verdicts = []
    for percent in (89.0, 91.0):
        line.shape(_CONTRACT_MBPS * percent / 100)
        measured = line.measure()
        share = reading(measured, "downstream_share_percent")
        assert share.value == pytest.approx(percent, abs=0.9)
        assert (share.where["layer"], share.where["method"], share.where["server"]) == ("tcp", "iperf3", _SERVER)
        assert (reading(measured, "upstream_mbps").value or 0.0) > 0.5 * _CONTRACT_MBPS
        verdicts.append(judge(share, _SHARE).verdict)
        down, up = (direction["samples"][0] for direction in rate_of(measured)["directions"])
        assert down["segment_octets"] == up["segment_octets"] == (1432 if line.tags else 1440)
        steps = [(step["name"], step["state"]) for step in measured["steps"]]
        assert steps == [("port for TCP", "restored"), ("port for TCP", "restored"), ("pppoe session", "restored")]
    assert verdicts == ["fail", "pass"]
    assert not any(port.startswith("linetest") for port in line.ports())
