"""`linetest driver try` for a DSL modem: what its driver reads in a saved text."""

from typing import TYPE_CHECKING

import click

from linetest.cli.options import INCONCLUSIVE, PASSED, print_json, say
from linetest.errors import UsageError
from linetest.safe import safe_text
from linetest.words.text import _

if TYPE_CHECKING:
    from linetest.devices.driver import Driver


def try_modem(driver: "Driver", command_name: str, body: bytes | None, as_json: bool) -> int:
    """Print the rows that the driver reads; exit 3 when there are none."""
    from linetest.devices.dsl_trial import try_reply

    if body is None:
        raise UsageError(
            _("driver {driver}: a DSL modem is asked with `linetest copper tones`, not here").format(
                driver=driver.name
            ),
            _("give --reply with a text that was saved"),
        )
    tried = try_reply(driver, command_name, body)
    if as_json:
        print_json(
            {
                "schema": "linetest.reply/1",
                "driver": driver.name,
                "command": command_name,
                "rows": tried.rows,
                "unread": tried.unread,
            }
        )
    for row in tried.rows if not as_json else []:
        told = {key: value for key, value in row.items() if value is not None and key != "values"}
        click.echo(safe_text("  ".join(f"{key}={value}" for key, value in told.items())))
    for line in tried.unread:
        say(_("not understood: {row}").format(row=safe_text(line)))
    if not tried.rows:
        say(_("nothing of a DSL line here"))
    return PASSED if tried.rows else INCONCLUSIVE
