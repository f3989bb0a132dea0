"""`linetest record`: the kept records, listed, shown, verified and judged again."""

import click

from linetest.cli.options import (
    INCONCLUSIVE,
    PASSED,
    exit_of,
    json_option,
    print_json,
    print_record,
    profile_option,
    standard_options,
)
from linetest.cli.ticket_words import move_words
from linetest.safe import safe_text
from linetest.words.text import _


@click.group(
    short_help=_("List, show, verify and judge again the kept records."),
    help=_("List, show, verify and judge again the kept records.\n\nExample: linetest record show last"),
)
@standard_options
def command() -> None:
    """Hold the commands about records."""


@command.command(
    "list",
    help=_(
        "List the newest records first; of one line, also the newest result beside the one before.\n\n"
        "Example: linetest record list --line LINE-1"
    ),
)
@click.option("--line", help=_("Only the records of this line."))
@click.option("--most", type=click.IntRange(1, 100_000), default=50, show_default=True, help=_("How many at most."))
@json_option
@standard_options
def list_records(line: str | None, most: int, as_json: bool) -> None:
    """Print one line per record."""
    from wcwidth import ljust

    from linetest.model.sentences import verdict_words
    from linetest.reports.beside import beside_text
    from linetest.store.line_history import last_before, of_line
    from linetest.store.opened import open_store
    from linetest.store.records import rows

    with open_store() as store:
        found = rows(store.database, line, most)
        newest = of_line(store.database, line, most=1) if line is not None and not as_json else []
        earlier = last_before(store.database, newest[0]) if newest else None
    if as_json:
        print_json({"schema": "linetest.record-list/1", "records": [row._asdict() for row in found]})
        return
    for row in found:
        place = " ".join(part for part in (row.order, row.line) if part) or row.kind
        moment = row.finished_at[:16].replace("T", " ")
        click.echo(safe_text(f"{row.id[:8]}  {moment}  {ljust(verdict_words(row.verdict), 14)} {place}"))
    if not found:
        click.echo(_("There is no record yet."))
    if earlier is not None:
        click.echo()
        click.echo(beside_text(earlier, newest[0]))


@command.command("show", help=_("Show a record as text, or as it was kept.\n\nExample: linetest record show last"))
@click.argument("record")
@json_option
@standard_options
def show(record: str, as_json: bool) -> None:
    """Print the record; --json prints the bytes that were hashed, unknown fields included."""
    import msgspec

    from linetest.store.line_history import last_before
    from linetest.store.moves import moves_of
    from linetest.store.opened import open_store
    from linetest.store.records import find_body, read_record

    with open_store() as store:
        body = find_body(store.database, record)
        found = read_record(body, record)
        earlier = last_before(store.database, found)
        trace = moves_of(store.database, found.id)
    if as_json:
        print_json(msgspec.Raw(body))
        return
    print_record(found, earlier)
    for one in trace:
        click.echo(safe_text(move_words(one)))


@command.command(
    "verify",
    help=_("Check all records and their evidence for changes.\n\nExample: linetest record verify"),
)
@json_option
@standard_options
def verify(as_json: bool) -> int:
    """Exit 0 when nothing was changed, 3 when something was: what was changed can no longer be trusted."""
    from linetest.store.opened import open_store
    from linetest.store.records import rows
    from linetest.store.records import verify as verify_all

    with open_store() as store:
        faults = verify_all(store.database, store.home)
        newest = next(iter(rows(store.database, most=1)), None)
    count = newest.n if newest else 0
    if as_json:
        print_json({"schema": "linetest.verify/1", "records": count, "faults": [fault._asdict() for fault in faults]})
    for fault in faults if not as_json else []:
        click.echo(safe_text(_("record {n} {id}: {what}").format(n=fault.n, id=fault.id[:8], what=fault.what)))
    if not faults and not as_json:
        click.echo(_("All records are as they were written: {count}.").format(count=count))
    return INCONCLUSIVE if faults else PASSED


@command.command(
    "judge",
    help=_(
        "Judge a record again, by another profile or by its own. What the profile measures differently is measured "
        "again from the evidence. The kept record stays as it is.\n\n"
        "Example: linetest record judge last --profile my-limits.toml"
    ),
)
@click.argument("record")
@profile_option()
@json_option
@standard_options
def judge(record: str, profile_name: str | None, as_json: bool) -> int:
    """Print the record with the new verdict."""
    from linetest.acceptance.again import judge_again
    from linetest.catalog import load_profile, read_profile
    from linetest.store.opened import open_store
    from linetest.store.records import find

    with open_store() as store:
        kept = find(store.database, record)
        loaded = load_profile(profile_name) if profile_name else read_profile(kept.profile.text, kept.profile.name)
        again = judge_again(store, kept, loaded)
    if as_json:
        print_json(again)
    else:
        print_record(again)
    return exit_of(again.verdict)
