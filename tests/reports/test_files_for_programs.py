"""The reports that programs read: JUnit XML, CSV, JSON."""

import csv
import json
from collections.abc import Callable
from io import StringIO
from xml.etree import ElementTree

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linetest.model.record import Record
from linetest.reports.csv_table import render_csv
from linetest.reports.json_text import render_json
from linetest.reports.junit import render_junit
from linetest.store.records import read_record

Golden = Callable[[str, str], None]
Make = Callable[..., Record]
WithWords = Callable[[Record, str], Record]
HOSTILE = [
    "\x1b]0;owned\x07",
    "\x00\x08\x0b\ufffe\uffff\ud800",
    "]]>&<x a='\"'/>",
    "=cmd|' /C calc'!A0",
    "@SUM(1)",
    "-2+3",
]
# What the readers of CI servers accept of each element: required attributes, then optional ones.
ELEMENTS: dict[str, tuple[set[str], set[str]]] = {
    "testsuites": (set(), set()),
    "testsuite": ({"name", "tests", "failures", "errors", "skipped", "timestamp"}, {"time"}),
    "properties": (set(), set()),
    "property": ({"name", "value"}, set()),
    "testcase": ({"name", "classname"}, set()),
    "failure": ({"message", "type"}, set()),
    "error": ({"message", "type"}, set()),
    "skipped": ({"message"}, set()),
    "system-out": (set(), set()),
}


def suite_of(record: Record) -> ElementTree.Element:
    """Return the suite of a record's JUnit XML, its structure checked."""
    root = ElementTree.fromstring(render_junit(record).encode())
    for element in root.iter():
        required, optional = ELEMENTS[element.tag]
        assert required <= set(element.attrib) <= required | optional, element.tag
    (suite,) = root
    cases = suite.findall("testcase")
    assert int(suite.attrib["tests"]) == len(cases)
    for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        assert int(suite.attrib[attribute]) == len(suite.findall(f"testcase/{tag}"))
    assert suite[0].tag == "properties"
    return suite


def rows_of(record: Record) -> list[dict[str, str | float]]:
    """Return the rows of a record's CSV; bare cells come back as numbers, quoted ones as text."""
    text = render_csv(record)
    assert text.startswith("\ufeff")
    lines = csv.reader(StringIO(text.removeprefix("\ufeff"), newline=""), quoting=csv.QUOTE_NONNUMERIC, strict=True)
    header, *rows = list(lines)
    return [dict(zip(map(str, header), row, strict=True)) for row in rows]


def test_golden_junit(golden: Golden, light_record: Make, copper_record: Make) -> None:
    golden("report-light.xml", render_junit(light_record()))
    golden("report-copper.xml", render_junit(copper_record()))


def test_golden_csv(golden: Golden, light_record: Make, copper_record: Make) -> None:
    golden("report-light.csv", render_csv(light_record()))
    golden("report-copper.csv", render_csv(copper_record()))


def test_junit_says_each_verdict_in_its_own_way(light_record: Make) -> None:
    suite = suite_of(light_record())
    assert [[child.tag for child in case] for case in suite.findall("testcase")] == [
        ["failure"],
        ["error"],
        ["skipped"],
    ]
    assert suite.attrib["name"].startswith("[SIMULATED]")
    assert suite.attrib["time"] == "42.000"
    properties = {one.attrib["name"]: one.attrib["value"] for one in suite.iter("property")}
    assert properties["simulated"] == "true"
    assert properties["profile"] == "ftth-light"
    assert properties["software"] == "linetest 0.1.0"


def test_a_record_without_checks_is_no_green_suite(empty_record: Record) -> None:
    suite = suite_of(empty_record)
    assert suite.attrib["errors"] == "1"


def test_junit_of_times_that_cannot_be_read(light_record: Make) -> None:
    for finished_at in ("soon", "2026-11-22T18:00:00+08:00", "2026-11-22T20:00:00"):
        assert "time" not in suite_of(light_record(finished_at=finished_at)).attrib


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_reach_no_program(copper_record: Make, with_words: WithWords, text: str) -> None:
    record = with_words(copper_record(), text)
    suite_of(record)
    for cell in (cell for row in rows_of(record) for cell in row.values()):
        if isinstance(cell, str):
            assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
            assert not any(ord(character) < 32 and character != "\t" for character in cell)
    render_csv(record).encode()


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters(), max_size=60))
def test_any_words_can_be_read_back(light_record: Make, with_words: WithWords, text: str) -> None:
    record = with_words(light_record(), text)
    suite_of(record)
    assert len(rows_of(record)) == len(record.checks)


def test_negative_levels_stay_numbers(light_record: Make) -> None:
    rows = rows_of(light_record())
    assert rows[0]["value"] == -27.4
    assert rows[0]["limit_min"] == -27.0
    assert rows[0]["wavelength_nm"] == 1490.0
    assert rows[1]["value"] == ""
    assert [row["verdict"] for row in rows] == ["fail", "inconclusive", "skipped"]
    assert "\r\n-27" not in render_csv(light_record())
    assert ",-27.4," in render_csv(light_record())


def test_csv_does_not_round(light_record: Make) -> None:
    record = light_record()
    exact = msgspec.structs.replace(record, checks=[msgspec.structs.replace(record.checks[0], value=-27.123456789)])
    assert rows_of(exact)[0]["value"] == -27.123456789


def test_json_is_sorted_and_is_the_record(copper_record: Make) -> None:
    record = copper_record(operator="张伟")
    text = render_json(record)
    document = json.loads(text)
    assert list(document) == sorted(document)
    assert "张伟" in text
    assert read_record(text.encode(), "test") == record
