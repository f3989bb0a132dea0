"""Reads a ``driver.toml``: strictly, with its patterns held against their examples."""

import re
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from linetest import catalog
from linetest.devices.analyser_driver import AnalyserDriver
from linetest.devices.command import Command, ReadNumbers
from linetest.devices.driver import Driver, Maker, ReadPower, SeenOn, Status, Timing, Unit, Wavelength
from linetest.devices.dsl_file import check_dsl, dsl_faults
from linetest.devices.frames import Frames, pack, unpack
from linetest.devices.olt_file import check_olt, olt_faults
from linetest.devices.olt_provision import check_provision, provision_faults
from linetest.devices.tester_driver import check_tester, tester_faults
from linetest.errors import BadFile, BadReply
from linetest.model.toml import convert, convert_tables, parse_toml
from linetest.transports.shell_text import ShellDialect
from linetest.transports.wire import Link
from linetest.words.text import _

_TABLES: dict[str, type[Any]] = {
    "link": Link,
    "frames": Frames,
    "timing": Timing,
    "identify": Command,
    "wavelength": Wavelength,
    "unit": Unit,
    "status": Status,
    "read": ReadPower,
    "analyser": AnalyserDriver,
    "shell": ShellDialect,
}

_TABLE_LISTS: dict[str, type[Any]] = {
    "on_open": Command,
    "before_identify": Command,
    "seen_on": SeenOn,
    "maker": Maker,
}
_FILLED_IN: dict[str, float] = {"value": 1550.0, "index": 1, "channel": 1, "module": 0}
_FILLED_IN_OF_A_SWEEP: dict[str, float] = {"start_hz": 1e5, "stop_hz": 2e5, "points": 2}
"""The names that the commands of a meter and of an analyser may hold."""
_ANSWERED = ("[identify]", "[read]")


def load_driver(name: str) -> Driver:
    """Return the driver of that name; raises `UsageError` with the names there are, or `BadFile`."""
    return read_driver(catalog.driver_folder(name))


def read_driver(folder: Path) -> Driver:
    """Return the driver in `folder`; raises `BadFile` with the table and what is wrong in it."""
    path = folder / "driver.toml"
    place = str(Path(folder.parent.name) / folder.name / "driver.toml")
    document = parse_toml(catalog.read_text(path), place)
    for table, wanted in _TABLES.items():
        if table in document:
            convert(document[table], wanted, f"{place}: [{table}]")
    convert_tables(document, _TABLE_LISTS, place)
    check_olt(document.get("olt"), place)
    check_dsl(document.get("dsl"), place)
    check_tester(document.get("tester"), place)
    check_provision(document.get("provision"), place)
    driver = convert(document, Driver, place)
    faults = [
        *_shape_faults(driver, folder.name),
        *_table_faults(driver),
        *_command_faults(driver),
        *olt_faults(driver.olt, folder),
        *dsl_faults(driver.dsl),
        *tester_faults(driver.tester),
        *_provision_faults(driver),
    ]
    if faults:
        raise BadFile(
            f"{place}: {faults[0]}",
            _("`linetest driver check {folder}` checks it again").format(folder=folder),
        )
    return driver


def reply_bytes(driver: Driver, example: str) -> bytes:
    """Return what the device would send for the example of a command."""
    if driver.frames is None:
        return (example + driver.link.reply_end).encode()
    return pack(driver.frames, bytes(driver.frames.command_bytes) + bytes.fromhex(example))


def _shape_faults(driver: Driver, folder_name: str) -> Iterator[str]:
    if driver.name != folder_name:
        yield _("name is {name!r}, the folder is called {folder!r}").format(name=driver.name, folder=folder_name)
    if not driver.source.strip():
        yield _("source is empty: say where the commands were read")
    if (driver.protocol == "frames") is not (driver.frames is not None):
        yield _('protocol = "frames" and the table [frames] belong together')
    if driver.kind == "power-meter" and (driver.read is None or driver.wavelength is None):
        yield _("a power meter needs [read] and [wavelength]")
    if driver.kind in ("sweep-file", "epon-capture", "access-port") and list(driver.commands()):
        yield _("this kind of device has no commands")
    for maker in driver.maker:
        try:
            re.compile(maker.supplier or "")
        except re.error as error:
            yield f"[[maker]] {maker.name}: supplier: {error}"


def _table_faults(driver: Driver) -> Iterator[str]:
    """Yield tables that belong to another kind of driver, and those that this kind lacks."""
    tables = (
        ("olt", "olt", driver.olt),
        ("dsl-modem", "dsl", driver.dsl),
        ("line-tester", "tester", driver.tester),
        ("copper-analyser", "analyser", driver.analyser),
    )
    for kind, name, table in tables:
        if (driver.kind == kind) is not (table is not None):
            yield _('kind = "{kind}" and the table [{table}] belong together').format(kind=kind, table=name)
    if (driver.kind == "trace-file") is not bool(driver.maker):
        yield _('kind = "trace-file" and tables [[maker]] belong together')


def _provision_faults(driver: Driver) -> Iterator[str]:
    for technology, provision in driver.provision.items():
        for fault in provision_faults(provision, set(driver.olt.command if driver.olt else ())):
            yield f"[provision.{technology}] {fault}"


def _command_faults(driver: Driver) -> Iterator[str]:
    """Yield what is wrong with commands: names to fill in, patterns, and examples that do not match them."""
    names = _FILLED_IN if driver.analyser is None else _FILLED_IN_OF_A_SWEEP
    for place, command in driver.commands():
        try:
            sent = command.send.format(**names)
            if driver.protocol == "frames":
                bytes.fromhex(sent)
        except (KeyError, IndexError, ValueError) as error:
            yield f"{place}: send: {error}"
        if command.reply is not None:
            yield from _reply_faults(driver, place, command)
        elif isinstance(command, ReadNumbers) or place.endswith((".query]", ".done]")) or place in _ANSWERED:
            yield _("{place}: reply is missing").format(place=place)
    for absent in driver.read.absent if driver.read else []:
        try:
            if not re.search(absent.pattern, absent.example):
                yield _("[[read.absent]]: {pattern!r} does not match its example").format(pattern=absent.pattern)
        except re.error as error:
            yield f"[[read.absent]]: {absent.pattern!r}: {error}"


def _reply_faults(driver: Driver, place: str, command: Command) -> Iterator[str]:
    if command.example is None:
        yield _("{place}: reply needs an example").format(place=place)
        return
    try:
        if driver.frames is not None:
            body = unpack(driver.frames, reply_bytes(driver, command.example)) or b""
            numbers = struct.unpack(command.reply or "", body[driver.frames.command_bytes :])
            if isinstance(command, ReadPower) and len(numbers[:: command.stride]) != command.channels:
                yield _("{place}: reply does not hold one number for each channel").format(place=place)
            return
        pattern = re.compile(command.reply or "")
    except (re.error, struct.error, ValueError, BadReply) as error:
        yield f"{place}: reply: {error}"
        return
    parts = _parts(command, command.example)
    if pattern.groups < 1 or not all(pattern.fullmatch(part.strip()) for part in parts):
        yield _("{place}: reply has no group or does not match its example").format(place=place)


def _parts(command: Command, reply: str) -> list[str]:
    """Return what the pattern of `reply` has to match, one by one."""
    if isinstance(command, ReadNumbers):
        return command.parts(reply)
    if isinstance(command, ReadPower) and command.separator:
        return reply.split(command.separator)
    return [reply]
