"""The pages of an acceptance run: one for each record, and the customer's where the service was tested."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from linetest.cli.options import say
from linetest.errors import LinetestError
from linetest.safe import safe_file_name, safe_text
from linetest.words.text import _

if TYPE_CHECKING:
    from linetest.model.record import Record
    from linetest.store.opened import Store


def write_reports(store: "Store", records: list["Record"], wanted: list[Path]) -> tuple[list[Path], list[Path]]:
    """Write each record's pages into the data folder, and the reports that the person asked for.

    Returns what was written, and what was asked for and could not be: a result is never lost with its page.
    """
    from linetest.reports.files import write_report

    written: list[Path] = []
    unwritten: list[Path] = []
    for number, record in enumerate(records, start=1):
        own = [path if len(records) == 1 else path.with_stem(f"{path.stem}-{number}") for path in wanted]
        for path, render in _pages(store.home / "reports", record, own):
            try:
                write_report(path, render())
                written.append(path)
            except (LinetestError, OSError) as error:
                say(safe_text(_("The report is not written: {fault}").format(fault=error)))
                unwritten += [path] if path in own else []
    return written, unwritten


def _pages(folder: Path, record: "Record", own: list[Path]) -> Iterator[tuple[Path, Callable[[], str]]]:
    """Yield each file and what makes its content: the record's page, the person's own, the customer's last."""
    from linetest.reports.customer_page import render_customer_page
    from linetest.reports.files import render_for_path
    from linetest.reports.whose_words import isolation_of

    name = f"{safe_file_name(f'{record.order}-{record.line}')}-{record.id[:8]}"
    for path in (folder / f"{name}.html", *own):
        yield path, partial(render_for_path, record, path)
    if isolation_of(record) is not None:
        yield folder / f"{name}-customer.html", partial(render_customer_page, record)
