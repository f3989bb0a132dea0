"""Television by frames with VLAN tags, over the simulated segment: what is said to the head end and what is counted."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import pytest

from linetest.bench.media_headend import Headend, HeadendSettings
from linetest.bench.media_sender import MediaChannel
from linetest.bench.media_stream import MediaFault
from linetest.bench.net_wire import Wire, open_wire
from linetest.errors import UsageError
from linetest.model.codes import Hint, Reason
from linetest.model.reading import Measurement, Reading
from linetest.service import iptv
from linetest.service.access import Access
from linetest.service.iptv_settings import IptvSettings
from linetest.service.path import IpPath
from linetest.service.restore import Restore
from linetest.service.settings import ServiceSettings
from linetest.transports.frames import Tag

QINQ, QINQ_TAGS = ("802.1ad:10", "85"), bytes.fromhex("88a8000a 81000055")
GROUP, OTHER, PORT = "239.77.1.1", "239.77.1.2", 5000


class Leased:
    """A path with a lease."""

    how = "dhcp"
    address = "10.99.0.20"
    simulated = True


class Dialled(Leased):
    """A path with a session."""

    how = "pppoe"


@contextmanager
def headend(channels: list[MediaChannel] | None = None, **settings: object) -> Iterator[tuple[Wire, Headend]]:
    with open_wire() as wire:
        wanted = channels or [MediaChannel(group=GROUP, port=PORT)]
        station = Headend(wire, HeadendSettings(wanted, **settings))  # type: ignore[arg-type]
        wire.stations.append(station)
        yield wire, station


def measured(
    wire: Wire,
    named: str = f"{GROUP}:{PORT}",
    *,
    tags: tuple[str, ...] = QINQ,
    path: object | None = None,
    restore: Restore | None = None,
    **servers: str,
) -> Measurement:
    access = Access(address=wire.address, tags=tags, servers={"iptv": named, **servers}, simulated=True)
    wanted = IptvSettings(seconds=0.5, quiet_s=0.05, join_timeout_s=0.5, leave_timeout_s=2.0, silence_s=0.2)
    return iptv.measure(
        access,
        cast(IpPath, path or Leased()),
        ServiceSettings(tests=["iptv"], iptv=wanted),
        restore or Restore(),
    )


def reading(result: Measurement, name: str, group: str = GROUP) -> Reading:
    metric = f"service.{name}"
    (found,) = (one for one in result.readings if one.metric == metric and one.where["channel"] == f"{group}:{PORT}")
    return found


@pytest.mark.parametrize(
    ("version", "tags", "octets"),
    [
        (2, QINQ, QINQ_TAGS),
        (3, ("85",), bytes.fromhex("81000055")),
        pytest.param(2, (), b"", marks=pytest.mark.slow),
        pytest.param(3, QINQ, QINQ_TAGS, marks=pytest.mark.slow),
    ],
)
def test_a_channel_is_joined_answered_for_and_left(version: int, tags: tuple[str, ...], octets: bytes) -> None:
    restore = Restore()
    with headend(tags=octets, version=version) as (wire, station):
        result = measured(wire, tags=tags, restore=restore)
    assert reading(result, "channel_count").value == 1.0
    join_ms = reading(result, "iptv_join_ms").value
    assert join_ms is not None
    assert 20.0 <= join_ms < 500.0
    assert reading(result, "iptv_lost_count").value == 0.0
    kinds = [what for what, _group, _who in station.heard]
    assert kinds[0] == "join"
    assert "answer" in kinds
    assert kinds.index("leave") > kinds.index("answer")
    assert {(group, who) for _what, group, who in station.heard} == {(GROUP, Leased.address)}
    assert not station.wanted
    assert result.details["iptv"]["querier"] == station.settings.address
    assert result.details["iptv"]["channels"][0]["igmp"] == f"V{version}"
    assert [(step.name, step.state) for step in restore.steps] == [(f"multicast group {GROUP}:{PORT}", "restored")]
    assert result.simulated


def test_exactly_the_losses_of_the_channel_are_counted() -> None:
    fault = MediaFault(drop=frozenset({10, 11, 40, 61}), late_every=20, twice_every=17)
    with headend([MediaChannel(group=GROUP, port=PORT, fault=fault)], tags=QINQ_TAGS) as (wire, _station):
        result = measured(wire)
    assert reading(result, "iptv_lost_count").value == 4.0
    assert reading(result, "iptv_own_drop_count").value == 0.0
    rtp = result.details["iptv"]["channels"][0]["rtp"]
    assert rtp["received"] - rtp["duplicates"] - rtp["outside"] == rtp["expected"] - rtp["lost"]
    assert rtp["duplicates"] >= 3
    assert rtp["reordered"] >= 3


@pytest.mark.parametrize(
    ("sends", "words", "where"),
    [
        (b"", "untagged", {"came": "untagged"}),
        pytest.param(bytes.fromhex("81000055"), "802.1Q 85", {"came_with": ["802.1Q 85"]}, marks=pytest.mark.slow),
        (bytes.fromhex("88a8000b 81000055"), "802.1ad 11 + 802.1Q 85", {"came_with": ["802.1ad 11 + 802.1Q 85"]}),
    ],
)
def test_a_channel_with_other_tags_is_no_success(sends: bytes, words: str, where: dict[str, object]) -> None:
    with headend(tags=QINQ_TAGS, sends_tags=sends) as (wire, station):
        result = measured(wire)
    assert ("join", GROUP, Leased.address) in station.heard
    came = reading(result, "channel_count")
    assert (came.value, came.hint) == (0.0, Hint.CHANNEL_TAGS)
    assert {key: value for key, value in came.where.items() if key != "channel"} == where
    assert result.details["iptv"]["channels"][0]["with_other_tags"][words] > 10
    assert reading(result, "iptv_loss_ppm").value is None


@pytest.mark.slow
def test_a_channel_that_nobody_sends_is_not_there() -> None:
    with headend(tags=QINQ_TAGS) as (wire, _station):
        result = measured(wire, f"{OTHER}:{PORT}")
    came = reading(result, "channel_count", OTHER)
    assert (came.value, came.hint) == (0.0, Hint.NO_CHANNEL)
    join = reading(result, "iptv_join_ms", OTHER)
    assert (join.value, join.bound) == (500.0, "at-least")


@pytest.mark.slow
def test_beside_a_session_nothing_is_said_of_the_line_where_nobody_named_the_tags() -> None:
    with headend(tags=QINQ_TAGS) as (wire, _station):
        guessed = reading(measured(wire, f"{OTHER}:{PORT}", path=Dialled()), "channel_count", OTHER)
        named = reading(measured(wire, f"{OTHER}:{PORT}", path=Dialled(), iptv_vlans="85"), "channel_count", OTHER)
    assert (guessed.value, guessed.reason) == (None, Reason.NO_IPTV_TAGS)
    assert (named.value, named.hint) == (0.0, Hint.NO_CHANNEL)


def test_television_may_have_tags_of_its_own_and_then_has_no_address() -> None:
    with headend(tags=bytes.fromhex("81000055")) as (wire, station):
        result = measured(wire, tags=("41",), iptv_vlans="85")
    assert reading(result, "channel_count").value == 1.0
    assert {who for _what, _group, who in station.heard} == {"0.0.0.0"}
    assert result.details["iptv"]["tags"] == "802.1Q 85"


@pytest.mark.slow
def test_beside_a_session_there_is_no_address() -> None:
    with headend(tags=QINQ_TAGS) as (wire, station):
        result = measured(wire, path=Dialled())
    assert reading(result, "channel_count").value == 1.0
    assert {who for _what, _group, who in station.heard} == {"0.0.0.0"}


def test_changing_channels_by_frames() -> None:
    channels = [
        MediaChannel(group=GROUP, port=PORT, leave_s=0.4),
        MediaChannel(group=OTHER, port=PORT, join_s=0.05),
    ]
    with headend(channels, tags=QINQ_TAGS) as (wire, _station):
        result = measured(wire, f"{GROUP}:{PORT}, {OTHER}:{PORT}")
    change = reading(result, "iptv_change_ms", OTHER)
    assert change.value is not None
    assert change.value >= 50.0
    assert (reading(result, "iptv_overlap_count", OTHER).value or 0.0) > 3.0
    leave_ms = reading(result, "iptv_leave_ms").value
    assert leave_ms is not None
    assert 350.0 < leave_ms < 1500.0
    assert [reading(result, "iptv_lost_count", group).value for group in (GROUP, OTHER)] == [0.0, 0.0]


def test_a_source_is_named_in_the_report() -> None:
    with headend(tags=QINQ_TAGS, version=3) as (wire, _station):
        result = measured(wire, f"10.99.0.1@{GROUP}:{PORT}")
        reports = [frame for frame in wire.passed if frame[:6] == bytes.fromhex("01005e000016")]
    assert result.readings[0].value == 1.0
    allow, block = reports[0], reports[-1]
    record_at = 12 + 8 + 2 + 24 + 8
    wanted = bytes([239, 77, 1, 1, 10, 99, 0, 1])
    assert allow[record_at : record_at + 12] == bytes([5, 0, 0, 1]) + wanted
    assert block[record_at : record_at + 12] == bytes([6, 0, 0, 1]) + wanted


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("untagged", ()),
        ("85", (Tag(0x8100, 85),)),
        ("802.1ad:10, 85", (Tag(0x88A8, 10), Tag(0x8100, 85))),
    ],
)
def test_the_tags_of_television_as_a_person_writes_them(text: str, tags: tuple[Tag, ...]) -> None:
    assert iptv.tags_of(Access(address="eth0", tags=("41",), servers={"iptv_vlans": text})) == tags


@pytest.mark.parametrize("text", ["", "85,", "0", "4095", "802.1x:1"])
def test_what_are_no_tags_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is not a VLAN tag"):
        iptv.read_vlans(text)


def test_ctrl_c_leaves_the_channel_and_says_so_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    restore, sleep = Restore(), time.sleep
    with headend([MediaChannel(group=GROUP, port=PORT, fault=MediaFault(silent=True))], tags=QINQ_TAGS) as (
        wire,
        station,
    ):

        def interrupted(seconds: float) -> None:
            sleep(seconds)
            if threading.current_thread() is threading.main_thread() and station.wanted:
                raise KeyboardInterrupt

        monkeypatch.setattr("linetest.service.iptv_channel.time.sleep", interrupted)
        with pytest.raises(KeyboardInterrupt):
            measured(wire, restore=restore)
        monkeypatch.undo()
        sleep(0.2)
        leaves = [frame for frame in wire.passed if frame[:6] == bytes.fromhex("01005e000002")]
    assert [(step.name, step.state) for step in restore.steps] == [(f"multicast group {GROUP}:{PORT}", "restored")]
    assert ("leave", GROUP, Leased.address) in station.heard
    assert len(leaves) == 2
