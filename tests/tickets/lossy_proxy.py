"""A way to a ticket system that loses a part of the answers: the server has done its work, and nobody hears of it."""

import random
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit


class LossyProxy:
    """Passes each request to `url` and loses that share of the answers, chosen by `chance`; a context manager."""

    def __init__(self, url: str, share: float, chance: random.Random) -> None:
        parts = urlsplit(url)
        self.upstream = (str(parts.hostname), parts.port or 80)
        self.share = share
        self.passed = 0
        self.lost = 0
        self._chance = chance
        self._lock = threading.Lock()
        self._http = _Http(("127.0.0.1", 0), self)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def loses_this(self) -> bool:
        with self._lock:
            lost = self._chance.random() < self.share
            self.lost += lost
            self.passed += not lost
            return lost

    def __enter__(self) -> Self:
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.shutdown()
        self._http.server_close()


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], proxy: LossyProxy) -> None:
        self.proxy = proxy
        super().__init__(address, _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a killed client breaks off."""


class _Handler(BaseHTTPRequestHandler):
    server: _Http

    def do_GET(self) -> None:
        self.close_connection = True
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        head = [f"{self.command} {self.path} HTTP/1.1"]
        head += [f"{name}: {value}" for name, value in self.headers.items() if name.lower() != "connection"]
        try:
            answer = self._ask("\r\n".join([*head, "Connection: close", "", ""]).encode("latin-1") + body)
        except OSError:
            return  # the server is down or was killed: the client sees its connection end
        if answer and not self.server.proxy.loses_this():
            self.wfile.write(answer)

    do_POST = do_PUT = do_PATCH = do_GET  # noqa: N815

    def _ask(self, request: bytes) -> bytes:
        chunks = []
        with socket.create_connection(self.server.proxy.upstream, timeout=60) as upstream:
            upstream.sendall(request)
            while chunk := upstream.recv(65536):
                chunks.append(chunk)
        return b"".join(chunks)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing on the terminal."""
