"""Numbers, limits and places in words."""

from typing import Any

import pytest

from linetest.model.judge import judge
from linetest.model.limit import Limit
from linetest.model.places import place_codes, place_words
from linetest.model.reading import Reading
from linetest.model.values import digits_of, limit_words, moment_words, value_words


@pytest.mark.parametrize(
    ("limit", "unit", "words"),
    [
        ({"max": -40.0, "strict": True}, "dB", "below -40.0 dB"),
        ({"max": -40.0}, "dB", "at most -40.0 dB"),
        ({"min": 90, "strict": True}, "%", "above 90 %"),
        ({"min": 6.25}, "dB", "at least 6.25 dB"),
        ({"min": -27.0, "max": -8.0}, "dBm", "-27.0 … -8.0 dBm"),
        ({"min": -27.0, "max": -8.0, "strict": True}, "dBm", "above -27.0, below -8.0 dBm"),
        ({"max": 0.0}, "", "at most 0"),
        ({}, "dB", "-"),
        ({"max": "high", "min": None}, "dB", "-"),
        ({"line": "odd"}, "dB", "a line of points"),
    ],
)
def test_limits(limit: dict[str, Any], unit: str, words: str) -> None:
    assert limit_words(limit, unit) == words


def test_a_line_is_named_by_its_value_at_the_place() -> None:
    limit = {"line": [[100.0, -60.0], [200.0, -40.0]], "along": "frequency_hz", "strict": True}
    assert limit_words(limit, "dB", {"frequency_hz": 150.0}) == "below -50.0 dB"
    assert limit_words(limit | {"bound": "min"}, "dB", {"frequency_hz": 100}) == "above -60.0 dB"
    assert limit_words(limit, "dB", {"frequency_hz": 300.0}) == "a line of points"
    assert limit_words(limit, "dB", {}) == "a line of points"


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (-38.204, "dB", "-38.20 dB"),
        (-0.001, "dB", "0.00 dB"),
        (None, "dB", "-"),
        (93.0, "%", "93 %"),
        (93.456, "Mbit/s", "93.46 Mbit/s"),
        (3.0, "", "3"),
    ],
)
def test_values(value: float | None, unit: str, words: str) -> None:
    assert value_words(value, unit) == words


@pytest.mark.parametrize(("value", "verdict"), [(-39.9996, "fail"), (-40.0, "fail"), (-40.0004, "pass")])
def test_rounding_never_hides_on_which_side_a_value_lies(value: float, verdict: str) -> None:
    limit = Limit(metric="copper.next_db", max=-40.0, strict=True, source="test")
    check = judge(Reading(metric="copper.next_db", value=value, unit="dB"), limit)
    assert check.verdict == verdict
    shown, margin = (
        float(value_words(number, "dB", digits_of(check)).split()[0]) for number in (check.value, check.margin)
    )
    assert (shown > -40.0, shown == -40.0) == (value > -40.0, value == -40.0)
    assert (margin < 0) == (value > -40.0)


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ({}, ""),
        ({"wavelength_nm": 1490.0}, "1490 nm"),
        (
            {"pair": "1", "disturber": "3", "frequency_hz": 1087000, "end": "near"},
            "pair 1 from 3 at 1087 kHz, near end",
        ),
        ({"pair": "1", "frequency_hz": 25875.0}, "pair 1 at 25.875 kHz"),
        ({"pair": "1", "disturber": None}, "pair 1"),
        ({"pair": 2, "disturber": 4, "pair_name": "blue"}, "pair 2 (blue) from 4"),
        ({"pair": "1", "pair_name": "PAIR1", "disturber": "2", "disturber_name": "red"}, "pair 1 from 2 (red)"),
        ({"frequency_hz": 17664000}, "at 17.664 MHz"),
        ({"llid": 3, "mac": "00:11:22:33:44:55"}, "LLID 3, MAC 00:11:22:33:44:55"),
        ({"onu": "0/1/0:5"}, "ONU 0/1/0:5"),
        ({"event": 3, "distance_m": 1234.5}, "event 3, at 1234.5 m"),
        ({"colour": "green", "end": "sideways"}, "colour=green, end=sideways"),
        ({"event": "reflective", "number": 3, "distance_m": 12.3456}, "event 3, at 12.3 m"),
        ({"event": "splitter", "wavelength_nm": 1550.0, "ways": "both"}, "1550 nm, splitter, mean of both directions"),
        ({"frames": list(range(20))}, "frames 0 1 2 3 4 5 6 7 …"),
        ({"rows": [1, 2]}, "rows=1,2"),
        ({"pair": "\x1b[1m", "frequency_hz": "much"}, "pair \\x1b[1m, frequency_hz=much"),
    ],
)
def test_places(where: dict[str, Any], words: str) -> None:
    assert place_words(where) == words


def test_place_codes_are_the_same_in_every_language() -> None:
    assert place_codes({"pair": "1", "frequency_hz": 1087000.0}) == "pair=1 frequency_hz=1087000"


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        ("2026-11-22T19:00:05+08:00", "2026-11-22 19:00:05 +08:00"),
        ("2026-11-22T19:00:05", "2026-11-22 19:00:05"),
        ("soon", "soon"),
        (None, "-"),
    ],
)
def test_moments(moment: str | None, words: str) -> None:
    assert moment_words(moment) == words


def test_a_place_at_the_start_is_not_a_little_before_it() -> None:
    assert place_words({"number": 2, "event": "reflective", "distance_m": -0.004}) == "event 2, at 0.0 m"
    assert place_words({"distance_m": -0.06}) == "at -0.1 m"


@pytest.mark.parametrize(
    ("value", "digits", "words"),
    [(0.00214, 2, "0.002 s"), (0.00214, 0, "0.002 s"), (-0.004, 2, "-0.004 s"), (0.0, 2, "0 s"), (1.004, 2, "1 s")],
)
def test_what_is_not_zero_is_not_printed_as_zero(value: float, digits: int, words: str) -> None:
    assert value_words(value, "s", digits) == words


def test_what_a_long_sample_proves_is_not_printed_as_zero() -> None:
    assert value_words(0.0, "%", 2, interval=(0.0, 0.003)) == "0 % (< 0.003 at 95 %)"
