"""Appointments: which one counts, and whether it was kept. Pure functions of an order's events.

A half day is compared with a time of the booked day in the profile's zone: a morning with 14:00, an afternoon with
22:00. Of an appointment that was moved with the customer's consent the last one counts; for the success of the first
appointment the first one does, so that the list is never shortened.
"""

from datetime import datetime, time

from linetest.model.case import Booking, Case, Event
from linetest.model.deadlines import Deadlines, minutes_of
from linetest.workorders.moments import done_at, first_at


def appointments(case: Case) -> list[Event]:
    """Return the bookings that the customer agreed to, oldest first; a time that nobody agreed to is none."""
    return [event for event in case.events if event.booking is not None and event.booking.agreed]


def first_appointment(case: Case) -> Event | None:
    """Return the appointment that the success of the first one is measured by."""
    return next(iter(appointments(case)), None)


def last_appointment(case: Case) -> Event | None:
    """Return the appointment that counts."""
    return next(reversed(appointments(case)), None)


def ends_at(booking: Booking, deadlines: Deadlines) -> datetime:
    """Return the moment by which the technician has to have come."""
    rule = deadlines.appointment
    minutes = minutes_of(rule.morning_until if booking.half == "morning" else rule.afternoon_until)
    return datetime.combine(booking.day, time(*divmod(minutes, 60)), deadlines.zone())


def begins_at(booking: Booking, deadlines: Deadlines) -> datetime | None:
    """Return when the agreed hours begin; None where only a half day was agreed."""
    if booking.start is None:
        return None
    return datetime.combine(booking.day, time(*divmod(minutes_of(booking.start), 60)), deadlines.zone())


def came_at(case: Case, appointment: Event, deadlines: Deadlines) -> datetime | None:
    """Return the moment that is held against an appointment: that of coming after it was made, or the work's end."""
    if deadlines.appointment.compared == "done":
        return done_at(case)
    return first_at(event for event in case.events if event.kind == "arrived" and event.at >= appointment.at)


def kept(case: Case, appointment: Event | None, deadlines: Deadlines, now: datetime) -> bool | None:
    """Tell whether that appointment was kept; None while it still can be, and where there is none."""
    if appointment is None or appointment.booking is None:
        return None
    came, until = came_at(case, appointment, deadlines), ends_at(appointment.booking, deadlines)
    if came is None:
        return False if now > until else None
    return came <= until
