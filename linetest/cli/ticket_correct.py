"""`linetest ticket retry`, `move` and `drop`: what a person does about a result that waits."""

import click

from linetest.cli.options import json_option, print_json, say, standard_options
from linetest.cli.ticket_words import move_words, summary_of
from linetest.errors import UsageError
from linetest.safe import safe_text
from linetest.words.text import _


@click.command(
    "retry",
    help=_(
        "Let the next push try a result without further delay. What may have been sent before is looked up first, "
        "and never sent twice.\n\n"
        "Example: linetest ticket retry 3f2a"
    ),
)
@click.argument("key")
@json_option
@standard_options
def retry(key: str, as_json: bool) -> None:
    """Put a result back in line."""
    from linetest.store import corrections
    from linetest.store.opened import open_store
    from linetest.tickets.pace import REAL_TIME, USUAL_PACE

    with open_store() as store:
        item = corrections.retry(store.database, key, settled_at=REAL_TIME.wall() + USUAL_PACE.settle_s)
    if as_json:
        print_json({"schema": "linetest.outbox-result/1", **summary_of(item)})
    say(_("{key} is tried again by the next `linetest ticket push`.").format(key=item.key))


@click.command(
    "move",
    short_help=_("Give a result to another ticket; who, when and why is kept."),
    help=_(
        "Give a result to another ticket, where the first one was wrong. Who did it, when, from where and why stays "
        "with the result, and the new ticket is told.\n\n"
        "What may have been sent is looked up in the old ticket first. A result that has arrived there stays there: "
        "the old ticket is told whose it is, and the new one gets it too.\n\n"
        'Example: linetest ticket move 3f2a 18 --order WO-1002 --reason "tested next door"'
    ),
)
@click.argument("key")
@click.argument("ticket")
@click.option("--order", "order", metavar=_("NUMBER"), help=_("The order that it belongs to, where that changes too."))
@click.option("--reason", required=True, metavar=_("TEXT"), help=_("Why; it is kept, and the new ticket shows it."))
@click.option(
    "--by",
    envvar="LINETEST_TECHNICIAN",
    metavar=_("STAFF"),
    help=_("The technician's staff number; else $LINETEST_TECHNICIAN."),
)
@json_option
@standard_options
def move(key: str, ticket: str, order: str | None, reason: str, by: str | None, as_json: bool) -> None:
    """Change where a result goes, and keep the trace."""
    from linetest.store import corrections
    from linetest.store.moves import moves_of
    from linetest.store.opened import open_store
    from linetest.tickets.moved import told_of_move
    from linetest.tickets.pace import REAL_TIME, USUAL_PACE

    _refuse_empty(reason)
    with open_store() as store:
        item = corrections.move(
            store.database,
            key,
            ticket,
            order=order,
            reason=reason,
            by=by,
            told=told_of_move,
            settled_at=REAL_TIME.wall() + USUAL_PACE.settle_s,
        )
        trace = moves_of(store.database, item.key)
    if as_json:
        moves = [one._asdict() for one in trace]
        print_json({"schema": "linetest.outbox-result/1", **summary_of(item), "moves": moves})
        return
    click.echo(safe_text(move_words(trace[-1])))
    say(_("{key} goes there with the next `linetest ticket push`.").format(key=item.key))
    if trace[-1].from_ticket in item.left_tickets:
        say(safe_text(_("Ticket {ticket} keeps it, and is told whose it is.").format(ticket=trace[-1].from_ticket)))


@click.command(
    "drop",
    help=_(
        "Give a result up: it is never sent, and stays in the list with the reason.\n\n"
        'Example: linetest ticket drop 3f2a --reason "order was cancelled"'
    ),
)
@click.argument("key")
@click.option("--reason", required=True, metavar=_("TEXT"), help=_("Why; it is kept."))
@json_option
@standard_options
def drop(key: str, reason: str, as_json: bool) -> None:
    """Take a result out of the line; its record stays."""
    from linetest.store import corrections
    from linetest.store.opened import open_store

    _refuse_empty(reason)
    with open_store() as store:
        item = corrections.drop(store.database, key, reason)
    if as_json:
        print_json({"schema": "linetest.outbox-result/1", **summary_of(item)})
    say(_("{key} is dropped. Its record is kept.").format(key=item.key))


def _refuse_empty(reason: str) -> None:
    if not reason.strip():
        raise UsageError(_("--reason: an empty reason is none"), _("say why in a few words"))
