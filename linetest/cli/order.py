"""`linetest order`: the technician's orders. One file per group of commands."""

import click

from linetest.cli.options import standard_options
from linetest.cli.order_add import add
from linetest.cli.order_list import list_orders
from linetest.cli.order_show import show
from linetest.words.text import _


@click.group(
    short_help=_("Your orders: what is next, what is late, what happened."),
    help=_("Your orders: what is next, what is late, what happened.\n\nExample: linetest order next"),
)
@standard_options
def command() -> None:
    """Hold the commands about orders."""


command.add_command(list_orders)
command.add_command(show)
command.add_command(add)
