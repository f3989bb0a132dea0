"""`linetest order label`: the account label for the modem."""

from pathlib import Path

import click

from linetest.cli.options import PASSED, json_option, print_json, say, standard_options
from linetest.cli.order_write import line_of
from linetest.errors import UsageError
from linetest.safe import safe_file_name, safe_text
from linetest.words.text import _


@click.command(
    "label",
    short_help=_("Write the account label for the modem, to print."),
    help=_(
        "Write the account label for the modem as a page for an A4 sheet of labels, 70 by 37 mm; print it from the "
        "browser. The label has an empty space for the password, unless --password says where to read it: it then "
        "stands in that page and nowhere else.\n\n"
        "Example: linetest order label 1003 --phone 13800000009"
    ),
)
@click.argument("order")
@click.option("--line", metavar=_("LINE"), help=_("Only this line or room."))
@click.option("--phone", metavar=_("NUMBER"), help=_("The technician's mobile number."))
@click.option(
    "--password", "source", metavar=_("SOURCE"), help=_("prompt or fd:3: where the password is read, never it itself.")
)
@click.option(
    "--html",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar=_("FILE"),
    help=_("The page; label-NUMBER.html here, when absent."),
)
@json_option
@standard_options
def label(order: str, line: str | None, phone: str | None, source: str | None, html: Path | None, as_json: bool) -> int:
    """Write the page; the password goes nowhere else."""
    from linetest.reports.files import write_report
    from linetest.reports.label import render_labels
    from linetest.secrets import read_secret
    from linetest.store.opened import open_store
    from linetest.store.orders import find_case

    with open_store() as store:
        case = find_case(store.database, order)
    wanted = line_of(case, line)
    found = case.order
    lines = [one.id for one in found.line if wanted in (None, one.id)]
    if missing := [one.id for one in found.line if one.id in lines and not one.account]:
        raise UsageError(
            _("order {number}: line {line} names no account").format(number=found.number, line=missing[0]),
            _('write account = "…" into its [[line]], then `linetest order add`'),
        )
    _check_source(source, len(lines))
    password = read_secret(source, _("password of the account")) if source else None
    path = html or Path(f"label-{safe_file_name(found.number)}.html")
    write_report(path, render_labels(found, lines, phone, password))
    if as_json:
        print_json({"schema": "linetest.label/1", "number": found.number, "lines": lines, "file": str(path)})
    else:
        click.echo(safe_text(_("Label: {file}").format(file=path)))
    if password is not None:
        say(_("The page holds the password: delete it after printing."))
    return PASSED


def _check_source(source: str | None, lines: int) -> None:
    """Refuse a password on the command line, and one password for several accounts."""
    if source is None:
        return
    if source != "prompt" and not source.startswith("fd:"):
        # What was given is not repeated: it may be the password.
        raise UsageError(_("--password says where to read the password"), _("write prompt or fd:3"))
    if lines > 1:
        raise UsageError(_("one password, and {count} lines").format(count=lines), _("name the line with --line"))
