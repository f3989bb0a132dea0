"""`linetest order add`: orders from files into the store."""

from pathlib import Path

import click

from linetest.cli.options import PASSED, json_option, print_json, standard_options
from linetest.safe import safe_text
from linetest.words.text import N_, _

_SAYS = {"new": N_("{order}: added"), "changed": N_("{order}: changed"), "same": N_("{order}: there already")}


@click.command(
    "add",
    short_help=_("Take orders from files."),
    help=_(
        "Take orders from files: .toml with one order, .json with one or a list, .csv with a row for each line. An "
        "order that comes again is brought up to date, and what it was before is kept. A bad file is not taken.\n\n"
        "Example: linetest order add monday.csv"
    ),
)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, dir_okay=False))
@json_option
@standard_options
def add(files: tuple[Path, ...], as_json: bool) -> int:
    """Read all files first, then keep them."""
    from linetest.store.opened import open_store
    from linetest.store.orders import put
    from linetest.workorders.files import load_orders

    read = [(file, load_orders(file)) for file in files]
    done = []
    with open_store() as store:
        for file, orders in read:
            states = put(store.database, orders, file.name)
            done += [{"number": order.number, "state": state} for order, state in zip(orders, states, strict=True)]
    if as_json:
        print_json({"schema": "linetest.orders-added/1", "orders": done})
    for row in done if not as_json else []:
        click.echo(safe_text(_(_SAYS[row["state"]]).format(order=row["number"])))
    return PASSED
