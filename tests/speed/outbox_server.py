"""The bench's ticket system in a process of its own and on a quicker wire; it says what a request cost it.

The wire of the bench starts a thread for each connection and closes it after one request, as the real server does; that
alone costs a millisecond. Here one thread reads just as much HTTP as the two clients of the comparison speak.
"""

import asyncio
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import msgspec

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from linetest.bench.ticket_desk import TECHNICIAN, Desk

TOKEN = "1-28-speed"


class Served(msgspec.Struct, frozen=True):
    """What a server did."""

    requests: int
    busy_s: float
    """Processor time of its process, from the moment it listened."""

    @property
    def seconds_per_request(self) -> float:
        """Return its own time for one request."""
        return self.busy_s / max(1, self.requests)


class Server:
    """A running server."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        """Take it when it has said its address."""
        assert process.stdout is not None
        self.url = process.stdout.readline().strip()
        self._process = process
        self._served: Served | None = None

    def stop(self) -> None:
        """Let it say what it did, and end."""
        said, _error = self._process.communicate("", timeout=30)
        self._served = msgspec.json.decode(said, type=Served)

    def stopped(self) -> Served:
        """Return what it did, after its end."""
        assert self._served is not None
        return self._served


@contextmanager
def serving(tickets: int) -> Iterator[Server]:
    """Serve that many tickets for the block."""
    command = [sys.executable, __file__, str(tickets)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        server = Server(process)
        yield server
        server.stop()


class _Wire(asyncio.Protocol):
    """One connection, kept open."""

    def __init__(self, desk: Desk, served: list[int]) -> None:
        self._desk = desk
        self._served = served
        self._read = bytearray()
        self._out: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._out = transport

    def data_received(self, data: bytes) -> None:
        self._read += data
        while (end := self._read.find(b"\r\n\r\n")) >= 0:
            head = bytes(self._read[:end])
            length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
            whole = end + 4 + (int(length[1]) if length else 0)
            if len(self._read) < whole:
                return
            body = bytes(self._read[end + 4 : whole])
            del self._read[:whole]
            self._answer(head, body)

    def _answer(self, head: bytes, body: bytes) -> None:
        method, target, _version = head.split(b"\r\n", 1)[0].decode().split(" ")
        parts = urlsplit(target)
        known = f"authorization: token {TOKEN}".encode() in head.lower()
        path, query = parts.path.removeprefix("/REST/2.0"), dict(parse_qsl(parts.query))
        reply = self._desk.answer(
            method, path, query, json.loads(body) if body else None, TECHNICIAN if known else frozenset()
        )
        document = json.dumps(reply.document).encode()
        lines = [
            f"HTTP/1.1 {reply.status} X",
            *(f"{name}: {value}" for name, value in reply.headers.items()),
            f"Content-Type: application/json\r\nContent-Length: {len(document)}",
        ]
        assert self._out is not None
        self._out.write("\r\n".join(lines).encode() + b"\r\n\r\n" + document)
        self._served[0] += 1


async def main() -> None:
    """Serve until standard input ends."""
    desk, served = Desk(), [0]
    for _number in range(int(sys.argv[1])):
        desk.new_ticket("a line to test")
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Wire(desk, served), "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    begun_s = time.process_time()
    await loop.run_in_executor(None, sys.stdin.read)
    print(msgspec.json.encode(Served(served[0], time.process_time() - begun_s)).decode(), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
