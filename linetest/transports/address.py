"""From the address in a station file to an open wire.

Addresses: a serial port (``/dev/ttyUSB0``, ``COM3``), ``socket://host:port``, ``rfc2217://host:port``, a VISA resource
(``GPIB0::5::INSTR``), ``replay:FILE`` for a transcript, and ``bench:`` before any of them for a simulated device.
"""

from pathlib import Path

from linetest.errors import UsageError
from linetest.transports.transcript import ReplayWire, load_transcript
from linetest.transports.wire import Link, Wire
from linetest.words.text import _

BENCH = "bench:"
REPLAY = "replay:"
_SCHEMES = ("socket://", "rfc2217://")


def is_simulated(address: str) -> bool:
    """Tell whether what is read there comes from the bench or from a replay."""
    return address.startswith((BENCH, REPLAY))


def open_wire(address: str, link: Link) -> Wire:
    """Open the way to `address`.

    Raises:
        UsageError: The address is not one, or its extra is not installed.
        FileError: The transcript of ``replay:`` cannot be read.
        DeviceError: Nothing can be reached there; it carries the reason.
    """
    if address.startswith(REPLAY):
        return ReplayWire(load_transcript(Path(address.removeprefix(REPLAY))))
    if address.startswith(BENCH):
        wire = open_wire(address.removeprefix(BENCH), link)
        wire.simulated = True
        wire.warnings.clear()  # that the port is no real one is said by `simulated`
        return wire
    from linetest.transports.visa import VisaWire, is_resource

    if is_resource(address):
        return VisaWire(address, link)
    if not address or ("://" in address and not address.startswith(_SCHEMES)):
        raise UsageError(
            _("{address!r} is not an address of a device").format(address=address),
            _("write /dev/ttyUSB0, COM3, socket://HOST:PORT, rfc2217://HOST:PORT, replay:FILE or a VISA resource"),
        )
    from linetest.transports.serial import SerialWire

    return SerialWire(address, link)
