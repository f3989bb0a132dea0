"""`linetest ticket push`: send everything that waits."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from linetest.cli.options import KEPT, PASSED, json_option, print_json, say, standard_options, station_option
from linetest.cli.pushing import Progress, result_line, say_holds, say_skew
from linetest.cli.ticket_words import outcome_of, ticket_entry
from linetest.safe import safe_text
from linetest.words.text import _

if TYPE_CHECKING:
    from linetest.tickets.outbox import Outcome

_DEADLINE_S = 120.0
_LISTED = 20
"""Of more results than this, those that were delivered are only counted."""


@click.command(
    "push",
    help=_(
        "Send everything that waits: in order within a ticket, several tickets at once. A ticket that is stuck holds "
        "up no other, and Ctrl-C leaves everything as it can be sent later.\n\n"
        "Example: linetest ticket push --deadline 600"
    ),
)
@click.option(
    "--deadline",
    "deadline_s",
    type=click.FloatRange(min=1),
    default=_DEADLINE_S,
    show_default=True,
    metavar=_("SECONDS"),
    help=_("Total time; what is not sent by then is kept."),
)
@station_option
@json_option
@standard_options
def push(deadline_s: float, station_file: Path | None, as_json: bool) -> int:
    """Exit 0 when nothing is kept any more, 5 when something is."""
    from linetest.store import outbox as rows
    from linetest.store.holds import holds
    from linetest.store.opened import open_store
    from linetest.tickets import outbox, systems

    entry = ticket_entry(station_file)
    system = systems.connect(entry)
    with open_store() as store:
        progress = Progress(len(rows.heads(store.database, system.destination)))
        with progress:
            outcomes = outbox.push(
                store.database, system, deadline_s=deadline_s, tell=progress.tell, connections=entry.connections
            )
        kept = rows.items(store.database, which="kept")
        if as_json:
            rows_sent = [{**outcome_of(item), "late": item.late, "next_at": item.next_at} for item in outcomes]
            print_json({"schema": "linetest.push/1", "push": rows_sent})
        else:
            held = next((one.reason for one in holds(store.database) if one.dest == system.destination), None)
            _print(outcomes, system.destination, held)
        say_holds(store.database)
        say_skew(outcomes)
    elsewhere = [item for item in kept if item.dest != system.destination]
    for dest in sorted({item.dest for item in elsewhere}):
        count = sum(item.dest == dest for item in elsewhere)
        say(_("Kept for another ticket system, {system}: {count}").format(count=count, system=safe_text(dest)))
    return KEPT if kept else PASSED


def _print(outcomes: "list[Outcome]", destination: str, held: str | None) -> None:
    """Print what became of each result; of many only those that are kept, after how many were delivered.

    `held` is why the ticket system takes nothing, which is said of all of them together.
    """
    from linetest.store.outbox import State

    if not outcomes:
        click.echo(_("Nothing was waiting for {system}.").format(system=safe_text(destination)))
    shown: list[Any] = outcomes
    if len(outcomes) > _LISTED:
        done = sum(outcome.state == State.DELIVERED for outcome in outcomes)
        click.echo(_("Delivered: {done} of {total}").format(done=done, total=len(outcomes)))
        shown = [one for one in outcomes if one.state != State.DELIVERED and not (held and one.reason == held)]
    for one in shown:
        click.echo(safe_text(result_line(one.key, one.ticket, one.state, one.reason)))
