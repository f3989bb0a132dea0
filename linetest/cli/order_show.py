"""`linetest order show`: one order, its clocks and all that happened to it."""

from datetime import datetime
from typing import TYPE_CHECKING

import click

from linetest.cli.options import PASSED, print_json
from linetest.cli.order_events import event_words
from linetest.cli.order_options import order_options, rules_and_time
from linetest.cli.order_unusual import unusual
from linetest.cli.order_words import (
    booking_words,
    clock_words,
    left_words,
    state_words,
    step_command,
    step_words,
    when_words,
    work_words,
)
from linetest.safe import safe_text
from linetest.words.text import N_, _

if TYPE_CHECKING:
    import sqlite3

    from linetest.model.case import Case
    from linetest.model.deadlines import Deadlines
    from linetest.model.order import Order, Rates
    from linetest.workorders.deadlines import Due
    from linetest.workorders.overview import Overview

_WIDTH = 80
_ROUNDINGS = {
    "started-day": N_("each started day"),
    "whole-day": N_("whole days"),
    "share-of-day": N_("the share of a day"),
}


@click.command(
    "show",
    short_help=_("Show an order, its clocks and all that happened to it."),
    help=_(
        "Show an order, its clocks and all that happened to it. ORDER is its number or the end of it.\n\n"
        "Example: linetest order show 1003"
    ),
)
@click.argument("order")
@order_options
def show(order: str, at: str | None, by: str | None, profile_name: str, as_json: bool) -> int:
    """Print the order as it stands."""
    from linetest.store.opened import open_store
    from linetest.store.orders import cases, find_case, versions
    from linetest.workorders.compensation import owed
    from linetest.workorders.overview import overview

    deadlines, now = rules_and_time(profile_name, at)
    with open_store() as store:
        case = find_case(store.database, order)
        past = versions(store.database, case.order.number)
        kept = cases(store.database)
        compared = _compared(store.database, case)
    one = overview(case, deadlines, now)
    if as_json:
        print_json(
            {
                "schema": "linetest.order/1",
                "at": now,
                "order": case.order,
                "events": one.case.events,
                "next": one.step,
                "due": one.due,
                "dues": one.dues,
                "appointment_kept": one.appointment_kept,
                "owed": owed(one.case, deadlines, now),
                "unusual": unusual(one.case, kept, deadlines, now),
                "versions": [version._asdict() for version in past],
            }
        )
        return PASSED
    print_overview(one, deadlines, now)
    print_pairs([("!", words) for words in unusual(one.case, kept, deadlines, now)])
    for text in compared:
        click.echo()
        click.echo(text)
    if len(past) > 1:
        click.echo(_("The order was changed; versions kept: {count}").format(count=len(past)))
    return PASSED


def print_overview(one: "Overview", deadlines: "Deadlines", now: datetime) -> None:
    """Print an order: who and where, the clocks, the events, and what is next."""
    from linetest.workorders.compensation import owed

    click.echo(safe_text(f"{one.case.order.number}  {work_words(one.case.order)}"))
    print_pairs(about(one.case.order))
    if one.dues:
        click.echo()
    for due in one.dues:
        click.echo(_due_line(due, now))
    if (sum_owed := owed(one.case, deadlines, now)) is not None and sum_owed.amount:
        words = _("{amount} {currency} (days late: {days}, counted by {rule})").format(
            amount=sum_owed.amount,
            currency=sum_owed.currency,
            days=sum_owed.days,
            rule=_(_ROUNDINGS[sum_owed.rounding]),
        )
        print_pairs([(_("owed"), words)])
    if one.appointment is not None and one.appointment.booking is not None:
        kept = {True: _("kept"), False: _("BROKEN"), None: ""}[one.appointment_kept]
        print_pairs([(_("appointment"), f"{booking_words(one.appointment.booking)}  {kept}".rstrip())])
    if one.case.events:
        click.echo()
    for event in one.case.events:
        for line in event_words(event, now):
            click.echo(line)
    click.echo()
    print_next(one)


def _compared(database: "sqlite3.Connection", case: "Case") -> list[str]:
    """Return the last test from the centre beside the last one on site, for each line that has both."""
    from linetest.reports.beside import beside_text
    from linetest.store.records import find
    from linetest.workorders.next_step import last_test

    found = []
    for line in case.order.line:
        remote, here = (last_test(case.events, line.id, remote=where) for where in (True, False))
        if remote is not None and here is not None and remote.record and here.record:
            title = _("Line {line}: the test from the centre, and the one on site").format(line=safe_text(line.id))
            found.append(beside_text(find(database, remote.record), find(database, here.record), title))
    return found


def _due_line(due: "Due", now: datetime) -> str:
    from wcwidth import ljust

    words = _("due {due}").format(due=when_words(due.due_at, now))
    if due.left_s is not None:
        words += _(", left {left}").format(left=left_words(due))
    if due.reason is not None:
        words += f" ({safe_text(due.reason)})"
    return f"  {ljust(clock_words(due.clock), 14)}  {ljust(state_words(due.state), 8)} {words}  [{safe_text(due.id)}]"


def print_next(one: "Overview") -> None:
    """Print what is to be done next, and what to type for it."""
    print_pairs([(_("next"), step_words(one.step)), ("", step_command(one))])


def about(order: "Order") -> list[tuple[str, str]]:
    """Return who and where, as names and values."""
    customer = order.customer
    classes = [
        name
        for name, has in (
            (_("VIP"), customer.vip),
            (_("brand"), customer.brand),
            (_("hotel"), customer.hotel),
            (_("urban"), customer.region == "urban"),
            (_("rural"), customer.region == "rural"),
        )
        if has
    ]
    lines = ", ".join(line.id for line in order.line)
    return [
        (_("customer"), ", ".join(classes)),
        (_("says"), order.summary or ""),
        (_("where"), order.address or ""),
        (_("phone"), order.contact or ""),
        (_("lines") if len(order.line) > 1 else _("line"), lines),
        (_("rate"), ", ".join(dict.fromkeys(_rates(line.rates) for line in order.line if line.rates is not None))),
        (_("ticket"), order.ticket or ""),
    ]


def _rates(rates: "Rates") -> str:
    return _("{down:g} Mbit/s down, {up:g} up").format(down=rates.down_mbps, up=rates.up_mbps)


def print_pairs(pairs: list[tuple[str, str]], *, to_stderr: bool = False) -> None:
    """Print names and values, those without a value left out, wrapped at 80 columns."""
    from wcwidth import ljust

    from linetest.words.wrap import wrapped

    for name, value in pairs:
        for number, line in enumerate(wrapped(safe_text(value), _WIDTH - 18) if value else []):
            click.echo(f"  {ljust(name if number == 0 else '', 14)}  {line}".rstrip(), err=to_stderr)
