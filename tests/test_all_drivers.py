"""One matrix over everything in ``drivers/``: each loads strictly, is complete, and reads its recordings."""

from pathlib import Path

import pytest

from linetest import catalog
from linetest.devices.driver_file import load_driver
from linetest.devices.power_meter import PowerMeter
from linetest.devices.station import DeviceEntry
from linetest.transports.transcript import ReplayWire, load_transcript

DRIVERS = sorted(path.parent.name for path in catalog.shipped("drivers").glob("*/driver.toml"))
METERS = [name for name in DRIVERS if load_driver(name).kind == "power-meter"]
RECORDINGS = sorted((Path(__file__).parent / "recordings").glob("*/*.jsonl"))
IDS = [f"{path.parent.name}-{path.stem}" for path in RECORDINGS]


@pytest.mark.parametrize("name", DRIVERS)
def test_driver_loads_and_says_where_it_comes_from(name: str) -> None:
    driver = load_driver(name)  # strict; compiles each pattern and holds it against its example
    assert len(driver.source) > 20
    assert name.isidentifier()
    for _place, command in driver.commands():
        assert command.risk in ("read", "changes", "drops-service")


@pytest.mark.parametrize("name", METERS)
def test_reading_a_meter_never_drops_service(name: str) -> None:
    assert all(command.risk != "drops-service" for _place, command in load_driver(name).commands())


@pytest.mark.parametrize("name", METERS)
def test_every_command_is_in_a_recording(name: str) -> None:
    driver = load_driver(name)
    said = [
        chunk.data
        for path in RECORDINGS
        if path.parent.name == name
        for chunk in load_transcript(path).chunks
        if chunk.outgoing
    ]
    for place, command in driver.commands():
        start = command.send.partition("{")[0]
        wanted = bytes.fromhex(start) if driver.frames else start.encode()
        assert any(wanted in data for data in said), f"{name}: {place}: no recording has {command.send}"


@pytest.mark.parametrize("read_size", [4096, 1], ids=["whole", "byte-by-byte"])
@pytest.mark.parametrize("path", RECORDINGS, ids=IDS)
def test_recording_gives_its_readings(path: Path, read_size: int) -> None:
    transcript = load_transcript(path)
    wire = ReplayWire(transcript, read_size)
    wanted = transcript.head["reads"]
    entry = DeviceEntry(name="meter", driver=path.parent.name, address="replay:-", channel=wanted[0].get("channel"))
    meter = PowerMeter(entry, load_driver(entry.driver), lambda _address, _line: wire, pause=lambda _s: None)
    for want in wanted:
        reading = meter.read(want["wavelength_nm"])
        assert reading.reason == want["reason"], meter.trouble
        assert reading.value == pytest.approx(want["value"])
        assert reading.where["wavelength_nm"] == want["wavelength_nm"]
    assert wire.leftover() is None
    assert meter.simulated
    replayed = meter.transcript().body
    assert replayed.count(b'"to') >= sum(chunk.outgoing for chunk in transcript.chunks) > 0 or not transcript.chunks


def test_each_meter_has_recordings_of_good_and_of_bad() -> None:
    for name in METERS:
        reasons = {
            read["reason"]
            for path in RECORDINGS
            if path.parent.name == name
            for read in load_transcript(path).head["reads"]
        }
        assert None in reasons, name
        assert len(reasons) >= 3, f"{name}: too little goes wrong in its recordings"
