"""The rate over a PPPoE session of linetest's own, dialled at real concentrators, VLAN tags and a shaper in the way."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import which
from typing import Any, NamedTuple

import msgspec
import pytest

from linetest.model.judge import judge
from linetest.model.limit import Limit
from linetest.model.reading import Reading
from tests.service.net_namespaces import MEASURE_ALL, ROOT, sh, wait_until
from tests.service.real_bng import QINQ, Concentrators

pytestmark = [pytest.mark.peer, pytest.mark.slow]

_CONTRACT_MBPS = 3.0  # the second kernel does not carry much on a busy machine
_SHARE = Limit(metric="service.downstream_share_percent", min=90.0, source="the test")
FULL = os.environ.get("LINETEST_FULL") == "1"
_QUICK = {"samples": 1, "seconds": 3, "omit_s": 1, "streams": 2, "busy_wait_s": 0.5, "cpu_limit_percent": 1000.0}
_SERVER = "192.0.2.10"
_ECHOES_IN_VAIN_S = 32.0


class Line(NamedTuple):
    """A customer's port: a bridge with a shaper in each direction, and a concentrator behind it."""

    real: Concentrators
    tap: str
    tags: tuple[str, ...]
    stack: str
    """What stands around the TCP."""
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
        with self.started(**more) as process:
            return _told(process)

    @contextmanager
    def started(self, **more: Any) -> Iterator["subprocess.Popen[str]"]:
        with self.start(**more) as process:
            try:
                yield process
            finally:
                process.kill()

    @contextmanager
    def captured(self, file: Path) -> Iterator[None]:
        words = ["--immediate-mode", "-U", "-Z", "root", "-s", "100", "-i", "pc", "-w", str(file)]
        watcher = subprocess.Popen(self.inside("tcpdump", *words), stderr=subprocess.PIPE, text=True)
        try:
            assert watcher.stderr is not None
            assert any("listening" in said for said in watcher.stderr)
            yield
        finally:
            watcher.terminate()
            watcher.communicate(timeout=10)

    def stacks(self, file: Path) -> set[str]:
        """Return which protocols stand around the TCP, and in which VLANs, as tshark reads a capture."""
        fields = ["frame.protocols", "ieee8021ad.id", "vlan.id"]
        words = [word for field in fields for word in ("-e", field)]
        read = sh("tshark", "-r", str(file), "-Y", "tcp.port == 5201 and not icmp", "-T", "fields", *words)
        return {row.split(":tcp")[0] + row.partition("\t")[2].rstrip() for row in read.splitlines()}

    def ports(self) -> list[str]:
        return [one["ifname"] for one in json.loads(sh("ip", "-n", self.real.space, "-j", "link"))]

    def is_testing(self) -> bool:
        return ":5201" in sh(*self.inside("ss", "-Htn", "state", "established"))


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


@pytest.fixture
def line(request: pytest.FixtureRequest, real: Concentrators, need: Callable[[bool, str], None]) -> Iterator[Line]:
    need(all(map(which, ("iperf3", "tc", "ss", "tshark", "tcpdump"))), "iperf3, tc, ss, tshark or tcpdump is missing")
    tap, tags = {"chap": ("tap0", ()), "qinq": ("tap1", QINQ)}[request.param]
    of_frame = 1440 / 1514 if not tags else 1432 / 1510
    stack = (
        "eth:ethertype:ieee8021ad:ethertype:vlan:ethertype:pppoes:ppp:ip10\t41"
        if tags
        else "eth:ethertype:pppoes:ppp:ip"
    )
    made = Line(real, tap, tags, stack, of_frame)
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


def _best(line: Line, percent: float) -> dict[str, Any]:
    """Return a measurement that the second kernel kept up with, if it does in three: a busy machine slows it down."""
    for _try in range(3):
        measured = line.measure()
        share = reading(measured, "downstream_share_percent").value
        if share is None or share > percent - 0.9:
            return measured
    pytest.skip(
        f"this machine is too busy: its second kernel carried {share:.1f} % where {percent:.0f} % were let through"
    )


@pytest.mark.parametrize("line", ["chap", "qinq"] if FULL else ["qinq"], indirect=True)
def test_89_and_91_percent_of_the_contract(line: Line, tmp_path: Path) -> None:
    verdicts = []
    for percent in (89.0, 91.0):
        line.shape(_CONTRACT_MBPS * percent / 100)
        with line.captured(tmp_path / f"{percent}.pcap"):
            measured = _best(line, percent)
        assert line.stacks(tmp_path / f"{percent}.pcap") == {line.stack}
        share = reading(measured, "downstream_share_percent")
        assert share.value == pytest.approx(percent, abs=0.9), (share.reason, measured["trouble"])
        assert (share.where["layer"], share.where["method"], share.where["server"]) == ("tcp", "iperf3", _SERVER)
        assert (reading(measured, "upstream_mbps").value or 0.0) > 0.0
        verdicts.append(judge(share, _SHARE).verdict)
        down, up = (direction["samples"][0] for direction in rate_of(measured)["directions"])
        assert down["segment_octets"] == up["segment_octets"] == (1432 if line.tags else 1440)
        steps = [(step["name"], step["state"]) for step in measured["steps"]]
        assert steps == [("port for TCP", "restored"), ("port for TCP", "restored"), ("pppoe session", "restored")]
    assert verdicts == ["fail", "pass"]
    assert not any(port.startswith("linetest") for port in line.ports())


@pytest.mark.parametrize("line", ["chap"], indirect=True)
def test_the_session_is_kept_while_the_rate_is_tested_and_its_end_is_told(line: Line) -> None:
    """A concentrator asks for an echo every 10 s, and three times in vain: who does not answer is thrown out."""
    line.shape(_CONTRACT_MBPS)
    with line.started(seconds=50) as going:
        wait_until(line.is_testing, 20.0)
        time.sleep(_ECHOES_IN_VAIN_S)
        assert line.is_testing()
        line.real.hang_up()
        measured = _told(going)
    assert reading(measured, "downstream_mbps").reason == "session-ended"
    assert "the concentrator ended the session" in measured["trouble"]
    assert measured["steps"][0]["name"] == "port for TCP"
    assert not any(port.startswith("linetest") for port in line.ports())
