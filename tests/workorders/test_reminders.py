"""What a person is reminded of, and when: the countdown before a visit, a hotel's rooms, its working days."""

from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest

from linetest.model.case import Booking, Case, Event
from linetest.model.deadlines import Deadlines
from linetest.model.order import Customer, Line, Order
from linetest.workorders.reminders import after_working_days, booking_reminders, reminders
from linetest.workorders.rooms import rooms
from linetest.workorders.rules import load_deadlines

CHINA = timezone(timedelta(hours=8))
NINE = datetime(2026, 3, 2, 9, tzinfo=CHINA)
MINUTE = timedelta(minutes=1)
HOTEL = Customer(hotel=True)


@pytest.fixture
def rules() -> Deadlines:
    return load_deadlines("deadlines-cn")


def case_of(*events: Event, **changes: Any) -> Case:
    given: dict[str, Any] = {"work_type": "install", "line": [Line(id="101"), Line(id="102")], **changes}
    return Case(order=Order(number="WO-1", access="ftth-epon", **given), events=list(events))


def ids(case: Case, rules: Deadlines, now: datetime) -> list[str]:
    return [reminded.rule.id for reminded in reminders(case, rules, now)]


def booked(start: str | None = "09:00", at: datetime = NINE - timedelta(days=1)) -> Event:
    booking = Booking(day=NINE.date(), half="morning", start=start, channel="phone")
    return Event(at=at, kind="booked", booking=booking)


def test_the_customer_is_phoned_from_fifteen_minutes_before_the_visit(rules: Deadlines) -> None:
    case = case_of(booked())
    assert ids(case, rules, NINE - 15 * MINUTE - timedelta(seconds=1)) == []
    (first,) = reminders(case, rules, NINE - 15 * MINUTE)
    assert (first.rule.id, first.until) == ("T1", NINE - 10 * MINUTE)
    assert ids(case, rules, NINE - 5 * MINUTE) == ["T1"]  # late, and still to be done


def test_a_call_or_being_there_settles_it(rules: Deadlines) -> None:
    called = Event(at=NINE - 12 * MINUTE, kind="called", reached=True)
    earlier = Event(at=NINE - timedelta(hours=5), kind="called", reached=True)
    assert ids(case_of(booked(), called), rules, NINE) == []
    assert ids(case_of(booked(), earlier), rules, NINE) == ["T1"]
    assert ids(case_of(booked(), Event(at=NINE - 20 * MINUTE, kind="arrived")), rules, NINE) == []
    assert ids(case_of(booked(None)), rules, NINE) == []  # only a half day was agreed on


def test_a_room_has_its_own_clock_and_asks_for_consent_after_fifteen_minutes(rules: Deadlines) -> None:
    events = [booked(), Event(at=NINE, kind="arrived", line="101")]
    case = case_of(*events, customer=HOTEL)
    assert ids(case, rules, NINE + 15 * MINUTE) == ["T20"]
    assert ids(case, rules, NINE + 15 * MINUTE + timedelta(seconds=1)) == ["T20", "T21"]
    agreed = Event(at=NINE + 16 * MINUTE, kind="consent", line="101", agreed=True)
    assert ids(case_of(*events, agreed, customer=HOTEL), rules, NINE + 20 * MINUTE) == ["T20"]
    refused = Event(at=NINE + 16 * MINUTE, kind="consent", line="101", agreed=False)
    assert ids(case_of(*events, refused, customer=HOTEL), rules, NINE + 20 * MINUTE) == ["T20", "T21"]


def test_the_time_of_each_room_stands_still_when_it_is_done() -> None:
    case = case_of(
        Event(at=NINE, kind="arrived", line="101"),
        Event(at=NINE + 4 * MINUTE, kind="done", line="101"),
        Event(at=NINE + 5 * MINUTE, kind="arrived", line="102"),
    )
    found = rooms(case, NINE + 12 * MINUTE)
    assert [(room.line, room.elapsed, room.ended_at is None) for room in found] == [
        ("101", 4 * MINUTE, False),
        ("102", 7 * MINUTE, True),
    ]


@pytest.mark.parametrize(
    ("accepted", "visit"),
    [
        (date(2026, 3, 2), date(2026, 3, 4)),  # Monday
        (date(2026, 2, 26), date(2026, 3, 2)),  # Thursday, over a weekend and the month's end
        (date(2026, 2, 27), date(2026, 3, 3)),  # Friday
        (date(2026, 2, 28), date(2026, 3, 3)),  # Saturday
    ],
)
def test_a_hotel_is_visited_within_two_working_days(rules: Deadlines, accepted: date, visit: date) -> None:
    assert after_working_days(accepted, 2) == visit
    at = datetime(accepted.year, accepted.month, accepted.day, 17, tzinfo=CHINA)
    (reminded,) = reminders(case_of(customer=HOTEL, plan_accepted_at=at), rules, at)
    midnight = datetime(visit.year, visit.month, visit.day, tzinfo=CHINA) + timedelta(days=1)
    assert (reminded.rule.id, reminded.until) == ("T17", midnight)


@pytest.mark.parametrize(
    ("start", "half", "made", "broken"),
    [
        ("14:00", "afternoon", NINE + timedelta(hours=1), []),
        ("14:00", "afternoon", NINE + timedelta(hours=1, seconds=1), ["T18"]),
        ("13:30", "morning", NINE, ["T19"]),
        ("09:00", "morning", NINE - timedelta(days=1), []),
    ],
)
def test_a_hotel_is_booked_ahead(rules: Deadlines, start: str, half: Any, made: datetime, broken: list[str]) -> None:
    booking = Booking(day=NINE.date(), half=half, start=start, channel="phone")
    found = booking_reminders(case_of(customer=HOTEL).order, booking, rules, made)
    assert [rule.id for rule in found] == broken
    assert booking_reminders(case_of().order, booking, rules, made) == []


def test_an_order_that_has_ended_reminds_of_nothing(rules: Deadlines) -> None:
    fault = {"work_type": "fault", "line": [Line(id="L1")]}
    assert ids(case_of(**fault), rules, NINE) == ["T2"]
    assert ids(case_of(Event(at=NINE, kind="returned", reason="wrong-order"), **fault), rules, NINE) == []
    assert ids(case_of(fault_class="cutover", **fault), rules, NINE) == ["T2", "T6"]
