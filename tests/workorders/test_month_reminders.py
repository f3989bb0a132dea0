"""The reminders against the table of `month_reminders`, which was worked out from the rules."""

from datetime import datetime

import pytest
from msgspec.structs import replace

from linetest.model.deadlines import Deadlines
from linetest.workorders.reminders import booking_reminders, reminders
from linetest.workorders.rules import load_deadlines
from tests.workorders.month import at
from tests.workorders.month_reminders import AHEAD, HOTEL, REMINDERS, VISIT_BY, Ahead, Reminding


@pytest.fixture(scope="module")
def deadlines() -> Deadlines:
    return load_deadlines("deadlines-cn")


@pytest.mark.parametrize("one", REMINDERS, ids=lambda one: f"{one.rule}: {one.what}")
def test_a_reminder_holds_when_the_rule_says(one: Reminding, deadlines: Deadlines) -> None:
    shown = {reminded.rule.id for reminded in reminders(one.case, deadlines, one.now)}
    assert (one.rule in shown) is one.shown


@pytest.mark.parametrize("one", AHEAD, ids=lambda one: f"{one.rule}: {one.what}")
def test_a_hotel_is_booked_ahead(one: Ahead, deadlines: Deadlines) -> None:
    broken = {rule.id for rule in booking_reminders(HOTEL, one.booking, deadlines, one.now)}
    assert (one.rule in broken) is one.broken


@pytest.mark.parametrize(("accepted", "until"), VISIT_BY)
def test_a_hotel_is_visited_within_two_working_days(accepted: str, until: str, deadlines: Deadlines) -> None:
    (plan,) = (one.case for one in REMINDERS if one.rule == "T17")
    moment: datetime = at(accepted)
    case = replace(plan, order=replace(plan.order, plan_accepted_at=moment))
    found = [one.until for one in reminders(case, deadlines, moment) if one.rule.id == "T17"]
    assert found == [at(until)]
