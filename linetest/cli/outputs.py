"""Reports beside what is printed: the option, the names of several, and what happens when one cannot be written."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from linetest.cli.options import say
from linetest.errors import FileError
from linetest.safe import safe_text
from linetest.words.text import _

if TYPE_CHECKING:
    from linetest.model.record import Record

F = TypeVar("F", bound=Callable[..., Any])


def report_option(function: F) -> F:
    """Add --report FILE."""
    return click.option(
        "--report",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar=_("FILE"),
        help=_("Also write a report: .html, .xml, .csv, .json or .txt; several are numbered."),
    )(function)


def check_report_name(report: Path | None) -> None:
    """Refuse a report that cannot be written, before anything is measured."""
    if report is not None:
        from linetest.reports.files import check_names

        check_names([report])


def numbered(path: Path | None, number: int, count: int) -> Path | None:
    """Return the name for one of several files of the same kind: page-1.html, page-2.html."""
    return path if path is None or count == 1 else path.with_stem(f"{path.stem}-{number}")


def write_asked(record: "Record", report: Path | None) -> bool:
    """Write the report that was asked for; a result is never lost with it, so tell when it could not be written."""
    if report is None:
        return True
    from linetest.reports.files import render_for_path, write_report

    try:
        write_report(report, render_for_path(record, report))
    except FileError as error:
        return tell_unwritten(error)
    return True


def tell_unwritten(error: FileError) -> bool:
    """Tell why a file is not there; False, as it was not written."""
    say(safe_text(_("The report is not written: {fault}").format(fault=error.what)))
    return False
