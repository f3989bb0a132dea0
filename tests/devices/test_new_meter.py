"""A meter that linetest has never heard of is a folder of data in the user's configuration."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from linetest.devices.driver_file import load_driver
from linetest.devices.power_meter import open_meter
from linetest.devices.station import DeviceEntry
from linetest.errors import BadFile

ACME = r"""
name = "acme_opm9"
kind = "power-meter"
make = "Acme"
model = "OPM-9"
source = "Acme OPM-9 manual, p. 7"
[link]
baud = 19200
send_end = "\r"
reply_end = "\r\n"
[identify]
send = "WHO"
reply = "WHO=(ACME.*)"
example = "WHO=ACME OPM-9"
risk = "read"
[wavelength]
query_in = "m"
[wavelength.set]
send = "LAMBDA {value:.0f}"
risk = "changes"
[wavelength.query]
send = "LAMBDA"
reply = 'LAMBDA=(\d\.\d+E-\d+)'
example = "LAMBDA=1.310E-06"
risk = "read"
[read]
send = "PWR"
reply = 'PWR=([+-]?\d+\.\d+E[+-]\d+)'
example = "PWR=1.0E-05"
unit = "W"
risk = "read"
[[read.absent]]
pattern = "DARK"
reason = "under-range"
example = "PWR=DARK"
"""


def write_driver(text: str, name: str = "acme_opm9") -> Path:
    folder = Path(os.environ["LINETEST_CONFIG"]) / "drivers" / name
    folder.mkdir(parents=True)
    (folder / "driver.toml").write_text(text, encoding="utf-8")
    return folder


def acme(light: bytes) -> Callable[[bytes], bytes]:
    state = {"nm": 1310}

    def answer(line: bytes) -> bytes:
        word, _space, value = line.decode().partition(" ")
        if word == "LAMBDA" and value:
            state["nm"] = int(value)
            return b""
        replies = {"WHO": b"ACME OPM-9", "LAMBDA": f"{state['nm'] / 1000:.3f}E-06".encode(), "PWR": light}
        return word.encode() + b"=" + replies[word] + b"\r\n"

    return answer


def test_new_meter_reads_over_a_serial_line(port: Callable[..., Any]) -> None:
    write_driver(ACME)
    line = port(acme(b"1.0E-05"), end=b"\r")
    with open_meter(DeviceEntry(name="nine", driver="acme_opm9", address=line.path)) as meter:
        reading = meter.read(1490)
        assert reading.value == pytest.approx(-20.0)
        assert (reading.unit, reading.device) == ("dBm", "nine")
        assert reading.where == {"wavelength_nm": 1490, "wavelength_source": "meter"}
        assert meter.identity == "ACME OPM-9"
        assert meter.warnings == ["pseudo-terminal"]
        assert not meter.simulated


def test_new_meter_in_the_dark(port: Callable[..., Any]) -> None:
    write_driver(ACME)
    line = port(acme(b"DARK"), end=b"\r")
    with open_meter(DeviceEntry(name="nine", driver="acme_opm9", address=line.path)) as meter:
        reading = meter.read(1490)
    assert (reading.value, reading.reason) == (None, "under-range")


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('make = "Acme"', 'make = "Acme"\ncolour = "red"', "there is no key 'colour'"),
        ("baud = 19200", "bauds = 19200", "[link]: there is no key 'bauds'"),
        ('risk = "read"\n[wavelength]', 'risk = "harmless"\n[wavelength]', "[identify]: risk: 'harmless' is not one"),
        ('risk = "read"\n[wavelength]', "[wavelength]", "[identify]: the key 'risk' is missing"),
        ("WHO=(ACME.*)", "WHO=(ACME.*", "[identify]: reply: "),
        ("WHO=(ACME.*)", "WHO=ACME.*", "[identify]: reply has no group"),
        ('example = "WHO=ACME OPM-9"\n', "", "[identify]: reply needs an example"),
        ("{value:.0f}", "{nm:.0f}", "[wavelength.set]: send: 'nm'"),
        ('example = "PWR=DARK"', 'example = "PWR=BRIGHT"', "[[read.absent]]"),
        ('reason = "under-range"', 'reason = "too-dark"', "'too-dark' is not one"),
        ('source = "Acme OPM-9 manual, p. 7"', 'source = " "', "source is empty"),
        ('name = "acme_opm9"', 'name = "acme_opm8"', "the folder is called 'acme_opm9'"),
        (
            '[wavelength]\nquery_in = "m"',
            '[wavelength]\nby_person = true\nquery_in = "m"',
            "[wavelength]: needs either",
        ),
    ],
)
def test_fault_in_a_driver_is_told_with_its_table(before: str, after: str, said: str) -> None:
    assert before in ACME
    write_driver(ACME.replace(before, after, 1))
    with pytest.raises(BadFile) as caught:
        load_driver("acme_opm9")
    assert caught.value.what.startswith("drivers/acme_opm9/driver.toml: ")
    assert said in caught.value.what


def test_user_mends_a_shipped_driver_in_the_own_folder() -> None:
    from linetest import catalog

    text = (catalog.shipped("drivers") / "optokon_pm212" / "driver.toml").read_text(encoding="utf-8")
    write_driver(text.replace("baud = 19200", "baud = 9600"), "optokon_pm212")
    assert load_driver("optokon_pm212").link.baud == 9600
