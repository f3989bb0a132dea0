"""The simulated meters against recordings written from the makers' descriptions, apart from any driver."""

import json
import re
from pathlib import Path

import pytest

from linetest.bench.faults import Fault
from linetest.bench.light import NOISE_DB, Light
from linetest.bench.meter import Meter
from linetest.bench.meters import METERS

RECORDINGS = Path(__file__).resolve().parents[1] / "recordings"
BLINDING, DARK = 15.0, -95.0

# Recordings of states that the simulator can be put into: fault, and light where it is not the readings'.
STATES: dict[str, tuple[Fault | None, float | None]] = {
    "good": (None, None),
    "echo": (None, None),
    "left-in-watts": (Fault.IN_WATTS, None),
    "left-in-milliwatts": (Fault.IN_WATTS, None),
    "wrong-wavelength": (Fault.WRONG_WAVELENGTH, None),
    "wavelength-not-covered": (Fault.WRONG_WAVELENGTH, None),
    "wavelength-clamped": (Fault.WRONG_WAVELENGTH, None),
    "never-ready": (Fault.NOT_READY, None),
    "silent": (Fault.SILENT, None),
    "under": (None, DARK),
    "under-text": (None, DARK),
    "no-light": (None, DARK),
    "over-saturated": (None, BLINDING),
}
# Not known from any description: the simulator ends at its range, the recording assumes SCPI's sign.
ASSUMED = {"santec_mpm210/over", "thorlabs_pm100/never-ready"}


def recordings() -> list[Path]:
    return [
        path
        for path in sorted(RECORDINGS.glob("*/*.jsonl"))
        if path.parent.name in METERS and path.stem in STATES and f"{path.parent.name}/{path.stem}" not in ASSUMED
    ]


def read(path: Path) -> tuple[dict[float, float], list[tuple[bytes, bytes]]]:
    """Return the levels that the recording's readings show, and what was sent with what came back."""
    head, *chunks = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    levels = {one["wavelength_nm"]: one["value"] for one in head["reads"] if one["value"] is not None}
    turns: list[tuple[bytes, bytes]] = []
    for chunk in chunks:
        for direction in ("to", "from"):
            data = chunk[direction].encode() if direction in chunk else bytes.fromhex(chunk.get(f"{direction}_hex", ""))
            if direction == "to" and data:
                turns.append((data, b""))
            elif data:
                turns[-1] = (turns[-1][0], turns[-1][1] + data)
    return levels, turns


def meter_for(path: Path, levels: dict[float, float]) -> Meter:
    fault, light_dbm = STATES[path.stem]
    seen = {1490.0: light_dbm} if light_dbm is not None else levels or {1490.0: -20.0}
    return METERS[path.parent.name](Light(seen), fault, ready_after_s=3600.0)


def answer(meter: Meter, sent: bytes, step: int) -> bytes:
    pieces = [sent[start : start + step] for start in range(0, len(sent), step)]
    answers = [one for piece in pieces for one in meter.hear(piece)]
    if meter.fault is Fault.SILENT:
        return b""
    return b"".join(one.body + one.ends for one in answers)


@pytest.mark.parametrize("path", recordings(), ids=lambda path: f"{path.parent.name}-{path.stem}")
@pytest.mark.parametrize("step", [1000, 1], ids=["whole", "byte-by-byte"])
def test_answers_like_the_recording(path: Path, step: int) -> None:
    levels, turns = read(path)
    meter = meter_for(path, levels)
    for sent, recorded in turns:
        said = answer(meter, sent, step)
        if sent == b"Q?\n":  # bit 16, a message waits, has no meaning over RS-232
            recorded = recorded.replace(b"144", b"128")
        if meter.driver == "joinwit_jw8103a":
            assert_same_frame(said, recorded)
        elif meter.driver == "optokon_pm212" and sent == b"v" and levels.get(1550.0):
            assert re.fullmatch(rb"[+-]\d\d\.\d\d\r\n", said), "its wavelength is set by hand"
        else:
            assert_same_lines(without_echo(sent, said), without_echo(sent, recorded), sent)


def without_echo(sent: bytes, said: bytes) -> bytes:
    return said.removeprefix(sent)


def assert_same_lines(said: bytes, recorded: bytes, sent: bytes) -> None:
    said_fields, recorded_fields = (re.split(rb"[,;]", data) for data in (said, recorded))
    assert len(said_fields) == len(recorded_fields), (sent, said, recorded)
    for mine, theirs in zip(said_fields, recorded_fields, strict=True):
        assert tail(mine) == tail(theirs), (sent, said, recorded)
        if b"IDN" in sent.upper() or b"W" in sent.upper().split(b":")[-1][:1]:
            continue  # serial numbers are anybody's, and a wavelength that is stuck is stuck anywhere
        if (value := number(theirs)) is not None:
            assert number(mine) is not None, (sent, said, recorded)
            if b"," not in recorded or theirs == recorded_fields[0]:
                assert number(mine) == pytest.approx(value, abs=NOISE_DB + 0.01, rel=1e-3), (
                    sent,
                    said,
                    recorded,
                )


def tail(field: bytes) -> bytes:
    return field[len(field.rstrip(b"\r\n")) :]


def number(field: bytes) -> float | None:
    try:
        return float(field)
    except ValueError:
        return None


def assert_same_frame(said: bytes, recorded: bytes) -> None:
    assert len(said) == len(recorded), (said.hex(" "), recorded.hex(" "))
    assert said[:3] == recorded[:3]
    for frame in (said, recorded):
        assert sum(frame[:-1]) % 256 == 0
        assert frame[-1] == 0x7D


def test_every_maker_has_recordings_that_are_replayed() -> None:
    assert {path.parent.name for path in recordings()} == set(METERS)
