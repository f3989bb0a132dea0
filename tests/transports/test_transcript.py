"""Transcripts: what is recorded replays, and a replay says what was not said."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linetest.errors import BadFile, DeviceError, FileError
from linetest.transports.address import open_wire
from linetest.transports.transcript import (
    Recording,
    RecordingWire,
    ReplayWire,
    load_transcript,
    parse_transcript,
)
from linetest.transports.wire import Link

HEAD = '{"transcript": 1}\n'
TALK = HEAD + '{"t": 0.0, "to": "W?\\n"}\n{"t": 0.1, "from": "1490\\n"}\n{"t": 0.2, "to_hex": "7b ff"}\n'


def test_replay_says_its_part() -> None:
    wire = ReplayWire(parse_transcript(TALK, "talk"))
    assert wire.read(64, 1.0) == b""
    wire.write(b"W?\n")
    assert wire.read(3, 1.0) == b"149"
    assert wire.read(64, 1.0) == b"0\n"
    assert wire.leftover() == "replay: b'{\\xff' was expected and not sent"
    wire.write(b"\x7b")
    wire.write(b"\xff")
    assert wire.leftover() is None
    assert wire.simulated


def test_replay_one_byte_at_a_time() -> None:
    wire = ReplayWire(parse_transcript(TALK, "talk"), read_size=1)
    wire.write(b"W?\n")
    assert [wire.read(64, 1.0) for _byte in range(6)] == [b"1", b"4", b"9", b"0", b"\n", b""]


def test_replay_refuses_what_was_not_said() -> None:
    wire = ReplayWire(parse_transcript(TALK, "talk"))
    with pytest.raises(DeviceError, match=r"sent b'D\?\\n', the transcript has b'W\?\\n'"):
        wire.write(b"D?\n")
    wire = ReplayWire(parse_transcript(TALK, "talk"))
    wire.write(b"W?\n")
    assert wire.leftover() == "replay: b'1490\\n' was not read"
    with pytest.raises(DeviceError, match=r"before b'1490\\n' was read"):
        wire.write(b"\x7b\xff")
    wire = ReplayWire(parse_transcript(HEAD, "talk"))
    with pytest.raises(DeviceError, match="nothing more"):
        wire.write(b"W?\n")


@given(st.lists(st.tuples(st.booleans(), st.binary(min_size=1, max_size=20)), max_size=20))
def test_what_is_recorded_replays(talk: list[tuple[bool, bytes]]) -> None:
    recording = Recording({"driver": "any"})
    for outgoing, data in talk:
        recording.add(data, outgoing=outgoing)
    body = recording.body()
    assert b"\x1b" not in body
    transcript = parse_transcript(body.decode(), "talk")
    assert transcript.head == {"transcript": 1, "driver": "any"}
    assert [(chunk.outgoing, chunk.data) for chunk in transcript.chunks] == talk
    again = Recording({"driver": "any"})
    wire = RecordingWire(ReplayWire(transcript), again)
    for outgoing, data in talk:
        if outgoing:
            wire.write(data)
        else:
            received = b""
            while len(received) < len(data):
                received += wire.read(len(data) - len(received), 1.0)
            assert received == data


def test_recording_ends_before_it_fills_the_disk() -> None:
    recording = Recording({})
    for _chunk in range(100):
        recording.add(bytes(100_000), outgoing=False)
    assert len(recording.body()) < 5_000_000


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "talk: line 1: not a transcript"),
        ("{}\n", "talk: line 1: not a transcript"),
        ("[1]\n", "talk: line 1: "),
        ('{"transcript": 2}\n', "talk: line 1: not a transcript of version 1"),
        (HEAD + "\nx\n", "talk: line 3: "),
        (HEAD + '{"t": 0}\n', "talk: line 2: needs exactly one of to, from"),
        (HEAD + '{"to": "a", "from": "b"}\n', "talk: line 2: needs exactly one"),
        (HEAD + '{"to": "é"}\n', "talk: line 2: to and from hold ASCII"),
        (HEAD + '{"to_hex": "7g"}\n', "talk: line 2: non-hexadecimal"),
        (HEAD + '{"too": "a"}\n', "talk: line 2: Object contains unknown field `too`"),
    ],
)
def test_fault_in_a_transcript_is_told_with_its_line(text: str, said: str) -> None:
    with pytest.raises(BadFile) as caught:
        parse_transcript(text, "talk")
    assert caught.value.what.startswith(said)


def test_transcript_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "talk.jsonl"
    path.write_text(TALK, encoding="utf-8")
    wire = open_wire(f"replay:{path}", Link())
    wire.write(b"W?\n")
    assert wire.read(64, 1.0) == b"1490\n"
    with pytest.raises(FileError, match=r"nothing\.jsonl"):
        open_wire(f"replay:{tmp_path}/nothing.jsonl", Link())
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(BadFile, match="byte 0"):
        load_transcript(path)
