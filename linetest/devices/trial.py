"""Trying a driver: one command against a device or a saved reply, and whether the devices of a station are there."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import msgspec

from linetest.devices.analyser_trial import replay_sweep
from linetest.devices.command import Command, ReadNumbers
from linetest.devices.copper_analyser import CopperAnalyser
from linetest.devices.dialogue import Dialogue
from linetest.devices.driver import Driver, ReadPower
from linetest.devices.driver_file import load_driver
from linetest.devices.frames import pack
from linetest.devices.numbers import LONGEST_REPLY, read_numbers
from linetest.devices.power_meter import PowerMeter
from linetest.devices.station import DeviceEntry
from linetest.devices.values import parse_reply, power_dbm
from linetest.errors import BadFile, LinetestError, UsageError, nearest
from linetest.model.codes import Reason
from linetest.transports.address import BENCH, REPLAY, open_wire
from linetest.transports.transcript import Chunk, ReplayWire, Transcript, load_transcript
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


class _Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What the first line of a transcript says that was read: one entry of ``reads``."""

    wavelength_nm: Annotated[float, msgspec.Meta(ge=200.0, le=3000.0)]
    channel: Annotated[int, msgspec.Meta(ge=1)] | None = None


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
    if driver.link.prompt:  # a reply is saved with what stands around it, or without
        head, tail = (command.send + "\r\n").encode(), driver.link.prompt.encode()
        body = (b"" if body.startswith(head) else head) + body + (b"" if body.endswith(tail) else tail)
    elif driver.frames is None and not body.endswith(driver.link.reply_end.encode()):
        body += driver.link.reply_end.encode()
    chunks = [Chunk(to_hex=sent.hex()), Chunk(from_hex=body.hex())]
    return ReplayWire(Transcript(head={}, chunks=chunks))


def try_command(driver: Driver, command: Command, wire: Wire, end: float) -> list[dict[str, Any]]:
    """Send `command` and return the rows that the driver reads from the answer; `end` is on the monotonic clock.

    Raises `DeviceError`; refuses to send what changes the device.
    """
    if command.risk != "read":
        raise UsageError(_("{command!r} changes the device and is not sent").format(command=command.send))
    dialogue = Dialogue(wire, driver, longest=LONGEST_REPLY)
    if isinstance(command, ReadNumbers):
        return [{"value": number} for number in read_numbers(command, dialogue.ask(command, end))]
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


def replay(driver: Driver, path: Path, wavelengths_nm: Callable[[], list[float]]) -> list[dict[str, Any]]:
    """Read through a whole transcript and return a row for each reading, and one for what was not used up.

    Of an analyser there is a row for each point of its sweep.

    Args:
        driver: Makes the readings.
        path: The transcript; the first line may name in ``reads`` what was read.
        wavelengths_nm: Where the meter is read when it does not.

    Raises:
        FileError: The transcript cannot be read; `BadFile` with the line when it is none.
    """
    if driver.kind == "copper-analyser":
        return replay_sweep(driver, path)
    transcript = load_transcript(path)
    try:
        wanted = msgspec.convert(transcript.head.get("reads", []), list[_Wanted])
    except msgspec.ValidationError as error:
        raise BadFile(_("{file}: line {line}: {fault}").format(file=path, line=1, fault=f"reads: {error}")) from error
    wanted = wanted or [_Wanted(wavelength_nm=wavelength_nm) for wavelength_nm in wavelengths_nm()]
    channel = wanted[0].channel if wanted else None
    wire = ReplayWire(transcript)
    entry = DeviceEntry(name=driver.name, driver=driver.name, address=f"{REPLAY}{path}", channel=channel)
    meter = PowerMeter(entry, driver, lambda _address, _link: wire, pause=lambda _seconds: None)
    readings = [meter.read(one.wavelength_nm) for one in wanted]
    rows: list[dict[str, Any]] = [{**one.where, "power_dbm": one.value, "reason": one.reason} for one in readings]
    left = wire.leftover()
    return [*rows, {"reason": left}] if left else rows


def reach(entry: DeviceEntry) -> Reached:
    """Ask the device who it is; what is wrong stands in the answer, nothing is raised."""
    try:
        driver = load_driver(entry.driver)
        if driver.kind in ("sweep-file", "epon-capture"):
            return _reach_file(entry, or_folder=driver.kind == "sweep-file")
        return Reached(device=entry.name, driver=entry.driver, reached=True, identity=_identity(entry, driver))
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


def _identity(entry: DeviceEntry, driver: Driver) -> str:
    """Return what the device says that it is; raises `LinetestError` when it does not answer."""
    if driver.kind == "olt":
        from linetest.devices.olt_open import identify

        return identify(entry)
    if driver.kind == "dsl-modem":
        from linetest.devices.dsl_open import identify_modem

        return identify_modem(entry)
    if driver.kind == "copper-analyser":
        return CopperAnalyser(entry, driver).reach()
    if driver.kind == "line-tester":  # it speaks when somebody presses its key: that its port opens is all to know
        open_wire(entry.address or "", driver.link).close()
        return driver.model
    meter = PowerMeter(entry, driver)
    try:
        meter.connect()
    finally:
        meter.close()
    return meter.identity


def _reach_file(entry: DeviceEntry, *, or_folder: bool) -> Reached:
    path = Path((entry.address or "").removeprefix(BENCH))
    if path.is_file() or (or_folder and path.is_dir()):
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
