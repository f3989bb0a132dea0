"""From a DSL modem of the station file, or from texts that were saved, to what it says of its line."""

import re

import msgspec

from linetest import catalog
from linetest.devices.driver import Driver
from linetest.devices.driver_file import load_driver
from linetest.devices.dsl_driver import DslDriver
from linetest.devices.dsl_json import read_json
from linetest.devices.dsl_merge import one_line
from linetest.devices.dsl_snmp import read_lines
from linetest.devices.dsl_text import fits, read_text
from linetest.devices.sessions import shell_session, snmp_session
from linetest.devices.station import DeviceEntry
from linetest.errors import BadFile, BadReply, CommandRefused, LinetestError, UnknownFormat, UsageError
from linetest.model.dsl import DslLine
from linetest.model.reading import EvidenceFile
from linetest.safe import evidence_name, safe_file_name
from linetest.transports.snmp_replay import ReplayedSession, parse_recording
from linetest.words.text import _

LARGEST_TEXT = 8_000_000
"""Bytes: four tables of 8192 tones have less than one million."""
_SNMP = re.compile(rb"(?:#[^\n]*\n|\s)*\.?1(?:\.\d+)+\|\d+[xe]?\|")
_SHOWN_LINES = 20


class DslReading(msgspec.Struct, frozen=True, kw_only=True):
    """What was read at one go."""

    line: DslLine
    drivers: list[str]
    """The drivers that read it."""
    evidence: list[EvidenceFile]
    if_index: int | None = None
    """The line that was asked for, of a device that has several."""
    device: str | None = None
    """The station's name of the modem; None for texts that were saved."""
    simulated: bool = False


def read_saved(files: list[tuple[str, bytes]], driver_name: str | None = None, line: int | None = None) -> DslReading:
    """Return the line that saved texts, pages or SNMP recordings tell of, all of them together.

    Args:
        files: The name and the bytes of each.
        driver_name: The driver that reads them; the one that knows the text when None.
        line: The ifIndex, of a recording with several lines.

    Raises:
        UnknownFormat: no driver knows the text.
        BadFile: a recording or a page cannot be read.
        UsageError: a recording has several lines and none is named.
    """
    told = [_read_one(name, body, driver_name, line) for name, body in files]
    return DslReading(
        line=one_line([one for _driver, one in told], [dsl_of(driver) for driver, _line in told]),
        drivers=list(dict.fromkeys(driver.name for driver, _line in told)),
        evidence=[EvidenceFile(name=evidence_name(name), media_type="text/plain", body=body) for name, body in files],
        if_index=line,
    )


def read_modem(entry: DeviceEntry, line: int | None = None) -> DslReading:
    """Read the modem of a station entry: over SNMP where it has an address for that, else over its shell.

    Raises:
        UsageError: the entry has no address, or the device has several lines and none is named.
        DeviceError: nothing could be read; it carries the reason.
    """
    driver = load_driver(entry.driver)
    dsl = dsl_of(driver)
    if entry.snmp:
        with snmp_session(entry, driver) as session:
            told = only_line(read_lines(dsl, session, line), entry.name)
            body, ending = session.body(), "snmprec"
    elif entry.shell:
        body, ending = _asked(entry, driver), "txt"
        told = read_text(dsl, body.decode())
    else:
        raise UsageError(
            _("device {name}: a DSL modem needs an address").format(name=entry.name),
            _('write snmp = "udp://HOST:161" or shell = "telnet://USER@HOST" into its table'),
        )
    name = f"{safe_file_name(entry.name or entry.driver)}.{ending}"
    return DslReading(
        line=one_line([told], [dsl]),
        drivers=[driver.name],
        evidence=[EvidenceFile(name=name, media_type="text/plain", body=body)],
        if_index=line,
        device=entry.name,
        simulated=entry.simulated,
    )


def identify_modem(entry: DeviceEntry) -> str:
    """Return what the modem says of its line's standard or state; raises as `read_modem`."""
    told = read_modem(entry).line
    return ", ".join(word for word in (told.standard, told.status) if word) or entry.driver


def only_line(lines: dict[int, DslLine], place: str) -> DslLine:
    """Return the one line there is; raises `UsageError` with the lines where there are several."""
    if len(lines) == 1:
        return next(iter(lines.values()))
    shown = ", ".join(str(number) for number in sorted(lines)[:_SHOWN_LINES])
    raise UsageError(
        _("{place}: it tells of several lines: {lines}").format(place=place, lines=shown),
        _("name one by its ifIndex with --line"),
    )


def dsl_of(driver: Driver) -> DslDriver:
    """Return ``[dsl]`` of a driver; raises `UsageError` for one of another kind of device."""
    if driver.dsl is None:
        raise UsageError(
            _("driver {driver} is not of a DSL modem").format(driver=driver.name),
            _("`linetest driver list` shows those of kind dsl-modem"),
        )
    return driver.dsl


def _read_one(name: str, body: bytes, driver_name: str | None, line: int | None) -> tuple[Driver, DslLine]:
    if len(body) > LARGEST_TEXT:
        raise BadFile(_("{file}: larger than {size} bytes").format(file=name, size=LARGEST_TEXT), _("split the text"))
    text = body.decode("utf-8-sig", errors="replace")
    driver = load_driver(driver_name) if driver_name else _knowing(name, body, text)
    dsl = dsl_of(driver)
    if dsl.table and _SNMP.match(body):
        return driver, only_line(read_lines(dsl, ReplayedSession(parse_recording(body, name)), line), name)
    if dsl.json is not None:
        try:
            return driver, read_json(dsl, dsl.json, body)
        except BadReply as error:
            raise BadFile(f"{name}: {error.what}", error.hint) from error
    return driver, read_text(dsl, text)


def _knowing(name: str, body: bytes, text: str) -> Driver:
    """Return the first driver that knows the text."""
    recorded = _SNMP.match(body) is not None
    for driver_name in catalog.driver_names():
        try:
            driver = load_driver(driver_name)
        except LinetestError:  # a mistake in one of the user's own drivers hides no other: `driver check` tells of it
            continue
        if driver.dsl is not None and (bool(driver.dsl.table) if recorded else fits(driver.dsl, text)):
            return driver
    raise UnknownFormat(
        _("{file}: no driver of a DSL modem knows this text").format(file=name),
        _("save the modem's own text, whole; or name its driver with --driver"),
    )


def _asked(entry: DeviceEntry, driver: Driver) -> bytes:
    """Return all that the modem prints for the driver's commands; one that it does not know is passed over."""
    said: list[str] = []
    refusals: list[CommandRefused] = []
    with shell_session(entry, driver) as session:
        for command in dsl_of(driver).command:
            try:
                said.append(f"> {command}\n{session.run(command)}\n")
            except CommandRefused as error:
                refusals.append(error)
    if not said and refusals:
        raise refusals[0]
    return "".join(said).encode()
