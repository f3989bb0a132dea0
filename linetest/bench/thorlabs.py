"""A simulated Thorlabs PM100D with an InGaAs sensor: SCPI, line feed.

Source: the public drivers pymeasure, instrumentkit and ThorlabsPM100, and the PM100D manual, section 6.
"""

import re

from linetest.bench.faults import Fault
from linetest.bench.light import Light, watts
from linetest.bench.meter import TextMeter, dialogue, scpi

_INFINITE, _NOT_A_NUMBER = 9.9e37, 9.91e37


class ThorlabsPM100(TextMeter):
    """The meter with its two traps.

    A wavelength outside the sensor's range is clamped without a word, and a unit is shown by the query at
    once but applied only by ``CONF:POW``.
    """

    driver = "thorlabs_pm100"
    floor_dbm, ceiling_dbm = -60.0, 13.0
    meter_faults = frozenset({Fault.IN_WATTS, Fault.WRONG_WAVELENGTH, Fault.BAD_READ, Fault.NOT_READY})
    reading = r":?(?:MEAS\w*:POW\w*|READ)\?"

    def __init__(self, light: Light, fault: Fault | None = None, ready_after_s: float = 0.5) -> None:
        super().__init__(light, fault, ready_after_s)
        # The fault here is the wrong sensor: silicon, which ends at 1100 nm.
        self._range_nm = (400.0, 1100.0) if fault is Fault.WRONG_WAVELENGTH else (self.lowest_nm, self.highest_nm)
        self.wavelength_nm = min(self.wavelength_nm, self._range_nm[1])
        self._wanted_watts = True
        self._average = 1
        self._errors: list[str] = []

    def refuse(self, command: str) -> None:
        """Put the error into the queue and say nothing."""
        self._errors.append('-113,"Undefined header"')

    def _sensor(self, _match: re.Match[str]) -> str:
        return "S155C,100224,29-Jun-2025,1,18,33" if self.is_ready() else '"no sensor","","",0,0,0'

    def _set_wavelength(self, match: re.Match[str]) -> None:
        low_nm, high_nm = self._range_nm
        self.wavelength_nm = min(max(float(match[1]), low_nm), high_nm)

    def _say_wavelength(self, match: re.Match[str]) -> str:
        low_nm, high_nm = self._range_nm
        which = (match[1] or "").upper()
        return _nr3({"MIN": low_nm, "MAX": high_nm}.get(which, self.wavelength_nm))

    def _set_unit(self, match: re.Match[str]) -> None:
        if self.fault is not Fault.IN_WATTS:
            self._wanted_watts = match[1].upper() == "W"

    def _say_unit(self, _match: re.Match[str]) -> str:
        return "W" if self._wanted_watts else "DBM"

    def _configure(self, _match: re.Match[str]) -> None:
        self.in_watts = self._wanted_watts

    def _set_average(self, match: re.Match[str]) -> None:
        self._average = int(match[1])

    def _say_average(self, _match: re.Match[str]) -> str:
        return str(self._average)

    def _say_power(self, _match: re.Match[str]) -> str:
        level_dbm = self.level_dbm()
        if not self.is_ready():
            return _nr3(_NOT_A_NUMBER)
        if level_dbm > self.ceiling_dbm:
            return _nr3(_INFINITE)
        if level_dbm < self.floor_dbm:  # no light: nothing in watts, minus infinity in decibels
            return _nr3(0.0 if self.in_watts else -_INFINITE)
        return _nr3(watts(level_dbm) if self.in_watts else level_dbm)

    def _say_error(self, _match: re.Match[str]) -> str:
        return self._errors.pop(0) if self._errors else '+0,"No error"'

    def _clear(self, _match: re.Match[str]) -> None:
        self._errors.clear()

    rules = dialogue(
        (r"\*IDN\?", "Thorlabs,PM100D,P0021814,2.4.0"),
        (r"\*OPC\?", "1"),
        (r"\*CLS", _clear),
        (scpi("SYSTem:SENSor:IDN") + r"\?", _sensor),
        (scpi("SYSTem:ERRor") + r"(?::NEXT)?\?", _say_error),
        (scpi("SENSe:CORRection:WAVelength") + r" +(\d+(?:\.\d*)?)(?: *NM)?", _set_wavelength),
        (scpi("SENSe:CORRection:WAVelength") + r"\?(?: +(MIN|MAX)(?:IMUM)?)?", _say_wavelength),
        (scpi("SENSe:POWer:UNIT") + r" +(W|DBM)", _set_unit),
        (scpi("SENSe:POWer:UNIT") + r"\?", _say_unit),
        (scpi("SENSe:AVERage:COUNt") + r" +(\d+)", _set_average),
        (scpi("SENSe:AVERage:COUNt") + r"\?", _say_average),
        (scpi("CONFigure:POWer"), _configure),
        (scpi("CONFigure") + r"\?", "POW"),
        (scpi("MEASure:POWer") + r"\?", _say_power),
        (r":?READ\?", _say_power),
    )


def _nr3(value: float) -> str:
    return f"{value:.6E}"
