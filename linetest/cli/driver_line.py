"""`linetest driver try` for DSL modems and line testers: what their driver reads in a saved text."""

from typing import TYPE_CHECKING

import click

from linetest.cli.options import INCONCLUSIVE, PASSED, print_json, say
from linetest.errors import UsageError
from linetest.safe import safe_text
from linetest.words.text import _

if TYPE_CHECKING:
    from linetest.devices.driver import Driver
    from linetest.devices.dsl_trial import TriedModem


def try_saved(driver: "Driver", command_name: str, body: bytes | None, as_json: bool) -> int:
    """Print the rows that the driver reads; exit 3 when there are none."""
    if body is None:
        raise UsageError(
            _("driver {driver}: such a device is asked with `linetest copper`, not here").format(driver=driver.name),
            _("give --reply with a text that was saved"),
        )
    tried = _tried(driver, command_name, body)
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
        say(_("nothing of a line here"))
    return PASSED if tried.rows else INCONCLUSIVE


def _tried(driver: "Driver", command_name: str, body: bytes) -> "TriedModem":
    from linetest.devices.dsl_trial import TriedModem, try_reply
    from linetest.devices.line_tester import parse_protocol

    if driver.tester is None:
        return try_reply(driver, command_name, body)
    told = parse_protocol(driver.tester, "reply", body.decode(errors="replace"))
    return TriedModem(rows=[{"name": name, "value": text} for name, text in told.typed.items()])
