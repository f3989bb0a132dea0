"""Serial ports, and serial ports behind a network: what pyserial opens."""

import errno
import os
import re
import time

import serial

from linetest.errors import DeviceError, Timeout, Unreachable
from linetest.model.codes import Reason, Warn
from linetest.transports.wire import Link
from linetest.words.text import _

_SLICE_S = 0.1  # a lost device is noticed within this time, and so is Ctrl-C
_WRITE_S = 3.0
_PARITY = {"none": serial.PARITY_NONE, "even": serial.PARITY_EVEN, "odd": serial.PARITY_ODD}
_PSEUDO_TERMINAL = re.compile(r"/dev/(pts/\d+|tty[p-za-e][0-9a-f])")


class SerialWire:
    """An open port: a path such as ``/dev/ttyUSB0`` or ``COM3``, ``socket://host:port`` or ``rfc2217://host:port``."""

    simulated = False

    def __init__(self, address: str, link: Link) -> None:
        """Open the port for this process alone; raises `Unreachable`, or `DeviceError` with the reason.

        To ``socket://`` and ``rfc2217://`` pyserial gives itself 5 seconds for the connection, whatever the reading's
        deadline is: a reading ends within its deadline and these.
        """
        networked = "://" in address
        self.warnings: list[str] = []
        self._address = address
        try:
            self._port = serial.serial_for_url(
                address,
                baudrate=link.baud,
                bytesize=link.bits,
                parity=_PARITY[link.parity],
                stopbits=link.stop,
                rtscts=link.flow == "rts-cts",
                xonxoff=link.flow == "xon-xoff",
                timeout=_SLICE_S,
                write_timeout=None if networked else _WRITE_S,  # RFC 2217 refuses one
                # Two programs on one meter get half of each answer. A port of the network cannot be locked from here.
                exclusive=None if networked else True,
            )
        except (serial.SerialException, OSError, ValueError) as error:
            raise _refusal(address, error) from error
        if not networked and _PSEUDO_TERMINAL.fullmatch(os.path.realpath(address)):
            self.warnings.append(Warn.PSEUDO_TERMINAL)

    def write(self, data: bytes) -> None:
        """Send all of `data`."""
        try:
            self._port.write(data)
        except serial.SerialTimeoutException as error:
            raise Timeout(
                _("{address}: the device does not take data").format(address=self._address),
                _("check flow control and cable"),
            ) from error
        except (serial.SerialException, OSError) as error:
            raise self._gone(error) from error

    def read(self, limit: int, timeout_s: float) -> bytes:
        """Return what arrives next; the time is met to a tenth of a second."""
        end = time.monotonic() + timeout_s
        try:
            if timeout_s <= 0.0 and not self._port.in_waiting:
                return b""
            while not (data := self._port.read(1)) and time.monotonic() < end:
                pass
            if data and limit > 1:
                data += self._waiting(limit - 1)
        except (serial.SerialException, OSError) as error:
            raise self._gone(error) from error
        return bytes(data)

    def close(self) -> None:
        """Close the port."""
        self._port.close()

    def _waiting(self, limit: int) -> bytes:
        """Return what is here already; pyserial cannot tell how much a socket has, so that is read without waiting."""
        if not self._address.startswith("socket://"):
            return bytes(self._port.read(min(limit, self._port.in_waiting)))
        self._port.timeout = 0.0
        try:
            return bytes(self._port.read(limit))
        finally:
            self._port.timeout = _SLICE_S

    def _gone(self, error: Exception) -> Unreachable:
        self.close()
        return Unreachable(
            _("{address}: the device is gone: {fault}").format(address=self._address, fault=error),
            _("plug the cable in again and check the device's power"),
        )


def _refusal(address: str, error: Exception) -> DeviceError:
    """Say in one of four sentences why a port does not open."""
    number = getattr(error, "errno", None)
    text = str(error)
    if number in (errno.EBUSY, errno.EAGAIN) or "exclusively lock" in text:
        return Unreachable(
            _("{address}: the port is busy").format(address=address),
            _("another program has it open; close that one, or take another port"),
        )
    if number == errno.EACCES or "PermissionError" in text:
        return DeviceError(
            _("{address}: this user may not open the port, or another program has it").format(address=address),
            _("close other programs; on Linux: sudo usermod -aG dialout $USER, then log in again"),
            reason=Reason.NO_PERMISSION,
        )
    if number == errno.ENOENT or "FileNotFoundError" in text:
        return Unreachable(
            _("{address}: there is no such port; here are: {ports}").format(address=address, ports=_known_ports()),
            _("plug the device in, or name another port in the station file"),
        )
    return Unreachable(
        _("{address}: cannot be opened: {fault}").format(address=address, fault=error),
        _("check the address, the cable and the device's power"),
    )


def _known_ports() -> str:
    from serial.tools import list_ports

    return ", ".join(sorted(port.device for port in list_ports.comports())[:10]) or _("none")
