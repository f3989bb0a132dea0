"""`linetest order next`: the one thing to do now, and for whom."""

from datetime import timedelta
from typing import TYPE_CHECKING

import click

from linetest.cli.options import PASSED, print_json
from linetest.cli.order_list import overview_json
from linetest.cli.order_options import order_options, rules_and_time
from linetest.cli.order_show import about, print_next, print_pairs
from linetest.cli.order_unusual import unusual
from linetest.cli.order_words import booking_words, clock_words, left_words, state_words, when_words, work_words
from linetest.safe import safe_text
from linetest.words.text import _

if TYPE_CHECKING:
    from datetime import datetime

    from linetest.model.case import Case
    from linetest.model.deadlines import Deadlines
    from linetest.workorders.overview import Overview
    from linetest.workorders.reminders import Reminded


_PRESSING = ("visit-soon", "room-late")
"""Reminders that are told whichever order they are about: they are over in minutes."""


@click.command(
    "next",
    short_help=_("Say what to do now: the order that is due first."),
    help=_("Say what to do now: the order that is due first.\n\nExample: linetest order next"),
)
@order_options
def next_order(at: str | None, by: str | None, profile_name: str, as_json: bool) -> int:
    """Print the first order of the list, its reminders, and what is unusual about it."""
    from linetest.store.opened import open_store
    from linetest.store.orders import cases
    from linetest.workorders.overview import overview, work_list
    from linetest.workorders.reminders import reminders

    deadlines, now = rules_and_time(profile_name, at)
    with open_store() as store:
        kept = cases(store.database)
    found = work_list([overview(case, deadlines, now) for case in kept], by, False)
    one = found[0] if found else None
    reminded = [
        (other.case.order.number, each)
        for other in found
        for each in reminders(other.case, deadlines, now)
        if other is one or each.rule.moment in _PRESSING
    ]
    if as_json:
        rules = [
            {"number": number, "id": each.rule.id, "line": each.line, "until": each.until} for number, each in reminded
        ]
        print_json(
            {"schema": "linetest.order-next/1", "order": overview_json(one) if one else None, "reminders": rules}
        )
    elif one is None:
        click.echo(_("No order waits."))
    else:
        _print(one, kept, deadlines, now, reminded)
    return PASSED


def _print(
    one: "Overview", kept: "list[Case]", deadlines: "Deadlines", now: "datetime", reminded: "list[tuple[str, Reminded]]"
) -> None:
    click.echo(safe_text(f"{one.case.order.number}  {work_words(one.case.order)}"))
    if one.due is not None:
        words = _("{state}: due {due}, left {left}").format(
            state=state_words(one.due.state), due=when_words(one.due.due_at, now), left=left_words(one.due)
        )
        print_pairs([(clock_words(one.due.clock), f"{words}  [{one.due.id}]")])
    if one.appointment is not None and one.appointment.booking is not None:
        print_pairs([(_("appointment"), booking_words(one.appointment.booking))])
    print_pairs(about(one.case.order))
    print_next(one)
    own = one.case.order.number
    told = [_reminder(each, now) if number == own else f"{number}: {_reminder(each, now)}" for number, each in reminded]
    for line in [*told, *unusual(one.case, kept, deadlines, now)]:
        print_pairs([("!", line)])


def _reminder(reminded: "Reminded", now: "datetime") -> str:
    from linetest.workorders.rules import title_of

    words = ": ".join(part for part in (reminded.line, title_of(reminded.rule)) if part)
    if reminded.elapsed is not None:
        words += _(" (so far {minutes} min)").format(minutes=reminded.elapsed // timedelta(minutes=1))
    elif reminded.until is not None:
        words += _(" (until {time})").format(time=when_words(reminded.until, now))
    return words
