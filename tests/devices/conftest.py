"""A real serial line to talk over: a pseudo-terminal whose far end answers."""

import os
import pty
import threading
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
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def send(self, data: bytes) -> None:
        """Send something that nobody asked for."""
        os.write(self._near, data)

    def unplug(self) -> None:
        """Take the far end away, as when a cable is pulled out."""
        for descriptor in (self._far, self._near):
            with suppress(OSError):
                os.close(descriptor)

    def _serve(self) -> None:
        rest = b""
        while True:
            try:
                rest += os.read(self._near, 4096)
            except OSError:
                return
            while self._end in rest:
                line, _end, rest = rest.partition(self._end)
                self.received.append(line)
                with suppress(OSError):
                    os.write(self._near, self._answer(line))


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
