"""The text report: what it says, and that nothing in a record can break its 80 columns."""

import re
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
import wcwidth
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linetest.model.record import Record
from linetest.reports.text import render_text
from linetest.words.text import use_language

Golden = Callable[[str, str], None]
Make = Callable[..., Record]
HOSTILE = [
    "\x1b[2J\x1b]0;owned\x07",
    "\x9b31m",
    "\u202e\u2066gnp.exe",
    "line\nbreak\r\ttab",
    "<img src=x onerror=alert(1)>",
    "=cmd|' /C calc'!A0",
    "名" * 200,
    "\ud800",
    "e\u0301" * 100,
    "👨‍👩‍👧" * 60,
]


def widest(text: str) -> int:
    return max(wcwidth.width(line) for line in text.splitlines())


def test_golden_copper(golden: Golden, copper_record: Make) -> None:
    golden("report-copper.txt", render_text(copper_record()) + "\n")


def test_golden_light(golden: Golden, light_record: Make) -> None:
    golden("report-light.txt", render_text(light_record()) + "\n")


def test_golden_empty(golden: Golden, empty_record: Record) -> None:
    golden("report-empty.txt", render_text(empty_record) + "\n")


def test_chinese_keeps_the_structure_and_the_width(light_record: Make, copper_record: Make) -> None:
    for record in (light_record(line="广州市天河区"), copper_record(operator="张伟" * 50)):
        english = render_text(record)
        use_language("zh")
        chinese = render_text(record)
        use_language("en")
        assert widest(chinese) <= 80
        for number in ("-27.40 dBm", "-38.09 dB"):
            assert chinese.count(number) == english.count(number)
        assert record.id in chinese


def test_columns_line_up_where_a_character_is_two_wide(copper_record: Make) -> None:
    record = copper_record()
    named = [
        msgspec.structs.replace(check, where={**check.where, "pair_name": "蓝白"}) if number % 2 else check
        for number, check in enumerate(record.checks)
    ]
    text = render_text(msgspec.structs.replace(record, checks=named))
    ends = {
        wcwidth.width(line[: line.index("below -40.0 dB")]) for line in text.splitlines() if "below -40.0 dB" in line
    }
    assert len(ends) == 1


def test_simulated_stands_above_and_below(light_record: Make) -> None:
    text = render_text(light_record())
    assert text.splitlines()[0].startswith("*** SIMULATED")
    assert text.splitlines()[-1].startswith("*** SIMULATED")
    assert "SIMULATED" not in render_text(light_record(simulated=False))


def test_colour_adds_nothing_but_colour(copper_record: Make) -> None:
    record = copper_record()
    coloured = render_text(record, colour=True)
    assert "\x1b[31m" in coloured
    assert wcwidth.strip_sequences(coloured) == render_text(record)


def test_many_readings_are_counted_not_listed(light_record: Make) -> None:
    record = light_record()
    readings = [msgspec.structs.replace(record.readings[2], where={"wavelength_nm": 1600.0 + n}) for n in range(30)]
    text = render_text(msgspec.structs.replace(record, readings=readings))
    assert "1611 nm" in text
    assert "1612 nm" not in text
    assert "and 18 more" in text


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_in_every_place(
    copper_record: Make, with_words: Callable[[Record, str], Record], text: str
) -> None:
    printed = render_text(with_words(copper_record(), text))
    assert widest(printed) <= 80
    assert not any(control in printed for control in "\x1b\x9b\x07\r\u202e\u2066\ud800")
    printed.encode()


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=120), width=st.integers(72, 120), value=st.floats(-110, 40), bound=st.floats(-1e3, 1e3))
def test_never_wider_than_asked(
    light_record: Make,
    with_words: Callable[[Record, str], Record],
    text: str,
    width: int,
    value: float,
    bound: float,
) -> None:
    record = with_words(light_record(), text)
    check = record.checks[0]
    odd = msgspec.structs.replace(check, value=value, margin=bound, limit={"min": bound, "max": bound, "strict": True})
    printed = render_text(msgspec.structs.replace(record, checks=[odd, *record.checks]), width=width)
    assert widest(printed) <= width
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff]", printed)


def test_a_sweeps_result_says_what_the_rule_leaves_open(copper_record: Make) -> None:
    details: dict[str, Any] = {
        "band_hz": [25875.0, 1104000.0],
        "swept_hz": [25875.0, 17664000.0],
        "settings": {"quantity": ["pair-to-pair", "power-sum"], "fext_definition": ["input-output", 5]},
        "interpreted_as": "gain (negative dB)",
    }
    text = render_text(copper_record(details=details))
    assert "Band      25.875 kHz to 1104 kHz; swept: 25.875 kHz to 17.664 MHz" in text
    assert "Judged    one pair from one other; one pair from all others (power sum); FEXT" in text
    assert "Read as   gain (negative dB)" in text
    for odd in ({"band_hz": "x"}, {"swept_hz": [1]}, {"settings": [1]}, {"interpreted_as": None}):
        assert "PASS" in render_text(copper_record(details=details | odd))
