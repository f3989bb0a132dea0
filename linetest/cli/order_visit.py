"""`linetest order book` and `arrive`: the appointment, and being there."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click

from linetest.cli.options import say, station_option
from linetest.cli.order_options import order_options
from linetest.cli.order_write import keep, line_of, open_order, refuse_ended
from linetest.errors import UsageError
from linetest.safe import safe_text
from linetest.words.text import _

if TYPE_CHECKING:
    from linetest.cli.order_write import Open
    from linetest.model.case import Booking, Half

_NOON = 12 * 60
_CHANNELS = ("voice-platform", "wap", "web", "phone", "api")


@click.command(
    "book",
    short_help=_("Note the time that was agreed on with the customer."),
    help=_(
        "Note the time that was agreed on with the customer: a day (today, tomorrow, 11-23, 2026-11-23) and am, pm, "
        "09:00 or 09:00-10:30. A second booking moves the first one, which is kept.\n\n"
        "Example: linetest order book 1003 tomorrow 09:00-10:30"
    ),
)
@click.argument("order")
@click.argument("day")
@click.argument("time")
@click.option("--not-agreed", is_flag=True, help=_("The customer did not agree: this is no appointment."))
@click.option(
    "--channel", type=click.Choice(_CHANNELS), default="phone", show_default=True, help=_("How it was booked.")
)
@click.option("--call-id", help=_("The number of the call's recording."))
@click.option("--coordinator", help=_("Of a hotel: who opens the rooms."))
@click.option("--steps", help=_("Of a hotel: in which order the rooms are done."))
@station_option
@order_options
def book(
    order: str,
    day: str,
    time: str,
    not_agreed: bool,
    at: str | None,
    station_file: Path | None,
    by: str | None,
    profile_name: str,
    as_json: bool,
    **details: Any,
) -> int:
    """Check the booking, and note it."""
    from linetest.model.case import Booking, Event

    with open_order(order, profile_name, at, station_file) as opened:
        refuse_ended(opened)
        half, start, end = _hours(time)
        booking = Booking(day=_day(day, opened.at), half=half, start=start, end=end, agreed=not not_agreed, **details)
        _check_booking(opened, booking)
        event = Event(at=opened.at, kind="booked", by=by, booking=booking, reached=True)
        return keep(opened, [event], as_json)


@click.command(
    "arrive",
    short_help=_("Note that you are there; in a hotel, in which room."),
    help=_("Note that you are there; in a hotel, in which room.\n\nExample: linetest order arrive 1003"),
)
@click.argument("order")
@click.option("--line", metavar=_("LINE"), help=_("The line or room; its own time begins."))
@station_option
@order_options
def arrive(
    order: str,
    line: str | None,
    at: str | None,
    station_file: Path | None,
    by: str | None,
    profile_name: str,
    as_json: bool,
) -> int:
    """Note the moment."""
    from linetest.model.case import Event

    with open_order(order, profile_name, at, station_file) as opened:
        refuse_ended(opened)
        event = Event(at=opened.at, kind="arrived", by=by, line=line_of(opened.case, line))
        return keep(opened, [event], as_json)


def _check_booking(opened: "Open", booking: "Booking") -> None:
    """Refuse what lies in the past and what a hotel's booking lacks; warn of what is booked too late."""
    from linetest.workorders.appointments import ends_at, last_appointment
    from linetest.workorders.reminders import booking_reminders
    from linetest.workorders.rules import title_of

    order = opened.case.order
    if ends_at(booking, opened.deadlines) <= opened.at:
        raise UsageError(
            _("{day} is over at the time of this booking").format(day=f"{booking.day:%Y-%m-%d}"),
            _("give a later day; --at says when it was booked"),
        )
    if order.customer.hotel:
        values = {"TIME": booking.start, "--coordinator": booking.coordinator, "--steps": booking.steps}
        if missing := [name for name, value in values.items() if not value]:
            raise UsageError(
                _("a hotel's booking settles hours, coordinator and steps; missing: {names}").format(
                    names=", ".join(missing)
                ),
                _("ask the hotel, then book"),
            )
        if not booking.agreed and last_appointment(opened.case) is not None:
            raise UsageError(
                _("only the hotel moves its appointment"), _("leave --not-agreed away when the hotel wants it")
            )
    for rule in booking_reminders(order, booking, opened.deadlines, opened.at):
        say(safe_text(f"> {title_of(rule)}"))


def _hours(text: str) -> "tuple[Half, str | None, str | None]":
    """Return the half day of ``am``, ``pm``, ``09:00`` or ``09:00-10:30``, and the hours where they were said."""
    from linetest.model.case import Half
    from linetest.model.deadlines import minutes_of

    plain: dict[str, Half] = dict(zip(("am", "pm"), get_args(Half), strict=True))
    if text in plain:
        return plain[text], None, None
    start, _dash, end = (part.strip() for part in text.partition("-"))
    try:
        begins = minutes_of(start)
        if end and minutes_of(end) <= begins:
            raise ValueError(_("the end lies before the beginning"))
    except ValueError as error:
        raise UsageError(f"{text[:40]!r}: {error}", _("write am, pm, 09:00 or 09:00-10:30")) from error
    return ("morning" if begins < _NOON else "afternoon"), start, end or None


def _day(text: str, today: datetime) -> date:
    """Return the day that `text` names; one without a year is the next such day."""
    words = {"today": 0, "tomorrow": 1}
    if text in words:
        return today.date() + timedelta(days=words[text])
    try:
        if text.count("-") == 1:
            found = date.fromisoformat(f"{today.year}-{text}")
            return found if found >= today.date() else found.replace(year=today.year + 1)
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(
            _("{text!r} is no day").format(text=text[:40]), _("write today, tomorrow, 11-23 or 2026-11-23")
        ) from error
