"""A CSV file as a table of text cells that remember their lines."""

import csv
from typing import NamedTuple, NoReturn

import numpy as np

from linetest.copper.numbers import check_lines, first_not_finite, is_number, parse_numbers, refuse_word
from linetest.copper.sweep import FloatArray
from linetest.errors import BadFile
from linetest.words.text import _

LARGEST_FILE = 20_000_000
"""Bytes; four pairs with all combinations at 2000 frequencies take two million."""

_DELIMITERS = "\t;,"
_MOST_ROWS = 250_000  # 25 pairs with all combinations at 400 frequencies
_LONGEST_ROW = 10_000  # bytes: hundreds of columns


class Table(NamedTuple):
    """The header in lower case, and r rows of as many cells."""

    name: str
    header: list[str]
    header_line: int
    rows: list[list[str]]
    lines: list[int]
    """The line of each row."""

    def cells(self, column: str) -> list[str] | None:
        """Return the cells of a column; None where the file has none of that name."""
        if column not in self.header:
            return None
        index = self.header.index(column)
        return [row[index] for row in self.rows]

    def numbers(self, column: str) -> FloatArray:
        """Return the numbers of a column, (r,); NaN for an empty cell.

        Raises:
            BadFile: with the line of a cell that is not a finite number.
        """
        cells = self.cells(column) or []
        filled = np.array([bool(cell) for cell in cells])
        parsed = parse_numbers("\n".join(cell for cell in cells if cell).encode())
        if parsed is None or parsed.size != filled.sum() or first_not_finite(parsed) is not None:
            bad = (n for n, cell in enumerate(cells) if cell and not is_number(cell.encode()))
            row = next(bad, 0)
            refuse_word(self.name, self.lines[row], cells[row].encode())
        values = np.full(len(cells), np.nan)
        values[filled] = parsed
        return values


def read_table(name: str, text: bytes) -> Table:
    r"""Return the table of a CSV file with lines ending in ``\n``; rows that begin with ``#`` or ``!`` are comments.

    Raises:
        BadFile: with the line.
    """
    _check_size(name, text)
    numbered = [
        (number, line)
        for number, line in enumerate(_decoded(name, text).split("\n"), start=1)
        if line.strip() and line.lstrip()[0] not in "#!"
    ]
    if len(numbered) < 2:
        raise BadFile(
            _("{file}: line {line}: no rows of numbers below a header").format(
                file=name, line=numbered[0][0] if numbered else 1
            ),
            _("export the file again"),
        )
    header_line, head = numbered[0]
    delimiter = max(_DELIMITERS, key=head.count)
    header = [cell.lower() for cell in _cells(name, header_line, head, delimiter)]
    rows: list[list[str]] = []
    for number, line in numbered[1:]:
        cells = _cells(name, number, line, delimiter)
        if len(cells) != len(header):
            _refuse_row(name, number, len(cells), len(header), delimiter)
        rows.append(cells)
    return Table(name, header, header_line, rows, [number for number, _line in numbered[1:]])


def _check_size(name: str, text: bytes) -> None:
    """Refuse, before it costs time, what no sweep needs."""
    if len(text) > LARGEST_FILE:
        raise BadFile(_("{file}: larger than {size} bytes").format(file=name, size=LARGEST_FILE), _("split the sweep"))
    if text.count(b"\n") > _MOST_ROWS:
        raise BadFile(_("{file}: more than {most} lines").format(file=name, most=_MOST_ROWS), _("split the sweep"))
    check_lines(name, text, _LONGEST_ROW)


def refuse(table: Table, row: int | None, what: str, hint: str) -> NoReturn:
    """Refuse the file for that row; None stands for its header."""
    line = table.header_line if row is None else table.lines[row]
    place = _("{file}: line {line}").format(file=table.name, line=line)
    raise BadFile(f"{place}: {what}", hint or _("export the file again"))


def _decoded(name: str, text: bytes) -> str:
    try:
        return text.decode()
    except UnicodeDecodeError as error:
        line = text.count(b"\n", 0, error.start) + 1
        raise BadFile(
            _("{file}: line {line}: byte {offset} is not UTF-8 text").format(file=name, line=line, offset=error.start),
            _("save it as plain CSV"),
        ) from error


def _cells(name: str, number: int, line: str, delimiter: str) -> list[str]:
    if '"' not in line:
        return [cell.strip() for cell in line.split(delimiter)]
    try:
        return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter))]
    except csv.Error as error:
        raise BadFile(_("{file}: line {line}: {fault}").format(file=name, line=number, fault=error)) from error


def _refuse_row(name: str, line: int, found: int, wanted: int, delimiter: str) -> NoReturn:
    hint = _("export the file again")
    if delimiter == "," and found > wanted:
        hint = _("if it has decimal commas, export it with decimal points")
    raise BadFile(
        _("{file}: line {line}: {found} cells in this row; the header has {wanted}").format(
            file=name, line=line, found=found, wanted=wanted
        ),
        hint,
    )
