"""Television behind a bridge that snoops IGMP: a channel comes when it is joined, and goes when it is left.

The bridge floods until its querier has heard the answers to its first query: the tests wait for that.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from linetest.model.codes import Hint
from tests.service.net_namespaces import ROOT, Row, can_have_namespaces, sh

pytestmark = [pytest.mark.peer, pytest.mark.slow]

ONE, TWO = "239.66.1.1", "239.66.1.2"
PORT = 5000
_SEND = """
import itertools, socket, sys, time
from linetest.bench.media_stream import MediaFault, datagrams
out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
out.setsockopt(0, socket.IP_MULTICAST_IF, socket.inet_aton("10.88.0.1"))
out.setsockopt(0, socket.IP_MULTICAST_TTL, 4)
streams = [(group, datagrams(first_number=64_000)) for group in sys.argv[1:]]
due_s = time.monotonic()
while True:
    for group, stream in streams:
        for one in next(stream):
            out.sendto(one, (group, 5000))
    due_s += 0.00351
    time.sleep(max(due_s - time.monotonic(), 0.0))
"""


def port(namespace: str, name: str, bridge: str, its: str) -> None:
    sh("ip", "-n", namespace, "link", "add", name, "type", "veth", "peer", "name", its, "netns", bridge)
    sh("ip", "-n", bridge, "link", "set", its, "master", "br0", "up")
    sh("ip", "-n", namespace, "link", "set", name, "up")


@pytest.fixture(scope="module")
def network() -> Iterator[Row]:
    """A client (c0), a bridge with snooping and querier, and a server that sends two channels all the time."""
    row = Row(f"lb{os.getpid() % 100_000}")
    names = (row.client, row.router, row.server)
    try:
        if not can_have_namespaces("tcpdump", "tshark"):
            pytest.skip("network namespaces, nft, tcpdump and tshark are needed")
        for name in names:
            sh("ip", "netns", "add", name)
            sh("ip", "-n", name, "link", "set", "lo", "up")
        bridge = ["type", "bridge", "mcast_snooping", "1", "mcast_query_response_interval", "100"]
        sh("ip", "-n", row.router, "link", "add", "br0", *bridge, "mcast_last_member_interval", "50")
        # Only now: the interval that is waited for is the one there is when the querier begins, 10 s else.
        sh("ip", "-n", row.router, "link", "set", "br0", "type", "bridge", "mcast_querier", "1")
        sh("ip", "-n", row.router, "link", "set", "br0", "up")
        port(row.client, "c0", row.router, "b0")
        port(row.server, "s0", row.router, "b1")
        sh("ip", "-n", row.client, "addr", "add", "10.88.0.2/24", "dev", "c0")
        sh("ip", "-n", row.server, "addr", "add", "10.88.0.1/24", "dev", "s0")
        sender = subprocess.Popen(
            row.inside(row.server, sys.executable, "-c", _SEND, ONE, TWO), cwd=ROOT, start_new_session=True
        )
        try:
            time.sleep(5.0)  # the response interval, and some
            yield row
        finally:
            sender.kill()
            sender.wait(10)
    finally:
        for name in names:
            sh("ip", "netns", "del", name, check=False)


@pytest.fixture(autouse=True)
def peers(need: Callable[[bool, str], None]) -> None:
    need(can_have_namespaces("tcpdump", "tshark"), "network namespaces, nft, tcpdump and tshark are needed")


def settings(**more: float) -> dict[str, Any]:
    wanted = {"seconds": 2.0, "quiet_s": 1.0, "join_timeout_s": 3.0, "leave_timeout_s": 5.0, "silence_s": 1.0}
    return {"tests": ["iptv"], "iptv": wanted | more}


def measured(row: Row, *groups: str, how: str = "system", **more: float) -> dict[str, Any]:
    return row.measure("iptv", settings(**more), {"iptv": ", ".join(f"{group}:{PORT}" for group in groups)}, how=how)


def reading(result: dict[str, Any], name: str, group: str = ONE) -> dict[str, Any]:
    (found,) = [
        one
        for one in result["readings"]
        if one["metric"] == f"service.{name}" and one["where"]["channel"] == f"{group}:{PORT}"
    ]
    return dict(found)


@contextmanager
def captured(row: Row, file: Path) -> Iterator[None]:
    words = [
        "tcpdump",
        "-i",
        "c0",
        "-n",
        "--immediate-mode",
        "-U",
        "-s",
        "96",
        "-w",
        str(file),
        "igmp or udp port 5000",
    ]
    with subprocess.Popen(row.inside(row.client, *words), stderr=subprocess.PIPE) as process:
        try:
            assert process.stderr is not None
            assert any(b"listening on" in line for line in iter(process.stderr.readline, b""))
            yield
            time.sleep(0.5)
        finally:
            process.terminate()


def seen(file: Path) -> list[tuple[float, str, str]]:
    """Return time, destination, and of IGMP its group, as tshark reads them."""
    fields = ["frame.time_epoch", "ip.dst", "igmp.maddr"]
    words = ["tshark", "-n", "-r", str(file), "-T", "json", *(word for one in fields for word in ("-e", one))]
    layers = [one["_source"]["layers"] for one in json.loads(sh(*words))]
    found = [[layer.get(one, [""])[0] for one in fields] for layer in layers]
    return [(float(at), to, group) for at, to, group in found]


def test_a_channel_comes_with_the_join_and_goes_with_the_leave(network: Row, tmp_path: Path) -> None:
    file = tmp_path / "join.pcap"
    with captured(network, file):
        result = measured(network, ONE)
    assert reading(result, "channel_count")["value"] == 1.0
    (details,) = result["details"]["iptv"]["channels"]
    assert details["watched"]
    assert details["before_join"] <= 2
    assert reading(result, "iptv_lost_count")["value"] == 0.0

    frames = seen(file)
    # The bridge's querier speaks IGMPv2, so the client does: a report to the group, a leave to all routers.
    joined_s = min(at for at, to, group in frames if (to, group) == (ONE, ONE))
    left_s = min(at for at, to, group in frames if (to, group) == ("224.0.0.2", ONE))
    packets_s = [at for at, to, group in frames if to == ONE and not group]
    # More than 2 before the join would be a bridge that floods.
    assert sum(at < joined_s for at in packets_s) <= 2
    first_s, last_s = min(at for at in packets_s if at > joined_s), max(packets_s)
    join_ms, leave_ms = reading(result, "iptv_join_ms")["value"], reading(result, "iptv_leave_ms")["value"]
    # The system sends the report within a tick or two of being asked, so ours are longer by that and never shorter.
    assert -1.0 < join_ms - 1e3 * (first_s - joined_s) < 50.0
    assert -1.0 < leave_ms - 1e3 * (last_s - left_s) < 50.0
    assert 0.0 < leave_ms < 2600.0


def test_changing_channels_overlaps_until_the_bridge_has_let_go(network: Row) -> None:
    time.sleep(2.0)
    result = measured(network, ONE, TWO)
    assert reading(result, "iptv_change_ms", TWO)["value"] < 1000.0
    overlap, leave_ms = reading(result, "iptv_overlap_count", TWO)["value"], reading(result, "iptv_leave_ms")["value"]
    expected = leave_ms / 3.51
    assert overlap == pytest.approx(expected, rel=0.3, abs=10)
    assert [reading(result, "iptv_lost_count", group)["value"] for group in (ONE, TWO)] == [0.0, 0.0]


def test_exactly_what_nftables_dropped_is_lost(network: Row) -> None:
    time.sleep(2.0)
    nft = ["nft", "add"]
    network.do(network.client, *nft, "table", "netdev", "t")
    network.do(network.client, *nft, "chain", "netdev", "t", "i", "{ type filter hook ingress device c0 priority 0; }")
    network.do(network.client, *nft, "counter", "netdev", "t", "gone")
    rule = ["ip", "daddr", ONE, "numgen", "inc", "mod", "50", "==", "49", "counter", "name", "gone", "drop"]
    network.do(network.client, *nft, "rule", "netdev", "t", "i", *rule)
    try:
        result = measured(network, ONE, seconds=4.0)
        gone = json.loads(network.do(network.client, "nft", "-j", "list", "counters", "table", "netdev", "t"))
    finally:
        network.do(network.client, "nft", "delete", "table", "netdev", "t")
    (dropped,) = [one["counter"]["packets"] for one in gone["nftables"] if "counter" in one]
    lost = reading(result, "iptv_lost_count")["value"]
    # After the leave some more come and are dropped; in the sample every fiftieth is missing.
    of = reading(result, "iptv_expected_count")["value"]
    assert lost in (of // 50 - 1, of // 50, of // 50 + 1)
    assert lost <= dropped
    low, high = reading(result, "iptv_loss_ppm")["interval"]
    assert low < 20_000.0 < high
    assert reading(result, "iptv_loss_ppm").get("hint") is None


def test_a_channel_that_nobody_sends_is_told_as_such(network: Row) -> None:
    result = measured(network, "239.66.1.99", join_timeout_s=1.0)
    came = reading(result, "channel_count", "239.66.1.99")
    assert (came["value"], came["hint"]) == (0.0, Hint.NO_CHANNEL)
    join = reading(result, "iptv_join_ms", "239.66.1.99")
    assert (join["value"], join["bound"]) == (1000.0, "at-least")


@pytest.mark.parametrize("version", ["2", "3"])
def test_by_frames_the_bridge_lets_a_channel_come_and_go_too(network: Row, tmp_path: Path, version: str) -> None:
    bridge = ["ip", "-n", network.router, "link", "set", "br0", "type", "bridge"]
    sh(*bridge, "mcast_querier", "0")
    sh(*bridge, "mcast_igmp_version", version, "mcast_query_interval", "100", "mcast_startup_query_interval", "100")
    sh(*bridge, "mcast_querier", "1")
    file = tmp_path / "frames.pcap"
    try:
        with captured(network, file):
            result = measured(network, ONE, how="dhcp", seconds=5.0, quiet_s=2.5)
    finally:
        sh(*bridge, "mcast_igmp_version", "2")
    assert reading(result, "channel_count")["value"] == 1.0
    assert reading(result, "iptv_lost_count")["value"] == 0.0
    (details,) = result["details"]["iptv"]["channels"]
    assert details["igmp"] == f"V{version}"
    # The frames are heard by this laptop's own capture as outgoing ones; a query each second is answered.
    words = [
        "-T",
        "fields",
        "-e",
        "ip.src",
        "-e",
        "ip.dst",
        "-Y",
        f"igmp && ip.src == 10.88.0.2 && igmp.maddr == {ONE}",
    ]
    said = sh("tshark", "-n", "-r", str(file), *words).split("\n")
    assert len([line for line in said if line]) >= 5
    assert reading(result, "iptv_leave_ms")["value"] < 2600.0
