"""Laboratory instruments on USB, GPIB or LAN, through PyVISA and its pure Python back end: the extra ``visa``."""

import re
from typing import Any

from linetest.errors import Unreachable, UsageError
from linetest.transports.wire import Link
from linetest.words.text import _

_RESOURCE = re.compile(r"(USB|GPIB|TCPIP|ASRL|VICP|PXI|VXI|PRLGX-\w+)[^:]*::.+", re.IGNORECASE)
_OPEN_MS = 5000
_PARITY = {"none": 0, "odd": 1, "even": 2}  # VPP-4.3, VI_ATTR_ASRL_PARITY
_FLOW = {"none": 0, "xon-xoff": 1, "rts-cts": 2}  # VPP-4.3, VI_ATTR_ASRL_FLOW_CNTRL


def is_resource(address: str) -> bool:
    """Tell whether `address` is the name of a VISA resource such as ``GPIB0::5::INSTR``."""
    return _RESOURCE.fullmatch(address) is not None


class VisaWire:
    """An open VISA resource."""

    simulated = False

    def __init__(self, address: str, link: Link) -> None:
        """Open the resource; raises `Unreachable`, or `UsageError` when the extra is not installed."""
        try:
            import pyvisa
        except ImportError as error:
            raise UsageError(
                _("{address}: VISA needs an extra that is not installed").format(address=address),
                "pip install 'linetest[visa]'",
            ) from error
        self.warnings: list[str] = []
        self._address = address
        # Ends a read early; over USB and GPIB the message's own end does it too.
        options: dict[str, Any] = {"read_termination": link.reply_end or None}
        if address.upper().startswith("ASRL"):
            options |= {
                "baud_rate": link.baud,
                "data_bits": link.bits,
                "parity": _PARITY[link.parity],
                "stop_bits": link.stop * 10,
                "flow_control": _FLOW[link.flow],
            }
        try:
            self._resource = _open(pyvisa.ResourceManager("@py"), address, options)
        except Exception as error:  # the back end raises plain Exception for what it cannot reach
            raise Unreachable(
                _("{address}: cannot be opened: {fault}").format(address=address, fault=error),
                _("check the address, the cable and the device's power"),
            ) from error

    def write(self, data: bytes) -> None:
        """Send all of `data`."""
        import pyvisa

        try:
            self._resource.write_raw(data)
        except (pyvisa.Error, OSError) as error:
            raise self._gone(error) from error

    def read(self, limit: int, timeout_s: float) -> bytes:
        """Return the next message or a part of it.

        Nothing is asked of the device when the time is 0.0: an instrument that is read without having been asked
        reports an error, and what comes late is fetched by a read with a time.
        """
        import pyvisa

        if timeout_s <= 0.0:
            return b""
        try:
            self._resource.timeout = timeout_s * 1000.0
            return bytes(self._resource.read_bytes(limit, break_on_termchar=True))
        except pyvisa.VisaIOError as error:
            if error.error_code == pyvisa.constants.StatusCode.error_timeout:
                return b""
            raise self._gone(error) from error
        except (pyvisa.Error, OSError) as error:
            raise self._gone(error) from error

    def close(self) -> None:
        """Close the resource."""
        self._resource.close()

    def _gone(self, error: Exception) -> Unreachable:
        return Unreachable(
            _("{address}: the device is gone: {fault}").format(address=self._address, fault=error),
            _("plug the cable in again and check the device's power"),
        )


def _open(manager: Any, address: str, options: dict[str, Any]) -> Any:
    """Return the resource with its settings; one that refuses a setting is closed again."""
    resource = manager.open_resource(address, open_timeout=_OPEN_MS)
    try:
        for name, value in options.items():
            setattr(resource, name, value)
    except BaseException:
        resource.close()
        raise
    return resource
