"""The indicators of the made month against its table, which was worked out from the rules."""

from datetime import date
from fractions import Fraction
from functools import cache

import pytest
from msgspec.structs import replace

from linetest.catalog import load_profile
from linetest.model.deadlines import Deadlines
from linetest.model.indicators import IndicatorRules, InstalledUsers
from linetest.model.order import Order
from linetest.model.tally import Indicator, Month
from linetest.workorders.indicators import count, months, teams
from tests.workorders.month import NOW, Row
from tests.workorders.month_table import BY_HAND, MADE, TABLE, USERS, left_out, sums

CASES = [row.case for row in TABLE]


@cache
def rules() -> tuple[IndicatorRules, Deadlines]:
    indicators = load_profile("indicators-cn").profile.indicators
    deadlines = load_profile("deadlines-cn").profile.deadlines
    assert indicators is not None
    assert deadlines is not None
    return indicators, deadlines


def november(rows: list[Row], team: str | None = None) -> Month:
    """Return the indicators that the product counts."""
    indicators, deadlines = rules()
    users = [InstalledUsers(month="2026-11", team=name, brand=a, ordinary=b) for name, (a, b) in USERS.items()]
    users.append(InstalledUsers(month="2026-11", brand=1900, ordinary=7000))
    (span,) = months(date(2026, 11, 1), date(2026, 11, 30), team, deadlines, NOW)
    return count([row.case for row in rows], span, indicators, deadlines, users)


def name_of(indicator: Indicator) -> str:
    return f"{indicator.id}.{indicator.share}" if indicator.share else indicator.id


def by_name(month: Month) -> dict[str, Indicator]:
    return {name_of(indicator): indicator for indicator in month.indicators}


def test_the_table_holds_300_orders_and_no_number_twice() -> None:
    assert len({row.case.order.number for row in TABLE}) == len(TABLE) == MADE
    assert BY_HAND > 100


@pytest.mark.parametrize("row", TABLE[:BY_HAND], ids=lambda row: row.case.order.number)
def test_every_order_by_hand_counts_as_the_table_says(row: Row) -> None:
    """One order at a time, together with the earlier ones of its line: what it adds, and what leaves it out."""
    others = [one for one in TABLE[:BY_HAND] if _is_of_the_same_line_before(one.case.order, row.case.order)]
    whole, without = by_name(november([*others, row])), by_name(november(others))
    number = row.case.order.number
    for name, indicator in whole.items():
        before = without[name].tally
        above, below = row.counts.get(name, (0, 0))
        added = (indicator.tally.above - before.above, (indicator.tally.below or 0) - (before.below or 0))
        assert list(added) == [above, below], (name, row.what)
        reasons = [left.reason for left in indicator.tally.left_out if left.order == number]
        assert reasons == ([row.left[name]] if name in row.left else []), (name, row.what)


def _is_of_the_same_line_before(one: Order, other: Order) -> bool:
    assert one.received_at is not None
    assert other.received_at is not None
    return one.line[0].id == other.line[0].id and one.received_at < other.received_at


@pytest.mark.parametrize("team", [None, "north", "south"])
def test_the_month_adds_up(team: str | None) -> None:
    rows = [row for row in TABLE if team in (None, row.case.order.team)]
    wanted, left = sums(rows), left_out(rows)
    for name, indicator in by_name(november(TABLE, team)).items():
        above, below = wanted.get(name, (0, 0))
        if indicator.id in ("K8", "K9"):
            brand, ordinary = USERS[team] if team else (1900, 7000)
            below = {"K8.brand": brand, "K8.ordinary": ordinary, "K9": brand + ordinary}[name]
        assert [indicator.tally.above, indicator.tally.below] == [above, below], name
        assert dict(indicator.tally.left_out) == left.get(name, {}), name


def test_every_indicator_is_in_the_table() -> None:
    assert set(sums(TABLE)) == set(by_name(november(TABLE)))


# An indicator, its target, then what is above and below the line and whether that meets it: inside, at, outside.
TARGETS = [
    ("K1", [(96, 100, True), (95, 100, True), (94, 100, False), (9499, 10000, False)]),
    ("K2", [(29, 1000, True), (3, 100, False), (31, 1000, False)]),
    ("K3", [(76, 100, True), (75, 100, False), (7501, 10000, True)]),
    ("K4.install", [(129599, 1, True), (129600, 1, False), (259199, 2, True)]),  # 36 h
    ("K4.move", [(215999, 1, True), (216000, 1, False), (216001, 1, False)]),  # 60 h
    ("K6.brand", [(69, 1000, True), (7, 100, True), (71, 1000, False)]),
    ("K6.ordinary", [(89, 1000, True), (9, 100, True), (91, 1000, False)]),
    ("K7.brand", [(10799, 1, True), (10800, 1, False), (10801, 1, False)]),  # 3 h
    ("K7.ordinary", [(17999, 1, True), (18000, 1, False), (18001, 1, False)]),  # 5 h
    ("K8.brand", [(29, 1000, True), (3, 100, True), (31, 1000, False)]),
    ("K8.ordinary", [(19, 1000, True), (2, 100, True), (21, 1000, False)]),
    ("K9", [(49, 1000, True), (5, 100, True), (51, 1000, False)]),
]


@pytest.mark.parametrize(("name", "trials"), TARGETS, ids=lambda value: value if isinstance(value, str) else "")
def test_a_target_just_inside_at_and_just_outside(name: str, trials: list[tuple[int, int, bool]]) -> None:
    indicator = by_name(november([]))[name]
    for above, below, met in trials:
        tally = indicator.tally._replace(above=Fraction(above), below=below)
        assert indicator._replace(tally=tally).met is met, (above, below)


def test_what_has_no_number_in_the_documents_has_no_target() -> None:
    found = by_name(november(TABLE))
    without = {name for name, indicator in found.items() if indicator.target is None}
    assert without == {"K5", "K10.install", "K10.repair", "K10.complaint", "K10.on-site"}
    assert all(found[name].met is None and found[name].value is not None for name in without)


def test_a_month_without_orders_has_no_value_and_meets_nothing() -> None:
    found = by_name(november([]))
    rates = {"K8.brand", "K8.ordinary", "K9"}  # no fault among known users is a rate of nought
    assert {name for name, indicator in found.items() if indicator.value is not None} == rates
    assert all(found[name].met for name in rates)


def test_without_the_users_there_is_no_rate() -> None:
    indicators, deadlines = rules()
    (span,) = months(date(2026, 11, 1), date(2026, 11, 30), None, deadlines, NOW)
    found = by_name(count(CASES, span, indicators, deadlines, []))
    assert [found[name].value for name in ("K8.brand", "K8.ordinary", "K9")] == [None] * 3
    assert found["K9"].tally.above == sums(TABLE)["K9"][0]


def test_teams_and_months() -> None:
    assert teams(CASES) == ["north", "south"]
    _indicators, deadlines = rules()
    spans = months(date(2026, 10, 15), date(2027, 1, 1), None, deadlines, NOW)
    assert [(span.month, span.start.isoformat(), span.end.isoformat()) for span in spans] == [
        ("2026-10", "2026-10-15T00:00:00+08:00", "2026-11-01T00:00:00+08:00"),
        ("2026-11", "2026-11-01T00:00:00+08:00", "2026-12-01T00:00:00+08:00"),
        ("2026-12", "2026-12-01T00:00:00+08:00", "2027-01-01T00:00:00+08:00"),
        ("2027-01", "2027-01-01T00:00:00+08:00", "2027-01-02T00:00:00+08:00"),
    ]


def test_a_repeat_by_the_calendar_is_one_of_the_same_month() -> None:
    """The other reading of "within one month": both reports in one month of the calendar."""
    indicators, deadlines = rules()
    (span,) = months(date(2026, 11, 1), date(2026, 11, 30), None, deadlines, NOW)
    by_calendar = replace(indicators, repeat_within="calendar-month")
    found = by_name(count(CASES, span, by_calendar, deadlines, []))
    # RPf2, RPf3 and RPg3: those of October's clearings no longer count.
    assert found["K6.brand"].tally.above == 3
    assert by_name(november(TABLE))["K6.brand"].tally.above == 6
