"""A line tester that sends its protocol: over a wire, in a file, and what goes wrong."""

import json
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from linetest.copper.electricals import BY_NAME
from linetest.devices.driver_file import load_driver, read_driver
from linetest.devices.line_tester import parse_protocol, read_tester
from linetest.devices.station import DeviceEntry
from linetest.devices.tester_driver import LineTester
from linetest.errors import BadFile, BadReply, Timeout

Run = Callable[..., CompletedProcess[str]]
PROTOCOL = Path(__file__).parents[1] / "recordings" / "line_tester_text" / "good.txt"


@pytest.fixture
def tester() -> LineTester:
    found = load_driver("line_tester_text").tester
    assert found is not None
    return found


@pytest.fixture
def replayed(tmp_path: Path) -> Callable[[str], DeviceEntry]:
    """Return a function that makes a device which sends a text in two pieces."""

    def make(text: str) -> DeviceEntry:
        half = len(text) // 2
        lines = [{"transcript": 1}, {"t": 0.0, "from": text[:half]}, {"t": 0.1, "from": text[half:]}]
        path = tmp_path / "sent.jsonl"
        path.write_text("".join(json.dumps(line) + "\n" for line in (lines if text else lines[:1])))
        return DeviceEntry(name="tester", driver="line_tester_text", address=f"replay:{path}")

    return make


def ticks() -> Callable[[], float]:
    """Return a clock that goes on by a second with each look."""
    moments: Iterator[int] = count()
    return lambda: float(next(moments))


def test_the_shipped_driver_names_all_quantities(tester: LineTester) -> None:
    assert [value.name for value in tester.value] == list(BY_NAME)


def test_a_protocol_over_a_wire(replayed: Callable[[str], DeviceEntry]) -> None:
    told = read_tester(replayed(PROTOCOL.read_text()))
    assert (told.device, told.simulated) == ("tester", True)
    assert told.typed["insulation-ab"] == "620 MOhm"  # measured twice: the last one
    assert told.typed["insulation-ae"] == "> 500 MOhm"
    assert told.evidence[0].body.startswith(b"LINE TEST 3.1")


def test_without_a_last_line_a_pause_ends_the_protocol(replayed: Callable[[str], DeviceEntry]) -> None:
    told = read_tester(replayed("VAC 1 V\nVDC 0 V\n"), ticks())
    assert told.typed == {"foreign-ac": "1 V", "foreign-dc": "0 V"}


def test_a_tester_that_says_nothing_is_a_timeout(replayed: Callable[[str], DeviceEntry]) -> None:
    with pytest.raises(Timeout, match="sent nothing"):
        read_tester(replayed(""), ticks())


def test_a_text_without_values_is_refused(tester: LineTester) -> None:
    with pytest.raises(BadReply, match="no value of the driver"):
        parse_protocol(tester, "x.txt", "hello\nEND\n")


def test_a_saved_protocol_is_judged(call: Run) -> None:
    done = call("copper", "enter", "--from", PROTOCOL, "--json")
    record = json.loads(done.stdout)
    assert (done.returncode, record["verdict"], record["warnings"]) == (0, "pass", []), done.stderr
    assert [one["name"] for one in record["evidence"]] == ["entered.txt", "good.txt"]


def test_a_device_of_the_station_is_judged(call: Run, replayed: Callable[[str], DeviceEntry], tmp_path: Path) -> None:
    address = replayed(PROTOCOL.read_text().replace("R A-B 620 MOhm", "R A-B ERR")).address
    station = tmp_path / "station.toml"
    station.write_text(f'name = "van"\n[device.tester]\ndriver = "line_tester_text"\naddress = "{address}"\n')
    done = call("copper", "enter", "--from", "tester", "--station", station, "--json")
    record = json.loads(done.stdout)
    assert (done.returncode, record["simulated"]) == (3, True), done.stderr
    broken = [one for one in record["checks"] if one["verdict"] == "inconclusive"]
    assert [(one["id"], one["reason"], one["device"]) for one in broken] == [("INSULATION-AB", "garbled", "tester")]
    mended = call("copper", "enter", "--from", "tester", "--station", station, "--insulation-ab", "600", "--json")
    record = json.loads(mended.stdout)
    assert (mended.returncode, record["warnings"]) == (0, ["entered-by-hand"]), mended.stderr
    assert call("station", "check", "--station", station).returncode == 0


def test_a_dangerous_voltage_that_was_sent_stops(call: Run, tmp_path: Path) -> None:
    path = tmp_path / "sent.txt"
    path.write_text(PROTOCOL.read_text().replace("VAC 0.4 V", "VAC 85 V"))
    done = call("copper", "enter", "--from", path)
    assert (done.returncode, done.stderr[:16]) == (1, "STOP: 85 V on th")


def test_driver_try_shows_the_values(call: Run) -> None:
    done = call("driver", "try", "line_tester_text", "--reply", PROTOCOL)
    assert (done.returncode, "name=loop-resistance  value=850 Ohm" in done.stdout) == (0, True)


def test_a_drivers_pattern_is_held_against_its_example(tmp_path: Path) -> None:
    folder = tmp_path / "my_tester"
    folder.mkdir()
    good = (
        'name = "my_tester"\nkind = "line-tester"\nmake = "M"\nmodel = "m"\nsource = "my own notes about it"\n'
        '[tester]\n[[tester.value]]\nname = "foreign-ac"\npattern = "^AC=([0-9.]+)$"\nunit = "V"\nexample = "AC=3.5"\n'
    )
    (folder / "driver.toml").write_text(good)
    found = read_driver(folder).tester
    assert found is not None
    assert parse_protocol(found, "x", "AC=7\n").typed == {"foreign-ac": "7 V"}
    for old, new in (("AC=3.5", "DC=3.5"), ("([0-9.]+)", "[0-9.]+"), ("([0-9.]+)", "([0-9.]+")):
        (folder / "driver.toml").write_text(good.replace(old, new))
        with pytest.raises(BadFile, match="foreign-ac"):
            read_driver(folder)
