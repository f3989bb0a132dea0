"""Trying the driver of a DSL modem on a text that was saved: the rows that it reads in it."""

from typing import Any

import msgspec

from linetest.devices.driver import Driver
from linetest.devices.dsl_open import dsl_of, read_saved
from linetest.errors import UsageError, nearest
from linetest.model.dsl import NUMBERS, DslLine
from linetest.words.text import _

_ANY = "read"
"""The name of a command that `driver try` takes where none is given: a text says by itself what it is."""


class TriedModem(msgspec.Struct, frozen=True, kw_only=True):
    """What the driver reads in a text."""

    rows: list[dict[str, Any]]
    """The line, each direction that is told, and each curve with its values."""
    unread: list[str] = []


def try_reply(driver: Driver, wanted: str, body: bytes, line: int | None = None) -> TriedModem:
    """Return the rows that the driver reads in a saved text, page or recording.

    Args:
        driver: Of a DSL modem.
        wanted: One of the driver's commands, as it is typed; ``read`` for any.
        body: What was printed.
        line: The ifIndex, of a recording with several lines.

    Raises:
        UsageError: there is no such command.
        BadFile: the text is not what it should be.
    """
    commands = dsl_of(driver).command
    if wanted != _ANY and wanted not in commands:
        raise UsageError(
            _("driver {driver}: there is no command {name!r}; nearest: {names}").format(
                driver=driver.name, name=wanted, names=nearest(wanted, commands) or _("none")
            ),
            _("`linetest driver show {driver}` shows them").format(driver=driver.name),
        )
    told = read_saved([("reply", body)], driver.name, line).line
    return TriedModem(rows=_rows(told), unread=told.unread)


def _rows(told: DslLine) -> list[dict[str, Any]]:
    words = {name: getattr(told, name) for name in ("standard", "profile", "status", "in_sync")}
    head = {name: value for name, value in words.items() if value is not None}
    rows: list[dict[str, Any]] = [head] if head else []
    for direction in ("down", "up"):
        side = told.side(direction)
        numbers = {name: value for name in NUMBERS if (value := getattr(side, name)) is not None}
        if numbers or side.counts:
            rows.append({"direction": direction, **numbers, **side.counts})
    for curve in told.curves:
        measured = sum(value is not None for value in curve.values)
        rows.append(
            {
                "quantity": curve.quantity,
                "direction": curve.direction,
                "group": curve.group,
                "measured": measured,
                "values": curve.values,
            }
        )
    return rows
