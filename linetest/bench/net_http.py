"""A server on this computer for the rate by HTTP, whose line carries only so much: all its connections share it."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_PIECE = 1 << 14
_LONGEST_DEBT_S = 0.1


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

    def __init__(self, down_mbps: float, up_mbps: float) -> None:
        self.down = _Shaper(down_mbps)
        self.up = _Shaper(up_mbps)
        self.port = 0

    @property
    def down_url(self) -> str:
        """Return the address to load from."""
        return f"http://127.0.0.1:{self.port}/down"

    @property
    def up_url(self) -> str:
        """Return the address to send to."""
        return f"http://127.0.0.1:{self.port}/up"


@contextmanager
def rate_server(down_mbps: float, up_mbps: float) -> Iterator[RateServer]:
    """Run a server whose line carries these rates."""
    rates = RateServer(down_mbps, up_mbps)

    class Handler(_Handler):
        server_rates = rates

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    rates.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), name="bench rate server", daemon=True)
    thread.start()
    try:
        yield rates
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_rates: RateServer
    timeout = 10

    def do_GET(self) -> None:
        """Send octets without an end, until the other side has enough."""
        self.send_response(200)
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Content-Length", str(1 << 40))
        self.end_headers()
        piece = bytes(_PIECE)
        try:
            while True:
                self.server_rates.down.take(_PIECE)
                self.wfile.write(piece)
        except OSError:  # the other side has gone: that is how a test ends
            self.close_connection = True

    def do_POST(self) -> None:
        """Take all that is sent."""
        left = int(self.headers.get("Content-Length", "0"))
        try:
            while left > 0 and (octets := self.rfile.read1(min(left, _PIECE))):
                self.server_rates.up.take(len(octets))
                left -= len(octets)
            self.send_response(204)
            self.end_headers()
        except OSError:
            self.close_connection = True

    def log_message(self, *_words: object) -> None:
        """Say nothing."""
