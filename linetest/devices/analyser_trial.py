"""Trying an analyser's driver: a whole transcript read again."""

from pathlib import Path
from typing import Any

import msgspec

from linetest.devices.copper_analyser import CopperAnalyser, Span
from linetest.devices.driver import Driver
from linetest.devices.station import DeviceEntry
from linetest.errors import BadFile, DeviceError
from linetest.transports.address import REPLAY
from linetest.transports.transcript import ReplayWire, load_transcript
from linetest.words.text import _


def replay_sweep(driver: Driver, path: Path) -> list[dict[str, Any]]:
    """Return a row for each point of the sweep in a transcript, or one with the reason why there is none.

    A last row says what of the transcript was not used up.

    Raises:
        FileError: The transcript cannot be read; `BadFile` where its first line does not say what was swept.
    """
    transcript = load_transcript(path)
    try:
        span = msgspec.convert(transcript.head.get("sweep"), dict[str, float])
        wanted = Span(**span)
    except (msgspec.ValidationError, TypeError) as error:
        raise BadFile(_("{file}: line {line}: {fault}").format(file=path, line=1, fault=f"sweep: {error}")) from error
    wire = ReplayWire(transcript)
    entry = DeviceEntry(name=driver.name, driver=driver.name, address=f"{REPLAY}{path}")
    analyser = CopperAnalyser(entry, driver, lambda _address, _link: wire, pause=lambda _seconds: None)
    try:
        swept = analyser.sweep(wanted)
    except DeviceError as error:
        return [{"reason": error.reason, "trouble": error.what}]
    rows: list[dict[str, Any]] = [
        {"frequency_hz": hz, **{name: [values[at].real, values[at].imag] for name, values in swept.s.items()}}
        for at, hz in enumerate(swept.frequency_hz)
    ]
    left = wire.leftover()
    return [*rows, {"reason": left}] if left else rows
