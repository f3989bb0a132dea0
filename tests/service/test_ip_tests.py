"""Delay, the largest packet and names over a lease on the bench, whose faults are known."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from linetest.bench.net_dhcp import DhcpServer
from linetest.bench.net_dns import NameServer
from linetest.bench.net_gateway import Gateway
from linetest.bench.net_inside import Inside
from linetest.bench.net_wire import Wire, open_wire
from linetest.model.reading import Measurement
from linetest.service.access import Access
from linetest.service.dhcp_settings import DhcpSettings
from linetest.service.dns_settings import DnsSettings
from linetest.service.latency_settings import LatencySettings
from linetest.service.measure import measure
from linetest.service.mtu_settings import MtuSettings
from linetest.service.settings import ServiceSettings, TestName

_MAC = bytes.fromhex("02aa00000001")
_GATEWAY, _DNS = "192.0.2.1", "203.0.113.53"
_SETTINGS = ServiceSettings(
    connect="dhcp",
    dhcp=DhcpSettings(offers_s=0.0, timeout_s=1.0),
    dns=DnsSettings(questions=4, timeout_s=0.2, name="there.test"),
    latency=LatencySettings(requests=40, interval_s=0.0, timeout_s=0.1),
    mtu=MtuSettings(timeout_s=0.05, tries=2),
)


@pytest.fixture
def wire() -> Iterator[Wire]:
    with open_wire() as made:
        yield made


def tried(wire: Wire, inside: Inside, *tests: TestName, **servers: str) -> Measurement:
    wire.stations += [
        Gateway(wire, _GATEWAY, inside, _MAC),
        DhcpServer(wire, _MAC, _GATEWAY, "192.0.2.50", _GATEWAY, dns=(_DNS,)),
    ]
    settings = msgspec.structs.replace(_SETTINGS, tests=list(tests))
    access = Access(address=wire.address, servers=servers, simulated=True)
    return measure(access, settings, lambda _test, _event: None).measured


def values(found: Measurement) -> dict[str, float | None]:
    return {one.metric.removeprefix("service."): one.value for one in found.readings}


def details(found: Measurement) -> dict[str, Any]:
    whole: dict[str, Any] = found.details["service"][0]
    return whole


def test_each_loss_is_counted(wire: Wire) -> None:
    found = tried(wire, Inside(drop_every=10), "latency")
    assert values(found)["loss_percent"] == 10.0
    told = details(found)["latency"]
    assert (told["sent"], told["lost"], told["server"]) == (40, 4, _GATEWAY)
    assert 0.0 < told["loss_low_percent"] < 10.0 < told["loss_high_percent"]
    assert told["min_ms"] <= told["mean_ms"] <= told["max_ms"]


def test_without_loss_the_sample_says_what_it_proves(wire: Wire) -> None:
    found = tried(wire, Inside(), "latency")
    assert details(found)["latency"]["loss_high_percent"] == pytest.approx(100 * (1 - 0.05 ** (1 / 40)))


def test_a_silent_server_is_no_delay(wire: Wire) -> None:
    found = tried(wire, Inside(silent_hosts=("198.51.100.9",)), "latency", ping="198.51.100.9")
    assert (values(found)["loss_percent"], values(found)["latency_ms"]) == (100.0, None)


@pytest.mark.parametrize(
    ("largest", "silent", "black_hole"),
    [
        (1500, False, 0.0),
        (1492, False, 0.0),
        (1492, True, 1.0),
        (1480, True, 1.0),
        (1373, True, 1.0),
        (1373, False, 0.0),
    ],
)
def test_the_largest_packet(wire: Wire, largest: int, silent: bool, black_hole: float) -> None:
    found = tried(wire, Inside(largest_packet=largest, black_hole=silent), "mtu", ping="198.51.100.9")
    assert (values(found)["mtu_octets"], values(found)["mtu_black_hole_count"]) == (float(largest), black_hole)


@pytest.mark.parametrize(
    ("server", "failed", "hijack", "outcome"),
    [
        (NameServer({"there.test": "198.51.100.7"}), 0.0, 0.0, "right"),
        (NameServer({"there.test": "198.51.100.7"}, lies="198.51.100.66"), 0.0, 1.0, "right"),
        (NameServer({}), 100.0, 0.0, "NXDOMAIN"),
        (NameServer({}, code=2), 100.0, 0.0, "SERVFAIL"),
        (NameServer({}, code=5), 100.0, 0.0, "REFUSED"),
        (NameServer({"there.test": "198.51.100.7"}, drop_every=1), 100.0, None, "timeout"),
        (NameServer({"there.test": "198.51.100.7"}, wrong_number=True), 100.0, None, "timeout"),
        (NameServer({"there.test": "198.51.100.7"}, drop_every=4), 25.0, 0.0, "right"),
    ],
)
def test_a_name_server(wire: Wire, server: NameServer, failed: float, hijack: float | None, outcome: str) -> None:
    found = tried(wire, Inside(services={(_DNS, 53): server}), "dns")
    assert (values(found)["dns_failed_percent"], values(found)["dns_hijack_count"]) == (failed, hijack)
    assert values(found)["dns_working_count"] == float(failed < 100.0)
    assert outcome in details(found)["dns"]["servers"][0]["outcomes"]
    assert (values(found)["dns_ms"] is None) is (failed == 100.0)


def test_a_closed_port_says_so_or_is_silent(wire: Wire) -> None:
    found = tried(wire, Inside(), "dns")
    assert values(found)["dns_working_count"] == 0.0


def test_a_name_to_ping_is_asked_for_over_the_line(wire: Wire) -> None:
    names = NameServer({"ping.test": "198.51.100.7"})
    found = tried(wire, Inside(services={(_DNS, 53): names}), "latency", ping="ping.test")
    assert details(found)["latency"]["address"] == "198.51.100.7"


def test_a_name_that_nobody_knows_is_a_reason(wire: Wire) -> None:
    found = tried(wire, Inside(services={(_DNS, 53): NameServer({})}), "latency", "mtu", ping="ping.test")
    reasons = {one.metric: one.reason for one in found.readings}
    assert reasons["service.latency_ms"] == reasons["service.mtu_octets"] == "no-such-object"
