"""What replies mean: sentinels, watts, and everything that is no number."""

from math import isfinite

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from linetest.devices.driver_file import load_driver
from linetest.devices.frames import Frames, pack, unpack
from linetest.devices.values import parse_reply, power_dbm
from linetest.errors import BadReply

TEXT_METERS = ["newport_1830c", "thorlabs_pm100", "keysight_816x", "santec_mpm210", "optokon_pm212"]
READS = {name: read for name in TEXT_METERS if (read := load_driver(name).read)}
FRAMES = Frames(start="7B FF", length_adds=3, checksum="negated-sum", end="7D", command_bytes=2)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (9.9e37, "over-range"),
        (-9.9e37, "under-range"),
        (9.91e37, "not-ready"),
        (3.402823e38, "over-range"),
        (-3.402823e38, "under-range"),
        (float("inf"), "over-range"),
        (float("nan"), "garbled"),
        (40.01, "out-of-window"),
        (-110.01, "out-of-window"),
        (1.5e-5, "wrong-unit"),
        (-9e-4, "wrong-unit"),
    ],
)
def test_no_power(value: float, reason: str) -> None:
    assert power_dbm(value, "dBm") == reason


@pytest.mark.parametrize("value", [0.0, -0.01, 0.001, -110.0, 40.0, -18.23])
def test_power(value: float) -> None:
    assert power_dbm(value, "dBm") == value


def test_watts_are_converted_and_darkness_has_no_logarithm() -> None:
    assert power_dbm(1e-5, "W") == pytest.approx(-20.0)
    assert power_dbm(0.0, "W") == "under-range"
    assert power_dbm(-1e-12, "W") == "under-range"


@pytest.mark.parametrize("name", TEXT_METERS)
@given(text=st.text(max_size=40))
@example(text="")
@example(text="nan")
@example(text="--1188..2233")
@example(text="0x1F")
@example(text="1_8.23")
@example(text="-1٨.23")
def test_any_text_is_a_possible_power_or_a_reason(name: str, text: str) -> None:
    for value in parse_reply(READS[name], text):
        if isinstance(value, float):
            assert isfinite(value)
            assert -110.0 <= value <= 40.0
            assert text.isascii()


@given(body=st.binary(min_size=2, max_size=40), noise=st.binary(max_size=8))
def test_frame_comes_back_out_of_noise(body: bytes, noise: bytes) -> None:
    noise = noise.replace(b"\x7b", b"\x00")
    assert unpack(FRAMES, noise + pack(FRAMES, body) + noise) == body


@given(body=st.binary(min_size=2, max_size=40), cut=st.integers(1, 40))
def test_frame_that_is_not_complete_is_waited_for(body: bytes, cut: int) -> None:
    frame = pack(FRAMES, body)
    assert unpack(FRAMES, frame[: -min(cut, len(frame))]) is None


def test_frame_of_the_public_description() -> None:
    assert pack(FRAMES, bytes.fromhex("0162")) == bytes.fromhex("7BFF0501621E7D")
    with pytest.raises(BadReply, match="1f 7d instead of 1e 7d"):
        unpack(FRAMES, bytes.fromhex("7BFF0501621F7D"))
