"""The rate over a DHCP lease of linetest's own, beside the system's own connections."""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from linetest.model.judge import judge
from linetest.model.limit import Limit
from linetest.model.reading import Reading
from tests.service.net_namespaces import can_have_namespaces, reasons, sh, values, wait_until
from tests.service.segment import Segment, told_by

pytestmark = [pytest.mark.peer, pytest.mark.slow]

_SERVER = "10.73.0.1"
_CONTRACT_MBPS = 20.0
_HEADS = 1448 / 1514  # of TCP's data in a full frame, as tbf counts it
_QUICK = {"samples": 1, "seconds": 1, "omit_s": 1, "streams": 2, "busy_wait_s": 0.1, "cpu_limit_percent": 1000.0}
_SHARE = Limit(metric="service.downstream_share_percent", min=90.0, source="the test")
_RESTORED = [("port for TCP", "restored"), ("port for TCP", "restored"), ("dhcp lease", "restored")]


class Line:
    """A laptop with a server behind its segment."""

    def __init__(self, segment: Segment) -> None:
        self.segment = segment
        self.server = segment.space("isp")

    def at(self, space: str, *words: str) -> str:
        return sh("ip", "netns", "exec", space, *words)

    def shape(self, tcp_mbps: float) -> None:
        words = ["rate", f"{tcp_mbps / _HEADS * 1e6:.0f}bit", "burst", "16kb", "latency", "60ms"]
        self.at(self.server, "tc", "qdisc", "replace", "dev", "isp0", "root", "tbf", *words)

    def start(self, *, rights: str | None = None, servers: dict[str, str] | None = None, **rate: Any) -> Any:
        access = {
            "address": "p0",
            "servers": servers or {"iperf3": _SERVER},
            "contracted": {"down_mbps": _CONTRACT_MBPS, "up_mbps": _CONTRACT_MBPS},
        }
        asked = {"connect": "dhcp", "dhcp": {"offers_s": 0.2}, "tests": ["rate"], "rate": {**_QUICK, **rate}}
        return self.segment.start(access, asked, rights)

    def measure(self, **more: Any) -> dict[str, Any]:
        return told_by(self.start(**more))

    def wait_for_test(self) -> None:
        wait_until(lambda: ":5201 " in self.at(self.server, "ss", "-Htn", "state", "established"))

    def left_at_laptop(self) -> list[str]:
        """Return ports, addresses, routes and rules."""
        shown = (["link"], ["address"], ["rule"], ["route", "show", "table", "all"])
        return [sh("ip", "-4", "-brief", "-n", self.segment.laptop, *words) for words in shown]


@pytest.fixture
def line(segment: Segment, need: Callable[[bool, str], None]) -> Iterator[Line]:
    need(can_have_namespaces("iperf3", "tc", "ss"), "iperf3, tc and ss are needed")
    segment.server("isp", _SERVER, "--dhcp-range=10.73.0.50,10.73.0.60,255.255.255.0,10m")
    made = Line(segment)
    with segment.running("isp", "iperf3", "--server", port=5201):
        yield made


def reading(measured: dict[str, Any], metric: str) -> Reading:
    (found,) = [one for one in measured["readings"] if one["metric"] == f"service.{metric}"]
    return msgspec.convert(found, Reading)


def steps(measured: dict[str, Any]) -> list[tuple[str, str]]:
    return [(one["name"], one["state"]) for one in measured["steps"]]


def test_89_and_91_percent_of_the_contract(line: Line) -> None:
    before = line.left_at_laptop()
    verdicts = []
    for percent in (89.0, 91.0):
        line.shape(_CONTRACT_MBPS * percent / 100)
        measured = line.measure(seconds=2)
        share = reading(measured, "downstream_share_percent")
        assert share.value == pytest.approx(percent, abs=0.9)
        verdicts.append(judge(share, _SHARE).verdict)
        assert steps(measured) == _RESTORED
        down = measured["details"]["service"][0]["rate"]["directions"][0]
        assert (down["pump_dropped"], down["samples"][0]["segment_octets"]) == (0, 1448)
        assert 0.0 < down["pump_cpu_percent"] < 100.0
    assert verdicts == ["fail", "pass"]
    assert line.left_at_laptop() == before


@pytest.mark.parametrize("rp_filter", [0, 2])
def test_the_laptop_s_other_connections_stay_as_they_are(line: Line, rp_filter: int) -> None:
    """The system has an address of its own at the port, and a server beside the one that is tested with."""
    laptop = line.segment.laptop
    line.at(laptop, "sysctl", "-qw", f"net.ipv4.conf.all.rp_filter={rp_filter}")
    sh("ip", "-n", laptop, "address", "add", "10.73.0.9/24", "dev", "p0")
    going = line.start(seconds=3)
    line.wait_for_test()
    assert "dev p0 src 10.73.0.9" in sh("ip", "-n", laptop, "route", "get", _SERVER)
    assert " 0% packet loss" in line.at(laptop, "ping", "-c", "5", "-i", "0.2", _SERVER)
    assert (values(told_by(going))["downstream_mbps"] or 0.0) > 1.0


@pytest.mark.parametrize("rp_filter", [1, 2])
def test_a_system_that_drops_what_no_route_leads_to(line: Line, rp_filter: int) -> None:
    line.at(line.segment.laptop, "sysctl", "-qw", f"net.ipv4.conf.all.rp_filter={rp_filter}")
    before = line.left_at_laptop()
    measured = line.measure()
    assert (values(measured)["downstream_mbps"] or 0.0) > 1.0
    assert line.left_at_laptop() == before


def test_an_address_that_the_system_has_is_tested_over_the_system_s_connection(line: Line) -> None:
    leased = line.measure()["details"]["service"][0]["dhcp"]["lease"]["address"]
    sh("ip", "-n", line.segment.laptop, "address", "add", f"{leased}/24", "dev", "p0")
    measured = line.measure()
    assert (values(measured)["downstream_mbps"] or 0.0) > 1.0
    assert measured.get("steps", []) == []


def test_a_router_that_wants_smaller_packets_is_heard(line: Line) -> None:
    """It passes 1400 octets, and the server takes more: without that nothing would go up."""
    far = line.segment.behind("isp", "10.74.0.1", "10.74.0.2", mtu=1400)
    with line.segment.running(far, "iperf3", "--server", port=5201):
        measured = line.measure(servers={"iperf3": "10.74.0.2"})
    assert (values(measured)["upstream_mbps"] or 0.0) > 1.0, measured["trouble"]


def test_http_over_a_lease(line: Line, tmp_path: Path) -> None:
    with (tmp_path / "big").open("wb") as file:
        file.truncate(64 << 20)
    line.shape(_CONTRACT_MBPS)
    with line.segment.running("isp", "python3", "-m", "http.server", "-d", str(tmp_path), "80", port=80):
        measured = line.measure(servers={"http_down": f"http://{_SERVER}/big"}, seconds=2)
    assert reading(measured, "downstream_share_percent").value == pytest.approx(100.0, abs=2.0)
    assert measured["details"]["service"][0]["rate"]["directions"][0]["samples"][0]["peer"] == _SERVER


def test_without_the_right_it_says_which_and_how_to_grant_it(line: Line) -> None:
    measured = line.measure(rights="net_raw")
    assert reasons(measured)["downstream_mbps"] == "no-permission"
    assert judge(reading(measured, "downstream_share_percent"), _SHARE).verdict == "inconclusive"
    assert "CAP_NET_ADMIN is missing; sudo setcap cap_net_raw,cap_net_admin+ep " in measured["trouble"]
    assert steps(measured) == [("dhcp lease", "restored")]


def test_the_two_rights_that_it_names_are_all_that_it_needs(line: Line) -> None:
    measured = line.measure(rights="net_raw,net_admin")
    assert (values(measured)["downstream_mbps"] or 0.0) > 1.0
    assert steps(measured) == _RESTORED


def test_ctrl_c_takes_the_port_away(line: Line) -> None:
    before = line.left_at_laptop()
    going = line.start(seconds=30)
    line.wait_for_test()
    assert "linetest0" in line.left_at_laptop()[0]
    os.kill(going.pid, signal.SIGINT)
    measured = told_by(going)
    assert steps(measured) == [("port for TCP", "restored"), ("dhcp lease", "restored")]
    assert line.left_at_laptop() == before


@pytest.mark.parametrize("is_strict", [False, True])
def test_nothing_remains_after_a_kill(line: Line, is_strict: bool) -> None:
    line.at(line.segment.laptop, "sysctl", "-qw", f"net.ipv4.conf.all.rp_filter={int(is_strict)}")
    before = line.left_at_laptop()
    going = line.start(seconds=30)
    line.wait_for_test()
    assert line.left_at_laptop() != before
    going.kill()
    going.communicate()
    wait_until(lambda: line.left_at_laptop() == before)
    wait_until(lambda: not sh("ip", "netns", "pids", line.segment.laptop))
