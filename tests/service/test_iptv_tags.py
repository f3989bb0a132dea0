"""Television in a VLAN of its own: a second kernel with real VLAN devices and a bridge that snoops IGMP behind them."""

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

import pytest

from tests.service.net_namespaces import sh

pytestmark = [pytest.mark.peer, pytest.mark.slow]

ROOT = Path(__file__).resolve().parents[2]
BNG_UP = ROOT / "tests" / "peers" / "bng-up"
ONE, HOLED, UNTAGGED = "239.88.1.1", "239.88.1.2", "239.88.1.3"
_PROFILE = """
name = "television"
kind = "limits"
[[step]]
room = "service"
[step.settings]
tests = ["iptv"]
[step.settings.iptv]
seconds = 5.0
quiet_s = 1.0
join_timeout_s = 2.0
leave_timeout_s = 5.0
silence_s = 1.0
[[limit]]
metric = "service.channel_count"
min = 1
source = "own choice: a channel that was joined arrives"
"""


class Wire(NamedTuple):
    """The name space with the wire, and where files can go."""

    space: str
    home: Path

    def checking(self, group: str, vlans: str = "802.1ad:10,85") -> "subprocess.Popen[str]":
        """Start the test of one channel."""
        profile = self.home / "television.toml"
        profile.write_text(_PROFILE, encoding="utf-8")
        words = ["service", "check", "--interface", "tap6", "--profile", str(profile), "--json"]
        words += ["--server", f"iptv={group}:5000", "--server", f"iptv_vlans={vlans}"]
        return subprocess.Popen(
            ["ip", "netns", "exec", self.space, sys.executable, "-m", "linetest", *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT), "LINETEST_HOME": str(self.home / f"kept {vlans}")},
        )

    def check(self, group: str, vlans: str = "802.1ad:10,85") -> dict[str, Any]:
        """Return the record of the test of one channel, as the command makes it."""
        out, err = self.checking(group, vlans).communicate(timeout=60)
        assert out, err
        record: dict[str, Any] = json.loads(out)
        return record

    @contextmanager
    def captured(self, file: Path) -> Iterator[None]:
        words = ["tcpdump", "-i", "tap6", "-n", "--immediate-mode", "-U", "-s", "96", "-w", str(file)]
        with subprocess.Popen(["ip", "netns", "exec", self.space, *words], stderr=subprocess.PIPE) as process:
            try:
                assert process.stderr is not None
                assert any(b"listening on" in line for line in iter(process.stderr.readline, b""))
                yield
                time.sleep(0.5)
            finally:
                process.terminate()

    def promiscuity(self) -> int:
        (link,) = json.loads(sh("ip", "-n", self.space, "-j", "-d", "link", "show", "tap6"))
        return int(link["promiscuity"])


@pytest.fixture(scope="module")
def _started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wire | str]:
    if os.geteuid() != 0:
        yield "the second kernel (tests/peers/bng-up) needs root"
        return
    if not all(map(which, ("linux.uml", "pppd", "pppoe-server", "ip", "tcpdump", "tshark"))):
        yield "the packages user-mode-linux, ppp, pppoe, iproute2, tcpdump and tshark are missing"
        return
    home = tmp_path_factory.mktemp("television")
    env = {**os.environ, "BNG_HOME": str(home / "bng"), "BNG_NS": f"linetest-tv-{os.getpid()}"}
    done = subprocess.run([BNG_UP, "up"], env=env, capture_output=True, text=True, timeout=120)
    try:
        if done.returncode != 0:
            yield f"the second kernel does not start: {done.stderr}"
            return
        space = dict(line.split("=", 1) for line in done.stdout.splitlines())["BNG_NS"]
        sh("ip", "-n", space, "addr", "add", "10.88.2.2/24", "dev", "tap6")
        sh("ip", "-n", space, "route", "add", "default", "via", "10.88.2.1")
        subprocess.run([BNG_UP, "television", "on"], env=env, check=True, timeout=10)
        time.sleep(6.0)  # until the bridge's querier has heard the answers to its first query
        yield Wire(space, home)
    finally:
        subprocess.run([BNG_UP, "down"], env=env, check=True, timeout=60)


@pytest.fixture
def wire(_started: Wire | str, need: Callable[[bool, str], None]) -> Wire:
    need(not isinstance(_started, str), _started if isinstance(_started, str) else "")
    assert isinstance(_started, Wire)
    return _started


def value(record: dict[str, Any], name: str) -> Any:
    (found,) = [one["value"] for one in record["readings"] if one["metric"] == f"service.{name}"]
    return found


def channel(record: dict[str, Any]) -> dict[str, Any]:
    (found,) = record["details"]["service"][0]["iptv"]["channels"]
    return dict(found)


def seen(file: Path, *fields: str, only: str) -> list[list[str]]:
    """Return fields of the frames that tshark finds; several values of one field by commas."""
    words = ["tshark", "-n", "-r", str(file), "-Y", only, "-T", "fields", "-E", "separator=|"]
    lines = sh(*words, *(word for one in fields for word in ("-e", one))).splitlines()
    return [line.split("|") for line in lines]


def test_a_channel_behind_two_tags_comes_with_the_join_and_goes_with_the_leave(wire: Wire, tmp_path: Path) -> None:
    file = tmp_path / "join.pcap"
    with wire.captured(file):
        record = wire.check(ONE)
    assert record["verdict"] == "pass"
    assert channel(record)["before_join"] == 0
    assert channel(record)["own_drops"] == 0
    assert value(record, "iptv_lost_count") == 0.0
    assert wire.promiscuity() == 0

    of_ours = "ieee8021ad.id == 10 && vlan.id == 85 && ip.src == 0.0.0.0 && igmp"
    said = seen(file, "ip.dst", "igmp.type", "ip.ttl", "ip.opt.ra", "eth.dst", "igmp.checksum.status", only=of_ours)
    assert {row[2] for row in said} == {"1"}
    assert {row[3] for row in said} == {"0"}  # the option is there, with its value
    assert {row[5] for row in said} == {"1"}  # good
    joins = {(row[0], row[1], row[4]) for row in said}
    assert (ONE, "0x16", "01:00:5e:58:01:01") in joins
    assert ("224.0.0.2", "0x17", "01:00:5e:00:00:02") in joins
    moments = [float(row[0]) for row in seen(file, "frame.time_epoch", only=f"{of_ours} && igmp.maddr == {ONE}")]
    packets = [float(row[0]) for row in seen(file, "frame.time_epoch", only=f"udp && ip.dst == {ONE}")]
    first_ms = 1e3 * (min(packets) - min(moments))
    assert value(record, "iptv_join_ms") == pytest.approx(first_ms, abs=20.0)
    left = [float(row[0]) for row in seen(file, "frame.time_epoch", only="ip.src == 0.0.0.0 && igmp.type == 0x17")]
    assert value(record, "iptv_leave_ms") == pytest.approx(1e3 * (max(packets) - min(left)), abs=20.0)


def test_exactly_what_is_missing_behind_two_tags_is_lost(wire: Wire, tmp_path: Path) -> None:
    file = tmp_path / "holes.pcap"
    with wire.captured(file):
        record = wire.check(HOLED)
    words = ["-d", "udp.port==5000,rtp"]
    numbers = sh(
        "tshark", "-n", "-r", str(file), *words, "-Y", f"rtp && ip.dst == {HOLED}", "-T", "fields", "-e", "rtp.seq"
    )
    came = [int(line) for line in numbers.split()]
    expected, lost = value(record, "iptv_expected_count"), value(record, "iptv_lost_count")
    in_sample = came[: int(expected - lost)]
    assert lost == in_sample[-1] - in_sample[0] + 1 - len(in_sample)
    assert lost >= 8.0
    low, high = next(one["interval"] for one in record["readings"] if one["metric"] == "service.iptv_loss_ppm")
    assert low < 20_000.0 < high


def test_an_untagged_channel_is_no_success_of_a_tagged_join(wire: Wire) -> None:
    record = wire.check(UNTAGGED)
    assert record["verdict"] == "fail"
    assert value(record, "channel_count") == 0.0
    (check,) = record["checks"]
    assert (check["hint"], check["where"]["came"]) == ("channel-other-tags", "untagged")
    assert channel(record)["with_other_tags"]["untagged"] > 50


def test_a_tagged_channel_is_no_success_of_an_untagged_join(wire: Wire) -> None:
    """The stream is switched on by a join with its tags, meanwhile the channel is asked for without any."""
    with wire.checking(ONE) as beside:
        record = wire.check(ONE, vlans="untagged")
        beside.wait(30)
    assert value(record, "channel_count") == 0.0
    (check,) = record["checks"]
    assert check["where"]["came_with"] == ["802.1ad 10 + 802.1Q 85"]
