"""The wire of every simulated ticket system: JSON over HTTP on 127.0.0.1, with faults. What is said is a subclass's."""

import json
import socket
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import MappingProxyType, TracebackType
from typing import Any, ClassVar, NamedTuple, Self
from urllib.parse import parse_qsl, unquote, urlsplit

from linetest.errors import UsageError, nearest
from linetest.words.text import _

_LARGEST_BODY = 32 * 1024 * 1024
_DRIP_S = 0.05

FAULTS = (
    "drop-request",
    "drop-reply",
    "late-work",
    "refuse",
    "refuse-after",
    "unauthorized",
    "drip-head",
    "drip-body",
    "half-reply",
    "redirect",
)
"""drop-request: the connection ends and nothing was done. drop-reply: it is done, then the connection ends. late-work:
the connection ends at once and it is done later. refuse: `status` and nothing done. refuse-after: done, then `status`.
unauthorized: 401. drip-head, drip-body: it is done, and the answer comes byte by byte. half-reply: it is done, and the
connection ends in the middle of the answer. redirect: nothing is done; 307 to the Location in `headers`."""


class Reply(NamedTuple):
    """What is answered."""

    status: int
    document: Any
    headers: Mapping[str, str] = MappingProxyType({})


class Fault(NamedTuple):
    """What goes wrong with one request."""

    kind: str
    path: str
    method: str
    status: int
    headers: dict[str, str]
    delay_s: float


class TicketWire:
    """A running server; use it as a context manager."""

    base: ClassVar[str]
    """Where the paths begin."""
    scheme: ClassVar[str]
    """The word before the token, in lower case."""

    def __init__(self, port: int, rights: dict[str, frozenset[str]]) -> None:
        """Make a server that listens when it is entered; `port` is 0 for any free one, `rights` are by token."""
        self.requests: list[tuple[str, str]] = []
        """Method and path of all that came, in order."""
        self.work_s = 0.0
        """How long it works on each request that changes something."""
        self.lock = threading.Lock()
        self._rights = rights
        self._faults: list[Fault] = []
        self._port = port
        self._http: _Http | None = None

    def answer(self, method: str, path: str, query: dict[str, str], body: Any, rights: frozenset[str]) -> Reply:
        """Do what is asked and say how it is answered; called with the lock held."""
        raise NotImplementedError

    def changes(self, method: str, path: str) -> bool:
        """Tell whether a request changes something."""
        raise NotImplementedError

    def refusal(self, status: int, words: str) -> Reply:
        """Return how what is said before anything is asked for is said."""
        return Reply(status, {"message": words})

    @property
    def url(self) -> str:
        """Return the web address."""
        return f"http://127.0.0.1:{self._port}"

    def fail(
        self,
        kind: str,
        *,
        times: int = 1,
        path: str = "/comment",
        method: str = "POST",
        status: int = 500,
        headers: dict[str, str] | None = None,
        delay_s: float = 0.5,
    ) -> None:
        """Let the next requests whose path ends in `path` fail; `kind` is one of `FAULTS`."""
        if kind not in FAULTS:
            raise UsageError(
                _("there is no fault {name!r} of the ticket server").format(name=kind),
                _("there are: {names}").format(names=nearest(kind, list(FAULTS))),
            )
        with self.lock:
            self._faults += [Fault(kind, path, method, status, headers or {}, delay_s)] * times

    def start(self) -> None:
        """Listen, on the same port as before."""
        self._http = _Http(("127.0.0.1", self._port), self)
        self._port = self._http.server_address[1]
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        """Refuse connections, as a server that is down."""
        if self._http is not None:
            self._http.shutdown()
            self._http.server_close()
            self._http.hang_up()
            self._http = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def rights_of(self, header: str) -> frozenset[str] | None:
        """Return what the owner of an Authorization header may do; None when nobody is known by it."""
        scheme, _space, token = header.partition(" ")
        return self._rights.get(token.strip()) if scheme.lower() == self.scheme else None

    def take_fault(self, method: str, path: str) -> Fault | None:
        """Return the next fault for this request and use it up."""
        with self.lock:
            for number, fault in enumerate(self._faults):
                if path.endswith(fault.path) and method == fault.method:
                    return self._faults.pop(number)
        return None

    def work(self, method: str, path: str, query: dict[str, str], body: Any, rights: frozenset[str]) -> Reply:
        """Do what is asked, one request at a time."""
        if self.work_s and self.changes(method, path):
            time.sleep(self.work_s)
        with self.lock:
            return self.answer(method, path, query, body, rights)


class _Http(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], owner: TicketWire) -> None:
        self.owner = owner
        self._open: set[socket.socket] = set()
        super().__init__(address, _Handler)

    def hang_up(self) -> None:
        """End the connections that clients keep."""
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remember the connection, and serve it in a thread."""
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Forget the connection when it ends."""
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: clients that break off are what this server is for."""


class _Handler(BaseHTTPRequestHandler):
    server: _Http
    protocol_version = "HTTP/1.1"
    _headers_buffer: list[bytes]

    def do_GET(self) -> None:
        self._answer()

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing on the terminal."""

    def _answer(self) -> None:
        owner = self.server.owner
        parts = urlsplit(self.path)
        path = unquote(parts.path).removeprefix(owner.base)
        owner.requests.append((self.command, path))
        fault = owner.take_fault(self.command, path)
        raw = self.rfile.read(min(int(self.headers.get("Content-Length") or 0), _LARGEST_BODY))
        rights = owner.rights_of(self.headers.get("Authorization", ""))
        if rights is None or (fault is not None and fault.kind == "unauthorized"):
            self._write(owner.refusal(401, "Unauthorized"))
            return
        try:
            body = json.loads(raw) if raw else None
        except (ValueError, RecursionError):
            self._write(owner.refusal(400, "malformed JSON"))
            return
        request = (self.command, path, dict(parse_qsl(parts.query)), body, rights)
        if fault is None:
            self._write(owner.work(*request))
        else:
            self._fail(fault, request)

    def _fail(self, fault: Fault, request: tuple[str, str, dict[str, str], Any, frozenset[str]]) -> None:
        """Answer as the fault says."""
        owner = self.server.owner
        self.close_connection = True
        if fault.kind == "late-work":
            threading.Timer(fault.delay_s, owner.work, request).start()
        elif fault.kind == "drop-reply":
            owner.work(*request)
        elif fault.kind in ("refuse", "refuse-after"):
            if fault.kind == "refuse-after":
                owner.work(*request)
            self._write(Reply(fault.status, {"message": "Internal Server Error"}, fault.headers))
        elif fault.kind in ("drip-head", "drip-body"):
            self._drip(owner.work(*request), body_only=fault.kind == "drip-body")
        elif fault.kind == "half-reply":
            self._send(reply := owner.work(*request))
            document = json.dumps(reply.document).encode()
            self.wfile.write(document[: len(document) // 2])
        elif fault.kind == "redirect":
            self._write(Reply(307, {}, fault.headers))

    def _write(self, reply: Reply) -> None:
        body = json.dumps(reply.document).encode()
        self._head(reply, len(body))
        self._headers_buffer.append(body)  # one packet: head and body apart would wait for one another
        self.flush_headers()

    def _send(self, reply: Reply) -> None:
        self._head(reply, len(json.dumps(reply.document).encode()))
        self.flush_headers()

    def _head(self, reply: Reply, size: int) -> None:
        """Prepare the head of an answer; the connection is kept, unless a fault ends it."""
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", 'application/json; charset="utf-8"')
        self.send_header("Content-Length", str(size))
        if self.close_connection:
            self.send_header("Connection", "close")
        self._headers_buffer.append(b"\r\n")

    def _drip(self, reply: Reply, *, body_only: bool) -> None:
        """Send a byte now and then, for a minute."""
        if body_only:
            self._send(Reply(reply.status, " " * 1200))
        else:
            self.wfile.write(b"HTTP/1.1 201 Created\r\nX-Slow: ")
        for _number in range(1200):
            self.wfile.write(b" ")
            self.wfile.flush()
            time.sleep(_DRIP_S)
