"""Datagrams read from a socket many at a time, each with its moment; what the program did not read in time is counted.

Linux stamps each datagram when it comes, and tells how many it had to throw away because this program was too slow: its
own loss is never taken for the line's. Numbers: asm-generic/socket.h; socket(7).
"""

import socket
import sys
import time
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from linetest.transports.interface import not_usable
from linetest.transports.stamps import NS_OF_S, SO_TIMESTAMPNS, STAMP

MOST_OCTETS = 2048
"""Of a datagram; what is longer is cut off."""
_MOST_ROWS = 1024
_QUEUE = 8 << 20
_SO_RXQ_OVFL, _SO_RCVBUFFORCE = 40, 33


class Batch(NamedTuple):
    """Datagrams that were read at one go, in the order they came."""

    octets: NDArray[np.uint8]
    """One a row, `MOST_OCTETS` wide; rows beyond `lengths` hold nothing."""
    lengths: NDArray[np.int64]
    at_ns: NDArray[np.int64]
    """When the system got them, on the monotonic clock."""


class Intake:
    """What comes to one socket, with `head` octets before each datagram that are kept apart."""

    def __init__(self, opened: socket.socket, interface: str, head: int = 0) -> None:
        """Let the system stamp and count; the socket does not wait from now on.

        Raises:
            OSError: the system does not take it.
        """
        self.dropped = 0
        """Datagrams that came and that this program did not read in time, since it was opened."""
        self.heads = np.zeros((_MOST_ROWS, max(head, 1)), np.uint8)
        self._head = head
        self._interface = interface
        self._socket = opened
        self._matrix = np.zeros((_MOST_ROWS, MOST_OCTETS), np.uint8)
        bodies = _rows(self._matrix)
        self._rows = [[one] for one in bodies]
        if head:
            self._rows = [[before, one] for before, one in zip(_rows(self.heads), bodies, strict=True)]
        opened.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        opened.setsockopt(socket.SOL_SOCKET, _SO_RXQ_OVFL, 1)
        _enlarge(opened)
        opened.setblocking(False)

    def read(self) -> Batch:
        """Return what has come since the last call, without waiting; the heads stand in `heads`.

        Raises:
            Unreachable: the interface is gone.
        """
        lengths: list[int] = []
        stamps: list[int] = []
        receive, rows, head = self._socket.recvmsg_into, self._rows, self._head
        try:
            while len(lengths) < _MOST_ROWS:
                length, beside, _flags, _sender = receive(rows[len(lengths)], 64)
                lengths.append(max(length - head, 0))
                stamps.append(0)
                for _level, kind, body in beside:
                    if kind == SO_TIMESTAMPNS:
                        seconds, rest_ns = STAMP.unpack_from(body)
                        stamps[-1] = seconds * NS_OF_S + rest_ns
                    elif kind == _SO_RXQ_OVFL:
                        self.dropped = int.from_bytes(body[:4], sys.byteorder)
        except BlockingIOError:
            pass  # all that there is was read
        except OSError as error:
            raise not_usable(self._interface, error) from error
        return Batch(self._matrix, np.array(lengths, np.int64), monotonic_of(np.array(stamps, np.int64)))


def monotonic_of(stamps_ns: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return stamps of the wall clock on the monotonic clock, as the two stand to each other now."""
    now_ns = time.monotonic_ns()
    passed = np.clip(time.time_ns() - stamps_ns, 0, NS_OF_S)  # the wall clock may have been set
    return np.maximum.accumulate(now_ns - passed) if len(stamps_ns) else stamps_ns


def _rows(matrix: NDArray[np.uint8]) -> list[memoryview]:
    whole = memoryview(matrix.data).cast("B")
    width = matrix.shape[1]
    return [whole[at : at + width] for at in range(0, len(whole), width)]


def _enlarge(opened: socket.socket) -> None:
    try:
        opened.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _QUEUE)  # beyond what the system gives anybody
    except PermissionError:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _QUEUE)
