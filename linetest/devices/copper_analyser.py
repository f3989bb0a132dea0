"""Network analysers of two ports, behind baluns on two ends of copper pairs: one engine for all drivers.

Each sweep is a talk of its own: open, identify, set up, sweep, read, close. So its transcript can be replayed, and a
cable that came out between two sweeps costs nothing. What the analyser really swept is read back and has to lie in
what was asked for; it may be less, as where an analyser cannot go so low. Whatever else is not as it should be raises
`DeviceError` with its reason: there is no doubtful sweep.
"""

import time
from collections.abc import Callable
from itertools import pairwise
from math import ceil
from typing import NamedTuple, TypeVar

from linetest.devices.analyser_driver import AnalyserDriver, Parameter
from linetest.devices.command import Command, ReadNumbers
from linetest.devices.dialogue import Dialogue, OtherReply
from linetest.devices.driver import Driver
from linetest.devices.numbers import LONGEST_REPLY, read_numbers
from linetest.devices.station import DeviceEntry
from linetest.errors import BadReply, CommandRefused, DeviceError, Timeout, UsageError
from linetest.model.codes import Reason
from linetest.model.reading import EvidenceFile
from linetest.safe import safe_file_name, safe_text
from linetest.transports.address import is_simulated, open_wire
from linetest.transports.transcript import Recording, RecordingWire
from linetest.transports.wire import Link, Wire
from linetest.words.text import _

_SAME = 0.05  # of the amplitude: two readings of one cable differ by the analyser's noise only
_SAME_LEVEL = 5e-4  # and near its floor by so much; own choices
T = TypeVar("T")


class Span(NamedTuple):
    """Which frequencies are wanted: both edges, and points no wider apart than the step."""

    start_hz: float
    stop_hz: float
    step_hz: float


class Swept(NamedTuple):
    """What came back of one sweep of n points."""

    frequency_hz: list[float]
    """(n,), rising."""
    s: dict[Parameter, list[complex]]
    """(n,) for each parameter that the analyser measures."""


class CopperAnalyser:
    """An analyser at an address.

    Args:
        entry: The device of the station file.
        driver: How to talk to its model.
        opener: Opens the wire; tests hand in their own.
        clock: Seconds, monotonic.
        pause: Waits for some seconds.
    """

    def __init__(
        self,
        entry: DeviceEntry,
        driver: Driver,
        opener: Callable[[str, Link], Wire] = open_wire,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        if driver.analyser is None or entry.address is None:
            raise UsageError(_("device {name}: not a copper analyser with an address").format(name=entry.name))
        self.name = entry.name
        self.driver = driver
        self.analyser: AnalyserDriver = driver.analyser
        self.simulated = is_simulated(entry.address)
        self.identity = ""
        """What the analyser said that it is; empty when it cannot be asked."""
        self.warnings: list[str] = []
        self._address = entry.address
        self._opener, self._clock, self._pause = opener, clock, pause
        self._recording = Recording({"driver": driver.name, "device": entry.name}, clock)

    def reach(self) -> str:
        """Open the wire, ask the analyser who it is, close; return what it said. Raises `DeviceError`."""
        self._open(self._clock() + self.driver.timing.deadline_s).wire.close()
        return self.identity

    def sweep(self, wanted: Span) -> Swept:
        """Measure between the two things that are connected now.

        Raises:
            DeviceError: with the reason; `transcript` tells how far it came.
        """
        head = {"driver": self.driver.name, "device": self.name, "sweep": wanted._asdict()}
        self._recording = Recording(head, self._clock)
        parts = split(self._reachable(wanted), self.analyser.most_points)
        end = self._clock() + self.driver.timing.deadline_s * len(parts)
        dialogue = self._open(end)
        try:
            self._tell(dialogue, self.analyser.setup, end)
            found = [self._part(dialogue, part, end) for part in parts]
            self._tell(dialogue, self.analyser.finish, end)
        finally:
            dialogue.wire.close()
        return _joined(found)

    def transcript(self) -> EvidenceFile:
        """Return all that was said during the last sweep."""
        name = f"{safe_file_name(self.name or self.driver.name)}-transcript.jsonl"
        return EvidenceFile(name=name, media_type="application/jsonl", body=self._recording.body())

    def _reachable(self, wanted: Span) -> Span:
        """Return the part of the wanted frequencies that this model has."""
        start_hz = max(wanted.start_hz, self.analyser.lowest_hz)
        stop_hz = min(wanted.stop_hz, self.analyser.highest_hz)
        if start_hz < stop_hz:
            return Span(start_hz, stop_hz, wanted.step_hz)
        raise DeviceError(
            _("the analyser goes from {lowest:g} to {highest:g} Hz").format(
                lowest=self.analyser.lowest_hz, highest=self.analyser.highest_hz
            ),
            _("another analyser may reach the band that the profile names"),
            reason=Reason.BAND_NOT_COVERED,
        )

    def _open(self, end: float) -> Dialogue:
        wire = RecordingWire(self._opener(self._address, self.driver.link), self._recording)
        self.warnings += [code for code in wire.warnings if code not in self.warnings]
        dialogue = Dialogue(wire, self.driver, self._clock, LONGEST_REPLY)
        try:
            if (
                self.driver.link.prompt
            ):  # half a command of somebody else's is ended, what it is answered is passed over
                wire.write(self.driver.link.send_end.encode())
                dialogue.resynchronise(end)
            self._tell(dialogue, self.driver.before_identify, end)
            if (identify := self.driver.identify) is not None:
                self.identity = self._insist(dialogue, lambda: self._answer(dialogue, identify, end), end)
            self._tell(dialogue, self.driver.on_open, end)
        except BaseException:
            wire.close()
            raise
        return dialogue

    def _answer(self, dialogue: Dialogue, command: Command, end: float) -> str:
        try:
            return dialogue.answer(command, end)
        except OtherReply as error:
            raise DeviceError(
                error.what,
                _("check that the device is a {make} {model}").format(make=self.driver.make, model=self.driver.model),
                reason=command.reason,
            ) from error

    def _insist(self, dialogue: Dialogue, ask: Callable[[], T], end: float) -> T:
        """Ask once more after a garbled answer or none."""
        try:
            return ask()
        except (Timeout, BadReply):
            dialogue.resynchronise(end)
            return ask()

    def _tell(self, dialogue: Dialogue, commands: list[Command], end: float, **values: float) -> None:
        for command in commands:
            dialogue.tell(command, end, **values)

    def _part(self, dialogue: Dialogue, part: list[float], end: float) -> Swept:
        """Sweep once over the frequencies `part`, and read it."""
        self._tell(dialogue, self.analyser.sweep, end, start_hz=part[0], stop_hz=part[-1], points=len(part))
        if (done := self.analyser.done) is not None:
            self._answer(dialogue, done, end)
        self._pause(self.driver.timing.settle_s)
        self._check_taken(dialogue, end)
        frequency_hz = self._numbers(dialogue, self.analyser.frequencies, len(part), end)
        check_frequencies(frequency_hz, part)
        s = self._read(dialogue, len(part), end)
        return Swept(frequency_hz, self._steady(dialogue, s, end) if self.analyser.steady else s)

    def _steady(
        self, dialogue: Dialogue, before: dict[Parameter, list[complex]], end: float
    ) -> dict[Parameter, list[complex]]:
        """Read until nothing but noise changes any more: then the sweep has come by everywhere."""
        while self._clock() < end:
            self._pause(self.driver.timing.settle_s)
            now = self._read(dialogue, len(before["S21"]), end)
            if is_same(before, now):
                return now
            before = now
        raise DeviceError(_("two readings of the analyser always differ"), reason=Reason.NOT_READY)

    def _check_taken(self, dialogue: Dialogue, end: float) -> None:
        if (fault := self.analyser.fault) is None:
            return
        said = self._insist(dialogue, lambda: self._answer(dialogue, fault.query, end), end)
        if not fault.is_none(said):
            raise CommandRefused(
                _("the analyser reports {words}").format(words=safe_text(said[:80])),
                _("check that the driver is the one for this model"),
            )

    def _read(self, dialogue: Dialogue, points: int, end: float) -> dict[Parameter, list[complex]]:
        s: dict[Parameter, list[complex]] = {}
        for name, command in self.analyser.parameter.items():
            flat = self._numbers(dialogue, command, 2 * points, end)
            s[name] = [complex(real, imaginary) for real, imaginary in zip(flat[::2], flat[1::2], strict=True)]
        return s

    def _numbers(self, dialogue: Dialogue, command: ReadNumbers, count: int, end: float) -> list[float]:
        return self._insist(dialogue, lambda: read_numbers(command, dialogue.ask(command, end), count), end)


def split(wanted: Span, most_points: int) -> list[list[float]]:
    """Return the frequencies of each sweep, in whole Hz: as few sweeps as it takes, all of about the same length."""
    count = max(ceil((wanted.stop_hz - wanted.start_hz) / wanted.step_hz - 1e-9), 1) + 1
    step_hz = (wanted.stop_hz - wanted.start_hz) / (count - 1)
    all_hz = [float(round(wanted.start_hz + number * step_hz)) for number in range(count)]
    sweeps = ceil(count / most_points)
    edges = [number * count // sweeps for number in range(sweeps + 1)]
    return [all_hz[first:last] for first, last in pairwise(edges)]


def check_frequencies(found: list[float], asked: list[float]) -> None:
    """Refuse frequencies that do not rise or lie outside of those that were asked for."""
    around_hz = (asked[-1] - asked[0]) / (len(asked) - 1)
    if any(later <= earlier for earlier, later in pairwise(found)):
        raise BadReply(_("the frequencies that the analyser tells do not rise"))
    if found[0] < asked[0] - around_hz or found[-1] > asked[-1] + around_hz:
        raise DeviceError(
            _("asked for {start:.0f} to {stop:.0f} Hz, the analyser sweeps {first:.0f} to {last:.0f} Hz").format(
                start=asked[0], stop=asked[-1], first=found[0], last=found[-1]
            ),
            _("see that nobody uses the analyser's own buttons; measure again"),
            reason=Reason.REFUSED,
        )


def is_same(one: dict[Parameter, list[complex]], other: dict[Parameter, list[complex]]) -> bool:
    """Tell whether two readings differ by noise only."""
    return all(
        abs(a - b) <= _SAME_LEVEL + _SAME * abs(a)
        for name, values in one.items()
        for a, b in zip(values, other[name], strict=True)
    )


def _joined(parts: list[Swept]) -> Swept:
    """Return sweeps that follow one another as one."""
    frequency_hz = [hz for part in parts for hz in part.frequency_hz]
    if any(later <= earlier for earlier, later in pairwise(frequency_hz)):
        raise BadReply(_("the frequencies that the analyser tells do not rise"))
    names = parts[0].s
    return Swept(frequency_hz, {name: [value for part in parts for value in part.s[name]] for name in names})
