"""OLTs over the command line: a driver's commands are sent, and what they print becomes the same rows as over SNMP."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

from linetest.devices.olt import OnuTable, Unread
from linetest.devices.olt_driver import OltCommand, OltDriver
from linetest.devices.olt_rows import Cell, OnuRow, onu_row
from linetest.devices.olt_text import TextRow, TextRows, read_text_rows
from linetest.errors import CommandRefused, UsageError
from linetest.model.codes import Reason
from linetest.model.onu import Technology
from linetest.model.onu_id import OnuId
from linetest.words.text import _

Keep = Callable[[str, str], None]
"""Takes a command and what it printed."""


class Shell(Protocol):
    """A session that is logged in."""

    def run(self, command: str) -> str:
        """Return all that the command prints; raises `DeviceError`."""
        ...


def read_onus_by_shell(olt: OltDriver, folder: Path, session: Shell, wanted: OnuId | None, keep: Keep) -> OnuTable:
    """Read ONUs with the driver's commands.

    Args:
        olt: Says which commands there are.
        folder: Where their templates lie.
        session: Sends them.
        wanted: Only this ONU, or the ONUs of this port; all when None.
        keep: Is told what was sent and printed, for the evidence.

    Raises:
        UsageError: the commands tell of one port at a time, and none is named.
        DeviceError: the session broke, or every command was refused.
    """
    cells: dict[OnuId, dict[str, Cell]] = {}
    technologies: dict[OnuId, Technology] = {}
    found: list[OnuRow] = []
    unread: list[Unread] = []
    refusals: list[CommandRefused] = []
    commands = _commands(olt, wanted)
    for name, command in commands.items():
        try:
            rows = ask_rows(command, folder, session, wanted, keep)
        except CommandRefused as error:  # an ONU that is down has no optics to show: the others still tell of it
            refusals.append(error)
            continue
        unread += [Unread(where=f"{name}: {line}", reason=str(Reason.GARBLED)) for line in rows.unread]
        for onu, row in placed_rows(rows, wanted):
            if command.rows == "found":
                found.append(onu_row(onu.port_text, command.technology, row.cells))
            elif onu.onu is not None:
                technologies.setdefault(onu, command.technology)
                cells[onu] = {**row.cells, **cells.get(onu, {})}
    if refusals and len(refusals) == len(commands):
        raise refusals[0]
    onus = [onu_row(str(onu), technologies[onu], cells[onu]) for onu in sorted(cells, key=_as_people_count)]
    return OnuTable(onus=onus, found=found, unread=unread)


def ask_rows(command: OltCommand, folder: Path, session: Shell, wanted: OnuId | None, keep: Keep) -> TextRows:
    """Send one of the driver's commands and return the rows of what it prints; raises `DeviceError`."""
    text = _ask(session, command, wanted, keep)
    return read_text_rows(command, folder / command.template, text, wanted)


def placed_rows(rows: TextRows, wanted: OnuId | None) -> Iterator[tuple[OnuId, TextRow]]:
    """Yield the rows whose place is known and asked for."""
    for row in rows.rows:
        onu = row.onu
        if onu is None and row.number is not None and wanted is not None:
            onu = wanted._replace(onu=row.number)
        if onu is not None and (wanted is None or wanted.covers(onu) or (onu.onu is None and wanted[:3] == onu[:3])):
            yield onu, row


def _commands(olt: OltDriver, wanted: OnuId | None) -> dict[str, OltCommand]:
    """Return the commands that tell what is wanted, those about one ONU before the lists."""
    known = {
        name: command
        for name, command in olt.command.items()
        if command.rows in ("onu", "found") and not command.provision_only
    }
    if wanted is not None and wanted.onu is not None:
        of_one = {name: command for name, command in known.items() if command.scope == "onu"}
        if of_one:
            return of_one
    lists = {name: command for name, command in known.items() if command.listing}
    if wanted is None and any(one.scope == "port" and one.rows == "onu" for one in lists.values()):
        raise UsageError(
            _("over its shell this OLT tells of one port at a time"),
            _("name the port behind the OLT, as in 0/1/0; over SNMP all can be read"),
        )
    return lists


def _ask(session: Shell, command: OltCommand, wanted: OnuId | None, keep: Keep) -> str:
    words = {"rack": 0, "slot": 0, "port": 0, "onu": 0}
    if wanted is not None:  # numbers only: nothing that a person typed gets into a command line as it is
        words.update(rack=wanted.rack, slot=wanted.slot, port=wanted.port)
        words["onu"] = wanted.onu if isinstance(wanted.onu, int) else 0
    for line in command.enter:
        session.run(line.format(**words))
    sent = command.send.format(**words)
    try:
        text = session.run(sent)
    finally:
        for line in command.leave:
            session.run(line)
    keep(sent, text)
    return text


def _as_people_count(onu: OnuId) -> tuple[int, int, int, str]:
    return (onu.rack, onu.slot, onu.port, f"{onu.onu:>10}")
