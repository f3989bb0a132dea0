"""Orders about what is reminded of and when: T1, T2, T6 and T17 to T21, just inside, at and just outside. By hand."""

from datetime import datetime
from typing import Any, NamedTuple

from linetest.model.case import Booking, Case
from tests.workorders.month import at, booked, booking_day, e, row

_HOUR: dict[str, Any] = {"start": "15:00", "end": "17:00"}


class Reminding(NamedTuple):
    """An order, a moment, and whether a rule is to be shown then."""

    rule: str
    what: str
    case: Case
    now: datetime
    shown: bool


def _visit() -> list[Reminding]:
    """T1: phone 15 to 10 minutes before the agreed time of an install or a move."""
    install = row(
        "T1", "install", "urban", "agreed for 15:00", "02 09:00:00", booked("02 10:00:00", "03", "afternoon", **_HOUR)
    ).case
    called = row(
        "T1c", "install", "urban", "called at 14:46", "02 09:00:00",
        booked("02 10:00:00", "03", "afternoon", **_HOUR), e("03 14:46:00", "called", reached=True),
    ).case  # fmt: skip
    fault = row(
        "T1f", "fault", "urban", "the rule is about installs", "02 09:00:00",
        booked("02 10:00:00", "03", "afternoon", **_HOUR),
    ).case  # fmt: skip
    return [
        Reminding("T1", "a second too early", install, at("03 14:44:59"), False),
        Reminding("T1", "15 minutes before", install, at("03 14:45:00"), True),
        Reminding("T1", "10 minutes before", install, at("03 14:50:00"), True),
        Reminding("T1", "nobody has called yet", install, at("03 14:59:59"), True),
        Reminding("T1", "the customer was called", called, at("03 14:47:00"), False),
        Reminding("T1", "a repair", fault, at("03 14:46:00"), False),
    ]


def _receipt() -> list[Reminding]:
    """T2: a repair is booked promptly. T6: the customer is reached before a fault is handed on."""
    fault = row("T2", "fault", "urban", "not booked yet", "02 09:00:00").case
    with_time = row("T2b", "fault", "urban", "booked", "02 09:00:00", booked("02 09:10:00", "02", "afternoon")).case
    cutover = row("T6", "fault", "urban", "a cutover fault", "02 09:00:00", fault_class="cutover").case
    drop = row("T6d", "fault", "urban", "the technician's own", "02 09:00:00", fault_class="last-drop").case
    handed_on = row(
        "T6h", "fault", "urban", "handed on", "02 09:00:00", e("02 10:00:00", "redispatched", reached=True),
        fault_class="cutover",
    ).case  # fmt: skip
    return [
        Reminding("T2", "on receipt", fault, at("02 09:00:00"), True),
        Reminding("T2", "booked", with_time, at("02 09:10:00"), False),
        Reminding("T2", "before it was booked", with_time, at("02 09:09:59"), True),
        Reminding("T6", "somebody else's fault", cutover, at("02 09:00:00"), True),
        Reminding("T6", "the technician's own", drop, at("02 09:00:00"), False),
        Reminding("T6", "handed on, the customer reached", handed_on, at("02 10:00:00"), False),
    ]


def _hotel() -> list[Reminding]:
    """T17, T20 and T21: the visit, a room in 3 to 5 minutes, a guest's consent over 15."""
    plan = row("T17", "install", "urban hotel", "the plan was accepted on a Thursday", "05 12:00:00",
               plan_accepted_at="05 12:00:00").case  # fmt: skip
    rooms = ("501", "502")
    begun = e("10 10:00:00", "arrived", line="501")
    room = row("T21", "install", "urban hotel", "a room", "09 09:00:00", begun, lines=rooms).case
    consented = row("T21c", "install", "urban hotel", "the guest consents", "09 09:00:00", begun,
                    e("10 10:14:00", "consent", line="501", agreed=True), lines=rooms).case  # fmt: skip
    ended = row("T21e", "install", "urban hotel", "the room is done", "09 09:00:00", begun,
                e("10 10:04:00", "done", line="501"), lines=rooms).case  # fmt: skip
    home = row("T21h", "install", "urban", "no hotel", "09 09:00:00", begun, lines=rooms).case
    return [
        Reminding("T17", "accepted, not visited", plan, at("05 12:00:00"), True),
        Reminding("T20", "in the room", room, at("10 10:00:01"), True),
        Reminding("T20", "the room is done", ended, at("10 10:05:00"), False),
        Reminding("T21", "15 minutes exactly", room, at("10 10:15:00"), False),
        Reminding("T21", "a second over 15 minutes", room, at("10 10:15:01"), True),
        Reminding("T21", "over it, with consent", consented, at("10 10:20:00"), False),
        Reminding("T21", "the room was done in time", ended, at("10 10:20:00"), False),
        Reminding("T21", "no hotel", home, at("10 10:20:00"), False),
    ]


REMINDERS = [*_visit(), *_receipt(), *_hotel()]


class Ahead(NamedTuple):
    """A hotel's booking made at a moment, and whether it breaks the rule about booking ahead."""

    rule: str
    what: str
    booking: Booking
    now: datetime
    broken: bool


def _same_day(what: str, now: str, broken: bool) -> Ahead:
    booking = Booking(day=booking_day("10"), half="afternoon", start="15:00", channel="phone")
    return Ahead("T18", what, booking, at(now), broken)


def _morning(what: str, now: str, broken: bool) -> Ahead:
    booking = Booking(day=booking_day("10"), half="morning", channel="phone")
    return Ahead("T19", what, booking, at(now), broken)


AHEAD = [
    _same_day("a second more than 4 hours ahead", "10 10:59:59", False),
    _same_day("4 hours ahead", "10 11:00:00", False),
    _same_day("a second less than 4 hours ahead", "10 11:00:01", True),
    _same_day("the day before", "09 23:00:00", False),
    _morning("the day before, in its last second", "09 23:59:59", False),
    _morning("the same day, in its first second", "10 00:00:00", True),
]
HOTEL = row("T18", "install", "urban hotel", "a hotel", "09 09:00:00").case.order

# T17: two working days after the plan was accepted; Saturdays and Sundays are none. The 5th is a Thursday.
VISIT_BY = [("05 12:00:00", "10 00:00:00"), ("06 23:59:59", "11 00:00:00"), ("07 08:00:00", "11 00:00:00")]
"""Accepted, and the midnight that ends the second working day after it."""
