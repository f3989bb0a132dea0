"""`linetest order`: the technician's orders. One file per group of commands."""

import click

from linetest.cli.options import standard_options
from linetest.cli.order_add import add
from linetest.cli.order_checklist import checklist
from linetest.cli.order_end import done, give_back
from linetest.cli.order_escalate import escalate
from linetest.cli.order_fetch import claim, fetch
from linetest.cli.order_label import label
from linetest.cli.order_list import list_orders
from linetest.cli.order_mass import mass
from linetest.cli.order_next import next_order
from linetest.cli.order_note import note
from linetest.cli.order_show import show
from linetest.cli.order_visit import arrive, book
from linetest.words.text import _


@click.group(
    short_help=_("Your orders: what is next, what is late, what happened."),
    help=_("Your orders: what is next, what is late, what happened.\n\nExample: linetest order next"),
)
@standard_options
def command() -> None:
    """Hold the commands about orders."""


for _command in (
    fetch,
    claim,
    list_orders,
    next_order,
    show,
    book,
    arrive,
    done,
    give_back,
    escalate,
    mass,
    note,
    checklist,
    label,
    add,
):
    command.add_command(_command)
