"""One connection of a test of the rate by HTTP, and how much TCP delivered over it."""

import contextlib
import http.client
import socket
import ssl
import struct
import sys
import threading
from typing import NamedTuple
from urllib.parse import SplitResult

from linetest.errors import DeviceError
from linetest.model.codes import Reason
from linetest.safe import safe_text
from linetest.service.rate_settings import RateSettings
from linetest.service.tcp_way import TcpWay

_READ = 1 << 16
_UPLOAD = 32 << 20
_LONGEST_REPLY = 1 << 20
_LONGEST_SAID = 200  # characters of an error, which may quote the server
_BUSY = (429, 503)
_TCP_INFO, _TCP_INFO_SIZE = 11, 256
_ACKED = struct.Struct("=Q")
_ACKED_AT = 120  # of tcpi_bytes_acked in struct tcp_info, linux/tcp.h, since Linux 4.2


class Failed(NamedTuple):
    """Why a stream ended."""

    reason: str
    said: str


class Stream:
    """Requests in a row over one connection, or over one after another, until it is stopped."""

    def __init__(
        self, way: TcpWay, url: SplitResult, tls: ssl.SSLContext | None, body: bytes, settings: RateSettings
    ) -> None:
        self._way = way
        self._url = url
        self._tls = tls
        self._body = body
        self._settings = settings
        self._socket: socket.socket | None = None
        self._lock = threading.Lock()
        self._before = 0
        """Octets of connections that have ended, and of the present one where it is read."""
        self._sent = 0
        """Octets given to the present connection."""
        self._stopped = False
        self.is_flowing = False
        self.failed: Failed | None = None
        self.peer: str | None = None
        self.segment_octets: int | None = None

    def run(self) -> None:
        """Ask again and again; what goes wrong ends it and stands in `failed`."""
        try:
            while not self._stopped:
                self._talk()
        except DeviceError as error:
            self._fail(error.reason, error.what)
        except (OSError, http.client.HTTPException) as error:
            self._fail(_reason(error, self.is_flowing), str(error) or type(error).__name__)

    def stop(self) -> None:
        """End it, in the middle of whatever it does."""
        self._stopped = True
        if (opened := self._socket) is not None:
            with contextlib.suppress(OSError):  # it is closed already
                opened.shutdown(socket.SHUT_RDWR)

    def octets(self) -> int:
        """Return how many octets TCP has delivered."""
        with self._lock:
            return self._before + self._acked()

    def _talk(self) -> None:
        """Open one connection and use it as long as the server keeps it."""
        opened = self._way.connected(self._url.port or self._default_port, self._settings.connect_timeout_s)
        try:
            opened.settimeout(self._settings.silence_timeout_s)
            self.peer = str(opened.getpeername()[0])
            self.segment_octets = opened.getsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG) or None
            if self._tls is not None:
                opened = self._tls.wrap_socket(opened, server_hostname=self._url.hostname)
            self._socket = opened
            connection = http.client.HTTPConnection(self._url.hostname or "", self._url.port)
            connection.sock, connection.auto_open = opened, 0
            while connection.sock is not None and not self._stopped and self.failed is None:
                self._send(connection) if self._body else self._load(connection)
        finally:
            with self._lock:
                self._before += self._acked()
                self._socket, self._sent = None, 0
            opened.close()

    @property
    def _default_port(self) -> int:
        return 443 if self._tls is not None else 80

    @property
    def _target(self) -> str:
        return (self._url.path or "/") + (f"?{self._url.query}" if self._url.query else "")

    def _load(self, connection: http.client.HTTPConnection) -> None:
        connection.request("GET", self._target, headers={"Accept-Encoding": "identity", "Cache-Control": "no-store"})
        response = connection.getresponse()
        if not self._is_accepted(response):
            return
        while not self._stopped and (octets := response.read1(_READ)):
            self._before += len(octets)
            self.is_flowing = True

    def _send(self, connection: http.client.HTTPConnection) -> None:
        connection.putrequest("POST", self._target)
        connection.putheader("Content-Type", "application/octet-stream")
        connection.putheader("Content-Length", str(_UPLOAD))
        connection.endheaders()
        for _number in range(_UPLOAD // len(self._body)):
            if self._stopped:
                return
            connection.send(self._body)
            self._sent += len(self._body)
            self.is_flowing = True
        response = connection.getresponse()
        if self._is_accepted(response):
            response.read(_LONGEST_REPLY)

    def _is_accepted(self, response: http.client.HTTPResponse) -> bool:
        if 200 <= response.status < 300:
            return True
        self._fail(Reason.SERVER_BUSY if response.status in _BUSY else Reason.REFUSED, f"HTTP {response.status}")
        return False

    def _acked(self) -> int:
        """Return how many octets of the present connection the other end acknowledged; what was sent, if not Linux."""
        opened = self._socket
        if opened is None or not self._body or sys.platform != "linux":
            return self._sent
        try:
            told = opened.getsockopt(socket.IPPROTO_TCP, _TCP_INFO, _TCP_INFO_SIZE)
        except OSError:
            return 0
        return int(_ACKED.unpack_from(told, _ACKED_AT)[0]) if len(told) >= _ACKED_AT + _ACKED.size else 0

    def _fail(self, reason: str, said: str) -> None:
        if not self._stopped and self.failed is None:
            self.failed = Failed(reason, safe_text(said)[:_LONGEST_SAID])


def _reason(error: Exception, is_flowing: bool) -> str:
    if is_flowing:
        return Reason.SERVER_LOST
    if isinstance(error, ConnectionRefusedError | ssl.SSLError):
        return Reason.REFUSED
    return Reason.TIMEOUT if isinstance(error, TimeoutError) else Reason.OFFLINE
