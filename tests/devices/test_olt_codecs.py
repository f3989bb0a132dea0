"""Scales and indexes: the worked examples of their sources, both ways round, and nothing that crashes them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linetest.devices.index_codecs import INDEXES, IndexName
from linetest.devices.scale_codecs import _SCALES, Raw, ScaleName, scale
from linetest.model.codes import Reason
from linetest.model.onu_id import OnuId

NAMES = {7: "EPON0/1", 8: "EPON0/1:2", 4211081216: "EPON 0/2/3", 9: "eth0"}


@pytest.mark.parametrize(
    ("name", "raw", "wanted"),
    [
        ("hundredths", -2481, -24.81),
        ("hundredths", 716, 7.16),
        ("tenths", -189, -18.9),
        ("thousandths", -2335, -2.335),
        ("zte-dbm", 65535, Reason.NO_READING),
        ("zte-dbm", 6662, -16.676),
        ("zte-dbm", 63036, -35.0),
        ("zte-dbm", 15000, 0.0),
        ("huawei-dbm", -1818, -18.18),
        ("huawei-dbm", 227, 2.27),  # a power that is sent: not (227 - 10000) / 100
        ("huawei-dbm", 736, 7.36),
        ("huawei-dbm", 7778, -22.22),
        ("huawei-dbm", 2147483647, Reason.OUT_OF_WINDOW),
        ("huawei-dbm", 3000, Reason.OUT_OF_WINDOW),
        ("less-100", 7778, -22.22),
        ("tenth-microwatts", 10_000, 0.0),
        ("tenth-microwatts", 100, -20.0),
        ("tenth-microwatts", 0, Reason.UNDER_RANGE),
        ("dbm-text", b"0.03 mW (-14.61 dBm)", -14.61),  # another tool stores 0.03 dBm here
        ("dbm-text", b"2.38 mW (3.77 dBm)", 3.77),
        ("dbm-text", "-20.241(dbm)", -20.241),
        ("dbm-text", b"-21.55", -21.55),
        ("dbm-text", b"0.03 mW", Reason.WRONG_UNIT),
        ("dbm-text", "N/A", Reason.NO_READING),
        ("dbm-text", "-", Reason.NO_READING),
        ("first-number", b"30.67 C", 30.67),
        ("first-number", "3703m", 3703.0),
        ("first-number", "70(C)", 70.0),
        ("duration", "22 day(s), 1 hour(s), 23 minute(s), 23 second(s)", 22 * 86400 + 3600 + 23 * 60 + 23.0),
        ("duration", "34h 45m 21s", 125_121.0),
        ("duration", "soon", Reason.GARBLED),
        ("mac", bytes.fromhex("982a0aa025b9"), "98:2a:0a:a0:25:b9"),
        ("mac", "982A-0AA0-25B9", "98:2a:0a:a0:25:b9"),
        ("mac", "982a.0aa0.25b9", "98:2a:0a:a0:25:b9"),
        ("mac", "-", Reason.NO_READING),
        ("mac", b"\0\1\2", Reason.GARBLED),
        ("serial", b"HWTC\x01\x02\x03\x04", "HWTC01020304"),
        ("serial", "4857544301020304 (HWTC-01020304)", "HWTC01020304"),
        ("serial", "HWTC-0102030a", "HWTC0102030A"),
        ("serial", "46VBSM4LFW7QLGAV", "46VBSM4LFW7QLGAV"),
        ("serial", b"\x1b[2Jowned", Reason.GARBLED),
        ("per-256", 10_752, 42.0),
        ("number", "12x", Reason.GARBLED),
    ],
)
def test_scale_gives_its_sources_example(name: ScaleName, raw: Raw, wanted: float | str) -> None:
    found = scale(name, raw)
    assert found == (wanted if isinstance(wanted, str) else pytest.approx(wanted, abs=1e-9))


@given(
    name=st.sampled_from(sorted(_SCALES)),
    raw=st.one_of(st.integers(-(2**63), 2**64), st.binary(max_size=40), st.text(max_size=40)),
)
def test_no_raw_value_crashes_a_scale_or_gives_infinity(name: ScaleName, raw: Raw) -> None:
    found = scale(name, raw)
    assert isinstance(found, str) or math.isfinite(found)


@given(raw=st.integers(-(10**6), 10**6))
def test_the_two_ways_of_huawei_never_give_a_power_that_is_not_possible(raw: int) -> None:
    found = scale("huawei-dbm", raw)
    assert isinstance(found, Reason) or -50.0 <= found <= 10.0  # type: ignore[operator]


@pytest.mark.parametrize(
    ("name", "suffix", "wanted"),
    [
        ("huawei-gpon", (4194312192, 1), OnuId(0, 1, 0, 1)),
        ("huawei-gpon", (4194304000 + 15 * 256, 127), OnuId(0, 0, 15, 127)),
        ("zte-1012", (268501248, 3), OnuId(1, 1, 1, 3)),
        ("zte-1012-1", (268501248, 3, 1), OnuId(1, 1, 1, 3)),
        ("zte-1082", (285279233, 5), OnuId(1, 4, 1, 5)),
        ("pon-onu", (1, 16), OnuId(0, 0, 1, 16)),
        ("fiberhome", ((2 << 25) + (5 << 19) + (7 << 8),), OnuId(0, 2, 5, 7)),
        ("serial", (12, *b"UBNT00aa11bb"), OnuId(0, 0, 0, "UBNT00aa11bb")),
        ("interface", (8,), OnuId(0, 0, 1, 2)),
        ("interface-onu", (4211081216, 4), OnuId(0, 2, 3, 4)),
        ("calix", (1001,), OnuId(0, 0, 0, 1001)),
    ],
)
def test_index_is_read_and_written(name: IndexName, suffix: tuple[int, ...], wanted: OnuId) -> None:
    codec = INDEXES[name]
    assert codec.decode(suffix, NAMES) == wanted
    assert codec.encode(wanted, NAMES) == suffix


def test_indexes_that_are_only_read() -> None:
    assert INDEXES["cdata"].decode(((1 << 24) + 0x48_0000 + 2 * 4096 + 9, 0, 0), {}) == OnuId(0, 1, 3, 9)
    assert INDEXES["bdcom-llid"].decode((7, 0, 0x11, 0x22, 0x33, 0x44, 0x55), {}) == "00:11:22:33:44:55"


@given(name=st.sampled_from(sorted(INDEXES)), suffix=st.lists(st.integers(0, 2**32), max_size=15))
def test_no_index_crashes_a_codec(name: IndexName, suffix: list[int]) -> None:
    INDEXES[name].decode(tuple(suffix), NAMES)


@given(slot=st.integers(0, 20), port=st.integers(0, 15), onu=st.integers(0, 127))
def test_no_two_onus_share_a_number(slot: int, port: int, onu: int) -> None:
    for name in ("huawei-gpon", "zte-1012", "zte-1082"):
        place = OnuId(1 if name != "huawei-gpon" else 0, slot + 1, port + 1, onu)
        suffix = INDEXES[name].encode(place, {})
        assert suffix is not None
        assert INDEXES[name].decode(suffix, {}) == place
