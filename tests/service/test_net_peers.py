"""Delay, loss, MTU and names through real routers: Linux's own, and dnsmasq."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.service.net_namespaces import (
    ROUTER_IP,
    SERVER_IP,
    Row,
    can_have_namespaces,
    drop,
    reasons,
    row_of_namespaces,
    values,
)

pytestmark = [pytest.mark.peer, pytest.mark.slow]

_PING = {"ping": SERVER_IP}


@pytest.fixture
def row(need: Callable[[bool, str], None]) -> Iterator[Row]:
    need(can_have_namespaces("dnsmasq"), "namespaces need root on Linux, ip, nft and dnsmasq")
    with row_of_namespaces(f"lt{os.getpid() % 100_000}") as made:
        yield made


def test_each_loss_is_counted(row: Row) -> None:
    drop(row, row.router, ["icmp", "type", "echo-request", "numgen", "inc", "mod", "10", "==", "0", "drop"])
    settings = {"latency": {"requests": 50, "interval_s": 0.0, "timeout_s": 0.1}}
    measured = row.measure("latency", settings, _PING)
    found = measured["details"]["latency"]
    assert (found["sent"], found["lost"], values(measured)["loss_percent"]) == (50, 5, 10.0)
    assert found["loss_low_percent"] < 10.0 < found["loss_high_percent"]


def test_the_gateway_answers_where_no_server_is_named(row: Row) -> None:
    measured = row.measure("latency", {"latency": {"requests": 5, "interval_s": 0.0}}, {})
    assert measured["details"]["latency"]["server"] == ROUTER_IP
    assert values(measured)["loss_percent"] == 0.0


def test_nobody_answers(row: Row) -> None:
    settings = {"latency": {"requests": 3, "interval_s": 0.0, "timeout_s": 0.05}, "mtu": {"timeout_s": 0.05}}
    nobody = {"ping": "10.72.0.77"}
    latency = row.measure("latency", settings, nobody)
    assert values(latency)["loss_percent"] == 100.0
    assert reasons(latency)["latency_ms"] == "timeout"
    assert reasons(row.measure("mtu", settings, nobody)) == {"mtu_octets": "timeout", "mtu_black_hole_count": "timeout"}


@pytest.mark.parametrize("groups", ["1 0", "0 0"])  # nobody, and root's, may use the socket that needs no rights
def test_a_router_says_what_fits(row: Row, groups: str) -> None:
    row.do(row.client, "sysctl", "-qw", f"net.ipv4.ping_group_range={groups}")
    row.do(row.router, "ip", "link", "set", "r1", "mtu", "1492")
    measured = row.measure("mtu", {}, _PING)
    assert values(measured) == {"mtu_octets": 1492.0, "mtu_black_hole_count": 0.0}
    assert {"octets": 1500, "mtu": 1492} in measured["details"]["mtu"]["told"]


def test_without_the_right_there_is_a_reason_or_another_socket(row: Row, need: Callable[[bool, str], None]) -> None:
    need(can_have_namespaces("setpriv"), "setpriv takes rights away")
    settings = {"latency": {"requests": 5, "interval_s": 0.0}}
    refused = row.measure("latency", settings, _PING, rightless=True)
    assert reasons(refused)["latency_ms"] == "no-permission"
    assert "setcap cap_net_raw+ep" in refused["trouble"]
    row.do(row.client, "sysctl", "-qw", "net.ipv4.ping_group_range=0 0")
    assert values(row.measure("latency", settings, _PING, rightless=True))["loss_percent"] == 0.0


@pytest.mark.parametrize("largest", [1480, 1437])
def test_a_black_hole(row: Row, largest: int) -> None:
    drop(row, row.router, ["ip", "length", ">", str(largest), "drop"])
    measured = row.measure("mtu", {"mtu": {"timeout_s": 0.1}}, _PING)
    assert values(measured) == {"mtu_octets": float(largest), "mtu_black_hole_count": 1.0}


def test_nothing_in_the_way(row: Row) -> None:
    assert values(row.measure("mtu", {}, _PING)) == {"mtu_octets": 1500.0, "mtu_black_hole_count": 0.0}


def test_name_servers(row: Row, tmp_path: Path) -> None:
    """One that knows the name, one that lies about names that cannot exist, one that refuses, one that is not there."""

    def dnsmasq(address: str, *more: str) -> list[str]:
        row.do(row.server, "ip", "addr", "add", f"{address}/24", "dev", "s0")
        common = ["--no-daemon", "--no-resolv", "--no-hosts", "--conf-file=/dev/null", "--bind-interfaces"]
        pid_file = f"--pid-file={tmp_path / address}"
        return ["dnsmasq", "--user=root", *common, f"--listen-address={address}", pid_file, *more]

    def listening(address: str) -> Callable[[], bool]:
        return lambda: f"{address}:53" in row.do(row.server, "ss", "-Hlnu")

    good, liar, refusing = "10.72.0.11", "10.72.0.12", "10.72.0.13"
    host = "--host-record=there.test,192.0.2.7"
    with (
        row.running(row.server, *dnsmasq(good, host, "--local=/invalid/"), ready=listening(good)),
        row.running(row.server, *dnsmasq(liar, host, "--address=/#/192.0.2.66"), ready=listening(liar)),
        row.running(row.server, *dnsmasq(refusing), ready=listening(refusing)),
    ):
        servers = {"dns": f"{good}, {liar}, {refusing}, {ROUTER_IP}, 10.72.0.99", "name": "there.test"}
        measured = row.measure("dns", {"dns": {"questions": 2, "timeout_s": 0.3}}, servers)
    found = {one["server"]: one for one in measured["details"]["dns"]["servers"]}
    assert found[good]["addresses"] == ["192.0.2.7"]
    assert (found[good]["failed"], found[good]["absent"]) == (0, "NXDOMAIN")
    assert found[liar]["absent_addresses"] == ["192.0.2.66"]
    assert found[refusing]["outcomes"] == {"REFUSED": 2}
    assert found[ROUTER_IP]["outcomes"] == {"refused": 2}, "its port is closed, and it says so"
    assert found["10.72.0.99"]["failed"] == 2
    assert values(measured)["dns_working_count"] == 2.0
    lies = {one["where"]["server"]: one["value"] for one in measured["readings"] if "hijack" in one["metric"]}
    assert lies == {good: 0.0, liar: 1.0, refusing: 0.0, ROUTER_IP: None, "10.72.0.99": None}


def test_a_name_server_of_another_interface_says_nothing_of_the_line(row: Row) -> None:
    row.do(row.client, "ip", "link", "add", "vpn0", "type", "veth", "peer", "name", "vpn1")
    row.do(row.client, "ip", "addr", "add", "10.99.0.2/24", "dev", "vpn0")
    for one in ("vpn0", "vpn1"):
        row.do(row.client, "ip", "link", "set", one, "up")
    settings = {"dns": {"questions": 1, "timeout_s": 0.3}}

    row.resolver("10.99.0.1", "127.0.0.1")
    measured = row.measure("dns", settings, {"name": "there.test"})
    assert values(measured)["dns_working_count"] is None
    assert set(reasons(measured).values()) == {"other-interface"}

    row.resolver("10.99.0.1", SERVER_IP)  # one of the line, and it does not answer
    measured = row.measure("dns", settings, {"name": "there.test"})
    assert values(measured)["dns_working_count"] == 0.0
    failed = [one for one in measured["readings"] if one["metric"] == "service.dns_failed_percent"]
    assert [one["value"] for one in failed] == [None, 100.0]

    named = row.measure("dns", settings, {"name": "there.test", "dns": "10.99.0.1"})
    assert values(named)["dns_working_count"] == 0.0  # a person says that it is the line's
