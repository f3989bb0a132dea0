"""Television over the loopback interface, from a channel of the bench to the readings and their verdicts."""

import socket
import threading
import time
from typing import cast

import msgspec
import pytest

from linetest.bench.media_sender import MediaChannel, is_joined, sending
from linetest.bench.media_stream import MediaFault
from linetest.errors import UsageError
from linetest.model.codes import Reason, Verdict
from linetest.model.judge import judge
from linetest.model.limit import Limit
from linetest.model.reading import Measurement, Reading
from linetest.service import iptv
from linetest.service.access import Access
from linetest.service.iptv_settings import IptvSettings
from linetest.service.path import IpPath
from linetest.service.restore import Restore
from linetest.service.settings import ServiceSettings
from linetest.transports.multicast import Channel, Group, parse_channel


class NoPath:
    """Nothing of the path is used."""

    how = "system"
    simulated = True


def measured(
    channels: list[MediaChannel], seconds: float = 0.8, restore: Restore | None = None, quiet_s: float = 0.0
) -> Measurement:
    access = Access(
        address="lo", simulated=True, servers={"iptv": ", ".join(f"{one.group}:{one.port}" for one in channels)}
    )
    wanted = IptvSettings(seconds=seconds, quiet_s=quiet_s, join_timeout_s=1.0, leave_timeout_s=2.0, silence_s=0.3)
    settings = ServiceSettings(tests=["iptv"], iptv=wanted)
    with sending(channels):
        return iptv.measure(access, cast(IpPath, NoPath()), settings, restore or Restore())


def reading(measurement: Measurement, name: str, channel: str | None = None) -> Reading:
    found = [
        one
        for one in measurement.readings
        if one.metric == f"service.{name}" and (channel is None or one.where["channel"] == channel)
    ]
    assert len(found) == 1, (name, found)
    return found[0]


def channel(n: int, port: int, fault: MediaFault | None = None, **more: float) -> MediaChannel:
    return MediaChannel(group=f"239.255.77.{n}", port=port, fault=fault, **more)  # type: ignore[arg-type]


@pytest.fixture
def port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("", 0))
        return int(free.getsockname()[1])


def test_a_good_channel(port: int) -> None:
    restore = Restore()
    result = measured([channel(1, port)], restore=restore)
    assert reading(result, "channel_count").value == 1.0
    join_ms = reading(result, "iptv_join_ms").value
    assert join_ms is not None
    assert join_ms >= 20.0
    loss = reading(result, "iptv_loss_ppm")
    expected = reading(result, "iptv_expected_count").value
    assert expected is not None
    assert loss.value == 0.0
    assert loss.interval is not None
    assert loss.interval[1] == pytest.approx(3e6 / expected, rel=0.02)
    assert reading(result, "iptv_continuity_error_count").value == 0.0
    assert [(step.name, step.state) for step in restore.steps] == [(f"multicast group 239.255.77.1:{port}", "restored")]
    assert not is_joined("239.255.77.1")
    assert result.simulated
    (table,) = result.evidence
    assert table.body.startswith(b"second,packets,")
    assert b"\x55\x55" not in table.body


def test_exactly_the_faults_of_the_channel(port: int) -> None:
    fault = MediaFault(drop=frozenset({10, 11, 100, 150}), late_every=40, twice_every=37)
    result = measured([channel(2, port, fault)], seconds=1.0)
    assert reading(result, "iptv_lost_count").value == 4.0
    assert reading(result, "iptv_own_drop_count").value == 0.0
    assert msgspec.json.decode(msgspec.json.encode(result.details)) == result.details
    details = result.details["iptv"]["channels"][0]["rtp"]
    assert details["received"] - details["duplicates"] - details["outside"] == details["expected"] - details["lost"]
    assert details["duplicates"] >= 3
    assert details["reordered"] >= 3
    assert details["ssrc_changes"] == details["restarts"] == 0


def test_a_short_sample_is_inconclusive_and_a_long_one_decides() -> None:
    def loss(lost: int, of: int) -> Reading:
        from linetest.service.proportion import proved

        low, high = proved(lost, of)
        return Reading(
            metric="service.iptv_loss_ppm", value=1e6 * lost / of, unit="ppm", interval=(1e6 * low, 1e6 * high)
        )

    limit = Limit(metric="service.iptv_loss_ppm", max=5.85, source="x")
    short = judge(loss(0, 17_000), limit)
    assert (short.verdict, short.reason) == (Verdict.INCONCLUSIVE, Reason.SAMPLE_TOO_SMALL)
    proof = judge(loss(0, 513_000), limit)
    assert proof.verdict is Verdict.PASS
    assert proof.margin == pytest.approx(5.85 - 5.84, abs=0.005)
    assert judge(loss(3, 513_000), limit).verdict is Verdict.INCONCLUSIVE
    assert judge(loss(10, 513_000), limit).verdict is Verdict.FAIL
    assert judge(loss(3, 17_000), limit).verdict is Verdict.FAIL


def test_changing_channels(port: int) -> None:
    result = measured([channel(3, port, leave_s=0.2), channel(4, port, join_s=0.05)], seconds=0.5)
    change = reading(result, "iptv_change_ms")
    assert change.where["from_channel"] == f"239.255.77.3:{port}"
    assert change.value is not None
    assert change.value >= 50.0
    overlap = reading(result, "iptv_overlap_count")
    assert overlap.value is None or overlap.value > 0  # without the right to watch there is none
    assert overlap.reason in (None, Reason.NO_PERMISSION)
    assert reading(result, "iptv_lost_count", f"239.255.77.4:{port}").value == 0.0


def test_a_silent_channel_has_no_loss(port: int) -> None:
    result = measured([channel(5, port, MediaFault(silent=True))])
    came = reading(result, "channel_count")
    assert (came.value, came.reason) in ((0.0, None), (None, Reason.NO_PERMISSION))
    assert reading(result, "iptv_loss_ppm").value is None
    join = reading(result, "iptv_join_ms")
    assert join.bound == "at-least" or join.reason == Reason.NO_PERMISSION


def test_ctrl_c_leaves_the_group(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    restore, begun = Restore(), time.monotonic()
    sleep = time.sleep

    def interrupted(seconds: float) -> None:
        sleep(seconds)
        mine = threading.current_thread() is threading.main_thread()
        if mine and time.monotonic() - begun > 0.5 and is_joined("239.255.77.6"):
            raise KeyboardInterrupt

    monkeypatch.setattr("linetest.service.iptv_channel.time.sleep", interrupted)
    with pytest.raises(KeyboardInterrupt):
        measured([channel(6, port, MediaFault(silent=True))], restore=restore)
    assert [step.state for step in restore.steps] == ["restored"]
    assert not is_joined("239.255.77.6")


def test_what_this_program_dropped_is_not_the_lines(port: int) -> None:
    group = Group("lo", Channel("239.255.77.7", port))
    group.join()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        out.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("127.0.0.1"))
        for _datagram in range(12_000):
            out.sendto(bytes(1328), ("239.255.77.7", port))
        received = 0
        while len(batch := group.read().lengths):
            received += len(batch)
        out.sendto(bytes(1328), ("239.255.77.7", port))
        received += len(group.read().lengths)
    group.close()
    assert group.dropped > 0
    assert received + group.dropped == 12_001


@pytest.mark.parametrize(
    "text", ["", "239.1.1.1", "239.1.1.1:0", "10.0.0.1:5000", "239.1.1:5000", "x@239.1.1.1:1", "239.1.1.1:99999", ":"]
)
def test_what_is_no_channel_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is no channel") as refused:
        iptv.channels_of(f"239.1.1.1:5000, {text}")
    assert "239.1.1.1:5000" in refused.value.hint


def test_a_channel_may_have_a_source() -> None:
    assert parse_channel(" 192.0.2.7@232.1.1.1:5000") == Channel("232.1.1.1", 5000, "192.0.2.7")
    assert str(parse_channel("192.0.2.7@232.1.1.1:5000")) == "192.0.2.7@232.1.1.1:5000"


def test_without_a_channel_there_is_a_reason() -> None:
    path = cast(IpPath, NoPath())
    nothing = iptv.measure(Access(address="eth0"), path, ServiceSettings(), Restore())
    assert {one.reason for one in nothing.readings} == {Reason.NO_SERVER}
