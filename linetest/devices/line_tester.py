"""Line testers that send what they measured as text, unasked: a pattern of the driver finds each value."""

import re
import time
from collections.abc import Callable

import msgspec

from linetest.devices.driver_file import load_driver
from linetest.devices.station import DeviceEntry
from linetest.devices.tester_driver import LineTester
from linetest.errors import BadReply, Timeout, UsageError
from linetest.model.reading import EvidenceFile
from linetest.safe import safe_file_name
from linetest.transports.address import open_wire
from linetest.transports.wire import Wire
from linetest.words.text import _

_LONGEST = 200_000  # characters: a protocol has some dozens of lines
_ONE_READ_S = 0.2


class LineTesterReading(msgspec.Struct, frozen=True, kw_only=True):
    """What a tester sent."""

    typed: dict[str, str]
    """By name, as the tester wrote it."""
    evidence: list[EvidenceFile]
    warnings: list[str] = []
    device: str | None = None
    simulated: bool = False


def read_tester(entry: DeviceEntry, clock: Callable[[], float] = time.monotonic) -> LineTesterReading:
    """Wait for the tester's protocol and return its values; the driver's deadline is for all of it.

    Raises:
        UsageError: the entry has no address, or its driver is of something else.
        DeviceError: nothing came in time, or nothing that the driver knows.
    """
    driver = load_driver(entry.driver)
    if driver.tester is None or entry.address is None:
        raise UsageError(
            _("device {name}: a line tester needs its own driver and an address").format(name=entry.name),
            _('write driver = "line_tester_text" and address = "/dev/ttyUSB0" into its table'),
        )
    wire = open_wire(entry.address, driver.link)
    try:
        text = _protocol(wire, driver.tester, clock() + driver.timing.deadline_s, clock)
        simulated, warnings = wire.simulated, wire.warnings
    finally:
        wire.close()
    name = f"{safe_file_name(entry.name or entry.driver)}.txt"
    told = parse_protocol(driver.tester, name, text)
    return msgspec.structs.replace(told, device=entry.name, simulated=simulated, warnings=warnings)


def parse_protocol(tester: LineTester, name: str, text: str) -> LineTesterReading:
    """Return the values in a protocol; `name` is what the evidence is called.

    Raises:
        BadReply: there is none.
    """
    typed = {}
    for value in tester.value:
        found = list(re.finditer(value.pattern, text.replace("\r", ""), re.MULTILINE))
        if found:
            typed[value.name] = f"{found[-1][1].strip()} {value.unit}".strip()
    if not typed:
        raise BadReply(
            _("{name}: no value of the driver is in this text").format(name=name),
            _("compare the text with the driver's patterns; `linetest driver show` prints them"),
        )
    return LineTesterReading(
        typed=typed,
        evidence=[EvidenceFile(name=name, media_type="text/plain", body=text.encode())],
    )


def _protocol(wire: Wire, tester: LineTester, end: float, clock: Callable[[], float]) -> str:
    """Return what arrives until the last line, or until a pause after the first one."""
    text, heard = "", None
    while clock() < end and len(text) < _LONGEST:
        arrived = wire.read(4096, _ONE_READ_S)
        if arrived:
            text += arrived.decode(errors="replace")
            heard = clock()
        if tester.end is not None and re.search(tester.end, text.replace("\r", ""), re.MULTILINE):
            return text
        if heard is not None and clock() - heard >= tester.quiet_s:
            return text
    if not text:
        raise Timeout(_("the line tester sent nothing in time"), _("start its transfer, and check cable and speed"))
    return text
