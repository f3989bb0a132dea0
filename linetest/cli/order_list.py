"""`linetest order list` and `next`: what is to be done, what is late, how long is left."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from linetest.cli.options import PASSED, print_json
from linetest.cli.order_options import order_options, rules_and_time
from linetest.cli.order_show import print_pairs
from linetest.cli.order_unusual import untold_masses
from linetest.cli.order_words import MARKS, left_words, state_words, step_words, when_words, work_words
from linetest.safe import safe_text
from linetest.words.text import _, ngettext

if TYPE_CHECKING:
    from linetest.workorders.overview import Overview

_WIDTH = 80
_WIDTHS = (1, 13, 18, 11, 7)
_NUMBER = 1
"""Columns: mark, order, work, due, left. What is next gets the rest."""


@click.command(
    "list",
    short_help=_("List the orders that wait, what is due first in front."),
    help=_(
        "List the orders that wait, what is due first in front: ! is late, * is due soon.\n\n"
        "Example: linetest order list"
    ),
)
@click.option("--all", "everything", is_flag=True, help=_("Also what has ended, and what is other technicians'."))
@order_options
def list_orders(everything: bool, at: str | None, by: str | None, profile_name: str, as_json: bool) -> int:
    """Print one line for each order."""
    found, now, masses = _read(profile_name, at, by, everything)
    if as_json:
        print_json({"schema": "linetest.orders/1", "at": now, "orders": [overview_json(one) for one in found]})
        return PASSED
    click.echo(_head(found, now))
    if found:
        click.echo()
        click.echo(_row(("", _("Order"), _("Work"), _("Due"), _("Left")), _("Next")))
    for one in found:
        click.echo(_line(one, now))
    if masses:
        click.echo()
        print_pairs([("!", words) for words in masses])
    return PASSED


def _read(
    profile_name: str, at: str | None, by: str | None, everything: bool
) -> tuple[list["Overview"], datetime, list[str]]:
    """Return the list of that technician at that moment, the moment, and the mass faults that nobody was told of."""
    from linetest.store.opened import open_store
    from linetest.store.orders import cases
    from linetest.workorders.overview import overview, work_list

    deadlines, now = rules_and_time(profile_name, at)
    with open_store() as store:
        kept = cases(store.database)
    found = work_list([overview(case, deadlines, now) for case in kept], by, everything)
    return found, now, untold_masses(kept, deadlines, now)


def overview_json(one: "Overview") -> dict[str, Any]:
    """Return an order as the list's JSON has it."""
    order = one.case.order
    return {
        "number": order.number,
        "work_type": order.work_type,
        "access": order.access,
        "ticket": order.ticket,
        "technician": order.technician,
        "lines": [line.id for line in order.line],
        "next": one.step,
        "due": one.due,
        "dues": one.dues,
        "appointment": one.appointment.booking if one.appointment else None,
        "appointment_kept": one.appointment_kept,
    }


def _head(found: list["Overview"], now: datetime) -> str:
    late = sum(one.due is not None and one.due.state == "late" for one in found)
    moment = f"{now:%Y-%m-%d %H:%M} {now:%z}"[:-2] + ":" + f"{now:%z}"[-2:]
    if not found:
        return _("{moment}: no order waits.").format(moment=moment)
    count = ngettext("{count} order", "{count} orders", len(found)).format(count=len(found))
    return _("{moment}: {orders}, {late} late").format(moment=moment, orders=count, late=late)


def _line(one: "Overview", now: datetime) -> str:
    order, due = one.case.order, one.due
    mark = MARKS.get(due.state, "") if due else ""
    exempt = due is None and any(each.state == "exempt" for each in one.dues)
    shown = state_words("exempt") if exempt else when_words(due.due_at if due else None, now)
    cells = (mark, safe_text(order.number), work_words(order), shown)
    return _row((*cells, left_words(due)), step_words(one.step))


def _row(cells: tuple[str, ...], last: str) -> str:
    """Return one line of the table, measured in columns of the terminal."""
    from wcwidth import clip, ljust, rjust, wcswidth

    laid = []
    for number, (cell, width) in enumerate(zip(cells, _WIDTHS, strict=True)):
        shown = cell
        if (columns := wcswidth(cell)) > width:  # of an order's number the end stays, which is enough to name it
            rest = clip(cell, columns - width + 1, columns) if number == _NUMBER else clip(cell, 0, width - 1)
            shown = f"…{rest}" if number == _NUMBER else f"{rest}…"
        laid.append(rjust(shown, width) if number == len(_WIDTHS) - 1 else ljust(shown, width))
    return "  ".join([*laid, last]).rstrip()
