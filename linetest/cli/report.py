"""`linetest report`: a kept record, or one in a file, as a page, JUnit XML, CSV or text."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from linetest.cli.options import PASSED, json_option, print_json, print_record, say, standard_options
from linetest.errors import BadFile, FileError
from linetest.safe import safe_text
from linetest.words.text import _

if TYPE_CHECKING:
    from linetest.model.record import Record

_LARGEST_FILE = 100_000_000  # bytes: the curves of 50 pairs are a tenth of it


def _file_option(name: str, words: str) -> click.Option:
    return click.Option([name], type=click.Path(path_type=Path, dir_okay=False), metavar=_("FILE"), help=words)


@click.command(
    short_help=_("Write a record as a page, JUnit XML or CSV."),
    help=_(
        "Write a record as a page, JUnit XML or CSV; without an option, print it as text. RECORD is the id of a kept "
        "record, the beginning of one, `last`, or a JSON file with a record. The exit code says whether the report was "
        "written, not the verdict.\n\n"
        "Example: linetest report last --html line.html --csv line.csv"
    ),
    params=[
        _file_option("--html", _("Write one page that needs nothing else.")),
        _file_option("--junit", _("Write JUnit XML for a CI server.")),
        _file_option("--csv", _("Write a table for a spreadsheet.")),
        _file_option("--customer", _("Write the page for the customer, in plain words.")),
        _file_option("--json-file", _("Write the record itself, readable.")),
    ],
)
@click.argument("record")
@json_option
@standard_options
def command(
    record: str,
    html: Path | None,
    junit: Path | None,
    csv: Path | None,
    customer: Path | None,
    json_file: Path | None,
    as_json: bool,
) -> int:
    """Find the record, write what was asked for, print what was written."""
    from linetest.reports.customer_page import render_customer_page
    from linetest.reports.files import FORMATS, write_report

    found = _find(record)
    wanted = [
        (html, FORMATS[".html"]),
        (junit, FORMATS[".xml"]),
        (csv, FORMATS[".csv"]),
        (customer, render_customer_page),
        (json_file, FORMATS[".json"]),
    ]
    for path, render in wanted:
        if path is not None:
            write_report(path, render(found))
            say(_("Report: {file}").format(file=safe_text(str(path))))
    if as_json:
        print_json(found)
    elif not any(path for path, _render in wanted):
        print_record(found)
    return PASSED


def _find(wanted: str) -> "Record":
    """Return the record from a file when `wanted` looks like one, else from the store."""
    from linetest.store.opened import open_store
    from linetest.store.records import find, read_record

    path = Path(wanted)
    if path.suffix == ".json" or path.name != wanted:
        return read_record(_read(path), wanted)
    with open_store() as store:
        return find(store.database, wanted)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            body = stream.read(_LARGEST_FILE + 1)
    except OSError as error:
        raise FileError(
            _("{file}: cannot be read: {fault}").format(file=path, fault=error.strerror),
            _("`linetest record list` shows the kept records"),
        ) from error
    if len(body) > _LARGEST_FILE:
        raise BadFile(_("{file}: larger than {size} bytes").format(file=path, size=_LARGEST_FILE))
    return body
