"""A lease from dnsmasq, and from two of them at once; its own log says what it heard."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.service.net_namespaces import MEASURE_ALL, ROOT, can_have_namespaces, sh, values, wait_until

pytestmark = [pytest.mark.peer, pytest.mark.slow]


class Segment:
    """One segment: the laptop, and any number of servers at its bridge, each in a namespace of its own."""

    def __init__(self, prefix: str, folder: Path, stack: ExitStack) -> None:
        self._prefix = prefix
        self._folder = folder
        self._stack = stack
        self.laptop = self._namespace("pc")
        self._hub = self._namespace("hub")
        sh("ip", "-n", self._hub, "link", "add", "br0", "type", "bridge")
        sh("ip", "-n", self._hub, "link", "set", "br0", "up")
        self._plug(self.laptop, "p0")

    def server(self, name: str, address: str, *options: str) -> Path:
        """Start a dnsmasq with an address; return its log."""
        space = self._namespace(name)
        self._plug(space, f"{name}0", address)
        log = self._folder / f"{name}.log"
        words = [
            "dnsmasq",
            "--no-daemon",
            "--user=root",
            "--conf-file=/dev/null",
            "--port=0",
            "--no-ping",
            "--no-hosts",
        ]
        words += ["--log-dhcp", f"--log-facility={log}", f"--dhcp-leasefile={self._folder / name}", "--no-resolv"]
        process = subprocess.Popen(
            ["ip", "netns", "exec", space, *words, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self._stack.callback(process.wait, 10)
        self._stack.callback(process.kill)
        wait_until(lambda: ":67 " in sh("ip", "netns", "exec", space, "ss", "-Hlnu"))
        return log

    def measure(self, settings: dict[str, Any], servers: dict[str, str], *tests: str) -> dict[str, Any]:
        asked = {
            "access": {"address": "p0", "servers": servers},
            "settings": {"connect": "dhcp", "tests": list(tests), "dhcp": settings},
        }
        done = subprocess.run(
            ["ip", "netns", "exec", self.laptop, sys.executable, "-c", MEASURE_ALL, json.dumps(asked)],
            capture_output=True,
            timeout=60,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    def mac(self, name: str) -> str:
        told = json.loads(sh("ip", "-n", f"{self._prefix}-{name}", "-j", "link", "show", f"{name}0"))
        return str(told[0]["address"])

    def _namespace(self, name: str) -> str:
        space = f"{self._prefix}-{name}"
        sh("ip", "netns", "add", space)
        self._stack.callback(sh, "ip", "netns", "del", space, check=False)
        sh("ip", "-n", space, "link", "set", "lo", "up")
        return space

    def _plug(self, space: str, port: str, address: str | None = None) -> None:
        sh("ip", "-n", self._hub, "link", "add", f"h-{port}", "type", "veth", "peer", "name", port, "netns", space)
        sh("ip", "-n", self._hub, "link", "set", f"h-{port}", "master", "br0", "up")
        if address is not None:
            sh("ip", "-n", space, "addr", "add", f"{address}/24", "dev", port)
        sh("ip", "-n", space, "link", "set", port, "up")


@pytest.fixture
def segment(need: Callable[[bool, str], None], tmp_path: Path) -> Iterator[Segment]:
    need(can_have_namespaces("dnsmasq", "ss"), "namespaces need root on Linux, ip, nft, ss and dnsmasq")
    with ExitStack() as stack:
        yield Segment(f"ld{os.getpid() % 100_000}", tmp_path, stack)


def test_a_lease_of_dnsmasq(segment: Segment) -> None:
    log = segment.server(
        "isp",
        "10.73.0.1",
        "--dhcp-range=10.73.0.50,10.73.0.60,255.255.255.0,10m",
        "--dhcp-vendorclass=set:stb,CTCSTB",
        "--dhcp-option=tag:stb,option:domain-name,stb.test",
        "--dhcp-option=tag:stb,vi-encap:3561,11,http://acs.isp.test/",
        "--dhcp-option=option:dns-server,10.73.0.1",
    )
    settings = {
        "offers_s": 0.3,
        "vendor_class": "CTCSTB",
        "host_name": "probe",
        "vendor_option": {"3561": "0103414243"},
    }
    measured = segment.measure(settings, {}, "latency")
    found = values(measured)
    assert (found["dhcp_server_count"], found["rogue_dhcp_count"], found["dhcp_resend_count"]) == (1.0, 0.0, 0.0)
    assert found["loss_percent"] == 0.0, "the gateway answers over the lease"
    (whole,) = measured["details"]["service"]
    lease = whole["dhcp"]["lease"]
    assert lease["server"] == "10.73.0.1"
    assert lease["mac"] == segment.mac("isp")
    assert (lease["domain"], lease["lease_s"], lease["dns_servers"]) == ("stb.test", 600, ["10.73.0.1"])
    assert lease["vendors"] == [
        {
            "enterprise": 3561,
            "options": [{"code": 11, "hex": b"http://acs.isp.test/".hex(), "text": "http://acs.isp.test/"}],
        }
    ]
    assert [(one["name"], one["state"]) for one in measured["steps"]] == [("dhcp lease", "restored")]
    wait_until(lambda: f"DHCPRELEASE(isp0) {lease['address']}" in log.read_text(encoding="utf-8"))
    heard = log.read_text(encoding="utf-8")
    assert "vendor class: CTCSTB" in heard
    assert "client provides name: probe" in heard


def test_a_rogue_beside_the_operator_s_server(segment: Segment) -> None:
    segment.server("isp", "10.73.0.1", "--dhcp-range=10.73.0.50,10.73.0.60,255.255.255.0,10m")
    segment.server("box", "192.168.1.1", "--dhcp-range=192.168.1.50,192.168.1.60,255.255.255.0,10m")
    measured = segment.measure({"offers_s": 1.0}, {"dhcp": "10.73.0.1"})
    assert values(measured)["dhcp_server_count"] == 2.0
    (rogue,) = [one for one in measured["readings"] if one["metric"] == "service.rogue_dhcp_count"]
    assert rogue["value"] == 1.0
    assert rogue["where"]["rogues"] == [f"192.168.1.1 {segment.mac('box')}"]
    (whole,) = measured["details"]["service"]
    assert whole["dhcp"]["lease"]["server"] == "10.73.0.1", "never the rogue's"


def test_the_system_s_own_lease_is_left_alone(segment: Segment) -> None:
    """A server that gives the system's address again gets nothing back: the system goes on using it."""
    mac = json.loads(sh("ip", "-n", segment.laptop, "-j", "link", "show", "p0"))[0]["address"]
    reserved = f"--dhcp-host={mac},10.73.0.55"
    log = segment.server("isp", "10.73.0.1", "--dhcp-range=10.73.0.50,10.73.0.60,255.255.255.0,10m", reserved)
    sh("ip", "-n", segment.laptop, "addr", "add", "10.73.0.55/24", "dev", "p0")
    measured = segment.measure({"offers_s": 0.3}, {})
    (whole,) = measured["details"]["service"]
    assert whole["dhcp"]["lease"]["address"] == "10.73.0.55"
    assert measured.get("steps", []) == []
    assert "DHCPRELEASE" not in log.read_text(encoding="utf-8")
