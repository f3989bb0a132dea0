"""Optical power meters: one engine for all that a ``driver.toml`` describes.

Every reading follows the same way: connect and identify when the wire is not open, bring the meter to dBm and read
the unit back, set the wavelength and read it back, wait until the meter is ready, read. Whatever goes wrong on that
way gives a reading without a value and with its reason, never an exception and never a doubtful value; a meter that
was unplugged is opened again by the next reading.

A repeated value is not called stale by itself: steady light makes a meter repeat itself honestly. `stale` is what the
meter's own status word says: neither busy nor a new reading there, five times over.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from linetest.devices.dialogue import Dialogue
from linetest.devices.driver import Driver, ReadPower
from linetest.devices.driver_file import load_driver
from linetest.devices.meter_setup import Setup, as_number, check_possible
from linetest.devices.station import DeviceEntry
from linetest.devices.values import METRIC, parse_reply, power_dbm
from linetest.errors import BadReply, DeviceError, Timeout, Unreachable, UsageError
from linetest.model.clock import now_text
from linetest.model.codes import Reason
from linetest.model.reading import EvidenceFile, Reading
from linetest.safe import safe_file_name
from linetest.transports.address import is_simulated, open_wire
from linetest.transports.transcript import Recording, RecordingWire
from linetest.transports.wire import Link, Wire
from linetest.words.text import _

Values = dict[int, float | Reason]
"""What each channel gave."""


class PowerMeter:
    """A power meter at an address, opened when it is first read.

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
        if driver.read is None or driver.wavelength is None or entry.address is None:
            raise UsageError(_("device {name}: not a power meter with an address").format(name=entry.name))
        self.name = entry.name
        self.driver = driver
        self.channel = entry.channel or 1
        self.simulated = is_simulated(entry.address)
        self.warnings: list[str] = []
        self.trouble: DeviceError | None = None
        """What happened when the last reading gave no value, in words; None where the reason says all."""
        self.identity = ""
        """What the meter said that it is; empty when it cannot be asked."""
        self._address = entry.address
        self._read: ReadPower = driver.read
        self._by_person = driver.wavelength.by_person
        self._opener, self._clock, self._pause = opener, clock, pause
        self._recording = Recording({"driver": driver.name, "device": entry.name}, clock)
        self._setup: Setup | None = None

    @property
    def channels(self) -> list[int]:
        """All channels that one reply holds; the chosen one where the meter is asked for each channel."""
        return list(range(1, self._read.channels + 1)) if self._read.channels > 1 else [self.channel]

    def read(self, wavelength_nm: float) -> Reading:
        """Return the power at that wavelength on the chosen channel; a value or the reason why there is none."""
        return self.read_channels(wavelength_nm, [self.channel])[0]

    def read_channels(self, wavelength_nm: float, channels: Sequence[int]) -> list[Reading]:
        """Return a reading for each of `channels`, in that order."""
        end = self._clock() + self.driver.timing.deadline_s
        self.trouble = None
        values: Values
        try:
            check_possible(self.driver, wavelength_nm, channels)
            setup = self.connect(end)
            for channel in channels:
                setup.prepare(wavelength_nm, channel, end)
            values = self._values(setup, wavelength_nm, channels, end)
        except DeviceError as error:
            self.trouble = error
            if isinstance(error, Unreachable):
                self.close()
            values = dict.fromkeys(channels, Reason(error.reason))
        return [self._reading(wavelength_nm, channel, values[channel]) for channel in channels]

    def connect(self, end: float | None = None) -> Setup:
        """Open the wire and make sure that the right device is behind it; raises `DeviceError`."""
        if self._setup is not None:
            return self._setup
        end = self._clock() + self.driver.timing.deadline_s if end is None else end
        wire = RecordingWire(self._opener(self._address, self.driver.link), self._recording)
        self.warnings += [code for code in wire.warnings if code not in self.warnings]
        setup = Setup(Dialogue(wire, self.driver, self._clock), self.driver, self._pause)
        try:
            self.identity = setup.greet(self.channel, end)
        except BaseException:
            wire.close()
            raise
        self._setup = setup
        return setup

    def close(self) -> None:
        """Close the wire; the next reading opens it again."""
        if self._setup is not None:
            self._setup.dialogue.wire.close()
            self._setup = None

    def transcript(self) -> EvidenceFile:
        """Return all that was said so far."""
        name = f"{safe_file_name(self.name or self.driver.name)}-transcript.jsonl"
        return EvidenceFile(name=name, media_type="application/jsonl", body=self._recording.body())

    def _values(self, setup: Setup, wavelength_nm: float, channels: Sequence[int], end: float) -> Values:
        """Read until every channel has a value or a reason that asking again does not change."""
        tries = self.driver.timing.tries
        left = {
            Reason.NOT_READY: tries - 1,
            Reason.STALE: tries - 1,
            Reason.GARBLED: 1,
            Reason.TIMEOUT: 1,
            Reason.OUT_OF_WINDOW: 1,
        }
        while True:
            values = self._once(setup.dialogue, channels, end)
            again = {value for value in values.values() if isinstance(value, Reason) and left.get(value, 0) > 0}
            if not again or self._clock() >= end:
                return values
            for reason in again:
                left[reason] -= 1
            self._pause(self.driver.timing.retry_after_s)
            if Reason.TIMEOUT in again:  # a meter that was silent may have lost its power, and its settings with it
                for channel in channels:
                    setup.prepare(wavelength_nm, channel, end)

    def _once(self, dialogue: Dialogue, channels: Sequence[int], end: float) -> Values:
        self.trouble = None
        try:
            if reason := self._status(dialogue, end):
                return dict.fromkeys(channels, reason)
            if self._read.channels > 1:
                found = self._ask_power(dialogue, self.channel, end)
                return {channel: found[channel - 1] for channel in channels}
            return {channel: self._ask_power(dialogue, channel, end)[0] for channel in channels}
        except (Timeout, BadReply) as error:
            self.trouble = error
            dialogue.resynchronise(end)
            return dict.fromkeys(channels, Reason(error.reason))

    def _ask_power(self, dialogue: Dialogue, channel: int, end: float) -> list[float | Reason]:
        if self.driver.frames is not None:
            return [power_dbm(number, self._read.unit) for number in dialogue.numbers(self._read, end, channel=channel)]
        return parse_reply(self._read, dialogue.ask(self._read, end, channel=channel))

    def _status(self, dialogue: Dialogue, end: float) -> Reason | None:
        """Return why the status word says that there is no value to read."""
        if (status := self.driver.status) is None:
            return None
        word = int(as_number(dialogue.answer(status.query, end, channel=self.channel)))
        for bit in status.bit:
            if word & bit.mask:
                return bit.reason
        return Reason.STALE if status.ready_mask and not word & status.ready_mask else None

    def _reading(self, wavelength_nm: float, channel: int, value: float | Reason) -> Reading:
        where: dict[str, object] = {
            "wavelength_nm": int(wavelength_nm) if wavelength_nm == int(wavelength_nm) else wavelength_nm,
            "wavelength_source": "person" if self._by_person else "meter",
        }
        if self._read.channels > 1 or "{channel" in self._read.send:
            where["channel"] = channel
        return Reading(
            metric=METRIC.name,
            value=value if isinstance(value, float) else None,
            unit=METRIC.unit,
            where=where,
            reason=None if isinstance(value, float) else str(value),
            device=self.name or None,
            at=now_text(),
        )


@contextmanager
def open_meter(entry: DeviceEntry) -> Iterator[PowerMeter]:
    """Hand out the power meter of that station entry, and close it at the end.

    A meter that cannot be reached gives readings with a reason; only an entry or a driver that is wrong raises.
    """
    meter = PowerMeter(entry, load_driver(entry.driver))
    try:
        yield meter
    finally:
        meter.close()
