"""The page of the indicators: words of orders are only shown, the months have a course, nothing sticks out."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace

from linetest.model.case import Case
from linetest.model.tally import Month
from linetest.reports.kpi_page import render_kpi_page
from linetest.reports.kpi_table import render_kpi_csv
from linetest.reports.kpi_text import render_kpi
from linetest.workorders.indicators import count, months
from linetest.workorders.rules import load_deadlines, load_indicators
from tests.workorders.month import NOW
from tests.workorders.month_table import TABLE

Event = dict[str, Any]
Open = Callable[[str], tuple[list[Event], Callable[[str], Any]]]
HOSTILE = '=cmd<script>alert(1)</script>"\x1b[31m\u202e'


def counted(cases: list[Case], team: str | None, last: date = date(2026, 11, 30)) -> list[Month]:
    targets, deadlines = load_indicators("indicators-cn"), load_deadlines("deadlines-cn")
    spans = months(date(2026, 11, 1), last, team, deadlines, NOW)
    return [count(cases, span, targets, deadlines, []) for span in spans]


@pytest.fixture(scope="module")
def hostile() -> list[Month]:
    """Return the month of a team, and of orders, whose names are meant to do harm."""
    cases = [
        replace(row.case, order=replace(row.case.order, number=HOSTILE + row.case.order.number, team=HOSTILE))
        for row in TABLE
    ]
    return counted(cases, HOSTILE)


@pytest.fixture(scope="module")
def page(hostile: list[Month]) -> str:
    return render_kpi_page([*hostile, *counted([], HOSTILE, date(2026, 11, 5))])


def test_hostile_names_are_only_shown(hostile: list[Month], page: str) -> None:
    text, table = render_kpi(hostile), render_kpi_csv(hostile)
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    for shown in (page, text, table):
        assert "\x1b" not in shown
        assert "\u202e" not in shown
    assert "'=cmd" in table


def test_a_month_without_anything_has_no_picture() -> None:
    page = render_kpi_page(counted([], None))
    assert "<img" not in page
    assert "K10d" in page


@pytest.mark.peer
@pytest.mark.parametrize("width", [390, 900])
def test_nothing_sticks_out_at_the_side(open_page: Open, page: str, width: int) -> None:
    events, ask = open_page(page)
    frame = f"""new Promise(done => {{
        const frame = document.createElement('iframe');
        frame.style.width = '{width}px';
        frame.srcdoc = document.documentElement.outerHTML;
        frame.onload = () => done(frame.contentDocument.documentElement.scrollWidth);
        document.body.append(frame);
    }})"""
    assert 0 < ask(frame) <= width
    assert ask("[...document.images].every(image => image.naturalWidth > 300)") is True
    asked = [event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"]
    assert [address for address in asked if not address.startswith(("file:", "data:"))] == []
