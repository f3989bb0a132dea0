"""`linetest copper`: crosstalk, per-tone values and electrical values of copper pairs. One file per command."""

import click

from linetest.cli.copper_check import check
from linetest.cli.copper_tones import tones
from linetest.cli.options import standard_options
from linetest.words.text import _


@click.group(
    short_help=_("Judge copper pairs: crosstalk from a sweep."),
    help=_(
        "Judge copper pairs: crosstalk from a sweep.\n\n"
        "Example: linetest copper check binder.s8p --profile adsl-prequal"
    ),
)
@standard_options
def command() -> None:
    """Hold the commands about copper pairs."""


command.add_command(check)
command.add_command(tones)
