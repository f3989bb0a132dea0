"""Checks ``[olt]`` of a ``driver.toml``: each table and command on its own, and templates against their examples."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from linetest.devices.olt_driver import CounterTable, Detect, OltCommand, OltDriver, OltTable
from linetest.devices.olt_text import read_text_rows
from linetest.errors import LinetestError
from linetest.model.toml import convert, convert_tables
from linetest.words.text import _


def check_olt(olt: Any, place: str) -> None:
    """Refuse what is wrong in ``[olt]``, naming the table or command it stands in; raises `BadFile`."""
    if not isinstance(olt, dict):
        return  # absent, or said by the type of the whole
    if "detect" in olt:
        convert(olt["detect"], Detect, f"{place}: [olt.detect]")
    convert_tables(olt, {"table": OltTable, "counters": CounterTable}, f"{place}: olt")
    commands = olt.get("command")
    for name, command in commands.items() if isinstance(commands, dict) else ():
        convert(command, OltCommand, f"{place}: [olt.command.{name}]")


def olt_faults(olt: OltDriver | None, folder: Path) -> Iterator[str]:
    """Yield what the types do not see: templates that are missing or do not read their command's example."""
    for name, command in olt.command.items() if olt else ():
        where = f"[olt.command.{name}]"
        try:
            command.send.format(rack=0, slot=1, port=0, onu=1)
            text = read_text_rows(command, folder / command.template, command.example)
        except (KeyError, IndexError, ValueError) as error:
            yield f"{where}: send: {error}"
        except LinetestError as error:
            yield f"{where}: {error.what}"
        else:
            if text.unread or not text.rows:
                yield _("{place}: the template does not read the example whole").format(place=where)
