"""The station file: strict, with errors that name the table; and which device is meant."""

from pathlib import Path

import pytest

from linetest.devices.station import default_station_path, device_for, load_station
from linetest.devices.trial import reach
from linetest.errors import BadFile, FileError, UsageError

STATION = """
name = "van-12"
[device.meter]
driver = "joinwit_jw8103a"
address = "/dev/ttyUSB0"
channel = 2
[device.sweep]
driver = "sweep_file"
address = "sweeps/binder.s8p"
[device.talk]
driver = "newport_1830c"
address = "replay:talk.jsonl"
[ticket]
system = "rt"
url = "http://127.0.0.1:8080"
queue = "Field"
token = "env:RT_TOKEN"
status = { pass = "resolved", fail = "open" }
"""


@pytest.fixture
def station_file(tmp_path: Path) -> Path:
    path = tmp_path / "van" / "station.toml"
    path.parent.mkdir()
    path.write_text(STATION, encoding="utf-8")
    return path


def test_station_as_it_is_written(station_file: Path) -> None:
    station = load_station(station_file)
    assert station.name == "van-12"
    assert station.device["meter"].name == "meter"
    assert station.device["meter"].channel == 2
    assert station.device["meter"].address == "/dev/ttyUSB0"
    assert station.device["sweep"].address == str(station_file.parent / "sweeps" / "binder.s8p")
    assert station.device["talk"].address == f"replay:{station_file.parent}/talk.jsonl"
    assert station.ticket is not None
    assert station.ticket.status.pass_ == "resolved"
    assert station.ticket.status.inconclusive is None


@pytest.mark.parametrize(
    ("before", "after", "error", "said"),
    [
        ("channel = 2", 'chanel = "2"', BadFile, "[device.meter]: there is no key 'chanel'"),
        ("channel = 2", "channel = 0", BadFile, "[device.meter]: Expected `int` >= 1"),
        ("channel = 2", 'channel = "2"', BadFile, "[device.meter]: channel: int | null is wanted, not str"),
        ('driver = "sweep_file"\n', "", BadFile, "[device.sweep]: the key 'driver' is missing"),
        ("joinwit_jw8103a", "joinwit_jw8103", UsageError, "nearest: joinwit_jw8103a"),
        ('system = "rt"', 'system = "jira"', BadFile, "[ticket]: system: 'jira' is not one"),
        ('name = "van-12"\n', "", BadFile, "the key 'name' is missing"),
        ("channel = 2", 'name = "other"', UsageError, "[device.meter]: the table's name is the name"),
        ("[ticket]", "[ticket", BadFile, "not valid TOML"),
    ],
)
def test_fault_is_told_with_its_table(
    station_file: Path, before: str, after: str, error: type[Exception], said: str
) -> None:
    station_file.write_text(STATION.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(error) as caught:
        load_station(station_file)
    assert said in str(caught.value)


def test_station_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="no such station file") as caught:
        load_station(default_station_path())
    assert str(tmp_path) in caught.value.what
    assert "--station" in caught.value.hint


def test_the_only_device_of_a_kind_is_taken(station_file: Path) -> None:
    station = load_station(station_file)
    assert device_for(station, "sweep-file").name == "sweep"
    assert device_for(station, "power-meter", "talk").name == "talk"
    with pytest.raises(UsageError, match="several devices are of kind power-meter: meter, talk"):
        device_for(station, "power-meter")
    with pytest.raises(UsageError, match="there is no power-meter 'sweep'; there is: meter"):
        device_for(station, "power-meter", "sweep")


def test_station_without_the_kind(station_file: Path) -> None:
    station_file.write_text('name = "empty"\n', encoding="utf-8")
    with pytest.raises(UsageError, match="no device of kind power-meter"):
        device_for(load_station(station_file), "power-meter")


def test_who_answers(station_file: Path) -> None:
    station = load_station(station_file)
    (station_file.parent / "talk.jsonl").write_text(
        '{"transcript": 1}\n{"to": "E0\\n"}\n{"to": "Z?\\n"}\n{"from": "0\\n"}\n{"to": "R0\\n"}\n', encoding="utf-8"
    )
    assert reach(station.device["talk"]).reached
    missing = reach(station.device["sweep"])
    assert (missing.reached, missing.reason) == (False, "unreadable")
    unplugged = reach(station.device["meter"])
    assert (unplugged.reached, unplugged.reason) == (False, "offline")
    assert "/dev/ttyUSB0" in unplugged.trouble
