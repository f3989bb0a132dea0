"""Appointments: a half day at its boundary, a time that was moved, a time that nobody agreed to."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Literal

import msgspec
import pytest

from linetest.model.case import Booking, Case, Event
from linetest.model.deadlines import Deadlines
from linetest.model.order import Line, Order
from linetest.workorders.appointments import first_appointment, kept, last_appointment
from linetest.workorders.rules import load_deadlines

CHINA = timezone(timedelta(hours=8))
DAY = date(2026, 2, 28)  # the last of its month
BOOKED = datetime(2026, 2, 27, 10, tzinfo=CHINA)
SECOND = timedelta(seconds=1)


@pytest.fixture
def rules() -> Deadlines:
    return load_deadlines("deadlines-cn")


def booked(day: date, half: Literal["morning", "afternoon"], at: datetime = BOOKED, agreed: bool = True) -> Event:
    return Event(at=at, kind="booked", booking=Booking(day=day, half=half, channel="phone", agreed=agreed))


def case_of(*events: Event) -> Case:
    return Case(order=Order(number="WO-1", access="adsl", line=[Line(id="L1")]), events=list(events))


def came(at: datetime) -> Event:
    return Event(at=at, kind="arrived")


@pytest.mark.parametrize(("half", "hour"), [("morning", 14), ("afternoon", 22)])
def test_a_half_day_is_kept_to_the_second(rules: Deadlines, half: Literal["morning", "afternoon"], hour: int) -> None:
    until = datetime(2026, 2, 28, hour, tzinfo=CHINA)
    for at, wanted in ((until - timedelta(hours=30), True), (until, True), (until + SECOND, False)):
        at = max(at, BOOKED)
        case = case_of(booked(DAY, half), came(at.astimezone(UTC)))
        assert kept(case, last_appointment(case), rules, until + timedelta(days=3)) is wanted


def test_nobody_came_is_open_until_the_half_day_is_over(rules: Deadlines) -> None:
    case = case_of(booked(DAY, "morning"))
    until = datetime(2026, 2, 28, 14, tzinfo=CHINA)
    assert kept(case, last_appointment(case), rules, until) is None
    assert kept(case, last_appointment(case), rules, until + SECOND) is False
    assert kept(case_of(), None, rules, until) is None


def test_moved_with_consent_the_last_time_counts_and_the_first_is_remembered(rules: Deadlines) -> None:
    moved_at = datetime(2026, 2, 28, 9, tzinfo=CHINA)
    case = case_of(
        booked(DAY, "morning"),
        booked(date(2026, 3, 1), "afternoon", moved_at),
        came(datetime(2026, 3, 1, 15, tzinfo=CHINA)),
    )
    now = datetime(2026, 3, 2, tzinfo=CHINA)
    assert kept(case, last_appointment(case), rules, now) is True
    assert kept(case, first_appointment(case), rules, now) is False


def test_a_time_that_the_customer_did_not_agree_to_moves_nothing(rules: Deadlines) -> None:
    later = booked(date(2026, 3, 5), "morning", BOOKED + SECOND, agreed=False)
    case = case_of(booked(DAY, "morning"), later, came(datetime(2026, 3, 5, 9, tzinfo=CHINA)))
    assert kept(case, last_appointment(case), rules, datetime(2026, 3, 6, tzinfo=CHINA)) is False


def test_coming_before_the_time_was_moved_does_not_keep_the_moved_one(rules: Deadlines) -> None:
    """The technician stood before a closed door, moved the time, and did not come a second time."""
    moved_at = datetime(2026, 2, 28, 10, tzinfo=CHINA)
    case = case_of(booked(DAY, "morning"), came(moved_at - SECOND), booked(date(2026, 3, 1), "morning", moved_at))
    assert kept(case, last_appointment(case), rules, datetime(2026, 3, 2, tzinfo=CHINA)) is False


def test_what_is_compared_is_the_profiles(rules: Deadlines) -> None:
    by_work = msgspec.structs.replace(rules, appointment=msgspec.structs.replace(rules.appointment, compared="done"))
    late = Event(at=datetime(2026, 2, 28, 14, 0, 1, tzinfo=CHINA), kind="done")
    case = case_of(booked(DAY, "morning"), came(datetime(2026, 2, 28, 13, tzinfo=CHINA)), late)
    now = datetime(2026, 3, 2, tzinfo=CHINA)
    assert (kept(case, last_appointment(case), rules, now), kept(case, last_appointment(case), by_work, now)) == (
        True,
        False,
    )
