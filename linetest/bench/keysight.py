"""A simulated Keysight 816x/N77xx power meter, slot 1 channel 1: SCPI, line feed, wavelengths in metres.

Source: the public package agilent-lightwave, and the maker's programming guide of the 8163/8164/N774x series.
"""

import re

from linetest.bench.faults import Fault
from linetest.bench.light import Light, watts
from linetest.bench.meter import TextMeter, dialogue, scpi

_OUT_OF_RANGE = 3.402823e38
_SCALE = {"PM": 1e-12, "NM": 1e-9, "UM": 1e-6, "MM": 1e-3, "M": 1.0, "": 1.0}
_POWER = "SENSe1:[CHANnel1:]POWer"


class Keysight816x(TextMeter):
    """The meter; a wavelength it cannot take is an error in its queue, and the old one stays."""

    driver = "keysight_816x"
    lowest_nm, highest_nm = 1250.0, 1650.0
    floor_dbm, ceiling_dbm = -80.0, 10.0
    meter_faults = frozenset({Fault.IN_WATTS, Fault.WRONG_WAVELENGTH, Fault.BAD_READ})
    reading = r":?(?:FETC|READ)\w*(?::CHAN\w*)?:POW\w*\?"

    def __init__(self, light: Light, fault: Fault | None = None, ready_after_s: float = 0.5) -> None:
        super().__init__(light, fault, ready_after_s)
        self._averaging_s = 0.2
        self._errors: list[str] = []

    def refuse(self, command: str) -> None:
        """Put the error into the queue and say nothing."""
        self._errors.append('-113,"Undefined header"')

    def _set_wavelength(self, match: re.Match[str]) -> None:
        wavelength_nm = float(match[1]) * _SCALE[(match[2] or "").upper()] / 1e-9
        if self.takes_wavelength(wavelength_nm):
            self.wavelength_nm = wavelength_nm
        elif self.fault is not Fault.WRONG_WAVELENGTH:
            self._errors.append('-222,"Data out of range"')

    def _say_wavelength(self, match: re.Match[str]) -> str:
        which = (match[1] or "").upper()
        return _nr3({"MIN": self.lowest_nm, "MAX": self.highest_nm}.get(which, self.wavelength_nm) * 1e-9)

    def _set_unit(self, match: re.Match[str]) -> None:
        self.set_unit(match[1].upper() in {"1", "W", "WATT"})

    def _say_unit(self, _match: re.Match[str]) -> str:
        return "+1" if self.in_watts else "+0"

    def _set_averaging(self, match: re.Match[str]) -> None:
        self._averaging_s = float(match[1]) * {"MS": 1e-3, "US": 1e-6}.get((match[2] or "S").upper(), 1.0)

    def _say_averaging(self, _match: re.Match[str]) -> str:
        return _nr3(self._averaging_s)

    def _say_power(self, _match: re.Match[str]) -> str:
        level_dbm = self.level_dbm()
        if level_dbm > self.ceiling_dbm:
            return _nr3(_OUT_OF_RANGE)
        if level_dbm < self.floor_dbm:
            return _nr3(0.0 if self.in_watts else -_OUT_OF_RANGE)
        return _nr3(watts(level_dbm) if self.in_watts else level_dbm)

    def _say_error(self, _match: re.Match[str]) -> str:
        return self._errors.pop(0) if self._errors else '+0,"No error"'

    def _clear(self, _match: re.Match[str]) -> None:
        self._errors.clear()

    def _accept(self, _match: re.Match[str]) -> None:
        """Take a setting that changes nothing here."""

    rules = dialogue(
        (r"\*IDN\?", "Agilent Technologies,8163B,DE43500219,V5.25(72637)"),
        (r"\*OPC\?", "+1"),
        (r"\*CLS", _clear),
        (scpi("SYSTem:ERRor") + r"\?", _say_error),
        (scpi(f"{_POWER}:WAVelength") + r" +(\d*\.?\d+(?:E[+-]?\d+)?) *([PNUM]?M)?", _set_wavelength),
        (scpi(f"{_POWER}:WAVelength") + r"\?(?: +(MIN|MAX))?", _say_wavelength),
        (scpi(f"{_POWER}:UNIT") + r" +([01]|DBM|W(?:ATT)?)", _set_unit),
        (scpi(f"{_POWER}:UNIT") + r"\?", _say_unit),
        (scpi(f"{_POWER}:ATIMe") + r" +(\d*\.?\d+(?:E[+-]?\d+)?) *([MU]?S)?", _set_averaging),
        (scpi(f"{_POWER}:ATIMe") + r"\?", _say_averaging),
        (scpi(f"{_POWER}:RANGe:AUTO") + r" +[01]", _accept),
        (scpi(f"{_POWER}:RANGe:AUTO") + r"\?", "+1"),
        (scpi("INITiate1:[CHANnel1:]CONTinuous") + r" +[01]", _accept),
        (scpi("FETCh1:[CHANnel1:][SCALar:]POWer[:DC]") + r"\?", _say_power),
        (scpi("READ1:[CHANnel1:][SCALar:]POWer[:DC]") + r"\?", _say_power),
    )


def _nr3(value: float) -> str:
    """Return a number as this maker writes it: sign, eight decimals, exponent of three digits."""
    mantissa, exponent = f"{value:+.8E}".split("E")
    return f"{mantissa}E{exponent[0]}{int(exponent[1:]):03d}"
