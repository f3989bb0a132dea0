"""A lease from dnsmasq, and from two of them at once; its own log says what it heard."""

import json

import pytest

from tests.service.net_namespaces import sh, values, wait_until
from tests.service.segment import Segment

pytestmark = [pytest.mark.peer, pytest.mark.slow]


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
