"""A simulated network analyser that speaks SCPI as Keysight's ENA series does: line feed, ASCII numbers, error queue.

Source: Agilent E5071C user's guide (stimulus array ``SENS1:FREQ:DATA?``), Copper Mountain's SCPI manual (corrected
array ``CALC1:DATA:SDAT?``, compound commands), public programs for E5061B and E5071C (bus trigger and ``*OPC?``).
"""

import re
from typing import Any

import numpy as np

from linetest.bench.binder_models import Complex, Curve
from linetest.bench.cabling import Cabling
from linetest.bench.faults import ANALYSER_FAULTS, WIRE_FAULTS, Answer, Fault
from linetest.bench.meter import dialogue, scpi

HIGHEST_HZ = 3e9
MOST_POINTS = 1601
_NOT_A_NUMBER = 9.91e37
_LONGEST_COMMAND = 4096


class ScpiVna:
    """The analyser with its traps.

    A frequency out of range is cut, and only the error queue tells; on the bus trigger it measures when it is told to
    and shows the sweep before until then; each trace is what it was defined as, not what its number suggests.
    """

    driver = "scpi_vna"
    speed_baud: int | None = None
    possible_faults = WIRE_FAULTS | ANALYSER_FAULTS

    def __init__(self, cabling: Cabling, fault: Fault | None = None, lowest_hz: float = 5.0) -> None:
        """Switch it on; `lowest_hz` is where this model begins."""
        self.fault = fault
        self.cabling = cabling
        self._lowest_hz = lowest_hz
        self._edges_hz = {"STAR": max(lowest_hz, 1e5), "STOP": HIGHEST_HZ}
        self._points = 201
        self._traces = ["S11", "S11", "S11", "S11"]
        self._count, self._selected = 1, 1
        self._waits = False
        self._s: Complex = cabling.measure(self._frequency_hz())
        self._errors: list[str] = []
        self._heard = b""

    def hear(self, data: bytes) -> list[Answer]:
        """Cut what arrived into messages and answer each query."""
        self._heard += data
        *lines, self._heard = self._heard.split(b"\n")
        self._heard = self._heard[-_LONGEST_COMMAND:]
        return [answer for line in lines for answer in self._answers(line.decode("ascii", "replace").strip())]

    def _answers(self, message: str) -> list[Answer]:
        replies = [self._reply(unit.strip()) for unit in message.split(";") if unit.strip()]
        said = ";".join(reply for reply in replies if reply is not None)
        return [Answer(said.encode("ascii"), b"\n", reads="SDAT" in message.upper())] if said else []

    def _reply(self, command: str) -> str | None:
        for pattern, reply in self.rules:
            if match := pattern.fullmatch(command):
                return reply if isinstance(reply, str) else reply(self, match)
        self._errors.append('-113,"Undefined header"')
        return None

    def _frequency_hz(self) -> Curve:
        return np.linspace(self._edges_hz["STAR"], self._edges_hz["STOP"], self._points)

    def _set_edge(self, match: re.Match[str]) -> None:
        wanted_hz = float(match[2])
        edge_hz = min(max(wanted_hz, self._lowest_hz), HIGHEST_HZ)
        if edge_hz != wanted_hz:
            self._errors.append('-222,"Data out of range"')
        self._edges_hz[match[1].upper()[:4]] = edge_hz

    def _set_points(self, match: re.Match[str]) -> None:
        if 2 <= int(match[1]) <= MOST_POINTS:
            self._points = int(match[1])
        else:
            self._errors.append('-222,"Data out of range"')

    def _set_count(self, match: re.Match[str]) -> None:
        self._count = int(match[1])

    def _define(self, match: re.Match[str]) -> None:
        if self._has(int(match[1])):
            self._traces[int(match[1]) - 1] = match[2].upper()

    def _select(self, match: re.Match[str]) -> None:
        if self._has(int(match[1])):
            self._selected = int(match[1])

    def _has(self, trace: int) -> bool:
        if trace <= self._count:
            return True
        self._errors.append('-114,"Header suffix out of range"')
        return False

    def _set_source(self, match: re.Match[str]) -> None:
        self._waits = match[1].upper() == "BUS"

    def _sweep(self, _match: re.Match[str]) -> None:
        if self._waits:
            self._s = self.cabling.measure(self._frequency_hz())
        else:
            self._errors.append('-211,"Trigger ignored"')

    def _say_frequencies(self, _match: re.Match[str]) -> str:
        return _list(self._frequency_hz())

    def _say_trace(self, _match: re.Match[str]) -> str:
        if not self._waits:
            self._s = self.cabling.measure(self._frequency_hz())
        name = self._traces[self._selected - 1]
        values = self._s[:, int(name[1]) - 1, int(name[2]) - 1]
        flat = np.column_stack((values.real, values.imag)).ravel()
        if self.fault is Fault.NOT_A_NUMBER:
            flat[len(flat) // 2] = _NOT_A_NUMBER
        return _list(flat[:-2] if self.fault is Fault.FEWER_POINTS else flat)

    def _say_error(self, _match: re.Match[str]) -> str:
        return self._errors.pop(0) if self._errors else '+0,"No error"'

    def _clear(self, _match: re.Match[str]) -> None:
        self._errors.clear()

    rules = dialogue(
        (r"\*IDN\?", "Agilent Technologies,E5061B,MY49100000,A.02.06"),
        (r"\*OPC\?", "1"),
        (r"\*CLS", _clear),
        (scpi("SYSTem:ERRor") + r"\?", _say_error),
        (scpi("FORMat:DATA") + r" +ASC(?:ii)?", lambda _self, _match: None),
        (scpi("INITiate1:CONTinuous") + r" +(?:ON|1)", lambda _self, _match: None),
        (scpi("TRIGger:SOURce") + r" +(BUS|INT)\w*", _set_source),
        (scpi("TRIGger:SINGle"), _sweep),
        (scpi("SENSe1:SWEep:TYPE") + r" +LIN\w*", lambda _self, _match: None),
        (scpi("SENSe1:SWEep:POINts") + r" +(\d+)", _set_points),
        (scpi("SENSe1:FREQuency") + r":(STARt?|STOP) +(\d+(?:\.\d*)?(?:E[+-]?\d+)?)", _set_edge),
        (scpi("SENSe1:FREQuency:DATA") + r"\?", _say_frequencies),
        (scpi("CALCulate1:PARameter:COUNt") + r" +([1-4])", _set_count),
        (r":?CALC(?:ulate)?1?:PAR(?:ameter)?([1-4]):DEF(?:ine)? +(S[12][12])", _define),
        (r":?CALC(?:ulate)?1?:PAR(?:ameter)?([1-4]):SEL(?:ect)?", _select),
        (scpi("CALCulate1:DATA:SDATa") + r"\?", _say_trace),
    )


def _list(values: Any) -> str:
    return ",".join(f"{value:+.11E}" for value in values)
