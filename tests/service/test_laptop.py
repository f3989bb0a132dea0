"""What the laptop can carry, and when it was the limit instead of the line."""

from pathlib import Path

import pytest

from linetest.model.codes import Hint, Reason, Verdict
from linetest.model.judge import judge
from linetest.model.limit import Limit
from linetest.model.reading import Reading
from linetest.service.laptop import Port, Processors, is_down, limit_of_laptop, port_of
from linetest.service.rate_readings import rate_readings
from linetest.service.rate_samples import Taken
from linetest.service.rate_settings import Layer, RateSettings
from linetest.service.sample import Sample

_SETTINGS = RateSettings()
_SHARE = Limit(metric="service.downstream_share_percent", min=90.0, source="the test")


def _folder(tmp_path: Path, **files: str) -> Path:
    (tmp_path / "e0").mkdir()
    for name, text in files.items():
        (tmp_path / "e0" / name).write_text(text, encoding="ascii")
    return tmp_path


def test_a_port_says_its_speed(tmp_path: Path) -> None:
    network = _folder(tmp_path, speed="100\n", duplex="half\n")
    assert port_of("e0", network) == Port(interface="e0", speed_mbps=100.0, full_duplex=False)


@pytest.mark.parametrize(("speed", "duplex"), [("-1\n", "unknown\n"), ("", ""), ("x", "x")])
def test_a_port_that_does_not_say(tmp_path: Path, speed: str, duplex: str) -> None:
    assert port_of("e0", _folder(tmp_path, speed=speed, duplex=duplex)) == Port(interface="e0")


def test_wi_fi(tmp_path: Path) -> None:
    network = _folder(tmp_path)
    (network / "e0" / "phy80211").mkdir()
    assert port_of("e0", network).wireless


def test_load_of_the_processors(tmp_path: Path) -> None:
    stat = tmp_path / "stat"
    stat.write_text("cpu  10 0 10 70 10 0 0 0 0 0\ncpu0 1\n", encoding="ascii")
    processors = Processors(stat)
    assert processors.busy_percent() is None, "no time has passed"
    stat.write_text("cpu  30 0 40 110 20 0 0 0 9 9\ncpu0 1\n", encoding="ascii")
    assert processors.busy_percent() == pytest.approx(50.0)
    stat.write_text("nonsense\n", encoding="ascii")
    assert processors.busy_percent() is None


@pytest.mark.parametrize(
    ("port", "mbps", "load", "expected"),
    [
        (None, 900.0, 10.0, None),
        (Port(interface="e0", speed_mbps=1000.0, full_duplex=True), 500.0, 10.0, None),
        (Port(interface="e0", speed_mbps=100.0, full_duplex=True), 94.0, 10.0, Hint.SLOW_PORT),
        (Port(interface="e0", speed_mbps=100.0, full_duplex=True), 50.0, 10.0, None),
        (Port(interface="e0", speed_mbps=100.0, full_duplex=False), 50.0, 10.0, Hint.SLOW_PORT),
        (Port(interface="w0", wireless=True), 50.0, 10.0, Hint.WIRELESS),
        (Port(interface="e0", speed_mbps=1000.0, full_duplex=True), 500.0, 97.0, Hint.BUSY_LAPTOP),
        (Port(interface="e0"), 500.0, None, None),
    ],
)
def test_when_the_laptop_is_the_limit(port: Port | None, mbps: float, load: float | None, expected: str | None) -> None:
    assert limit_of_laptop(port, mbps, load, _SETTINGS) == expected


def _share(
    *samples: Sample, port: Port | None = None, contracted_mbps: float | None = 200.0, layer: Layer = "tcp"
) -> Reading:
    settings = RateSettings(layer=layer)
    taken = Taken(direction="down", samples=list(samples))
    readings = rate_readings(taken, {"server": "s"}, contracted_mbps, port, settings)
    return next(one for one in readings if one.metric == "service.downstream_share_percent")


def test_a_slow_port_is_not_the_line_s_fault() -> None:
    slow = Port(interface="e0", speed_mbps=100.0, full_duplex=True)
    share = _share(Sample(direction="down", tcp_mbps=94.0, peer="192.0.2.1"), port=slow)
    check = judge(share, _SHARE)
    assert (check.verdict, check.reason, check.hint) == (Verdict.INCONCLUSIVE, Reason.LAPTOP_LIMIT, Hint.SLOW_PORT)
    kept = _share(Sample(direction="down", tcp_mbps=94.0), port=slow, contracted_mbps=100.0)
    assert judge(kept, _SHARE).verdict is Verdict.PASS, "the line carries at least that"


def test_the_share_is_that_of_the_mean() -> None:
    share = _share(Sample(direction="down", tcp_mbps=170.0), Sample(direction="down", tcp_mbps=200.0))
    assert share.value == pytest.approx(92.5)
    assert share.where["samples"] == 2
    assert judge(share, _SHARE).verdict is Verdict.PASS


def test_a_sample_that_could_not_be_taken_leaves_no_share() -> None:
    lost = Sample(direction="down", reason=Reason.SERVER_LOST)
    share = _share(Sample(direction="down", tcp_mbps=170.0), lost)
    assert (share.value, share.reason, share.where["samples"]) == (None, Reason.SERVER_LOST, 1)


def test_without_a_contract_there_is_a_rate_and_no_share() -> None:
    share = _share(Sample(direction="down", tcp_mbps=170.0), contracted_mbps=None)
    assert (share.value, share.reason) == (None, Reason.NO_CONTRACT)


def test_the_layer_of_ip_needs_the_size_of_segments() -> None:
    known = Sample(direction="down", tcp_mbps=144.8, segment_octets=1448)
    assert _share(known, layer="ip").value == pytest.approx(75.0)
    unknown = _share(Sample(direction="down", tcp_mbps=144.8), layer="ip")
    assert (unknown.value, unknown.reason) == (None, Reason.NOT_DECIDABLE)


@pytest.mark.parametrize(
    ("state", "down"), [("up\n", False), ("unknown\n", False), ("down\n", True), ("lowerlayerdown\n", True)]
)
def test_a_port_without_a_cable_is_down(tmp_path: Path, state: str, down: bool) -> None:
    assert is_down("e0", _folder(tmp_path, operstate=state)) is down


@pytest.mark.parametrize(("carrier", "down"), [("0\n", True), ("1\n", False)])
def test_a_cable_just_pulled_shows_in_the_carrier_first(tmp_path: Path, carrier: str, down: bool) -> None:
    assert is_down("e0", _folder(tmp_path, operstate="up\n", carrier=carrier)) is down


def test_a_port_that_is_gone_is_down_and_where_the_system_does_not_tell_none_is(tmp_path: Path) -> None:
    assert is_down("e0", tmp_path)
    assert not is_down("e0", tmp_path / "none")
