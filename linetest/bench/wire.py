"""The cable from a simulated instrument to the computer: a pseudo-terminal, or a TCP socket where there are none.

A thread gives to the instrument what arrives and sends its answers, with the fault that it has. It waits
for bytes or for the time of the next answer and never turns idly.
"""

import os
import select
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from linetest.bench.faults import Answer, AnswerQueue, Fault

_MOST_AT_ONCE = 4096
_SHUTDOWN_S = 5.0

if sys.platform != "win32":
    import termios
    import tty

    _SPEEDS = {termios.B9600: 9600, termios.B19200: 19200, termios.B38400: 38400, termios.B115200: 115200}


class Instrument(Protocol):
    """What is at the end of the cable: a meter or an analyser."""

    @property
    def fault(self) -> Fault | None:
        """What is wrong with it."""

    @property
    def speed_baud(self) -> int | None:
        """The speed of its serial port; None where any goes."""

    def hear(self, data: bytes) -> list[Answer]:
        """Take bytes from the computer, in pieces of any size, and return the answers they lead to."""


class End(Protocol):
    """The instrument's end of the cable."""

    address: str

    def listens_on(self) -> list[int]:
        """Return the file numbers on which something may arrive."""

    def receive(self, file: int) -> bytes:
        """Return what arrived on one of them; empty when it was no data."""

    def send(self, data: bytes) -> None:
        """Send to the computer; what it does not read in time is lost, as on a serial line."""

    def speed_baud(self) -> int | None:
        """Return the speed that the computer has set; None where there is no such thing."""

    def unplug(self) -> None:
        """Pull the cable out; the address is given to nobody else."""

    def close(self) -> None:
        """Let go of the address."""


@contextmanager
def plugged_in(meter: Instrument, seed: int = 1, terminal: bool = sys.platform != "win32") -> Iterator[str]:
    """Connect `meter` and yield the device address under which it is found, such as ``bench:/dev/pts/5``."""
    end: End = Terminal() if terminal else Socket()
    stop, stopped = socket.socketpair()
    thread = threading.Thread(target=_serve, args=(end, meter, stopped.fileno(), seed), name="bench meter", daemon=True)
    thread.start()
    try:
        yield f"bench:{end.address}"
    finally:
        stop.close()
        thread.join(_SHUTDOWN_S)
        stopped.close()
        end.unplug()
        end.close()


def _serve(end: End, meter: Instrument, stopped: int, seed: int) -> None:
    queue = AnswerQueue(meter.fault, seed)
    while True:
        ready, _, _ = select.select([stopped, *end.listens_on()], [], [], queue.wait_s())
        if stopped in ready:
            return
        for file in ready:
            data = end.receive(file)
            if end.speed_baud() in (None, meter.speed_baud) or meter.speed_baud is None:
                queue.add(meter.hear(data))  # at another speed the meter hears noise and says nothing
        for piece in queue.due():
            if piece is None:
                end.unplug()
                return
            end.send(piece)


class Terminal:
    """A pseudo-terminal; the computer opens its other side like a serial port."""

    def __init__(self) -> None:
        self._ours, self._theirs = os.openpty()
        tty.setraw(self._theirs)
        os.set_blocking(self._ours, False)
        self.address = os.ttyname(self._theirs)
        # The other side stays open here: without it, a computer that closes the port would end the meter.

    def listens_on(self) -> list[int]:
        """Return the master."""
        return [self._ours]

    def receive(self, file: int) -> bytes:
        """Return what the computer wrote."""
        return os.read(file, _MOST_AT_ONCE)

    def send(self, data: bytes) -> None:
        """Send as much as the terminal's buffer takes."""
        try:
            os.write(self._ours, data)
        except BlockingIOError:
            return  # nobody reads: lost, as on a serial line without flow control

    def speed_baud(self) -> int | None:
        """Return the speed set on the other side; None for one that no meter here has."""
        return _SPEEDS.get(termios.tcgetattr(self._theirs)[5], 0)

    def unplug(self) -> None:
        """Close our side; a computer that has the other one open sees the end.

        The other side stays open here: the system would give its name to the next terminal, another meter's perhaps.
        """
        if self._ours >= 0:
            os.close(self._ours)
            self._ours = -1

    def close(self) -> None:
        """Close the other side."""
        os.close(self._theirs)


class Socket:
    """A TCP socket on this computer, for one client at a time."""

    def __init__(self) -> None:
        self._door = socket.create_server(("127.0.0.1", 0))
        self._line: socket.socket | None = None
        self.address = f"socket://127.0.0.1:{self._door.getsockname()[1]}"

    def listens_on(self) -> list[int]:
        """Return the client when there is one, else the door."""
        return [self._door.fileno() if self._line is None else self._line.fileno()]

    def receive(self, file: int) -> bytes:
        """Let a client in, or return what it sent."""
        if self._line is None:
            self._line, _address = self._door.accept()
            self._line.setblocking(False)
            return b""
        try:
            data = self._line.recv(_MOST_AT_ONCE)
        except ConnectionError:
            data = b""
        if not data:
            self._line.close()
            self._line = None
        return data

    def send(self, data: bytes) -> None:
        """Send to the client, if it is still there."""
        if self._line is None:
            return
        try:
            self._line.sendall(data)
        except (BlockingIOError, ConnectionError):
            return  # nobody reads: lost, as on a serial line without flow control

    def speed_baud(self) -> int | None:
        """Return None: a socket has no speed."""
        return None

    def unplug(self) -> None:
        """Close the connection and the door."""
        if self._line is not None:
            self._line.close()
            self._line = None
        self._door.close()

    def close(self) -> None:
        """Do nothing more: a closed door has no address."""
