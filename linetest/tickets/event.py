"""What a ticket system gets of an event of an order: an appointment, an arrival, the end of the work, a note."""

import json
from datetime import datetime, time, timedelta
from typing import Any

import msgspec

from linetest.errors import UsageError
from linetest.model.case import Booking, Event
from linetest.model.deadlines import Deadlines, minutes_of
from linetest.model.order import Access, Order, WorkType
from linetest.safe import safe_text
from linetest.store.outbox import NewItem
from linetest.tickets.result import MARK
from linetest.words.text import _

EVENT_KIND = "linetest.ticket-event/1"
_HALVES = {"morning": "am", "afternoon": "pm"}
_NOON = 12 * 60


class TicketEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One event for one ticket; it is made once, when the event is noted, and never changed."""

    key: str
    """A UUID: whoever receives it twice knows it by this."""
    ticket: str
    order: str
    work_type: WorkType
    access: Access
    event: Event
    appointment: str | None = None
    """Of a booking: the day and the time as one text, see `appointment_text`."""
    starts_at: str | None = None
    """Of a booking: when the agreed hours or the half day begin, ISO 8601 with offset."""
    ends_at: str | None = None
    """Of a booking: when the agreed hours end, or the moment that the half day is compared with."""
    comment: str
    final_status: str | None
    """The status the ticket is to get; None leaves it as it is."""

    @property
    def kind(self) -> str:
        """Return the format's name."""
        return EVENT_KIND

    @property
    def simulated(self) -> bool:
        """Return whether the event rests on simulated devices."""
        return self.event.simulated

    @property
    def happened_at(self) -> str:
        """Return when it happened, ISO 8601 with offset."""
        return self.event.at.isoformat()

    @property
    def file_name(self) -> str:
        """Return the attachment's name, the marker by which the event is found in the ticket system."""
        return f"linetest-{self.key}.json"

    def body(self) -> dict[str, Any]:
        """Return the event as JSON's own types."""
        body: dict[str, Any] = msgspec.to_builtins(self.event)
        return body

    def attachment(self) -> bytes:
        """Return the event as JSON in ASCII, which no ticket system changes on the way."""
        document = {"schema": EVENT_KIND, "id": self.key, "order": self.order, "event": self.body()}
        return json.dumps(document, sort_keys=True, separators=(",", ":")).encode("ascii")

    def item(self, destination: str) -> NewItem:
        """Return the row for the outbox; `destination` is what `tickets.systems.destination` says."""
        return NewItem(
            key=self.key, dest=destination, ticket=self.ticket, kind=self.kind, payload=msgspec.json.encode(self)
        )


def prepare_event(
    key: str, order: Order, event: Event, words: list[str], final_status: str | None, deadlines: Deadlines
) -> TicketEvent:
    """Make what a ticket gets of one noted event.

    Args:
        key: a new UUID.
        order: the work order, which names a ticket.
        event: what happened.
        words: the event as a person reads it, in lines.
        final_status: the status for the ticket, from `systems.status_after`; None leaves it as it is.
        deadlines: the profile, for the time zone of a booking and the end of its half day.

    Raises:
        UsageError: the order names no ticket.
    """
    if order.ticket is None:
        raise UsageError(
            _("order {number}: no ticket is named, so the event cannot be sent").format(number=order.number),
            _('write ticket = "NUMBER" into the order'),
        )
    spans = _span(event.booking, deadlines) if event.booking is not None else (None, None)
    agreed = event.booking is not None and event.booking.agreed
    return TicketEvent(
        key=key,
        ticket=order.ticket,
        order=order.number,
        work_type=order.work_type,
        access=order.access,
        event=event,
        appointment=appointment_text(event.booking) if event.booking is not None and agreed else None,
        starts_at=spans[0] if agreed else None,
        ends_at=spans[1] if agreed else None,
        comment=_comment(key, order, event, words),
        final_status=final_status,
    )


def appointment_text(booking: Booking) -> str:
    """Return a booking as one text, which `appointment_from` reads again."""
    hours = "-".join(part for part in (booking.start, booking.end) if part)
    return f"{booking.day.isoformat()} {hours or _HALVES[booking.half]}"


def _span(booking: Booking, deadlines: Deadlines) -> tuple[str, str]:
    """Return when an agreed time begins and ends in the profile's zone; of a half day, its limit of comparison."""
    morning = booking.half == "morning"
    rule = deadlines.appointment
    until = booking.end or booking.start or (rule.morning_until if morning else rule.afternoon_until)
    begins = minutes_of(booking.start) if booking.start else (0 if morning else _NOON)
    day = datetime.combine(booking.day, time(), deadlines.zone())
    start, end = (day + timedelta(minutes=minutes) for minutes in (begins, minutes_of(until)))
    return start.isoformat(), end.isoformat()


def _comment(key: str, order: Order, event: Event, words: list[str]) -> str:
    """Return the text that a dispatcher reads."""
    lines = [
        _("Order {number}").format(number=order.number),
        *words,
        _("Happened at {time}").format(time=event.at.isoformat()),
        "",
        _("Event {key}").format(key=key),
    ]
    if event.simulated:
        lines.insert(0, f"{MARK}: " + _("measured on simulated devices; it says nothing about the line"))
    return "\n".join(safe_text(text) for text in lines)
