"""OLTs over the command line: what a command printed, read into rows by the driver's own TextFSM template.

A template names its values after the fields, in capitals. ``ONU`` is a place in any spelling; ``PLACE`` and ``NUMBER``
are the port and the number on it where they stand apart, ``BOARD`` and ``PORT`` the two parts of the former. ``UNREAD``
takes a line that looks like a row and is none that the template knows. Every value is taken as it stands and understood
here, so that a bad cell spoils that cell only.
"""

import re
from collections.abc import Iterable
from io import StringIO
from pathlib import Path
from typing import Any

import msgspec

from linetest import catalog
from linetest.devices.olt_driver import Column, OltCommand
from linetest.devices.olt_rows import Cell
from linetest.devices.scale_codecs import ScaleName
from linetest.errors import BadFile, BadReply
from linetest.model.onu_id import OnuId, find_onu_id
from linetest.transports.shell_text import rendered
from linetest.words.text import _

_LONGEST_TEXT = 4_000_000  # characters: 20,000 rows of a wide table
_LONGEST_LINE = 1_000
_MOST_DIGITS = 9
_SCALES: dict[str, ScaleName] = {
    "serial": "serial",
    "mac": "mac",
    "loid": "text",
    "onu_rx_dbm": "dbm-text",
    "onu_tx_dbm": "dbm-text",
    "olt_rx_dbm": "dbm-text",
    "olt_tx_dbm": "dbm-text",
    "distance_m": "first-number",
    "temperature_c": "first-number",
    "voltage_v": "first-number",
    "bias_ma": "first-number",
    "uptime_s": "duration",
}
"""How the fields stand in text, where the driver says nothing else."""
_PLACES = ("onu", "place", "board", "port", "number", "unread")


class TextRow(msgspec.Struct, frozen=True, kw_only=True):
    """One row."""

    onu: OnuId | None
    """None where the text does not say the port."""
    number: int | None = None
    """The number on the port, where that is all that the text says."""
    cells: dict[str, Cell]


class TextRows(msgspec.Struct, frozen=True, kw_only=True):
    """All rows of a text."""

    rows: list[TextRow] = []
    unread: list[str] = []
    """Lines that look like rows and were not understood."""


def read_text_rows(command: OltCommand, template: Path, text: str, asked: OnuId | None = None) -> TextRows:
    """Return the rows that the template finds in `text`; rows of the same ONU are one.

    Args:
        command: Says how raw values are understood.
        template: The template's file.
        text: What was printed, with or without echo, prompts and control characters.
        asked: What the command was asked for: the place of rows that do not say it.

    Raises:
        BadFile: the template cannot be read.
        BadReply: the text is larger than any table.
    """
    if len(text) > _LONGEST_TEXT:
        raise BadReply(_("the reply is longer than {size} characters").format(size=_LONGEST_TEXT))
    rows: dict[tuple[OnuId | None, int | None], TextRow] = {}
    unread: list[str] = []
    for values in _records(template, _lines(text)):
        if line := str(values.get("unread") or "").strip():
            unread.append(line[:_LONGEST_LINE])
            continue
        row = _row(command, values, asked)
        if row is None:
            continue
        alone = command.rows == "service-port" or row.onu is None or row.onu.onu is None
        key = (None, -1 - len(rows)) if alone and row.number is None else (row.onu, row.number)
        before = rows.get(key)
        rows[key] = row if before is None else msgspec.structs.replace(row, cells={**row.cells, **before.cells})
    return TextRows(rows=list(rows.values()), unread=unread)


def _lines(text: str) -> str:
    """Return what a screen shows of `text`; no line is so long that a pattern would take its time over it."""
    return "\n".join(line[:_LONGEST_LINE] for line in rendered(text.replace("\0", "")).split("\n"))


def _records(path: Path, text: str) -> Iterable[dict[str, Any]]:
    import textfsm

    try:
        template = textfsm.TextFSM(StringIO(catalog.read_text(path)))
        records = template.ParseText(text)
    except (textfsm.TextFSMTemplateError, textfsm.TextFSMError, re.error) as error:
        raise BadFile(_("{file}: the template is wrong: {fault}").format(file=path.name, fault=error)) from error
    names = [name.lower() for name in template.header]
    return [dict(zip(names, record, strict=True)) for record in records]


def _row(command: OltCommand, values: dict[str, Any], asked: OnuId | None) -> TextRow | None:
    """Return the row of one record; None where it says nothing at all."""
    cells = {
        field: Cell(command.column.get(field) or Column(scale=_SCALES.get(field, "number")), str(value))
        for field, value in values.items()
        if field not in _PLACES and value != ""
    }
    number = str(values.get("number") or "")[:_MOST_DIGITS]
    board = f"{values.get('board')}/{values.get('port')}" if values.get("board") else ""
    onu = find_onu_id(str(values.get("onu") or values.get("place") or board))
    if onu is None and asked is not None:
        onu = asked if not number else asked._replace(onu=None)
    names_no_place = command.scope == "onu" or command.rows == "vlan"
    if not cells or (onu is None and not number and not names_no_place):
        return None  # a text about one ONU, or one port, need not name it
    if onu is None:
        return TextRow(onu=None, number=int(number) if number else None, cells=cells)
    return TextRow(onu=onu._replace(onu=int(number)) if number else onu, cells=cells)
