"""A lease on the bench, what goes wrong on the way to it, and what is put back."""

import signal
import threading
import time
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linetest.bench.net_dhcp import DhcpServer
from linetest.bench.net_dns import NameServer
from linetest.bench.net_gateway import Gateway
from linetest.bench.net_inside import Inside
from linetest.bench.net_wire import Wire, open_wire
from linetest.service.access import Access
from linetest.service.dhcp_settings import DhcpSettings
from linetest.service.dhcp_wire import Kind, Option, call, read_message, read_vendors, vendor_octets
from linetest.service.dns_settings import DnsSettings
from linetest.service.latency_settings import LatencySettings
from linetest.service.measure import Outcome, measure
from linetest.service.settings import ServiceSettings, TestName

_MAC = bytes.fromhex("02aa00000001")
_ROGUE_MAC = bytes.fromhex("02bb00000002")
_QUICK: dict[str, Any] = {"offers_s": 0.2, "timeout_s": 0.2, "tries": 2}


@pytest.fixture
def wire() -> Iterator[Wire]:
    with open_wire() as made:
        yield made


def server(wire: Wire, **more: Any) -> DhcpServer:
    told: dict[str, Any] = {"address": "192.0.2.1", "offered": "192.0.2.50", "gateway": "192.0.2.1", **more}
    made = DhcpServer(wire, told.pop("mac", _MAC), **told)
    wire.stations.append(made)
    return made


def outcome_of(wire: Wire, *tests: TestName, servers: Mapping[str, str] = MappingProxyType({}), **dhcp: Any) -> Outcome:
    access = Access(address=wire.address, servers=dict(servers), simulated=True)
    settings = ServiceSettings(
        connect="dhcp",
        tests=list(tests),
        dhcp=DhcpSettings(**{**_QUICK, **dhcp}),
        dns=DnsSettings(questions=3, timeout_s=0.2),
        latency=LatencySettings(requests=20, interval_s=0.0, timeout_s=0.1),
    )
    return measure(access, settings, lambda _test, _event: None)


def values(outcome: Outcome) -> dict[str, float | None]:
    return {one.metric.removeprefix("service."): one.value for one in outcome.measured.readings}


def reasons(outcome: Outcome) -> dict[str, str | None]:
    return {one.metric.removeprefix("service."): one.reason for one in outcome.measured.readings}


def told(outcome: Outcome) -> dict[str, Any]:
    found: dict[str, Any] = outcome.measured.details["service"][0]
    return found


def given_back(server: DhcpServer) -> list[str]:
    """Return what was given back; the segment is another thread's, so a moment is left for the last message."""
    end_s = time.monotonic() + 2.0
    while not server.released and time.monotonic() < end_s:
        time.sleep(0.01)
    return server.released


def test_ctrl_c_between_the_request_and_its_answer_gives_the_lease_back(wire: Wire) -> None:
    good = server(wire, delay_s=0.2)

    def press() -> None:
        while not any(told.get(53) == bytes([Kind.REQUEST]) for told in good.asked):
            time.sleep(0.005)
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    threading.Thread(target=press, daemon=True).start()
    outcome = outcome_of(wire, offers_s=0.0, timeout_s=2.0)
    assert outcome.stopped
    assert given_back(good) == ["192.0.2.50"]
    assert [(step.name, step.state) for step in outcome.measured.steps] == [("dhcp lease", "restored")]


def test_a_lease_is_got_used_and_given_back(wire: Wire) -> None:
    names = NameServer({"example.com": "198.51.100.7"})
    inside = Inside(services={("203.0.113.53", 53): names})
    wire.stations.append(Gateway(wire, "192.0.2.1", inside, _MAC))
    good = server(wire, dns=("203.0.113.53",), more={15: b"isp.test", 125: vendor_octets({"3561": "0b03616373"})})
    outcome = outcome_of(
        wire, "latency", "dns", host_name="probe", vendor_class="CTCSTB", vendor_option={"3561": "0102ab"}
    )
    found = values(outcome)
    assert (found["dhcp_server_count"], found["rogue_dhcp_count"], found["dhcp_resend_count"]) == (1.0, 0.0, 0.0)
    assert found["dhcp_ms"] == pytest.approx((found["dhcp_offer_ms"] or 0) + (found["dhcp_ack_ms"] or 0))
    assert (found["loss_percent"], found["dns_working_count"]) == (0.0, 1.0)
    lease = told(outcome)["dhcp"]["lease"]
    assert (lease["address"], lease["gateway"], lease["mask"]) == ("192.0.2.50", "192.0.2.1", "255.255.255.0")
    assert (lease["domain"], lease["dns_servers"], lease["lease_s"]) == ("isp.test", ["203.0.113.53"], 3600)
    options = [{"code": 11, "hex": "616373", "text": "acs"}]
    assert lease["vendors"] == [{"enterprise": 3561, "options": options}]
    asked = good.asked[0]
    assert (asked[12], asked[60], asked[125]) == (b"probe", b"CTCSTB", bytes.fromhex("00000de9 03 0102ab"))
    assert asked[61][0] == 1
    assert len(asked[61]) == 7
    assert given_back(good) == ["192.0.2.50"]
    assert [(one.name, one.state) for one in outcome.measured.steps] == [("dhcp lease", "restored")]
    assert outcome.measured.simulated


@pytest.mark.parametrize(
    ("servers", "count", "lease"),
    [({}, 1.0, "192.0.2.50"), ({"dhcp": "192.0.2.1"}, 1.0, "192.0.2.50"), ({"dhcp": "192.0.2.9"}, 1.0, "10.9.9.9")],
)
def test_a_rogue_server_is_named(wire: Wire, servers: dict[str, str], count: float, lease: str) -> None:
    server(wire)
    server(wire, mac=_ROGUE_MAC, address="192.0.2.9", offered="10.9.9.9", gateway="192.0.2.9", delay_s=0.05)
    outcome = outcome_of(wire, servers=servers)
    assert values(outcome)["dhcp_server_count"] == 2.0
    (rogue,) = [one for one in outcome.measured.readings if one.metric == "service.rogue_dhcp_count"]
    assert rogue.value == count
    named = " ".join(rogue.where["rogues"])
    expected = servers.get("dhcp", "")
    assert ("192.0.2.9 02:bb:00:00:00:02" in named) is (expected != "192.0.2.9")
    assert ("192.0.2.1 02:aa:00:00:00:01" in named) is (expected != "192.0.2.1")
    assert told(outcome)["dhcp"]["lease"]["address"] == lease


def test_two_boxes_with_the_same_address_are_two_servers(wire: Wire) -> None:
    server(wire)
    server(wire, mac=_ROGUE_MAC, delay_s=0.05)
    assert values(outcome_of(wire))["dhcp_server_count"] == 2.0


def test_nobody_answers(wire: Wire) -> None:
    outcome = outcome_of(wire, "latency")
    assert values(outcome) == {
        "dhcp_offer_ms": None,
        "dhcp_ack_ms": None,
        "dhcp_ms": None,
        "dhcp_resend_count": 1.0,
        "dhcp_server_count": 0.0,
        "rogue_dhcp_count": None,
    }
    assert set(reasons(outcome).values()) == {"timeout", None}
    assert outcome.measured.steps == []


def test_what_is_lost_is_sent_again_and_counted(wire: Wire) -> None:
    server(wire, silent=1)
    found = values(outcome_of(wire))
    assert found["dhcp_resend_count"] == 1.0
    assert (found["dhcp_offer_ms"] or 0) > 150.0, "the wait is part of it"


def test_a_refusal_is_no_lease(wire: Wire) -> None:
    good = server(wire, refuses=True)
    outcome = outcome_of(wire)
    assert reasons(outcome)["dhcp_ack_ms"] == "refused"
    assert told(outcome)["dhcp"]["refused"] == ""
    assert (good.released, outcome.measured.steps) == ([], [])


@pytest.mark.parametrize(("vendor_class", "count"), [("CTCSTB", 1.0), (None, 0.0)])
def test_a_server_for_one_kind_of_box(wire: Wire, vendor_class: str | None, count: float) -> None:
    server(wire, only_class=b"CTCSTB")
    assert values(outcome_of(wire, vendor_class=vendor_class))["dhcp_server_count"] == count


def test_a_mask_and_a_gateway_that_are_none_leave_no_path(wire: Wire) -> None:
    good = server(wire, more={1: b"\x12\x34\x56\x78"})
    outcome = outcome_of(wire, "latency")
    assert "loss_percent" not in values(outcome)
    assert given_back(good) == ["192.0.2.50"]


def test_ctrl_c_gives_the_lease_back(wire: Wire) -> None:
    good = server(wire)

    def pressed(_test: str, _event: str) -> None:
        raise KeyboardInterrupt

    settings = ServiceSettings(connect="dhcp", tests=["latency"], dhcp=DhcpSettings(**_QUICK))
    outcome = measure(Access(address=wire.address, simulated=True), settings, pressed)
    assert outcome.stopped
    assert given_back(good) == ["192.0.2.50"]
    assert outcome.measured.steps[0].state == "restored"


@given(st.binary(max_size=400))
def test_any_octets(octets: bytes) -> None:
    good = call(Kind.DISCOVER, 7, _MAC, {})
    for body in (octets, b"\x02" + good[1:240] + octets, b"\x02" + good[1:]):
        try:
            message = read_message(body)
        except ValueError:
            continue
        if message is not None:
            message.addresses(Option.DNS)
            read_vendors(message.options.get(Option.VENDOR_OPTION, b""))


@given(st.binary(max_size=60))
def test_any_option_125(octets: bytes) -> None:
    assert len(read_vendors(octets)) <= 12


def test_options_in_pieces_and_in_other_fields() -> None:
    """RFC 3396 and option 52: pieces belong together, the fields of names may hold options."""
    head = b"\x02" + call(Kind.DISCOVER, 7, _MAC, {})[1:236]
    in_file = head[:108] + bytes([6, 4, 192, 0, 2, 5, 255]).ljust(128, b"\0")
    body = bytes([53, 1, 2, 6, 4, 192, 0, 2, 1, 6, 4, 192, 0, 2, 2, 52, 1, 1, 255])
    message = read_message(in_file + b"\x63\x82\x53\x63" + body)
    assert message is not None
    assert [str(one) for one in message.addresses(Option.DNS)] == ["192.0.2.1", "192.0.2.2", "192.0.2.5"]
