"""Lists of numbers from an analyser, and a shell's replies: hostile bytes give numbers or a reason, nothing else."""

from math import isfinite

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linetest.devices.command import Command, ReadNumbers
from linetest.devices.dialogue import Dialogue
from linetest.devices.driver import Driver
from linetest.devices.driver_file import load_driver
from linetest.devices.numbers import read_numbers
from linetest.errors import CommandRefused, DeviceError
from linetest.transports.transcript import Chunk, ReplayWire, Transcript

SHELL = load_driver("nanovna_h")
TRACE = SHELL.analyser.parameter["S21"] if SHELL.analyser else ReadNumbers(send="", risk="read")
ASK = Command(send="ask", risk="read", reply="(.*)")


def said(reply: bytes, driver: Driver = SHELL) -> str:
    """Return what the dialogue makes of these bytes after its command."""
    chunks = [Chunk(to_hex=b"ask\r".hex()), *([Chunk(from_hex=reply.hex())] if reply else [])]
    wire = ReplayWire(Transcript(head={}, chunks=chunks), read_size=7)
    return Dialogue(wire, driver, lambda: 0.0, longest=4096).ask(ASK, 10.0)


@given(st.lists(st.floats(-2, 2, width=32), min_size=1, max_size=40))
def test_what_the_firmware_prints_is_read(values: list[float]) -> None:
    rows = "\n".join(f"{value:f} {-value:f}" for value in values)
    flat = read_numbers(TRACE, rows, 2 * len(values))
    assert flat[::2] == pytest.approx(values, abs=1e-6)


@given(st.text(max_size=200), st.integers(1, 5))
def test_any_text_is_numbers_or_a_reason(text: str, count: int) -> None:
    reason, found = None, []
    try:
        found = read_numbers(TRACE, text, count)
    except DeviceError as error:
        reason = error.reason
    assert reason in (None, "garbled", "out-of-window", "too-few-points")
    assert len(found) == (0 if reason else count)
    assert all(isfinite(number) for number in found)


@pytest.mark.parametrize(
    ("reply", "wanted"),
    [
        (b"ask\r\nch> ", ""),
        (b"ask\r\none\r\ntwo\r\nch> ", "one\ntwo"),
        (b"ask\r\n1.0 2.0\r\nch> ", "1.0 2.0"),
    ],
)
def test_a_reply_stands_between_the_command_and_the_prompt(reply: bytes, wanted: str) -> None:
    assert said(reply) == wanted


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (b"", "timeout"),
        (b"ask\r\n1.0", "timeout"),
        (b"data 0\r\n1.0 2.0\r\nch> ", "garbled"),
        (b"ch> ", "garbled"),
        (b"ask\r\n" + b"1.0 2.0\r\n" * 1000, "garbled"),
    ],
)
def test_a_reply_without_command_or_prompt_is_none(reply: bytes, reason: str) -> None:
    with pytest.raises(DeviceError) as caught:
        said(reply)
    assert caught.value.reason == reason


@given(st.binary(max_size=300))
def test_any_bytes_are_a_reply_or_a_reason(noise: bytes) -> None:
    reason = None
    try:
        said(noise + b"ch> ")
    except DeviceError as error:
        reason = error.reason
    assert reason in ("garbled", "timeout", None if noise.startswith(b"ask") else "garbled")


def test_a_shell_that_objects_has_refused() -> None:
    chunks = [Chunk(to="sweep\r"), Chunk(from_="sweep\r\nbad parameter\r\nch> ")]
    dialogue = Dialogue(ReplayWire(Transcript(head={}, chunks=chunks)), SHELL)
    with pytest.raises(CommandRefused, match="bad parameter"):
        dialogue.tell(Command(send="sweep", risk="changes"), 10.0**9)
