"""Trying a driver: one command against a device or a saved reply, and whether the devices of a station are there."""

from pathlib import Path
from typing import Any

import msgspec

from linetest.devices.dialogue import Dialogue
from linetest.devices.driver import Command, Driver, ReadPower, load_driver
from linetest.devices.frames import pack
from linetest.devices.power_meter import PowerMeter
from linetest.devices.station import DeviceEntry
from linetest.devices.values import parse_reply, power_dbm
from linetest.errors import LinetestError, UsageError, nearest
from linetest.model.codes import Reason
from linetest.transports.address import BENCH
from linetest.transports.transcript import Chunk, ReplayWire, Transcript
from linetest.transports.wire import Wire
from linetest.words.text import _


class Reached(msgspec.Struct, frozen=True, kw_only=True):
    """Whether one device of a station answers."""

    device: str
    driver: str
    reached: bool
    identity: str = ""
    reason: str | None = None
    trouble: str = ""
    hint: str = ""


def find_command(driver: Driver, name: str) -> Command:
    """Return the command that stands in the table `name`, such as ``read`` or ``wavelength.query``."""
    known = {place.strip("[]"): command for place, command in driver.commands() if command.reply is not None}
    if name not in known:
        raise UsageError(
            _("driver {driver}: no command {name!r} has a reply; nearest: {names}").format(
                driver=driver.name, name=name, names=nearest(name, list(known))
            )
        )
    return known[name]


def saved_reply_wire(driver: Driver, command: Command, body: bytes) -> Wire:
    """Return a wire on which `command` is answered with the bytes of a saved reply."""
    sent = _sent(driver, command)
    if driver.frames is None and not body.endswith(driver.link.reply_end.encode()):
        body += driver.link.reply_end.encode()
    chunks = [Chunk(to_hex=sent.hex()), Chunk(from_hex=body.hex())]
    return ReplayWire(Transcript(head={}, chunks=chunks))


def try_command(driver: Driver, command: Command, wire: Wire, end: float) -> list[dict[str, Any]]:
    """Send `command` and return the rows that the driver reads from the answer; `end` is on the monotonic clock.

    Raises `DeviceError`; refuses to send what changes the device.
    """
    if command.risk != "read":
        raise UsageError(_("{command!r} changes the device and is not sent").format(command=command.send))
    dialogue = Dialogue(wire, driver)
    if not isinstance(command, ReadPower):
        if driver.frames is not None:
            return [{"value": number} for number in dialogue.numbers(command, end, channel=1)]
        return [{"value": dialogue.answer(command, end, channel=1)}]
    if driver.frames is not None:
        values = [power_dbm(number, command.unit) for number in dialogue.numbers(command, end, channel=1)]
    else:
        values = parse_reply(command, dialogue.ask(command, end, channel=1))
    return [
        {
            "channel": number,
            "power_dbm": None if isinstance(value, Reason) else value,
            "reason": str(value) if isinstance(value, Reason) else None,
        }
        for number, value in enumerate(values, start=1)
    ]


def reach(entry: DeviceEntry) -> Reached:
    """Ask the device who it is; what is wrong stands in the answer, nothing is raised."""
    try:
        driver = load_driver(entry.driver)
        if driver.kind == "sweep-file":
            return _reach_file(entry)
        meter = PowerMeter(entry, driver)
        try:
            meter.connect()
        finally:
            meter.close()
        return Reached(device=entry.name, driver=entry.driver, reached=True, identity=meter.identity)
    except LinetestError as error:
        reason = getattr(error, "reason", Reason.UNREADABLE)
        return Reached(
            device=entry.name,
            driver=entry.driver,
            reached=False,
            reason=str(reason),
            trouble=error.what,
            hint=error.hint,
        )


def _reach_file(entry: DeviceEntry) -> Reached:
    path = Path((entry.address or "").removeprefix(BENCH))
    if path.is_file():
        return Reached(device=entry.name, driver=entry.driver, reached=True, identity=path.name)
    return Reached(
        device=entry.name,
        driver=entry.driver,
        reached=False,
        reason=Reason.UNREADABLE,
        trouble=_("{file}: there is no such file").format(file=path),
    )


def _sent(driver: Driver, command: Command) -> bytes:
    text = command.send.format(channel=1, index=1, value=1550.0)
    if driver.frames is not None:
        return pack(driver.frames, bytes.fromhex(text))
    return (text + driver.link.send_end).encode()
