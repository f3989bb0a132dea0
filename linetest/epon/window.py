"""A capture's octets, a window at a time: a plain file, bytes, or either of them packed with gzip.

Reading into one buffer costs no more than a mapped file, works for packed ones too, and a file that is cut while it
is read ends the reading and not the process.
"""

import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np

from linetest.epon.frames import Bytes
from linetest.errors import BadFile, FileError
from linetest.words.text import _

PADDING = 128
"""Octets behind the window that may be read, so that headers can be gathered without looking at each one's end."""

_GZIP = b"\x1f\x8b"
_MOST_TIMES_LARGER = 250
_UNPACKED_FREELY = 64 << 20


class Origin(NamedTuple):
    """Where a capture comes from; can be sent to another process."""

    name: str
    """For messages."""
    path: Path | None
    body: bytes = b""
    """The capture itself where there is no file."""


class Window:
    """A stretch of the (unpacked) capture that moves forward."""

    def __init__(self, origin: Origin, stream: BinaryIO, raw: BinaryIO | None, size: int) -> None:
        self._origin = origin
        self._stream = stream
        self._raw = raw
        self._size = size
        self.buffer: Bytes = np.empty(size + PADDING, np.uint8)
        self.offset = 0
        """Where in the capture the buffer begins."""
        self.filled = 0
        """Octets of it that the buffer holds."""
        self.is_last = False
        """Nothing comes behind them."""
        self._unpacked = 0

    def seek(self, offset: int) -> None:
        """Go to a place in a capture that is not packed."""
        self._stream.seek(offset)
        self.offset, self.filled, self.is_last = offset, 0, False

    def move(self, done: int) -> None:
        """Forget the first `done` octets of the buffer and read on.

        Raises:
            FileError: the file cannot be read.
            BadFile: it unpacks to much more than a capture would.
        """
        left = self.filled - done
        self.buffer[:left] = self.buffer[done : self.filled]
        self.offset += done
        self.filled = left
        with self.buffer.data as view:
            while self.filled < self._size:
                taken = self._take(view[self.filled : self._size])
                if not taken:
                    self.is_last = True
                    return
                self.filled += taken

    def _take(self, room: memoryview) -> int:
        try:
            taken = self._stream.readinto(room)  # type: ignore[attr-defined]
        except (EOFError, zlib.error, gzip.BadGzipFile):
            return 0  # what was unpacked so far is a capture that ends here
        except OSError as error:
            raise _unreadable(self._origin.name, error) from error
        self._unpacked += taken
        if self._raw is not None and self._unpacked > _UNPACKED_FREELY:
            self._refuse_bomb(self._raw.tell())
        return int(taken)

    def _refuse_bomb(self, packed: int) -> None:
        if self._unpacked > packed * _MOST_TIMES_LARGER:
            raise BadFile(
                _("{file}: byte {offset}: unpacks to more than {times} times its size").format(
                    file=self._origin.name, offset=packed, times=_MOST_TIMES_LARGER
                ),
                _("if it is a real capture, unpack it first (gunzip)"),
            )


@contextmanager
def open_window(origin: Origin, size: int) -> Iterator[Window]:
    """Yield a window of so many octets, filled with the begin of the capture.

    Raises:
        FileError: the file cannot be read.
        BadFile: it unpacks to much more than a capture would.
    """
    try:
        raw: BinaryIO = io.BytesIO(origin.body) if origin.path is None else origin.path.open("rb", buffering=0)
    except OSError as error:
        raise _unreadable(origin.name, error) from error
    with raw:
        packed = is_packed(raw, origin.name)
        stream: BinaryIO = gzip.GzipFile(fileobj=raw) if packed else raw  # type: ignore[assignment]
        window = Window(origin, stream, raw if packed else None, size)
        window.move(0)
        yield window


def is_packed(raw: BinaryIO, name: str) -> bool:
    """Tell whether a file begins as gzip does, and go back to its begin.

    Raises:
        FileError: the file cannot be read.
    """
    try:
        begins = raw.read(len(_GZIP))
        raw.seek(0)
    except OSError as error:
        raise _unreadable(name, error) from error
    return begins == _GZIP


def _unreadable(name: str, error: OSError) -> FileError:
    return FileError(
        _("{file}: cannot be read: {fault}").format(file=name, fault=error.strerror), _("check name and rights")
    )
