"""How a command about one order begins and ends: the order as it stands, its new events, what is next."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from linetest.cli.options import PASSED, print_json, say
from linetest.cli.order_events import event_words, mass_name
from linetest.cli.order_options import rules_and_time
from linetest.cli.order_show import print_next
from linetest.errors import UsageError, nearest
from linetest.safe import safe_text
from linetest.words.text import _

if TYPE_CHECKING:
    from linetest.devices.station import TicketEntry
    from linetest.model.case import Case, Event
    from linetest.model.deadlines import Deadlines
    from linetest.store.opened import Store


class Open(NamedTuple):
    """An order that is being written to."""

    store: "Store"
    case: "Case"
    deadlines: "Deadlines"
    at: datetime
    """When it happened."""
    ticket: "TicketEntry | None"
    """The station's ticket system, which is told of it where the order has a ticket."""


@contextmanager
def open_order(order: str, profile_name: str, at: str | None, station_file: Path | None) -> Iterator[Open]:
    """Open the store and find the order; what has not happened yet cannot be noted."""
    from linetest.model.clock import now
    from linetest.store.opened import open_store
    from linetest.store.orders import find_case

    deadlines, moment = rules_and_time(profile_name, at)
    if moment > now():
        raise UsageError(
            _("{time} has not come yet: only what has happened is noted").format(time=f"{moment:%Y-%m-%d %H:%M}"),
            _("leave --at away, or write the day too: 2026-11-22T14:30"),
        )
    ticket = _ticket_entry(station_file)
    with open_store() as store:
        yield Open(store, find_case(store.database, order), deadlines, moment, ticket)


def keep(order: Open, events: list["Event"], as_json: bool) -> int:
    """Note the events and what the ticket gets of them, all or none, and print them with what is next."""
    from linetest.cli.order_mass_end import ended_with
    from linetest.cli.order_sending import for_ticket
    from linetest.model.clock import now
    from linetest.store import outbox
    from linetest.store.database import transaction
    from linetest.store.orders import find_case, note
    from linetest.workorders.overview import overview
    from linetest.workorders.reminders import reminders
    from linetest.workorders.rules import title_of

    number = order.case.order.number
    items = for_ticket(order.case, events, order.ticket, order.deadlines)
    with transaction(order.store.database):
        note(order.store.database, number, events)
        ended = ended_with(order.store.database, events, order.ticket, order.deadlines)
        for each in ended:
            note(order.store.database, each.number, [each.event])
            items += each.items
        for item in items:
            outbox.add(order.store.database, item)
    moment = now().astimezone(order.deadlines.zone()) if order.at <= now() else order.at
    case = find_case(order.store.database, number)
    one = overview(case, order.deadlines, moment)
    if as_json:
        push = [{"event": item.key, "ticket": item.ticket, "state": outbox.State.PENDING} for item in items]
        print_json(
            {"schema": "linetest.order-noted/1", "number": number, "events": events, "next": one.step, "push": push}
        )
        return PASSED
    click.echo(safe_text(number))
    for event in events:
        for line in event_words(event, moment):
            click.echo(line)
    print_next(one)
    for each in ended:
        say(safe_text(_("With it the mass fault at {mass} has ended.").format(mass=mass_name(each.mass))))
    if items:
        tickets = ", ".join(dict.fromkeys(item.ticket for item in items))
        say(safe_text(_("Kept for ticket {ticket}: `linetest ticket push` sends it.").format(ticket=tickets)))
    for reminded in reminders(case, order.deadlines, moment):
        if reminded.rule.moment == "receipt":  # what is next says it already
            continue
        say(safe_text(f"> {title_of(reminded.rule)}"))
    return PASSED


def _ticket_entry(station_file: Path | None) -> "TicketEntry | None":
    """Return the ticket system of the named or the usual station; a computer may have no station at all."""
    from linetest.devices.station import default_station_path, load_station

    path = station_file or default_station_path()
    return load_station(path).ticket if station_file is not None or path.is_file() else None


def line_of(case: "Case", wanted: str | None) -> str | None:
    """Return the line that is meant: the named one; None for the whole order."""
    lines = [line.id for line in case.order.line]
    if wanted is not None and wanted not in lines:
        raise UsageError(
            _("order {number} has no line {line!r}").format(number=case.order.number, line=wanted),
            _("there are: {names}").format(names=nearest(wanted, lines)),
        )
    return wanted


def refuse_ended(order: Open) -> None:
    """Refuse what is done to an order that was returned or handed on."""
    from linetest.workorders.moments import left_at

    left = left_at(order.case)
    if left is not None:
        raise UsageError(
            _("order {number} was given back at {time}").format(
                number=order.case.order.number, time=f"{left.astimezone(order.at.tzinfo):%Y-%m-%d %H:%M}"
            ),
            _("`linetest order show` tells why"),
        )
