"""A real serial line to talk over: a pseudo-terminal whose far end answers."""

import os
import pty
import select
import threading
import time
import tty
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

Answer = Callable[[bytes], bytes]


class Port:
    """A pseudo-terminal; each line that arrives is given to `answer`, what that returns is sent back."""

    def __init__(self, answer: Answer, end: bytes) -> None:
        self.received: list[bytes] = []
        self._answer, self._end = answer, end
        self._near, self._far = pty.openpty()
        tty.setraw(self._far)
        self.path = os.ttyname(self._far)
        self._lock = threading.Lock()
        self._plugged = True
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def send(self, data: bytes) -> None:
        """Send something that nobody asked for."""
        os.write(self._near, data)

    def unplug(self) -> None:
        """Take the far end away, as when a cable is pulled out."""
        with self._lock:
            if self._plugged:
                self._plugged = False
                os.close(self._far)
                os.close(self._near)

    def _serve(self) -> None:
        rest = b""
        while (data := self._receive()) is not None:
            rest += data
            while self._end in rest:
                line, _end, rest = rest.partition(self._end)
                self.received.append(line)
                self._send_if_plugged(self._answer(line))

    # After `unplug` the system gives the descriptors' numbers to the next port: they are used only under the lock.
    def _receive(self) -> bytes | None:
        while True:
            with self._lock:
                if not self._plugged:
                    return None
                if select.select([self._near], [], [], 0.0)[0]:
                    try:
                        return os.read(self._near, 4096)
                    except OSError:
                        return None
            time.sleep(0.002)

    def _send_if_plugged(self, data: bytes) -> None:
        with self._lock, suppress(OSError):
            if self._plugged:
                os.write(self._near, data)


@pytest.fixture
def port() -> Iterator[Callable[..., Port]]:
    """Return a function that opens a port with an answering far end."""
    opened: list[Port] = []

    def open_port(answer: Answer, end: bytes = b"\n") -> Port:
        opened.append(Port(answer, end))
        return opened[-1]

    yield open_port
    for one in opened:
        one.unplug()
