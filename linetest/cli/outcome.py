"""What `linetest accept` tells when its work is done: the records, the reports, and what became of the tickets."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from linetest.cli.options import KEPT, PASSED, print_json, print_record, say
from linetest.safe import safe_text
from linetest.words.text import _

if TYPE_CHECKING:
    from linetest.model.order import Order
    from linetest.model.record import Record
    from linetest.store.outbox import Item


def print_run(
    run: str,
    records: list["Record"],
    earlier: list["Record | None"],
    sent: list["Item"],
    written: list[Path],
    as_json: bool,
) -> None:
    """Print the one JSON document, or the records, where the reports lie, and what became of each ticket.

    `earlier` holds the last result before of each record's line, or None.
    """
    if as_json:
        print_json(
            {
                "schema": "linetest.run/1",
                "run": run,
                "records": records,
                "push": [{"record": item.key, "ticket": item.ticket, "state": item.state} for item in sent],
                "reports": [str(path) for path in written],
            }
        )
        return
    for record, before in zip(records, earlier, strict=True):
        print_record(record, before)
        click.echo()
    for path in written:
        click.echo(_("Report: {file}").format(file=path))
    for item in sent:
        click.echo(safe_text(_ticket_words(item)))


def say_unsent(orders: list["Order"], sent: list["Item"]) -> None:
    """Say why a result is on its way to no ticket."""
    waiting = {item.ticket for item in sent}
    for order in orders:
        if order.ticket is None:
            say(_("Order {number} names no ticket: its records are kept here.").format(number=order.number))
        elif order.ticket not in waiting:
            say(
                _("The station has no [ticket], so ticket {ticket} is not updated; the records are kept here.").format(
                    ticket=order.ticket
                )
            )


def exit_of_sending(item: "Item") -> int:
    """Return the exit code of one result: 5 while it is kept."""
    from linetest.store.outbox import State

    return PASSED if item.state == State.DELIVERED else KEPT


def _ticket_words(item: "Item") -> str:
    from linetest.store.outbox import State

    if item.state == State.DELIVERED:
        late = _(" (the ticket was closed already; its status was left alone)") if item.remote_ids.get("late") else ""
        return _("Ticket {ticket}: updated and read back").format(ticket=item.ticket) + late
    if item.state == State.DEAD:
        return _("Ticket {ticket}: refused: {reason}; see `linetest ticket show {key}`").format(
            ticket=item.ticket, reason=item.last_error, key=item.key[:8]
        )
    reason = item.last_error or _("not sent yet")
    return _("Ticket {ticket}: kept in the outbox: {reason}; send it with `linetest ticket push`").format(
        ticket=item.ticket, reason=reason
    )
