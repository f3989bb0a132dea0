"""`linetest ticket`: send results to the ticket system, and see what waits."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from linetest.cli.options import (
    INCONCLUSIVE,
    KEPT,
    PASSED,
    json_option,
    print_json,
    say,
    standard_options,
    station_option,
)
from linetest.cli.pushing import kept_words, result_line, tell_stage
from linetest.errors import UsageError
from linetest.safe import safe_text
from linetest.words.text import _

if TYPE_CHECKING:
    from linetest.devices.station import TicketEntry
    from linetest.store.outbox import Item

_DEADLINE_S = 120.0
_DOCTOR_S = 60.0
_WIDTH = 80


@click.group(
    short_help=_("Send results to the ticket system; see what waits."),
    help=_("Send results to the ticket system; see what waits.\n\nExample: linetest ticket push"),
)
def command() -> None:
    """Hold the commands about tickets."""


@command.command("push", help=_("Send everything that waits.\n\nExample: linetest ticket push --deadline 60"))
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
    from linetest.store.opened import open_store
    from linetest.tickets import outbox, systems

    entry = ticket_entry(station_file)
    system = systems.connect(entry)
    with open_store() as store:
        outcomes = outbox.push(store.database, system, deadline_s=deadline_s, tell=tell_stage)
        kept = [item for item in rows.items(store.database) if item.state not in rows.DONE]
    elsewhere = [item for item in kept if item.dest != system.destination]
    if as_json:
        rows_sent = [{**_outcome(item), "late": item.late, "next_at": item.next_at} for item in outcomes]
        print_json({"schema": "linetest.push/1", "push": rows_sent})
    else:
        for outcome in outcomes:
            click.echo(safe_text(result_line(outcome.key, outcome.ticket, outcome.state, outcome.reason)))
        if not outcomes:
            click.echo(_("Nothing was waiting for {system}.").format(system=safe_text(system.destination)))
    for dest in sorted({item.dest for item in elsewhere}):
        count = sum(item.dest == dest for item in elsewhere)
        say(_("Kept for another ticket system, {system}: {count}").format(count=count, system=safe_text(dest)))
    return KEPT if kept else PASSED


@command.command("list", help=_("List what is kept; --all lists what is done too.\n\nExample: linetest ticket list"))
@click.option("--all", "everything", is_flag=True, help=_("Also what was delivered or dropped."))
@json_option
@standard_options
def list_items(everything: bool, as_json: bool) -> None:
    """Print one line per result, in the order of sending."""
    from linetest.store import outbox as rows
    from linetest.store.opened import open_store

    with open_store() as store:
        found = rows.items(store.database)
    if not everything:
        found = [item for item in found if item.state not in rows.DONE]
    if as_json:
        print_json({"schema": "linetest.outbox/1", "results": [_summary(item) for item in found]})
        return
    for item in found:
        click.echo(safe_text(result_line(item.key, item.ticket, item.state, item.last_error)))
    if not found:
        click.echo(_("Nothing is kept."))


@command.command(
    "show", help=_("Show what is sent of one result, and how far it came.\n\nExample: linetest ticket show 3f2a")
)
@click.argument("key")
@json_option
@standard_options
def show(key: str, as_json: bool) -> None:
    """Print one row of the outbox with its comment."""
    from linetest.store import outbox as rows
    from linetest.store.opened import open_store
    from linetest.tickets.payload import read_payload

    with open_store() as store:
        item = rows.find(store.database, key)
    result = read_payload(item)
    if as_json:
        print_json(
            {"schema": "linetest.outbox-result/1", **_summary(item), "remote_ids": item.remote_ids, "result": result}
        )
        return
    for name, value in _summary(item).items():
        if value is not None and name != "kept":
            click.echo(f"{name}: {safe_text(str(value))}")
    for kept in item.remote_ids.get("kept", []):
        click.echo(safe_text(kept_words(kept)))
    click.echo()
    for line in result.comment.splitlines():
        click.echo(safe_text(line))


@command.command(
    "retry",
    help=_(
        "Let the next push try a result without further delay, in another ticket when one is given.\n\n"
        "What may have been sent before is looked up first, and never sent twice: with --ticket in the old ticket too. "
        "A result that has arrived in its ticket is not sent to a second one.\n\n"
        "Example: linetest ticket retry 3f2a --ticket 18"
    ),
)
@click.argument("key")
@click.option("--ticket", metavar=_("NUMBER"), help=_("The right ticket, where the first one was wrong."))
@json_option
@standard_options
def retry(key: str, ticket: str | None, as_json: bool) -> None:
    """Put a result back in line."""
    from linetest.store import corrections
    from linetest.store.opened import open_store
    from linetest.tickets.pace import REAL_TIME, USUAL_PACE

    with open_store() as store:
        settled_at = REAL_TIME.wall() + USUAL_PACE.settle_s
        item = corrections.retry(store.database, key, settled_at=settled_at, ticket=ticket)
    if as_json:
        print_json({"schema": "linetest.outbox-result/1", **_summary(item)})
    say(_("{key} is tried again by the next `linetest ticket push`.").format(key=item.key))


@command.command(
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

    if not reason.strip():
        raise UsageError(_("--reason: an empty reason is none"), _("say in a few words why it is not sent"))
    with open_store() as store:
        item = corrections.drop(store.database, key, reason)
    if as_json:
        print_json({"schema": "linetest.outbox-result/1", **_summary(item)})
    say(_("{key} is dropped. Its record is kept.").format(key=item.key))


@command.command(
    "doctor",
    help=_(
        "Check the ticket system: address, token, queue, custom fields and their values, rights, clock.\n\n"
        "Example: linetest ticket doctor"
    ),
)
@station_option
@json_option
@standard_options
def doctor(station_file: Path | None, as_json: bool) -> int:
    """Exit 0 when nothing is wrong, 3 when something is or the system cannot be reached."""
    from linetest.errors import PushError
    from linetest.tickets import systems
    from linetest.words.wrap import wrapped

    system = systems.connect(ticket_entry(station_file))
    try:
        findings = system.doctor(_DOCTOR_S)
    except PushError as error:
        findings = [systems.Finding(state="wrong", what=error.what, hint=error.hint)]
    if as_json:
        print_json({"schema": "linetest.ticket-doctor/1", "findings": findings})
    else:
        words = {"ok": _("ok"), "wrong": _("WRONG"), "unknown": _("not checked")}
        for finding in findings:
            for line in wrapped(safe_text(f"{words[finding.state]}: {finding.what}"), _WIDTH):
                click.echo(line)
            for line in wrapped(safe_text(finding.hint), _WIDTH - 4) if finding.hint else []:
                click.echo(f"  > {line}")
    return INCONCLUSIVE if any(finding.state == "wrong" for finding in findings) else PASSED


def ticket_entry(station_file: Path | None) -> "TicketEntry":
    """Return the station's ticket system."""
    from linetest.devices.station import default_station_path, load_station

    station = load_station(station_file or default_station_path())
    if station.ticket is None:
        raise UsageError(
            _("{file}: there is no [ticket]").format(file=station.path),
            _('add one, for instance system = "folder" and path = "results"'),
        )
    return station.ticket


def _outcome(item: Any) -> dict[str, Any]:
    """Return what --json says of a result or an event, the same in every command."""
    from linetest.tickets.result import KIND

    is_result = item.kind == KIND
    ids = {"record": item.key if is_result else None, "event": None if is_result else item.key}
    return {**ids, "ticket": item.ticket, "state": item.state}


def _summary(item: "Item") -> dict[str, Any]:
    """Return a row without its payload; a token is in none of it."""
    return {
        **_outcome(item),
        "system": item.dest,
        "attempts": item.attempts,
        "created_at": item.created_at,
        "sent_at": item.sent_at,
        "verified_at": item.verified_at,
        "late": bool(item.remote_ids.get("late")),
        "kept": item.remote_ids.get("kept", []),
        "reason": item.last_error,
    }
