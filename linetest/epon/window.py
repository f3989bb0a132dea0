"""A capture's octets, a window at a time: a plain file, bytes, or either of them packed with gzip.

Reading into one buffer costs no more than a mapped file, works for packed ones too, and a file that is cut while it
is read ends the reading and not the process.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np

from linetest.epon.frames import Bytes
from linetest.epon.gunzip import MAGIC, Gunzip
from linetest.errors import FileError
from linetest.words.text import _

PADDING = 128
"""Octets behind the window that may be read, so that headers can be gathered without looking at each one's end."""


class Origin(NamedTuple):
    """Where a capture comes from; can be sent to another process."""

    name: str
    """For messages."""
    path: Path | None
    body: bytes = b""
    """The capture itself where there is no file."""


class Window:
    """A stretch of the (unpacked) capture that moves forward."""

    def __init__(self, name: str, stream: io.FileIO | io.BytesIO | Gunzip, size: int) -> None:
        self._name = name
        self._stream = stream
        self._size = size
        self.buffer: Bytes = np.empty(size + PADDING, np.uint8)
        self.offset = 0
        """Where in the capture the buffer begins."""
        self.filled = 0
        """Octets of it that the buffer holds."""
        self.is_last = False
        """Nothing comes behind them."""
        self.is_packed = isinstance(stream, Gunzip)

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
            while self.filled < self._size and not self.is_last:
                try:
                    taken = self._stream.readinto(view[self.filled : self._size])
                except OSError as error:
                    raise _unreadable(self._name, error) from error
                self.filled += taken
                self.is_last = not taken


@contextmanager
def open_window(origin: Origin, size: int) -> Iterator[Window]:
    """Yield a window of so many octets, filled with the begin of the capture.

    Raises:
        FileError: the file cannot be read.
        BadFile: it unpacks to much more than a capture would.
    """
    try:
        raw = io.BytesIO(origin.body) if origin.path is None else io.FileIO(origin.path)
    except OSError as error:
        raise _unreadable(origin.name, error) from error
    with raw:
        window = Window(origin.name, Gunzip(origin.name, raw) if is_packed(origin.name, raw) else raw, size)
        window.move(0)
        yield window


def is_packed(name: str, raw: BinaryIO | io.FileIO) -> bool:
    """Tell whether a file begins as gzip does, and go back to its begin.

    Raises:
        FileError: the file cannot be read.
    """
    try:
        begins = raw.read(len(MAGIC))
        raw.seek(0)
    except OSError as error:
        raise _unreadable(name, error) from error
    return begins == MAGIC


def _unreadable(name: str, error: OSError) -> FileError:
    return FileError(
        _("{file}: cannot be read: {fault}").format(file=name, fault=error.strerror), _("check name and rights")
    )
