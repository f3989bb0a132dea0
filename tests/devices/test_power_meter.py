"""The engine against meters that misbehave: a reading has a reason then, and never a doubtful value."""

import struct
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linetest.devices.driver_file import load_driver
from linetest.devices.frames import pack
from linetest.devices.power_meter import PowerMeter, open_meter
from linetest.devices.station import DeviceEntry
from linetest.errors import Unreachable, UsageError
from linetest.transports.transcript import parse_transcript
from linetest.transports.wire import Link, Wire


class Newport:
    """The far end of a Newport 1830-C, as its manual describes it."""

    def __init__(self, dbm: str = "-18.23") -> None:
        self.dbm = dbm
        self.unit, self.nm = "1", "0633"
        self.asked: list[str] = []

    def __call__(self, line: bytes) -> bytes:
        text = line.decode()
        self.asked.append(text)
        if text.startswith("U") and text != "U?":
            self.unit = text[1:]
        elif text.startswith("W") and text != "W?":
            self.nm = text[1:]
        replies = {
            "Z?": "0",
            "U?": self.unit,
            "W?": self.nm,
            "Q?": "128",
            "D?": self.dbm if self.unit == "2" else "+.15E-4",
        }
        return f"{replies[text]}\n".encode() if text in replies else b""


def newport(path: str) -> DeviceEntry:
    return DeviceEntry(name="meter", driver="newport_1830c", address=path)


def test_second_reading_only_reads_the_settings_back(port: Callable[..., Any]) -> None:
    far = Newport()
    with open_meter(newport(port(far).path)) as meter:
        assert meter.read(1490).value == -18.23
        far.asked.clear()
        assert meter.read(1490).value == -18.23
    assert far.asked == ["U?", "W?", "Q?", "D?"]


def test_late_answer_is_not_taken_for_the_next_one(port: Callable[..., Any]) -> None:
    far = Newport()
    line: Any = None

    def answer(text: bytes) -> bytes:
        if text == b"D?" and far.asked.count("D?") == 0:  # the first one comes after the driver stopped waiting
            far(text)
            threading.Timer(2.1, line.send, [b"-3.00\n"]).start()
            return b""
        return far(text)

    line = port(answer)
    with open_meter(newport(line.path)) as meter:
        first, second = meter.read(1490), meter.read(1550)
    assert (first.value, second.value) == (-18.23, -18.23)


def test_banner_before_an_answer_is_passed_over_or_refused(port: Callable[..., Any]) -> None:
    far = Newport()
    line = port(far)
    line.send(b"1830-C V2.0 READY\n")
    with open_meter(newport(line.path)) as meter:
        assert meter.read(1490).value == -18.23


def test_unplugged_meter_is_offline_within_a_second_and_is_found_again(port: Callable[..., Any]) -> None:
    far = Newport()
    first, second = port(far), port(Newport("-20.00"))
    paths = [first.path, second.path]

    def opener(_address: str, link: Link) -> Wire:
        from linetest.transports.serial import SerialWire

        return SerialWire(paths.pop(0), link)

    meter = PowerMeter(newport("/dev/ttyUSB0"), load_driver("newport_1830c"), opener)
    assert meter.read(1490).value == -18.23
    threading.Timer(0.2, first.unplug).start()
    began = time.monotonic()
    far.dbm = "BUSY?"  # never an answer that reads, until the cable is out
    while (reading := meter.read(1490)).reason != "offline":
        assert reading.value is None
        assert time.monotonic() - began < 5.0
    assert isinstance(meter.trouble, Unreachable)
    assert meter.read(1490).value == -20.0  # plugged in again: opened, identified and set up from the start
    meter.close()


def test_deadline_bounds_a_reading_as_a_whole() -> None:
    now = [0.0]

    class Trickle:
        """Sends noise for ever, one byte a second."""

        simulated = True

        def __init__(self) -> None:
            self.warnings: list[str] = []

        def write(self, data: bytes) -> None:
            now[0] += 0.01

        def read(self, limit: int, timeout_s: float) -> bytes:
            now[0] += min(timeout_s, 1.0)
            return b"x" if timeout_s > 0.0 else b""

        def close(self) -> None:
            pass

    driver = load_driver("keysight_816x")
    entry = DeviceEntry(name="m", driver=driver.name, address="bench:x")
    meter = PowerMeter(entry, driver, lambda _a, _l: Trickle(), clock=lambda: now[0], pause=lambda _s: None)
    reading = meter.read(1490)
    assert reading.value is None
    assert reading.reason in ("timeout", "garbled", "refused")
    assert now[0] <= driver.timing.deadline_s + 1.0


def test_transcript_is_kept_whatever_happens(port: Callable[..., Any]) -> None:
    with open_meter(newport(port(lambda _line: b"\x1b[31m\xff\n").path)) as meter:
        assert meter.read(1490).reason == "garbled"
        evidence = meter.transcript()
    chunks = parse_transcript(evidence.body.decode(), evidence.name).chunks
    assert any(b"\x1b[31m\xff" in chunk.data for chunk in chunks)
    assert b"\x1b" not in evidence.body
    assert evidence.name == "meter-transcript.jsonl"


def test_meter_that_is_not_there_gives_a_reason() -> None:
    with open_meter(newport("/dev/ttyUSB99")) as meter:
        assert meter.read(1490).reason == "offline"
        assert meter.trouble is not None
        assert "/dev/ttyUSB99" in meter.trouble.what


@pytest.mark.parametrize(("driver", "channel"), [("joinwit_jw8103a", 5), ("newport_1830c", 2)])
def test_channel_that_the_meter_does_not_have(driver: str, channel: int) -> None:
    with open_meter(DeviceEntry(name="m", driver=driver, address="bench:/dev/null", channel=channel)) as meter:
        assert meter.read(1490).reason == "no-such-object"


def test_device_without_address_is_refused() -> None:
    with pytest.raises(UsageError, match="meter"), open_meter(DeviceEntry(name="meter", driver="newport_1830c")):
        pass


def joinwit_reply(power_frame: bytes) -> Callable[[bytes], bytes]:
    """Return the far end of a Joinwit whose answer to the power command is `power_frame`."""
    frames = load_driver("joinwit_jw8103a").frames
    assert frames is not None

    def answer(sent: bytes) -> bytes:
        command = sent[3:5]
        if command == b"\x01\x62":
            return power_frame
        data = {
            b"\x01\x40": bytes(4),
            b"\x01\x60": b"",
            b"\x01\x4a": struct.pack("<Bii", 4, -18230, 0) * 4,
        }[command]
        return pack(frames, command + data)

    return answer


class Loop:
    """A wire whose far end is a function."""

    simulated = True

    def __init__(self, answer: Callable[[bytes], bytes]) -> None:
        self.warnings: list[str] = []
        self._answer = answer
        self._waiting = b""

    def write(self, data: bytes) -> None:
        self._waiting += self._answer(data)

    def read(self, limit: int, timeout_s: float) -> bytes:
        taken, self._waiting = self._waiting[:limit], self._waiting[limit:]
        return taken

    def close(self) -> None:
        self._waiting = b""


def read_joinwit(power_frame: bytes) -> Any:
    driver = load_driver("joinwit_jw8103a")
    entry = DeviceEntry(name="m", driver=driver.name, address="bench:x")
    meter = PowerMeter(entry, driver, lambda _a, _l: Loop(joinwit_reply(power_frame)), pause=lambda _s: None)
    return meter.read(1490)


GOOD = bytes.fromhex("7bff150162") + struct.pack("<4i", -18230, -60000, -60000, -60000)
GOOD += bytes([-sum(GOOD) & 0xFF]) + b"\x7d"


def test_the_good_frame_is_good() -> None:
    assert read_joinwit(GOOD).value == pytest.approx(-18.23)


@given(place=st.integers(0, len(GOOD) - 1), flip=st.integers(1, 255))
def test_no_value_from_a_frame_with_one_wrong_byte(place: int, flip: int) -> None:
    broken = bytes([*GOOD[:place], GOOD[place] ^ flip, *GOOD[place + 1 :]])
    reading = read_joinwit(broken)
    assert reading.value is None
    assert reading.reason in ("garbled", "timeout")


@given(st.binary(max_size=60))
def test_no_value_from_noise_without_a_right_checksum(noise: bytes) -> None:
    if b"\x7b\xff\x15" not in noise:
        assert read_joinwit(noise).value is None


class Lagging:
    """A meter whose first answer comes only when it is asked again, before the second answer."""

    simulated = True

    def __init__(self) -> None:
        self.now = 0.0
        self.warnings: list[str] = []
        self._levels = iter(["-18.23\n", "-12.11\n", "-10.00\n", "-9.00\n"])
        self._asked = 0
        self._waiting = b""

    def write(self, data: bytes) -> None:
        self._asked += 1
        if self._asked > 1:
            answers = [next(self._levels)] if self._asked > 2 else [next(self._levels), next(self._levels)]
            self._waiting += "".join(answers).encode()

    def read(self, limit: int, timeout_s: float) -> bytes:
        if not self._waiting:
            self.now += timeout_s
            return b""
        line, _end, self._waiting = self._waiting.partition(b"\n")
        return line + b"\n"

    def close(self) -> None:
        pass


def test_an_answer_that_was_given_up_is_never_the_next_questions() -> None:
    wire = Lagging()
    entry = DeviceEntry(name="m", driver="optokon_pm212", address="bench:x")
    meter = PowerMeter(
        entry, load_driver("optokon_pm212"), lambda _a, _l: wire, clock=lambda: wire.now, pause=lambda _s: None
    )
    assert [meter.read(1490).value, meter.read(1550).value] == [-12.11, -10.0]
