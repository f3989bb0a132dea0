"""A simulated Santec MPM-210H with one four-port module: RS-232 with echo until ``ECHO 0``, CR LF.

Source: a public wrapper that quotes the maker's manual of the MPM-210 series.
"""

import re

from linetest.bench.faults import Answer, Fault
from linetest.bench.light import Light, watts
from linetest.bench.meter import TextMeter, dialogue

_PORTS = (1, 2, 3, 4)
_DARK_DBM = -95.0  # the ports without a fibre


class SantecMPM210(TextMeter):
    """The meter: four values in one reply, light on port 1 only.

    The manual names no answer for too little or too much light: the value ends at the bounds of the range.
    """

    driver = "santec_mpm210"
    ends = b"\r\n"
    lowest_nm, highest_nm = 1250.0, 1630.0
    floor_dbm, ceiling_dbm = -80.0, 10.0
    meter_faults = frozenset({Fault.IN_WATTS, Fault.WRONG_WAVELENGTH, Fault.BAD_READ})
    reading = r"READ\? *0"

    def __init__(self, light: Light, fault: Fault | None = None, ready_after_s: float = 0.5) -> None:
        super().__init__(light, fault, ready_after_s)
        self.in_watts = fault is Fault.IN_WATTS  # delivered in dBm
        self._wavelengths_nm = dict.fromkeys(_PORTS, 1550.0)  # as the manual's default
        self._echo = True
        self._average_ms = "5"
        self._error = '0,"No Error"'

    def answers(self, command: str) -> list[Answer]:
        """Echo the command while the echo is on, then answer."""
        echo = [Answer(command.encode("ascii", "replace"), self.ends)] if self._echo else []
        return echo + super().answers(command)

    def refuse(self, command: str) -> None:
        """Keep the error for ``ERR?`` and say nothing."""
        self._error = '-113,"Undefined header"'

    def _set_echo(self, match: re.Match[str]) -> None:
        self._echo = match[1] == "1"

    def _set_wavelength(self, match: re.Match[str]) -> None:
        self._set_ports(_PORTS, float(match[1]))

    def _set_port_wavelength(self, match: re.Match[str]) -> None:
        self._set_ports((int(match[1]),), float(match[2]))

    def _set_ports(self, ports: tuple[int, ...], wavelength_nm: float) -> None:
        if self.takes_wavelength(wavelength_nm):
            self._wavelengths_nm.update(dict.fromkeys(ports, wavelength_nm))
        elif self.fault is not Fault.WRONG_WAVELENGTH:
            self._error = '-222,"Data out of range"'

    def _say_wavelength(self, _match: re.Match[str]) -> str:
        return f"{self._wavelengths_nm[1]:.3f}"

    def _say_port_wavelength(self, match: re.Match[str]) -> str:
        return f"{self._wavelengths_nm[int(match[1])]:.3f}"

    def _set_unit(self, match: re.Match[str]) -> None:
        self.set_unit(match[1] == "1")

    def _say_unit(self, _match: re.Match[str]) -> str:
        return "1" if self.in_watts else "0"

    def _set_average(self, match: re.Match[str]) -> None:
        self._average_ms = match[1]

    def _say_average(self, _match: re.Match[str]) -> str:
        return self._average_ms

    def _say_powers(self, _match: re.Match[str]) -> str:
        levels_dbm = [self.level_dbm(self._wavelengths_nm[1]), _DARK_DBM, _DARK_DBM, _DARK_DBM]
        shown_dbm = [min(max(level, self.floor_dbm), self.ceiling_dbm) for level in levels_dbm]
        if self.in_watts:  # this maker's second unit is the milliwatt
            return ",".join(f"{watts(level) / 1e-3:.6f}" for level in shown_dbm)
        return ",".join(f"{level:.3f}" for level in shown_dbm)

    def _say_error(self, _match: re.Match[str]) -> str:
        error, self._error = self._error, '0,"No Error"'
        return error

    def _accept(self, _match: re.Match[str]) -> None:
        """Take a setting that changes nothing here."""

    rules = dialogue(
        (r"\*IDN\?", "SANTEC,MPM-210H,20060014,Ver. 1.12"),
        (r"IDIS\?", "1,0,0,0,0"),
        (r"ERR\?", _say_error),
        (r"ECHO +([01])", _set_echo),
        (r"WAV +(\d{4}(?:\.\d{1,3})?)", _set_wavelength),
        (r"WAV\?", _say_wavelength),
        (r"DWAV +0, *([1-4]), *(\d{4}(?:\.\d{1,3})?)", _set_port_wavelength),
        (r"DWAV\? *0, *([1-4])", _say_port_wavelength),
        (r"UNIT +([01])", _set_unit),
        (r"UNIT\?", _say_unit),
        (r"AVG +(\d+(?:\.\d+)?)", _set_average),
        (r"AVG\?", _say_average),
        (r"AUTO +[01]", _accept),
        (r"AUTO\?", "1"),
        (reading, _say_powers),
    )
