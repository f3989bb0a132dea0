"""Order files: TOML holds one order, JSON one or a list, CSV one row for each line. All are read strictly."""

import csv
import io
import json
from pathlib import Path
from typing import Any

from linetest.errors import BadFile, UnknownFormat, nearest
from linetest.load import load_bounded
from linetest.model.order import Customer, Line, Order
from linetest.model.toml import convert, convert_tables, parse_toml
from linetest.words.text import _

_LARGEST = 8_000_000  # bytes: some ten thousand orders
_MOST_ORDERS = 20_000
_CUSTOMER = ("region", "vip", "brand", "hotel")
_LINE = ("olt", "onu", "mac", "pair", "account", "cabinet", "splitter")
_RATES = ("down_mbps", "up_mbps")
_ORDER = tuple(name for name in Order.__struct_fields__ if name not in ("customer", "line"))
_COLUMNS = (*_ORDER, *_CUSTOMER, "line", *_LINE, *_RATES)
_YES_NO = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
_TRUTHS = ("vip", "brand", "hotel", "wired_resource")


def load_orders(path: Path) -> list[Order]:
    """Return the orders of a file, told by its ending.

    Raises:
        UnknownFormat: another ending.
        BadFile: with the line of a syntax error, the number of the order in a list, or the row of a table.
    """
    readers = {".toml": _from_toml, ".json": _from_json, ".csv": _from_csv}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise UnknownFormat(
            _("{file}: orders are read from .toml, .json and .csv").format(file=path),
            _("README shows such a file"),
        )
    orders = reader(_text(path), str(path))
    numbers = [order.number for order in orders]
    if double := next((number for number in numbers if numbers.count(number) > 1), None):
        raise BadFile(
            _("{file}: order {number} stands there twice").format(file=path, number=double),
            _("one order has many lines: [[line]], or rows that follow one another"),
        )
    return orders


def order_from_toml(text: str, name: str) -> Order:
    """Return the order that `text` holds; `name` is the file's name for the error."""
    document = parse_toml(text, name)
    convert_tables(document, {"line": Line}, name)
    return convert(document, Order, name)


def _from_toml(text: str, name: str) -> list[Order]:
    return [order_from_toml(text, name)]


def _from_json(text: str, name: str) -> list[Order]:
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise BadFile(
            _("{file}: line {line}: not valid JSON: {fault}").format(file=name, line=error.lineno, fault=error.msg)
        ) from error
    except (RecursionError, ValueError) as error:  # nesting and numbers without end
        raise BadFile(_("{file}: not valid JSON").format(file=name)) from error
    entries = document if isinstance(document, list) else [document]
    _check_count(len(entries), name)
    orders = []
    for number, entry in enumerate(entries, start=1):
        place = _("{file}: order {number}").format(file=name, number=number)
        if isinstance(entry, dict):
            convert_tables(entry, {"line": Line}, place)
        orders.append(convert(entry, Order, place))
    return orders


def _from_csv(text: str, name: str) -> list[Order]:
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    found: list[tuple[dict[str, Any], str]] = []
    try:
        header = [cell.strip() for cell in next(rows, [])]
        _check_header(header, name)
        for cells in rows:
            place = _("{file}: row {row}").format(file=name, row=rows.line_num)
            if any(cell.strip() for cell in cells):
                _add_row(found, _cells(header, cells, place), place)
                _check_count(len(found), name)
    except csv.Error as error:
        raise BadFile(
            _("{file}: row {row}: {fault}").format(file=name, row=rows.line_num, fault=error),
            _("a cell with a comma or a quote stands in double quotes"),
        ) from error
    return [convert(document, Order, place) for document, place in found]


def _check_header(header: list[str], name: str) -> None:
    for column in header:
        if column not in _COLUMNS:
            raise BadFile(
                _("{file}: row 1: there is no column {column!r}").format(file=name, column=column[:40]),
                _("there are: {names}").format(names=nearest(column, list(_COLUMNS))),
            )
    if len(set(header)) != len(header):
        raise BadFile(_("{file}: row 1: two columns have the same name").format(file=name))
    if missing := [column for column in ("number", "access", "line") if column not in header]:
        raise BadFile(
            _("{file}: row 1: the column {column!r} is missing").format(file=name, column=missing[0]), _("add it")
        )


def _cells(header: list[str], cells: list[str], place: str) -> dict[str, Any]:
    """Return what a row says, empty cells left out."""
    if len(cells) != len(header):
        raise BadFile(
            _("{place}: {found} cells, and the first row has {wanted}").format(
                place=place, found=len(cells), wanted=len(header)
            ),
            _("a cell with a comma stands in double quotes"),
        )
    row: dict[str, Any] = {column: cell.strip() for column, cell in zip(header, cells, strict=True) if cell.strip()}
    for column in _TRUTHS:
        if column in row:
            if row[column].lower() not in _YES_NO:
                raise BadFile(
                    _("{place}: {column}: {found!r} is neither yes nor no").format(
                        place=place, column=column, found=row[column][:40]
                    ),
                    _("write yes or no"),
                )
            row[column] = _YES_NO[row[column].lower()]
    return row


def _add_row(found: list[tuple[dict[str, Any], str]], row: dict[str, Any], place: str) -> None:
    """Add a row: a new order, or one more line of the order in the row above."""
    document: dict[str, Any] = {column: row[column] for column in _ORDER if column in row}
    document["customer"] = {column: row[column] for column in _CUSTOMER if column in row}
    line = {"id": row.get("line", ""), **{column: row[column] for column in _LINE if column in row}}
    if rates := {column: _number(row[column], column, place) for column in _RATES if column in row}:
        line["rates"] = rates
    convert(line, Line, place)
    above = found[-1][0] if found else {}
    if above.get("number") == document.get("number") and above:
        for column, value in {**document, **document["customer"]}.items():
            if column != "customer" and value != above.get(column, above["customer"].get(column)):
                raise BadFile(
                    _("{place}: {column} differs from the row above, of the same order").format(
                        place=place, column=column
                    ),
                    _("what is said of the whole order is the same in all its rows, or stands in the first alone"),
                )
        above["line"].append(line)
        return
    convert(document["customer"], Customer, place)
    found.append(({**document, "line": [line]}, place))


def _number(cell: str, column: str, place: str) -> float:
    try:
        return float(cell)
    except ValueError as error:
        raise BadFile(
            _("{place}: {column}: {found!r} is no number").format(place=place, column=column, found=cell[:40]),
            _("write Mbit/s, as in 300"),
        ) from error


def _check_count(count: int, name: str) -> None:
    if count > _MOST_ORDERS:
        raise BadFile(_("{file}: more than {most} orders").format(file=name, most=_MOST_ORDERS), _("split the file"))


def _text(path: Path) -> str:
    body = load_bounded(path, _LARGEST)
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadFile(
            _("{file}: byte {offset} is not UTF-8 text").format(file=path, offset=error.start), _("save it as UTF-8")
        ) from error
