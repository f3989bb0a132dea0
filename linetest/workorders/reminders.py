"""What a technician is reminded of at a moment: pure functions of an order, its events and a profile."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import msgspec

from linetest.model.case import Booking, Case
from linetest.model.deadlines import Deadlines, Moment, Reminder
from linetest.model.order import Order
from linetest.workorders.appointments import begins_at, last_appointment
from linetest.workorders.moments import redispatched_at
from linetest.workorders.next_step import ENDED, next_step
from linetest.workorders.rooms import rooms

_SATURDAY = 5


class Reminded(msgspec.Struct, frozen=True, kw_only=True):
    """One reminder that holds now."""

    rule: Reminder
    line: str | None = None
    until: datetime | None = None
    """When it is too late; None where no moment is said."""
    elapsed: timedelta | None = None
    """Of a room."""


def reminders(case: Case, deadlines: Deadlines, now: datetime) -> list[Reminded]:
    """Return what holds at `now`, in the profile's order; nothing for an order that has ended."""
    case = msgspec.structs.replace(case, events=[event for event in case.events if event.at <= now])
    if next_step(case) in ENDED:
        return []
    return [
        reminded
        for rule in deadlines.reminder
        if _fits(rule, case.order) and rule.moment in _HOLDS
        for reminded in _HOLDS[rule.moment](case, rule, deadlines, now)
    ]


def booking_reminders(order: Order, booking: Booking, deadlines: Deadlines, now: datetime) -> list[Reminder]:
    """Return the rules about booking ahead that this booking breaks when it is made `now`."""
    found = []
    for rule in deadlines.reminder:
        if not _fits(rule, order):
            continue
        today = now.astimezone(deadlines.zone()).date()
        begins = begins_at(booking, deadlines)
        soon = rule.moment == "same-day" and booking.day == today and begins is not None
        if soon and begins is not None and begins - now < _minutes(rule.minutes[0]):
            found.append(rule)
        if rule.moment == "next-morning" and booking.half == "morning" and booking.day <= today:
            found.append(rule)
    return found


def after_working_days(day: date, count: int) -> date:
    """Return the day that lies `count` working days after `day`; public holidays are not known here."""
    while count:
        day += timedelta(days=1)
        count -= day.weekday() < _SATURDAY
    return day


def _fits(rule: Reminder, order: Order) -> bool:
    return (not rule.work_type or order.work_type in rule.work_type) and rule.hotel in (None, order.customer.hotel)


def _minutes(number: Decimal) -> timedelta:
    return timedelta(microseconds=int(number * 60_000_000))


def _receipt(case: Case, rule: Reminder, _deadlines: Deadlines, _now: datetime) -> list[Reminded]:
    return [Reminded(rule=rule)] if next_step(case) in ("call", "book") else []


def _visit_soon(case: Case, rule: Reminder, deadlines: Deadlines, now: datetime) -> list[Reminded]:
    """Hold from the first minute before the agreed hour until the customer was called or the technician is there."""
    appointment = last_appointment(case)
    begins = begins_at(appointment.booking, deadlines) if appointment and appointment.booking else None
    if begins is None or appointment is None:
        return []
    first, last = (begins - _minutes(number) for number in (rule.minutes[0], rule.minutes[-1]))
    settled = any(
        (event.kind == "arrived" and event.at >= appointment.at) or (event.kind == "called" and event.at >= first)
        for event in case.events
    )
    return [Reminded(rule=rule, until=last)] if first <= now and not settled else []


def _redispatch(case: Case, rule: Reminder, _deadlines: Deadlines, _now: datetime) -> list[Reminded]:
    foreign = case.order.fault_class in ("cutover", "cable")
    return [Reminded(rule=rule)] if foreign and redispatched_at(case) is None else []


def _hotel_visit(case: Case, rule: Reminder, deadlines: Deadlines, _now: datetime) -> list[Reminded]:
    accepted = case.order.plan_accepted_at
    if accepted is None or case.first("arrived") is not None:
        return []
    day = after_working_days(accepted.astimezone(deadlines.zone()).date(), rule.working_days or 0)
    return [Reminded(rule=rule, until=datetime.combine(day + timedelta(days=1), time(), deadlines.zone()))]


def _room(case: Case, rule: Reminder, _deadlines: Deadlines, now: datetime) -> list[Reminded]:
    return [
        Reminded(rule=rule, line=room.line, until=room.begun_at + _minutes(rule.minutes[-1]), elapsed=room.elapsed)
        for room in rooms(case, now)
        if room.ended_at is None
    ]


def _room_late(case: Case, rule: Reminder, _deadlines: Deadlines, now: datetime) -> list[Reminded]:
    """Hold for a room that takes longer than the rule says, while its guest has not consented."""
    return [
        Reminded(rule=rule, line=room.line, elapsed=room.elapsed)
        for room in rooms(case, now)
        if room.ended_at is None and not room.consented and room.elapsed > _minutes(rule.minutes[0])
    ]


_HOLDS: dict[Moment, Callable[[Case, Reminder, Deadlines, datetime], list[Reminded]]] = {
    "receipt": _receipt,
    "visit-soon": _visit_soon,
    "redispatch": _redispatch,
    "hotel-visit": _hotel_visit,
    "room": _room,
    "room-late": _room_late,
}
"""The moments that pass while an order waits; the others are those of a booking."""
