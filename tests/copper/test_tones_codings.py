"""The octets of RFC 5650 and G.997.2, each by hand from the formula of the standard."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linetest.devices.dsl_codings import Coding, decode
from linetest.model.dsl import DslLine, is_gfast


@pytest.mark.parametrize(
    ("coding", "octets", "wanted"),
    [
        ("qln", "00", [-23.0]),
        ("qln", "01c8fe", [-23.5, -123.0, -150.0]),
        ("qln", "ff", [None]),
        ("hlog", "0000", [6.0]),
        ("hlog", "003c", [0.0]),
        ("hlog", "012c03fe", [-24.0, -96.2]),
        ("hlog", "03ff", [None]),
        ("hlog", "0400", [None]),  # no number of the coding
        ("hlog", "3c00", [None]),  # low octet first would be 0 dB
        ("snr", "00", [-32.0]),
        ("snr", "40fe", [0.0, 95.0]),
        ("snr", "ff", [None]),
        ("bits", "0f2a", [0.0, 15.0, 2.0, 10.0]),
        ("bits", "", []),
    ],
)
def test_a_coding_by_hand(coding: Coding, octets: str, wanted: list[float | None]) -> None:
    assert decode(coding, bytes.fromhex(octets)) == pytest.approx(wanted)


def test_gfast_counts_noise_from_another_place() -> None:
    """The same octet is 12 dB lower, and 0 and 251 are bounds, no values."""
    octets = bytes([0, 1, 200, 250, 251, 252, 254, 255])
    assert decode("qln", octets, gfast=True) == [None, -35.5, -135.0, -160.0, None, None, None, None]
    assert decode("qln", octets)[2] == -123.0  # type: ignore[index]
    assert decode("snr", b"\x40", gfast=True) == [0.0]


def test_half_a_number_is_no_coding() -> None:
    assert decode("hlog", b"\x00\x3c\x01") is None


@pytest.mark.parametrize(
    ("standard", "gfast"),
    [
        ("G.fast", True),
        ("GFAST", True),
        ("ITU-T G.9701", True),
        ("VDSL2 Annex B", False),
        (None, False),
        ("G.993.5", False),
    ],
)
def test_the_standard_says_whether_it_is_gfast(standard: str | None, gfast: bool) -> None:
    assert is_gfast(standard) is gfast


@pytest.mark.parametrize(
    ("standard", "profile", "spacing_hz"),
    [
        (None, None, 4312.5),
        ("VDSL2", "17a", 4312.5),
        ("VDSL2", "30a", 8625.0),
        ("VDSL2", "35b", 4312.5),
        ("G.fast", None, 51750.0),
    ],
)
def test_the_distance_of_two_tones(standard: str | None, profile: str | None, spacing_hz: float) -> None:
    assert DslLine(standard=standard, profile=profile).spacing_hz == spacing_hz


@given(st.sampled_from(["qln", "hlog", "snr", "bits"]), st.binary(max_size=1100), st.booleans())
def test_any_octets_stay_inside_of_what_the_coding_can_say(coding: Coding, octets: bytes, gfast: bool) -> None:
    low, high = {"qln": (-160.5, -23.0), "hlog": (-96.2, 6.0), "snr": (-32.0, 95.0), "bits": (0.0, 15.0)}[coding]
    values = decode(coding, octets, gfast=gfast)
    if values is None:
        assert coding == "hlog"
        assert len(octets) % 2
        return
    assert all(value is None or low - 1e-9 <= value <= high for value in values)
