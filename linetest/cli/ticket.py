"""`linetest ticket`: send results to the ticket system, and see what waits."""

from pathlib import Path

import click

from linetest.cli.options import INCONCLUSIVE, PASSED, json_option, print_json, standard_options, station_option
from linetest.cli.order_show import print_pairs
from linetest.cli.pushing import hold_words, result_line
from linetest.cli.ticket_correct import drop, move, retry
from linetest.cli.ticket_push import push
from linetest.cli.ticket_words import move_words, shown_pairs, subject_words, summary_of, ticket_entry
from linetest.safe import safe_text
from linetest.words.text import _

_DOCTOR_S = 60.0
_WIDTH = 80


@click.group(
    short_help=_("Send results to the ticket system; see what waits."),
    help=_("Send results to the ticket system; see what waits.\n\nExample: linetest ticket push"),
)
@standard_options
def command() -> None:
    """Hold the commands about tickets."""


for _part in (push, retry, move, drop):
    command.add_command(_part)


@command.command("list", help=_("List what is kept; --all lists what is done too.\n\nExample: linetest ticket list"))
@click.option("--all", "everything", is_flag=True, help=_("Also what was delivered or dropped."))
@json_option
@standard_options
def list_items(everything: bool, as_json: bool) -> None:
    """Print one line per result, in the order of sending, after the ticket systems that take nothing now."""
    from linetest.store import outbox as rows
    from linetest.store.holds import holds
    from linetest.store.opened import open_store

    with open_store() as store:
        found = rows.items(store.database, which="all" if everything else "kept")
        held = holds(store.database)
    if as_json:
        results = [summary_of(item) for item in found]
        print_json({"schema": "linetest.outbox/1", "results": results, "holds": [one._asdict() for one in held]})
        return
    for one in held:
        _print_wrapped(hold_words(one))
    said = {(one.dest, one.reason) for one in held}
    for item in found:
        line = result_line(item.key, item.ticket, item.state, None)
        _print_wrapped(f"{line}  {subject_words(item)}".rstrip())
        if item.last_error and item.state != rows.State.DELIVERED and (item.dest, item.last_error) not in said:
            _print_wrapped(item.last_error, "  > ")
    if not found:
        click.echo(_("Nothing is kept."))


def _print_wrapped(text: str, first: str = "") -> None:
    """Print a sentence at 80 columns; what has no room goes below, set in."""
    from linetest.words.wrap import wrapped

    for line in wrapped(safe_text(text), _WIDTH, first, "    "):
        click.echo(line)


@command.command(
    "show", help=_("Show what is sent of one result, and how far it came.\n\nExample: linetest ticket show 3f2a")
)
@click.argument("key")
@json_option
@standard_options
def show(key: str, as_json: bool) -> None:
    """Print one row of the outbox with its comment."""
    from linetest.store import outbox as rows
    from linetest.store.moves import moves_of
    from linetest.store.opened import open_store
    from linetest.tickets.payload import read_payload

    with open_store() as store:
        item = rows.find(store.database, key)
        trace = moves_of(store.database, item.key)
    result = read_payload(item)
    if as_json:
        more = {"remote_ids": item.remote_ids, "moves": [one._asdict() for one in trace], "result": result}
        print_json({"schema": "linetest.outbox-result/1", **summary_of(item), **more})
        return
    print_pairs(shown_pairs(item))
    for one in trace:
        click.echo(safe_text(move_words(one)))
    click.echo()
    for line in result.comment.splitlines():
        click.echo(safe_text(line))


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
    from linetest.tickets.system import Finding
    from linetest.tickets.systems import connect
    from linetest.words.wrap import wrapped

    system = connect(ticket_entry(station_file))
    try:
        findings = system.doctor(_DOCTOR_S)
    except PushError as error:
        findings = [Finding(state="wrong", what=error.what, hint=error.hint)]
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
