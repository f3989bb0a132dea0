"""A simulated Newport 1830-C: single letters over RS-232, 9600 baud, line feed, echo until ``E0``.

Source: the public drivers instrumental-lib and rust-daq and the notes of pymodaq's plug-in, which quote the
user's manual.
"""

import re
from math import floor, log10

from linetest.bench.faults import Answer, Fault
from linetest.bench.light import Light, watts
from linetest.bench.meter import TextMeter, dialogue

_PARAMETER_ERROR, _COMMAND_ERROR, _SATURATED, _BUSY, _READY = 1, 2, 4, 32, 128


class Newport1830C(TextMeter):
    """The meter with a germanium head, 780-1800 nm.

    Errors and saturation are told only by the status byte ``Q?``; a wrong command gets no answer.
    """

    driver = "newport_1830c"
    speed_baud = 9600
    lowest_nm, highest_nm = 780.0, 1800.0
    floor_dbm, ceiling_dbm = -60.0, 3.0
    meter_faults = frozenset({Fault.IN_WATTS, Fault.WRONG_WAVELENGTH, Fault.BAD_READ, Fault.NOT_READY})
    reading = r"D\?"

    def __init__(self, light: Light, fault: Fault | None = None, ready_after_s: float = 0.5) -> None:
        super().__init__(light, fault, ready_after_s)
        self._echo = True
        self._status = 0
        self._settings = {"R": "0", "A": "0", "F": "2", "Z": "0"}
        self._relative: str | None = None

    def answers(self, command: str) -> list[Answer]:
        """Echo the command while the echo is on, then answer."""
        echo = [Answer(command.encode("ascii", "replace"), self.ends)] if self._echo else []
        return echo + super().answers(command)

    def refuse(self, command: str) -> None:
        """Note the error in the status byte and say nothing."""
        known = command[:1].upper() in {"E", "W", "U", "D", "Q", *self._settings}
        self._status |= _PARAMETER_ERROR if known else _COMMAND_ERROR

    def _set_echo(self, match: re.Match[str]) -> None:
        self._echo = match[1] == "1"

    def _set_wavelength(self, match: re.Match[str]) -> None:
        wavelength_nm = float(match[1])
        if self.takes_wavelength(wavelength_nm):
            self.wavelength_nm = wavelength_nm
        elif self.fault is not Fault.WRONG_WAVELENGTH:
            self._status |= _PARAMETER_ERROR

    def _say_wavelength(self, _match: re.Match[str]) -> str:
        return f"{self.wavelength_nm:04.0f}"

    def _set_unit(self, match: re.Match[str]) -> None:
        if self.fault is Fault.IN_WATTS:
            return
        self._relative = match[1] if match[1] in "34" else None
        self.set_unit(match[1] == "1")

    def _say_unit(self, _match: re.Match[str]) -> str:
        return self._relative or ("1" if self.in_watts else "2")

    def _set_other(self, match: re.Match[str]) -> None:
        self._settings[match[1].upper()] = match[2]

    def _say_other(self, match: re.Match[str]) -> str:
        return self._settings[match[1].upper()]

    def _say_power(self, _match: re.Match[str]) -> str:
        level_dbm = self.level_dbm()
        if not self.is_ready():  # the old value stays on the display; only the status byte tells
            return "+0.00"
        if level_dbm < self.floor_dbm:
            return "UNDER"
        level_dbm = min(level_dbm, self.ceiling_dbm)  # a number like any other: only the status byte tells
        if self._relative is not None:  # relative to 0 dBm, the reference as delivered
            return f"{level_dbm:.2f}" if self._relative == "3" else f"{watts(level_dbm) / 1e-3:.4f}"
        return _engineering(watts(level_dbm)) if self.in_watts else f"{level_dbm:.2f}"

    def _say_status(self, _match: re.Match[str]) -> str:
        status, self._status = self._status, 0
        if self.level_dbm() > self.ceiling_dbm:
            status |= _SATURATED
        return str(status | (_READY if self.is_ready() else _BUSY))

    rules = dialogue(
        (r"E([01])", _set_echo),
        (r"W(\d{4})", _set_wavelength),
        (r"W\?", _say_wavelength),
        (r"U([1-4])", _set_unit),
        (r"U\?", _say_unit),
        (r"D\?", _say_power),
        (r"Q\?", _say_status),
        (r"(R)([0-8])", _set_other),
        (r"(F)([1-3])", _set_other),
        (r"([AZ])([01])", _set_other),
        (r"([RAFZ])\?", _say_other),
    )


def _engineering(value: float) -> str:
    """Return a value such as ``+14.45E-6``: the exponent a multiple of three."""
    exponent = 3 * floor(log10(value) / 3)
    return f"{value / 10.0**exponent:+.2f}E{exponent:d}"
