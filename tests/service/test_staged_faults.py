"""Faults staged on the bench's access network, each measured at both points and put in its class.

What is measured is judged by the profile ``broadband-90``; the answer names the observations that prove it.
"""

import msgspec
import pytest

from linetest.acceptance.records import build_record
from linetest.bench.access_network import ACCESS_FAULTS, CONTRACTED_MBPS, PASSWORD, USER, Point, access_network
from linetest.catalog import load_profile
from linetest.model.codes import Whose
from linetest.model.order import Rates
from linetest.model.profile import step_settings
from linetest.model.reading import Measurement
from linetest.model.record import Record
from linetest.service import rate
from linetest.service.access import Access
from linetest.service.dhcp_settings import DhcpSettings
from linetest.service.dns_settings import DnsSettings
from linetest.service.iptv_settings import IptvSettings
from linetest.service.isolation import isolate
from linetest.service.laptop import Port
from linetest.service.latency_settings import LatencySettings
from linetest.service.measure import measure
from linetest.service.mtu_settings import MtuSettings
from linetest.service.path import How
from linetest.service.pppoe_settings import PppoeSettings
from linetest.service.rate_settings import RateSettings
from linetest.service.settings import ServiceSettings

CONTRACT = Rates(down_mbps=CONTRACTED_MBPS["down"], up_mbps=CONTRACTED_MBPS["up"])
QUICK = {
    "pppoe": PppoeSettings(dials=1, phase_timeout_s=2.0),
    "dhcp": DhcpSettings(offers_s=0.5),
    "latency": LatencySettings(requests=60, interval_s=0.0, timeout_s=0.3),
    "dns": DnsSettings(questions=2, timeout_s=0.4),
    "mtu": MtuSettings(timeout_s=0.3),
    "iptv": IptvSettings(seconds=0.5, quiet_s=0.0, join_timeout_s=1.0),
    "rate": RateSettings(samples=2, seconds=1, omit_s=0, streams=2),
}
pytestmark = pytest.mark.slow


OF_THE_RATE = (None, "router-limits-rate", "slow-line")
"""Where the rate is tested too: it takes the longest."""


def measured(point: Point, access: Access, how: How, *, rate: bool) -> Measurement:
    """Return all that is measured at one point."""
    settings = step_settings(load_profile("broadband-90"), "service", ServiceSettings)
    tests = [*(test for test in settings.tests if rate or test != "rate"), "iptv"]
    settings = msgspec.structs.replace(settings, connect=how, tests=tests, **QUICK)
    full = msgspec.structs.replace(
        access, address=point.address, servers=point.servers, contracted=CONTRACT, simulated=True
    )
    return measure(full, settings, lambda _test, _event: None).measured


def record_of(fault: str | None, monkeypatch: pytest.MonkeyPatch, *points: str) -> Record:
    """Return the record of the points, of a line with that fault."""
    monkeypatch.setenv("LINE_PASSWORD", PASSWORD)
    parts, has_rate = [], fault in OF_THE_RATE
    with access_network(fault) as network:
        if "direct" in points:
            dialled = Access(address="", point="direct", user=USER, secrets={"ppp": "env:LINE_PASSWORD"}, device="line")
            parts.append(measured(network.line, dialled, "pppoe", rate=has_rate))
        if "behind-cpe" in points:
            parts.append(
                measured(network.router, Access(address="", point="behind-cpe", device="router"), "dhcp", rate=has_rate)
            )
    return build_record("service", parts, load_profile("broadband-90"), started_at="2026-11-22T10:00:00+08:00")


BOTH = ("direct", "behind-cpe")
CLASSES = {
    "no-answer": (Whose.OPERATOR_LINE, "no-answer"),
    "login-refused": (Whose.OPERATOR_SERVICE, "login-refused"),
    "small-mru": (Whose.OPERATOR_SERVICE, "small-mru"),
    "two-concentrators": (Whose.OPERATOR_SERVICE, "too-many-concentrators"),
    "no-names": (Whose.OPERATOR_SERVICE, "no-names"),
    "router-without-names": (Whose.CUSTOMER_ROUTER, "no-names"),
    "mtu-black-hole": (Whose.OPERATOR_SERVICE, "mtu-black-hole"),
    "loss": (Whose.OPERATOR_LINE, "loss"),
    "no-channel": (Whose.CUSTOMER_ROUTER, "no-channel"),
    "rogue-dhcp": (Whose.CUSTOMER_LAN, "rogue-dhcp"),
    "double-nat": (Whose.CUSTOMER_ROUTER, "double-nat"),
    "router-limits-rate": (Whose.CUSTOMER_ROUTER, "low-rate"),
    "slow-line": (Whose.OPERATOR_LINE, "low-rate"),
    "duplicate-address": (Whose.CUSTOMER_LAN, "duplicate-address"),
}


def test_every_fault_of_the_bench_has_its_class() -> None:
    assert set(CLASSES) == set(ACCESS_FAULTS)


@pytest.mark.parametrize("fault", sorted(CLASSES))
def test_a_staged_fault_is_put_in_its_class(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    record = record_of(fault, monkeypatch, *BOTH)
    answer = record.details["isolation"]
    assert (answer["whose"], answer["fault"]) == CLASSES[fault]
    assert answer["because"]
    proofs = [one for one in answer["observations"] if one["id"] in answer["because"]]
    assert len(proofs) == len(answer["because"])


@pytest.mark.parametrize("fault", [fault for fault, (whose, _row) in sorted(CLASSES.items()) if "customer" in whose])
def test_without_the_line_the_customer_is_not_blamed(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = record_of(fault, monkeypatch, "behind-cpe").details["isolation"]
    assert answer["whose"] == Whose.UNDETERMINED
    assert answer["missing"]


def test_a_slow_port_or_wi_fi_behind_the_router_is_the_customers_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the system would say of the port is made: this machine has none that agrees on half duplex."""
    direct = record_of("router-limits-rate", monkeypatch, "direct")
    for port in (Port(interface="eth0", full_duplex=False), Port(interface="wlan0", wireless=True)):
        monkeypatch.setattr(rate, "_port", lambda _access, port=port: port)
        behind = record_of("router-limits-rate", monkeypatch, "behind-cpe")
        assert isolate([*direct.checks, *behind.checks]).whose is Whose.CUSTOMER_LAN
        assert isolate(behind.checks).whose is Whose.UNDETERMINED


def test_a_good_line_has_nobody_at_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    record = record_of(None, monkeypatch, *BOTH)
    assert record.verdict == "pass", [check for check in record.checks if check.verdict != "pass"]
    assert record.details["isolation"]["fault"] is None
    assert {step.state for step in record.steps} == {"restored"}
    assert record.simulated
