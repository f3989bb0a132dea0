"""The engine for copper analysers over pseudo-terminals and sockets: a sweep that is true, or a reason."""

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from linetest.bench.binder import binder
from linetest.bench.cabling import Cabling
from linetest.bench.faults import Fault
from linetest.bench.nanovna import NanoVna
from linetest.bench.scpi_vna import ScpiVna
from linetest.bench.wire import plugged_in
from linetest.devices.analyser_trial import replay_sweep
from linetest.devices.copper_analyser import CopperAnalyser, Span, Swept, is_same, split
from linetest.devices.driver import Driver
from linetest.devices.driver_file import load_driver
from linetest.devices.station import DeviceEntry
from linetest.devices.trial import reach
from linetest.errors import BadFile, DeviceError

ADSL = Span(25_875.0, 1_104_000.0, 4312.5)
SMALL = Span(100_000.0, 200_000.0, 10_000.0)
MODELS: dict[str, type[NanoVna] | type[ScpiVna]] = {"nanovna_h": NanoVna, "scpi_vna": ScpiVna}


def quick(name: str, settle_s: float = 0.0, reply_s: float = 2.0) -> Driver:
    """Return the driver with the patience of a test."""
    driver = load_driver(name)
    timing = msgspec.structs.replace(driver.timing, reply_s=reply_s, deadline_s=20.0, settle_s=settle_s)
    return msgspec.structs.replace(driver, timing=timing)


@contextmanager
def on_bench(name: str, fault: Fault | None = None, terminal: bool = True, **options: Any) -> Iterator[CopperAnalyser]:
    cabling = Cabling()
    cabling.connect("PAIR1_NEAR", "PAIR2_FAR")
    with plugged_in(MODELS[name](cabling, fault, **options), terminal=terminal) as address:
        driver = quick(name, reply_s=0.2) if fault is Fault.SILENT else quick(name)
        yield CopperAnalyser(DeviceEntry(name="vna", driver=name, address=address), driver)


def truth(swept: Swept) -> float:
    """Return how far the swept transmission is from that of the binder."""
    names, frequency_hz, s = binder()
    true = s[:, names.index("PAIR2_FAR"), names.index("PAIR1_NEAR")]
    at = [np.interp(swept.frequency_hz, frequency_hz, part) for part in (true.real, true.imag)]
    return float(np.abs(np.array(swept.s["S21"]) - (at[0] + 1j * at[1])).max())


@pytest.mark.parametrize("terminal", [True, False], ids=["pseudo-terminal", "socket"])
@pytest.mark.parametrize("name", MODELS)
def test_sweep_is_the_binders_own(name: str, terminal: bool) -> None:
    with on_bench(name, terminal=terminal) as analyser:
        swept = analyser.sweep(ADSL)
        assert truth(swept) < 1.5e-6
        assert swept.frequency_hz[-1] == 1_104_000
        assert np.diff(swept.frequency_hz).max() <= 4314
        assert analyser.simulated
    if name == "scpi_vna":
        assert (swept.frequency_hz[0], len(swept.frequency_hz)) == (25_875, 251)
        assert list(swept.s) == ["S11", "S21", "S12", "S22"]
    else:
        assert swept.frequency_hz[0] == 50_000, "a NanoVNA begins there"
        assert len(swept.frequency_hz) > 101, "several sweeps"
        assert list(swept.s) == ["S11", "S21"]


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize(
    ("fault", "reasons"),
    [
        (Fault.SILENT, {"timeout"}),
        (Fault.GARBLES, {"garbled"}),
        (Fault.DOUBLED, {"garbled", "refused", "timeout"}),
        (Fault.UNPLUGGED, {"offline"}),
        (Fault.FEWER_POINTS, {"too-few-points"}),
        (Fault.NOT_A_NUMBER, {"out-of-window"}),
    ],
)
def test_whatever_is_wrong_is_a_reason(name: str, fault: Fault, reasons: set[str]) -> None:
    with on_bench(name, fault) as analyser, pytest.raises(DeviceError) as caught:
        analyser.sweep(SMALL)
    assert caught.value.reason in reasons, caught.value.what
    assert b'"to' in analyser.transcript().body, "what was said is kept, above all when it went wrong"


def test_a_cable_that_came_out_is_plugged_in_again() -> None:
    cabling = Cabling()
    cabling.connect("PAIR1_NEAR", "PAIR2_FAR")
    addresses: list[str] = []
    with plugged_in(NanoVna(cabling, Fault.UNPLUGGED)) as first, plugged_in(NanoVna(cabling)) as second:
        addresses += [first, second]
        from linetest.transports.address import open_wire

        entry = DeviceEntry(name="vna", driver="nanovna_h", address="bench:-")
        analyser = CopperAnalyser(entry, quick("nanovna_h"), lambda _address, link: open_wire(addresses[0], link))
        with pytest.raises(DeviceError, match="gone"):
            analyser.sweep(SMALL)
        addresses.pop(0)
        assert truth(analyser.sweep(SMALL)) < 1.5e-6


def test_what_an_analyser_cuts_off_is_read_back() -> None:
    with on_bench("scpi_vna", lowest_hz=300_000.0) as analyser:
        swept = analyser.sweep(ADSL)
    assert swept.frequency_hz[0] == 300_000
    assert truth(swept) < 1e-9


def test_a_band_that_the_model_does_not_have_is_not_asked_for() -> None:
    with on_bench("nanovna_h") as analyser, pytest.raises(DeviceError) as caught:
        analyser.sweep(Span(4_000.0, 40_000.0, 1000.0))
    assert caught.value.reason == "band-not-covered"


def test_a_slow_sweep_is_waited_for() -> None:
    cabling = Cabling()
    cabling.connect("PAIR1_NEAR", "PAIR2_FAR")
    with plugged_in(NanoVna(cabling, sweep_s=0.4)) as address:
        entry = DeviceEntry(name="vna", driver="nanovna_h", address=address)
        assert truth(CopperAnalyser(entry, quick("nanovna_h", settle_s=0.25)).sweep(SMALL)) < 1.5e-6


def shell(answers: dict[str, str]) -> Callable[[bytes], bytes]:
    """Return a shell that says these lines and nothing else."""

    def answer(line: bytes) -> bytes:
        command = line.decode()
        name = command.split(" ")[0] if command not in answers else command
        return f"{command}\r\n{answers.get(name, '')}ch> ".encode()

    return answer


GOOD = {
    "version": "0.8.0\r\n",
    "frequencies": "100000\r\n150000\r\n200000\r\n",
    "data 0": "0.1 0.0\r\n0.1 0.0\r\n0.1 0.0\r\n",
    "data 1": "0.2 0.0\r\n0.2 0.1\r\n0.2 -0.1\r\n",
}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, None),
        ({"version": "tinySA_v1.3\r\n"}, "refused"),
        ({"sweep": "bad parameter\r\n"}, "refused"),
        ({"frequencies": "100000\r\n150000\r\n"}, "too-few-points"),
        ({"frequencies": "100000\r\n150000\r\n150000\r\n"}, "garbled"),
        ({"frequencies": "1000000\r\n2000000\r\n3000000\r\n"}, "refused"),
        ({"data 1": "0.2 0.0\r\n0.2 0.1\r\n0.2 -0.1\r\n0.2 -0.1\r\n"}, "garbled"),
        ({"data 1": "0.2 0.0\r\n0.2 0.1\r\n0.20.1\r\n"}, "garbled"),
        ({"data 1": "0.2 0.0\r\n0.2 0.1\r\n0.2 inf\r\n"}, "out-of-window"),
        ({"data 1": ""}, "garbled"),
        ({"data 1": "\x1b[31m\r\n"}, "garbled"),
    ],
)
def test_the_published_protocol_and_what_may_be_wrong_in_it(
    port: Callable[..., Any], changes: dict[str, str], reason: str | None
) -> None:
    line = port(shell(GOOD | changes), end=b"\r")
    analyser = CopperAnalyser(DeviceEntry(name="vna", driver="nanovna_h", address=line.path), quick("nanovna_h"))
    wanted = Span(100_000.0, 200_000.0, 50_000.0)
    if reason is None:
        swept = analyser.sweep(wanted)
        assert swept.s["S21"] == [0.2, 0.2 + 0.1j, 0.2 - 0.1j]
        assert line.received[:3] == [b"", b"version", b"sweep 100000 200000 3"]
        assert analyser.warnings == ["pseudo-terminal"]
        return
    with pytest.raises(DeviceError) as caught:
        analyser.sweep(wanted)
    assert caught.value.reason == reason, caught.value.what
    assert "\x1b" not in caught.value.what


def test_an_analyser_that_never_settles_is_not_ready(port: Callable[..., Any]) -> None:
    count = iter(range(10**9))

    def answer(line: bytes) -> bytes:
        wobble = f"0.{1 + 4 * (next(count) % 2)} 0.0\r\n" * 3
        return shell(GOOD | {"data 0": wobble, "data 1": wobble})(line)

    driver = quick("nanovna_h")
    driver = msgspec.structs.replace(driver, timing=msgspec.structs.replace(driver.timing, deadline_s=0.8))
    line = port(lambda sent: answer(sent) if sent != b"data 0" or next(count) else b"", end=b"\r")
    analyser = CopperAnalyser(DeviceEntry(name="vna", driver="nanovna_h", address=line.path), driver)
    with pytest.raises(DeviceError) as caught:
        analyser.sweep(Span(100_000.0, 200_000.0, 50_000.0))
    assert caught.value.reason in ("not-ready", "timeout")


@pytest.mark.parametrize("name", MODELS)
def test_transcript_replays_as_the_same_sweep(name: str, tmp_path: Path) -> None:
    with on_bench(name) as analyser:
        swept = analyser.sweep(SMALL)
    path = tmp_path / "talk.jsonl"
    path.write_bytes(analyser.transcript().body)
    rows = replay_sweep(load_driver(name), path)
    assert [row["frequency_hz"] for row in rows] == swept.frequency_hz
    assert [complex(*row["S21"]) for row in rows] == swept.s["S21"]
    entry = DeviceEntry(name="vna", driver=name, address=f"replay:{path}")
    again = CopperAnalyser(entry, load_driver(name), pause=lambda _seconds: None)
    assert again.sweep(SMALL) == swept
    assert again.simulated


def test_transcript_without_its_sweep_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "talk.jsonl"
    path.write_text('{"transcript": 1, "driver": "nanovna_h"}\n', encoding="utf-8")
    with pytest.raises(BadFile, match="line 1"):
        replay_sweep(load_driver("nanovna_h"), path)


def test_who_answers() -> None:
    with on_bench("scpi_vna") as analyser:
        found = reach(DeviceEntry(name="vna", driver="scpi_vna", address=analyser._address))
    assert (found.reached, found.identity) == (True, "Agilent Technologies,E5061B,MY49100000,A.02.06")
    assert reach(DeviceEntry(name="vna", driver="nanovna_h", address="/dev/ttyACM99")).reason == "offline"


def test_the_end_of_a_sweep_may_take_longer_than_an_answer(port: Callable[..., Any]) -> None:
    driver = quick("scpi_vna", reply_s=0.3)
    replies = {b"*IDN?": b"A,E5061B,1,2\n", b":SYST:ERR?": b'+0,"No error"\n', b":SENS1:FREQ:DATA?": b"1e3,2e3\n"}

    def answer(line: bytes) -> bytes:
        if line == b"*OPC?":
            time.sleep(0.5)  # a sweep; other answers have 0.3 s
            return b"1\n"
        return b"0.1,0.2,0.3,0.4\n" if b"SDAT" in line else replies.get(line, b"")

    analyser = CopperAnalyser(DeviceEntry(driver="scpi_vna", address=port(answer).path), driver)
    assert analyser.sweep(Span(1000.0, 2000.0, 1000.0)).s["S22"] == [0.1 + 0.2j, 0.3 + 0.4j]


def test_another_maker_is_data(port: Callable[..., Any]) -> None:
    folder = Path(os.environ["LINETEST_CONFIG"]) / "drivers" / "acme_vna"
    folder.mkdir(parents=True)
    number = r"reply = '([+-]?\d+\.\d+)'"
    (folder / "driver.toml").write_text(
        f"""name = "acme_vna"
kind = "copper-analyser"
make = "Acme"
model = "VNA-1"
source = "Acme VNA-1 manual, p. 3"
[analyser]
lowest_hz = 1000.0
highest_hz = 1e6
most_points = 4
[[analyser.sweep]]
send = "GO {{start_hz:.0f}},{{stop_hz:.0f}},{{points}}"
risk = "changes"
[analyser.frequencies]
send = "F?"
{number}
example = "1000.0,2000.0"
risk = "read"
[analyser.parameter.S11]
send = "R?"
{number}
example = "1.0,2.0"
risk = "read"
[analyser.parameter.S21]
send = "T?"
{number}
example = "1.0,2.0"
risk = "read"
""",
        encoding="utf-8",
    )
    replies = {b"F?": b"1000.0,2000.0,3000.0\n", b"R?": b"0.1,0.0,0.1,0.0,0.1,0.0\n"}
    replies[b"T?"] = b"0.1,0.2,0.3,0.4,0.5,0.6\n"
    line = port(lambda sent: replies.get(sent, b""))
    analyser = CopperAnalyser(DeviceEntry(driver="acme_vna", address=line.path), load_driver("acme_vna"))
    assert analyser.sweep(Span(1000.0, 3000.0, 1000.0)).s["S21"] == [0.1 + 0.2j, 0.3 + 0.4j, 0.5 + 0.6j]
    assert line.received[0] == b"GO 1000,3000,3"


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("most_points = 101", "most_points = 1", "most_points"),
        ("{points}", "{power}", "power"),
        ("[analyser.parameter.S21]", "[analyser.parameter.S12]", "S21"),
        ("reply = '(\\d+)'", "reply = '\\d+'", "has no group"),
        ('kind = "copper-analyser"', 'kind = "olt"', "belong together"),
    ],
)
def test_fault_in_a_driver_is_told(before: str, after: str, said: str) -> None:
    from linetest import catalog

    text = (catalog.shipped("drivers") / "nanovna_h" / "driver.toml").read_text(encoding="utf-8")
    assert before in text
    folder = Path(os.environ["LINETEST_CONFIG"]) / "drivers" / "nanovna_h"
    folder.mkdir(parents=True)
    (folder / "driver.toml").write_text(text.replace(before, after), encoding="utf-8")
    with pytest.raises(BadFile, match=said):
        load_driver("nanovna_h")


def test_sweeps_are_cut_evenly_and_none_is_lost() -> None:
    parts = split(ADSL, 101)
    assert [len(part) for part in parts] == [83, 84, 84]
    every = [hz for part in parts for hz in part]
    assert (every[0], every[-1], len(every)) == (25_875, 1_104_000, 251)
    assert every == sorted(set(every))
    assert len(split(SMALL, 1601)) == 1


def test_noise_is_the_same_and_another_cable_is_not() -> None:
    one = {"S21": [0.5 + 0j, 0.001 + 0j]}
    assert is_same(one, {"S21": [0.51 + 0j, 0.0012 + 0j]})  # type: ignore[arg-type]
    assert not is_same(one, {"S21": [0.4 + 0j, 0.001 + 0j]})  # type: ignore[arg-type]


def test_transcript_says_what_was_swept() -> None:
    with on_bench("nanovna_h") as analyser:
        analyser.sweep(SMALL)
    head = json.loads(analyser.transcript().body.splitlines()[0])
    assert head["sweep"] == {"start_hz": 100_000.0, "stop_hz": 200_000.0, "step_hz": 10_000.0}
