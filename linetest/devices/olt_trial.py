"""Trying an OLT driver on a text that was saved: which command it answers, and the rows that the driver reads in it."""

import re
from typing import Any

import msgspec

from linetest import catalog
from linetest.devices.driver import Driver
from linetest.devices.olt_driver import FIELDS, OltCommand
from linetest.devices.olt_rows import onu_row
from linetest.devices.olt_text import TextRow, read_text_rows
from linetest.devices.scale_codecs import as_text
from linetest.errors import UsageError, nearest
from linetest.model.onu_id import OnuId
from linetest.words.text import _

_BLANK = re.compile(r"\\\{(rack|slot|port|onu)\\\}")


class TriedText(msgspec.Struct, frozen=True, kw_only=True):
    """What the driver reads in a text."""

    rows: list[dict[str, Any]]
    """Each with ``onu``, the fields that the text tells, and ``reasons`` for those without a value."""
    unread: list[str] = []
    """Lines that look like rows and are none."""


def try_text(driver: Driver, wanted: str, text: str) -> TriedText:
    """Return the rows that the driver reads in `text`.

    Args:
        driver: Of an OLT.
        wanted: The name of a command of ``[olt.command]``, or the line that was typed on the OLT: what stands in it
            says of which ONU or port the text is.
        text: What was printed.

    Raises:
        UsageError: there is no such command.
    """
    name, asked = _find(driver, wanted)
    command = _commands(driver)[name]
    rows = read_text_rows(command, catalog.driver_folder(driver.name) / command.template, text, asked)
    return TriedText(rows=[_shown(command, row) for row in rows.rows], unread=rows.unread)


def _commands(driver: Driver) -> dict[str, OltCommand]:
    return driver.olt.command if driver.olt is not None else {}


def _find(driver: Driver, wanted: str) -> tuple[str, OnuId | None]:
    """Return the command's name and the place that the typed line says, as far as it says one."""
    commands = _commands(driver)
    if wanted in commands:
        return wanted, None
    typed = re.sub(r"\s*\|.*$", "", " ".join(wanted.split()))
    for name, command in commands.items():
        # "all" is typed on some firmwares and not on others.
        pattern = _BLANK.sub(r"(?P<\1>\\d{1,5})", re.escape(command.send.removesuffix(" all")).replace(r"\ ", " "))
        if found := re.fullmatch(f"{pattern}(?: all)?", typed, re.IGNORECASE):
            return name, _place(found.groupdict())
    known = list(commands)
    raise UsageError(
        _("driver {driver}: there is no command {name!r}; nearest: {names}").format(
            driver=driver.name, name=wanted, names=nearest(wanted, known) or _("none")
        ),
        _("`linetest driver show {driver}` shows them").format(driver=driver.name),
    )


def _place(words: dict[str, str]) -> OnuId | None:
    """Return the place; None where the line leaves the board open, which a prompt would have shown."""
    if "port" not in words or "slot" not in words:
        return None
    onu = int(words["onu"]) if "onu" in words else None
    return OnuId(int(words.get("rack", 0)), int(words["slot"]), int(words["port"]), onu)


def _shown(command: OltCommand, row: TextRow) -> dict[str, Any]:
    """Return a row with what the text tells, and nothing that it does not."""
    state = onu_row(str(row.onu) if row.onu else "", command.technology, row.cells).state
    shown: dict[str, Any] = {"onu": str(row.onu) if row.onu else None}
    if row.onu is None and row.number is not None:
        shown["number"] = row.number
    known = FIELDS["onu"]
    for field, cell in row.cells.items():
        text = as_text(cell.raw)
        shown[field] = getattr(state, field) if field in known else _plain(text)
    return {**shown, "reasons": {field: reason for field, reason in state.reasons.items() if field in row.cells}}


def _plain(text: str) -> int | str:
    return int(text) if re.fullmatch(r"[0-9]{1,15}", text) else text
