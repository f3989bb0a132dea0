"""Each fault as it is seen on the wire, through a pseudo-terminal or a socket, without any driver."""

import os
import select
import socket
import termios
import threading
import time
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from linetest.bench import faults
from linetest.bench.faults import Fault
from linetest.bench.light import Light
from linetest.bench.meter import Meter
from linetest.bench.meters import METERS
from linetest.bench.wire import plugged_in

LIGHT_DBM = {1490.0: -18.4, 1550.0: -17.1}
ASK = {
    "joinwit_jw8103a": bytes.fromhex("7B FF 05 01 62 1E 7D"),
    "keysight_816x": b"fetc1:chan1:pow?\n",
    "newport_1830c": b"D?\n",
    "optokon_pm212": b"v",
    "santec_mpm210": b"READ? 0\r\n",
    "thorlabs_pm100": b"MEAS:POW?\n",
}
QUIET = {"newport_1830c": b"E0\n", "santec_mpm210": b"ECHO 0\r\n"}
SPEEDS = {9600: termios.B9600, 19200: termios.B19200, 115200: termios.B115200}


def make(driver: str, fault: Fault | None = None) -> Meter:
    meter = METERS[driver](Light(LIGHT_DBM), fault)
    if driver in QUIET:
        meter.hear(QUIET[driver])
    return meter


@contextmanager
def port(meter: Meter, speed: int | None = None) -> Iterator[int]:
    """Plug the meter in and open its serial port at the right speed or another."""
    with plugged_in(meter, terminal=True) as address:
        scheme, path = address.split(":", 1)
        assert scheme == "bench"
        file = os.open(path, os.O_RDWR | os.O_NOCTTY)
        try:
            tty.setraw(file)
            attributes = termios.tcgetattr(file)
            attributes[4] = attributes[5] = speed or SPEEDS.get(meter.speed_baud or 0, termios.B38400)
            termios.tcsetattr(file, termios.TCSANOW, attributes)
            yield file
        finally:
            os.close(file)


def hear(file: int, quiet_s: float = 0.06, first_s: float = 3.0) -> bytes:
    """Return what comes until nothing has come for a while, or the cable is out; wait longer for the first byte."""
    data = b""
    while select.select([file], [], [], quiet_s if data else first_s)[0]:
        try:
            piece = os.read(file, 4096)
        except OSError:
            return data
        if not piece:
            return data
        data += piece
    return data


def ask(file: int, meter: Meter, first_s: float = 3.0) -> bytes:
    os.write(file, ASK[meter.driver])
    return hear(file, first_s=first_s)


@pytest.mark.parametrize("driver", METERS)
def test_a_good_meter_answers_whole_and_byte_by_byte(driver: str) -> None:
    meter = make(driver)
    with port(meter) as file:
        whole = ask(file, meter)
        assert whole
        for byte in ASK[driver]:
            os.write(file, bytes([byte]))
            time.sleep(0.002)
        assert len(hear(file)) == len(whole)


@pytest.mark.parametrize("driver", METERS)
def test_silent(driver: str) -> None:
    meter = make(driver, Fault.SILENT)
    with port(meter) as file:
        assert ask(file, meter, first_s=0.1) == b""


@pytest.mark.parametrize("driver", METERS)
def test_garbles(driver: str) -> None:
    meter = make(driver, Fault.GARBLES)
    with port(meter) as file:
        said = ask(file, meter)
    body = said.rstrip(b"\r\n")
    assert body
    assert not any(48 <= byte <= 57 for byte in body), "no digit survives"


@pytest.mark.parametrize("driver", METERS)
def test_slow(driver: str) -> None:
    meter = make(driver, Fault.SLOW)
    with port(meter) as file:
        started = time.monotonic()
        said = ask(file, meter)
        took_s = time.monotonic() - started - 0.06
    assert len(said) == len(ask_directly(driver))
    assert took_s >= (len(said) - 1) * faults.SLOW_STEP_S * 0.9


def ask_directly(driver: str) -> bytes:
    return b"".join(one.body + one.ends for one in make(driver).hear(ASK[driver]))


def test_late_answers_the_question_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faults, "LATE_S", 0.3)
    with port(make("newport_1830c", Fault.LATE)) as file:
        os.write(file, b"W?\n")
        assert hear(file, first_s=0.1) == b""
        os.write(file, b"Q?\n")
        assert hear(file) == b"1310\n", "the answer to the first question comes after the second"
        assert hear(file) == b"128\n", "and the last one comes by itself, late"


@pytest.mark.parametrize("driver", METERS)
def test_doubled(driver: str) -> None:
    meter = make(driver, Fault.DOUBLED)
    with port(meter) as file:
        said = ask(file, meter).rstrip(b"\r\n")
    assert said[::2] == said[1::2]


@pytest.mark.parametrize("driver", METERS)
def test_unplugged_in_the_middle_of_a_reading(driver: str) -> None:
    meter = make(driver, Fault.UNPLUGGED)
    with plugged_in(meter, terminal=True) as address, open_port(address, meter) as file:
        said = ask(file, meter)
        assert 0 < len(said) < len(ask_directly(driver))
        with pytest.raises(OSError, match=r"o such file|nput/output"):
            os.close(os.open(address.removeprefix("bench:"), os.O_RDWR | os.O_NOCTTY))


@contextmanager
def open_port(address: str, meter: Meter) -> Iterator[int]:
    file = os.open(address.removeprefix("bench:"), os.O_RDWR | os.O_NOCTTY)
    try:
        attributes = termios.tcgetattr(file)
        attributes[4] = attributes[5] = SPEEDS.get(meter.speed_baud or 0, termios.B38400)
        termios.tcsetattr(file, termios.TCSANOW, attributes)
        yield file
    finally:
        os.close(file)


@pytest.mark.parametrize("driver", METERS)
def test_one_bad_read_in_three(driver: str) -> None:
    meter = make(driver, Fault.BAD_READ)
    with port(meter) as file:
        reads = [ask(file, meter) for _count in range(6)]
    assert [is_sound(driver, said) for said in reads] == [True, True, False, True, True, False]


def is_sound(driver: str, said: bytes) -> bool:
    if driver == "joinwit_jw8103a":
        return sum(said[:-1]) % 256 == 0
    return b"?" not in said


def test_wrong_checksum() -> None:
    meter = make("joinwit_jw8103a", Fault.WRONG_CHECKSUM)
    with port(meter) as file:
        said = ask(file, meter)
    assert len(said) == 23
    assert sum(said[:-1]) % 256 != 0


@pytest.mark.parametrize("driver", ["keysight_816x", "newport_1830c", "santec_mpm210", "thorlabs_pm100"])
def test_left_in_watts(driver: str) -> None:
    meter = make(driver, Fault.IN_WATTS)
    for command in (b"U2\n", b"SENS:POW:UNIT DBM\nCONF:POW\n", b"sens1:chan1:pow:unit dbm\n", b"UNIT 0\r\n"):
        meter.hear(command)
    with port(meter) as file:
        value = float(ask(file, meter).split(b",")[0])
    assert 0 < value < 0.1, "a small number that a careless reader takes for 0.0 dBm"


@pytest.mark.parametrize("driver", ["newport_1830c", "optokon_pm212", "joinwit_jw8103a"])
def test_a_port_at_another_speed_hears_nothing(driver: str) -> None:
    meter = make(driver)
    with port(meter, speed=termios.B2400) as file:
        assert ask(file, meter, first_s=0.1) == b""


def test_a_meter_outlives_a_port_that_is_closed_and_opened_again() -> None:
    meter = make("keysight_816x")
    with plugged_in(meter, terminal=True) as address:
        for _count in range(3):
            with open_port(address, meter) as file:
                assert ask(file, meter)


def test_nobody_reads_and_the_bench_still_ends() -> None:
    meter = make("optokon_pm212")
    with port(meter) as file:
        for _count in range(40):
            os.write(file, b"v" * 100)
        time.sleep(0.05)


@pytest.mark.parametrize("driver", METERS)
def test_over_a_socket(driver: str) -> None:
    meter = make(driver)
    with plugged_in(meter, terminal=False) as address:
        host, number = address.removeprefix("bench:socket://").split(":")
        for _count in range(2):
            with socket.create_connection((host, int(number)), timeout=2) as line:
                line.sendall(ASK[driver])
                assert hear(line.fileno())
    with pytest.raises(OSError, match="refused"):
        socket.create_connection((host, int(number)), timeout=2)


def test_unplugged_over_a_socket() -> None:
    meter = make("optokon_pm212", Fault.UNPLUGGED)
    with plugged_in(meter, terminal=False) as address:
        host, number = address.removeprefix("bench:socket://").split(":")
        with socket.create_connection((host, int(number)), timeout=2) as line:
            line.sendall(b"v")
            assert hear(line.fileno()) == b"-18."


def test_nothing_is_left_running() -> None:
    before = threading.active_count()
    files = open_files()
    for driver in METERS:
        with plugged_in(make(driver)):
            assert threading.active_count() == before + 1
    assert threading.active_count() == before
    assert open_files() == files


def open_files() -> int:
    table = Path("/proc/self/fd")
    return len(list(table.iterdir())) if table.is_dir() else 0


def test_an_idle_bench_costs_no_time() -> None:
    with plugged_in(make("optokon_pm212")):
        before = time.process_time()
        time.sleep(0.3)
        assert time.process_time() - before < 0.1
