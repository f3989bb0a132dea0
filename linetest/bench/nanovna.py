"""A simulated NanoVNA: a text shell over USB that sweeps from port 1 and hears at both ports.

Source: the public firmware and program of ttrftech/NanoVNA (main.c, python/nanovna.py). Prompt ``ch> ``, commands end
in a carriage return, the shell repeats what it hears and ends lines in CR LF; ``sweep START STOP POINTS``,
``frequencies``, ``data 0`` for S11 and ``data 1`` for S21 as lines of two numbers.
"""

import time

import numpy as np

from linetest.bench.binder_models import Complex, Curve
from linetest.bench.cabling import Cabling
from linetest.bench.faults import ANALYSER_FAULTS, WIRE_FAULTS, Answer, Fault

LOWEST_HZ, HIGHEST_HZ = 50_000, 900_000_000
MOST_POINTS = 101
_PROMPT = b"ch> "
_LONGEST_COMMAND = 48


class NanoVna:
    """The analyser with its traps.

    It sweeps all the time: after a change the old values stay until the sweep has come by. More points than it has
    are passed over without a word.
    """

    driver = "nanovna_h"
    speed_baud: int | None = None
    possible_faults = WIRE_FAULTS | ANALYSER_FAULTS

    def __init__(self, cabling: Cabling, fault: Fault | None = None, sweep_s: float = 0.0) -> None:
        """Switch it on; one sweep takes `sweep_s`."""
        self.fault = fault
        self.cabling = cabling
        self._sweep_s = sweep_s
        self._start_hz, self._stop_hz, self._points = LOWEST_HZ, HIGHEST_HZ, MOST_POINTS
        self._before: Complex = np.zeros((MOST_POINTS, 2), dtype=np.complex128)
        self._changed_at = time.monotonic() - sweep_s
        self._heard = b""

    def hear(self, data: bytes) -> list[Answer]:
        """Cut what arrived into commands and answer each."""
        self._heard += data.replace(b"\n", b"")
        *lines, self._heard = self._heard.split(b"\r")
        self._heard = self._heard[-_LONGEST_COMMAND:]
        return [self._answer(line.decode("ascii", "replace")[-_LONGEST_COMMAND:]) for line in lines]

    def _answer(self, command: str) -> Answer:
        name, *words = command.split() or [""]
        says = {
            "": lambda _words: [],
            "version": lambda _words: ["0.8.0"],
            "sweep": self._sweep,
            "frequencies": lambda _words: [f"{hz:.0f}" for hz in self._frequency_hz()],
            "data": self._data,
        }.get(name, lambda _words: [f"{name}?"])(words)
        body = "".join(f"{line}\r\n" for line in [command, *says])
        return Answer(body.encode("ascii", "replace"), _PROMPT, reads=name == "data")

    def _sweep(self, words: list[str]) -> list[str]:
        if not words:
            return [f"{self._start_hz} {self._stop_hz} {self._points}"]
        if len(words) > 3:
            return ["usage: sweep {start(Hz)} [stop] [points]"]
        numbers = [int(word) if word.isdecimal() else 0 for word in words]
        start_hz, stop_hz, points = [*numbers, *(self._start_hz, self._stop_hz, self._points)[len(numbers) :]]
        if not LOWEST_HZ <= start_hz < stop_hz <= HIGHEST_HZ:
            return ["bad parameter"]
        self._before, self._changed_at = self._values(), time.monotonic()
        self._start_hz, self._stop_hz = start_hz, stop_hz
        self._points = points if 0 < points <= MOST_POINTS else self._points
        return []

    def _data(self, words: list[str]) -> list[str]:
        if words not in (["0"], ["1"]):
            return ["usage: data [array]"]
        rows = [f"{value.real:.6f} {value.imag:.6f}" for value in self._values()[: self._points, int(words[0])]]
        if self.fault is Fault.NOT_A_NUMBER:
            rows[len(rows) // 2] = "nan nan"
        return rows[:-1] if self.fault is Fault.FEWER_POINTS else rows

    def _frequency_hz(self) -> Curve:
        return np.rint(np.linspace(self._start_hz, self._stop_hz, self._points))

    def _values(self) -> Complex:
        """Return S11 and S21, (101, 2): of the new sweep as far as it has come, of the old one behind."""
        values = self._before.copy()
        done = 1.0 if self._sweep_s == 0.0 else min((time.monotonic() - self._changed_at) / self._sweep_s, 1.0)
        count = int(done * self._points)
        values[:count] = self.cabling.measure(self._frequency_hz())[:count, :, 0]
        return values
