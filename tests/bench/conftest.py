"""A person who types whole lines at a simulated OLT and reads until it waits for the next."""

import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from linetest.bench.olt import OltModel
from linetest.bench.olt_state import Olt

_WAITS = re.compile(r"(?:[\w-]+(?:\([\w /.:-]+\))?[#>] ?|\[[nyYN]\]:|\[yes/no\]:|\}:|--More--.*)\Z")


class Typist:
    """One session; it is over when `answer` returns a text without a prompt at its end."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        line.settimeout(5.0)
        self.prompt = self.reads().rpartition("\n")[2]

    def reads(self) -> str:
        """Return what is shown until the OLT waits or the session ends."""
        shown = ""
        while not _WAITS.search(shown):
            data = self._line.recv(65536)
            if not data:
                break
            shown += data.decode().replace("\r\n", "\n").replace(" \x1b[1D", "")
        return shown

    def types(self, line: str) -> str:
        """Type a line; return what is shown between its echo and the prompt, and note the prompt."""
        self._line.sendall(f"{line}\r".encode())
        shown = self.reads()
        _echo, _end, rest = shown.partition("\n")
        answer, _end, self.prompt = ("\n" + rest).rpartition("\n")
        return answer.strip("\n")

    def types_all(self, text: str) -> list[str]:
        """Type the lines of a text, in which they are also separated by semicolons; return the answers."""
        lines = [line.split(" # ")[0].strip() for row in text.splitlines() for line in row.split(";")]
        return [self.types(line) for line in lines if line]


@pytest.fixture
def seat() -> Iterator[Callable[[OltModel, Olt], Typist]]:
    """Return what puts a person in front of a new session on an OLT."""
    with ExitStack() as stack:

        def sit(model: OltModel, olt: Olt) -> Typist:
            ours, theirs = socket.socketpair()

            def serve() -> None:
                with theirs:
                    model.shell(olt).serve(theirs)

            thread = threading.Thread(target=serve, daemon=True)
            thread.start()
            stack.callback(thread.join, 5.0)
            stack.enter_context(ours)
            return Typist(ours)

        yield sit
