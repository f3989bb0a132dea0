"""`linetest copper`: crosstalk, per-tone values and electrical values of copper pairs. One file per command."""

import click

from linetest.cli.copper_check import check
from linetest.cli.copper_enter import enter
from linetest.cli.copper_tones import tones
from linetest.cli.options import standard_options
from linetest.words.text import _


@click.group(
    short_help=_("Judge copper pairs: crosstalk, a modem's values, electrical values."),
    help=_(
        "Judge copper pairs: crosstalk, a modem's values, electrical values.\n\n"
        "Example: linetest copper check binder.s8p --profile adsl-prequal"
    ),
)
@standard_options
def command() -> None:
    """Hold the commands about copper pairs."""


command.add_command(check)
command.add_command(enter)
command.add_command(tones)
