"""Reports as files: the ending of a name says which format, and a file is written whole or not at all."""

from collections.abc import Callable, Iterable
from pathlib import Path

from linetest.errors import FileError, StoreError, UnknownFormat
from linetest.model.record import Record
from linetest.store.durable import write_durably
from linetest.words.text import _


def _text(record: Record) -> str:
    from linetest.reports.text import render_text

    return render_text(record) + "\n"


def _html(record: Record) -> str:
    from linetest.reports.html import render_html

    return render_html(record)


def _junit(record: Record) -> str:
    from linetest.reports.junit import render_junit

    return render_junit(record)


def _csv(record: Record) -> str:
    from linetest.reports.csv_table import render_csv

    return render_csv(record)


def _json(record: Record) -> str:
    from linetest.reports.json_text import render_json

    return render_json(record)


FORMATS: dict[str, Callable[[Record], str]] = {
    ".html": _html,
    ".xml": _junit,
    ".csv": _csv,
    ".json": _json,
    ".txt": _text,
}
"""What renders a file of that ending. Imported when asked: text must not wait for the page's libraries."""


def check_names(paths: Iterable[Path]) -> None:
    """Refuse a name whose format is not known or whose folder is not there, before an hour of measuring ends so."""
    for path in paths:
        _format_of(path)
        check_folder(path)


def check_folder(path: Path) -> None:
    """Refuse a name whose folder is not there."""
    if not path.absolute().parent.is_dir():
        raise FileError(_("{file}: there is no such folder").format(file=path), _("make the folder first"))


def render_for_path(record: Record, path: Path) -> str:
    """Return the record in the format that the ending of `path` names.

    Raises:
        UnknownFormat: no report has this ending; the error names those that there are.
    """
    return _format_of(path)(record)


def write_report(path: Path, content: str | bytes | Iterable[str]) -> None:
    """Write a report, text as UTF-8, a long one part by part.

    When that fails, on a full disk for instance, the old file is still there.

    Raises:
        FileError: the file cannot be written.
    """
    if isinstance(content, str):
        content = content.encode()
    body = content if isinstance(content, bytes) else (part.encode() for part in content)
    target = path.resolve()  # a symbolic link stays one, and what it points to is written
    if target.is_dir():
        raise FileError(_("{file}: this is a folder").format(file=path), _("name a file in it"))
    try:
        if target.exists() and not target.is_file():
            with target.open("wb") as stream:  # a device or a pipe cannot be replaced by renaming
                stream.writelines([body] if isinstance(body, bytes) else body)
        else:
            write_durably(target, body)
    except StoreError as error:
        raise FileError(error.what, error.hint) from error
    except OSError as error:
        what = _("{file}: cannot be written: {fault}").format(file=path, fault=error.strerror or error)
        raise FileError(what, _("name another file or make room on the disk")) from error


def _format_of(path: Path) -> Callable[[Record], str]:
    ending = path.suffix.lower()
    if ending not in FORMATS:
        raise UnknownFormat(
            _("{file}: no report has the ending {ending!r}").format(file=path, ending=ending),
            _("name a file that ends in {endings}").format(endings=", ".join(FORMATS)),
        )
    return FORMATS[ending]
