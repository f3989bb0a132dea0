r"""Transcripts: what was said on a wire, to keep as evidence and to replay.

A transcript is a text file of JSON lines. The first line says what it is, each other line is one chunk of bytes::

    {"transcript": 1, "driver": "newport_1830c"}
    {"t": 0.0, "to": "W1490\n"}
    {"t": 0.012, "to": "W?\n"}
    {"t": 0.05, "from": "1490\n"}
    {"t": 0.051, "to_hex": "7b ff 05 01 62 1e 7d"}
    {"t": 0.09, "from_hex": "7b ff 15 01 62"}

`t` counts seconds from the first chunk. ``to`` is sent to the device and ``from`` comes back; bytes that are not
plain text stand as ``to_hex`` and ``from_hex``. How the bytes are cut into chunks means nothing. The first line of a
recording under ``tests/recordings`` also says in ``reads`` what a driver must make of it.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from linetest.errors import BadFile, DeviceError, FileError
from linetest.transports.wire import Wire
from linetest.words.text import _

_LARGEST = 4_000_000  # bytes of a transcript: an hour of reading once a second stays far below


class Chunk(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Some bytes of one direction."""

    t: float = 0.0
    to: str | None = None
    from_: str | None = msgspec.field(default=None, name="from")
    to_hex: str | None = None
    from_hex: str | None = None

    def __post_init__(self) -> None:
        """Refuse a chunk that has no direction or two."""
        if sum(part is not None for part in (self.to, self.from_, self.to_hex, self.from_hex)) != 1:
            raise ValueError("needs exactly one of to, from, to_hex, from_hex")
        for part in (self.to, self.from_):
            if part is not None and not part.isascii():
                raise ValueError("to and from hold ASCII text; other bytes stand in to_hex and from_hex")
        bytes.fromhex(self.to_hex or self.from_hex or "")

    @property
    def outgoing(self) -> bool:
        """True for what is sent to the device."""
        return self.to is not None or self.to_hex is not None

    @property
    def data(self) -> bytes:
        """The bytes."""
        for text in (self.to, self.from_):
            if text is not None:
                return text.encode("ascii")
        return bytes.fromhex(self.to_hex or self.from_hex or "")


class Transcript(msgspec.Struct, frozen=True, kw_only=True):
    """A whole file."""

    head: dict[str, Any]
    chunks: list[Chunk]


def parse_transcript(text: str, name: str) -> Transcript:
    """Return the transcript that `text` holds; `name` is the file's name for the error."""
    lines = [(number, line) for number, line in enumerate(text.split("\n"), start=1) if line.strip()]
    try:
        head = msgspec.json.decode(lines[0][1], type=dict[str, Any]) if lines else {}
    except (msgspec.MsgspecError, RecursionError) as error:
        raise BadFile(_("{file}: line {line}: {fault}").format(file=name, line=1, fault=error)) from error
    if head.get("transcript") != 1:
        raise BadFile(
            _("{file}: line 1: not a transcript of version 1").format(file=name),
            _("a transcript is written with --transcript FILE"),
        )
    chunks = []
    for number, line in lines[1:]:
        try:
            chunks.append(msgspec.json.decode(line, type=Chunk))
        except (msgspec.MsgspecError, ValueError) as error:
            raise BadFile(_("{file}: line {line}: {fault}").format(file=name, line=number, fault=error)) from error
    return Transcript(head=head, chunks=chunks)


def load_transcript(path: Path) -> Transcript:
    """Return the transcript in the file `path`."""
    try:
        if path.stat().st_size > _LARGEST:
            raise BadFile(_("{file}: larger than {size} bytes").format(file=path, size=_LARGEST))
        return parse_transcript(path.read_text(encoding="utf-8"), str(path))
    except UnicodeDecodeError as error:
        raise BadFile(_("{file}: byte {offset} is not UTF-8 text").format(file=path, offset=error.start)) from error
    except OSError as error:
        raise FileError(_("{file}: cannot be read: {fault}").format(file=path, fault=error.strerror)) from error


class Recording:
    """What was said so far, kept in memory up to `_LARGEST` bytes; one recording outlives a wire that was reopened."""

    def __init__(self, head: dict[str, Any], clock: Callable[[], float] = time.monotonic) -> None:
        self._lines = [msgspec.json.encode({"transcript": 1, **head})]
        self._size = 0
        self._clock = clock
        self._began: float | None = None

    def add(self, data: bytes, *, outgoing: bool) -> None:
        """Keep one chunk; once the recording is full only that is said, at its end."""
        if self._size >= _LARGEST:
            return
        now = self._clock()
        self._began = now if self._began is None else self._began
        line = msgspec.json.encode(_chunk(round(now - self._began, 3), data, outgoing=outgoing))
        self._size += len(line)
        self._lines.append(line)

    def body(self) -> bytes:
        """Return the file's bytes."""
        return b"\n".join(self._lines) + b"\n"


class RecordingWire:
    """A wire that keeps what goes through it."""

    def __init__(self, wire: Wire, recording: Recording) -> None:
        self._wire = wire
        self._recording = recording
        self.simulated = wire.simulated
        self.warnings = wire.warnings

    def write(self, data: bytes) -> None:
        """Keep and send; what could not be sent is kept too, it shows where the talk ended."""
        self._recording.add(data, outgoing=True)
        self._wire.write(data)

    def read(self, limit: int, timeout_s: float) -> bytes:
        """Receive and keep."""
        data = self._wire.read(limit, timeout_s)
        if data:
            self._recording.add(data, outgoing=False)
        return data

    def close(self) -> None:
        """Close the wire; the recording stays."""
        self._wire.close()


class ReplayWire:
    """A wire whose far end is a transcript.

    Args:
        transcript: What is to be said.
        read_size: Hand out at most that many bytes at once; 1 finds drivers that trust in chunks.
    """

    simulated = True

    def __init__(self, transcript: Transcript, read_size: int = 4096) -> None:
        self.warnings: list[str] = []
        self._chunks = list(transcript.chunks)
        self._rest = b""  # of the first chunk, when a part of it is done
        self._read_size = read_size

    def write(self, data: bytes) -> None:
        """Check `data` against the transcript; raise when something else was expected."""
        for chunk in self._chunks:
            if chunk.outgoing:
                break
            raise DeviceError(
                _("replay: sent {sent!r} before {data!r} was read").format(sent=data, data=self._rest or chunk.data)
            )
        while data:
            expected = self._next(outgoing=True)
            if not expected or not (expected.startswith(data) or data.startswith(expected)):
                raise DeviceError(
                    _("replay: sent {sent!r}, the transcript has {expected!r}").format(
                        sent=data, expected=expected or _("nothing more")
                    )
                )
            count = min(len(data), len(expected))
            self._take(count)
            data = data[count:]

    def read(self, limit: int, timeout_s: float) -> bytes:
        """Return what the device says next; ``b""`` at once where the transcript waits for a command."""
        return self._take(min(limit, self._read_size)) if self._next(outgoing=False) else b""

    def close(self) -> None:
        """Do nothing: what is left is asked for with `leftover`."""

    def leftover(self) -> str | None:
        """Return which line of the transcript was not sent or not read, None when all of it was used."""
        if not self._chunks:
            return None
        chunk, data = self._chunks[0], self._rest or self._chunks[0].data
        if chunk.outgoing:
            return _("replay: {data!r} was expected and not sent").format(data=data)
        return _("replay: {data!r} was not read").format(data=data)

    def _next(self, *, outgoing: bool) -> bytes:
        """Return what is left of the next chunk when it goes that way, else nothing."""
        while self._chunks and not (self._rest or self._chunks[0].data):
            self._chunks.pop(0)
        if not self._chunks or self._chunks[0].outgoing is not outgoing:
            return b""
        self._rest = self._rest or self._chunks[0].data
        return self._rest

    def _take(self, count: int) -> bytes:
        taken, self._rest = self._rest[:count], self._rest[count:]
        if not self._rest:
            self._chunks.pop(0)
        return taken


def _chunk(t: float, data: bytes, *, outgoing: bool) -> Chunk:
    plain = all(byte in b"\t\r\n" or 0x20 <= byte < 0x7F for byte in data)
    if plain:
        text = data.decode("ascii")
        return Chunk(t=t, to=text) if outgoing else Chunk(t=t, from_=text)
    return Chunk(t=t, to_hex=data.hex(" ")) if outgoing else Chunk(t=t, from_hex=data.hex(" "))
