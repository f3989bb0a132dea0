"""A server on this computer for the rate by HTTP, whose line carries only so much: all its connections share it."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal

_PIECE = 1 << 14
_LONGEST_DEBT_S = 0.1
_BUFFER = 1 << 15  # small, so that what the system has taken is soon what the line has carried
_POLL_S = 0.05

Fault = Literal["busy", "missing", "redirects", "dies", "stalls"]
_STATUS = {"busy": 503, "missing": 404, "redirects": 302}


class _Shaper:
    """Lets octets pass at a rate, one piece after the other."""

    def __init__(self, mbps: float) -> None:
        self._octets_per_s = mbps * 1e6 / 8
        self._lock = threading.Lock()
        self._free_at_s = 0.0

    def take(self, octets: int) -> None:
        """Wait until so many may pass."""
        with self._lock:
            start_s = max(self._free_at_s, time.monotonic() - _LONGEST_DEBT_S)
            self._free_at_s = start_s + octets / self._octets_per_s
            wait_s = self._free_at_s - time.monotonic()
        if wait_s > 0:
            time.sleep(wait_s)


class RateServer:
    """Where it is, and how much its line carries. Made by `rate_server`."""

    def __init__(self, down_mbps: float, up_mbps: float, fault: Fault | None, fault_after_s: float) -> None:
        self.down = _Shaper(down_mbps)
        self.up = _Shaper(up_mbps)
        self.port = 0
        self.fault = fault
        self.is_over = False
        self._fault_after_s = fault_after_s
        self._first_s: float | None = None

    def goes_on(self) -> bool:
        """Tell whether it still serves: one that dies or stalls does so a while after its first client came."""
        self._first_s = self._first_s or time.monotonic()
        is_late = time.monotonic() - self._first_s > self._fault_after_s
        while is_late and self.fault == "stalls" and not self.is_over:
            time.sleep(_POLL_S)
        return not self.is_over and not (is_late and self.fault == "dies")

    @property
    def down_url(self) -> str:
        """Return the address to load from."""
        return f"http://127.0.0.1:{self.port}/down"

    @property
    def up_url(self) -> str:
        """Return the address to send to."""
        return f"http://127.0.0.1:{self.port}/up"


@contextmanager
def rate_server(
    down_mbps: float, up_mbps: float, *, fault: Fault | None = None, fault_after_s: float = 0.5
) -> Iterator[RateServer]:
    """Run a server whose line carries these rates."""
    rates = RateServer(down_mbps, up_mbps, fault, fault_after_s)

    class Handler(_Handler):
        server_rates = rates

    server = _Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    for way in (socket.SO_RCVBUF, socket.SO_SNDBUF):
        server.socket.setsockopt(socket.SOL_SOCKET, way, _BUFFER)
    rates.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), name="bench rate server", daemon=True)
    thread.start()
    try:
        yield rates
    finally:
        rates.is_over = True
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    def handle_error(self, _request: object, _client: object) -> None:
        """Say nothing: a client that has enough goes away in the middle."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_rates: RateServer
    timeout = 10

    def do_GET(self) -> None:
        """Send octets without an end, until the other side has enough."""
        if self._is_refused():
            return
        self.send_response(200)
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Content-Length", str(1 << 40))
        self.end_headers()
        piece = bytes(_PIECE)
        try:
            while self.server_rates.goes_on():
                self.server_rates.down.take(_PIECE)
                self.wfile.write(piece)
            self.close_connection = True
        except OSError:  # the other side has gone: that is how a test ends
            self.close_connection = True

    def do_POST(self) -> None:
        """Take all that is sent."""
        if self._is_refused():
            return
        left = int(self.headers.get("Content-Length", "0"))
        try:
            while left > 0 and self.server_rates.goes_on() and (octets := self.rfile.read1(min(left, _PIECE))):
                self.server_rates.up.take(len(octets))
                left -= len(octets)
            self.send_response(204)
            self.end_headers()
        except OSError:
            self.close_connection = True

    def _is_refused(self) -> bool:
        status = _STATUS.get(self.server_rates.fault or "")
        if status is not None:
            self.close_connection = True
            self.send_response(status)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()
        return status is not None

    def log_message(self, *_words: object) -> None:
        """Say nothing."""
