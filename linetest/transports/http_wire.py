"""The sockets under HTTP: each exchange has one moment at which it ends, and only checked addresses are connected to.

An exchange belongs to the thread that makes it, so threads share the connections and never a deadline.
"""

import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import httpcore

from linetest.transports.http_address import resolve


class Exchange(threading.local):
    """The exchange that a thread is making."""

    until: float = 0.0
    """When it ends, by the monotonic clock."""
    sent: bool = False
    """Whether a byte of the request may have left."""

    def begin(self, deadline_s: float) -> None:
        """Begin the next one."""
        self.until = time.monotonic() + deadline_s
        self.sent = False

    def left_s(self) -> float:
        """Return what is left of it.

        Raises:
            httpcore.ReadTimeout: nothing.
        """
        left_s = self.until - time.monotonic()
        if left_s <= 0.0:
            raise httpcore.ReadTimeout
        return left_s


class Wires(httpcore.NetworkBackend):
    """Makes the connections of one transport."""

    def __init__(self) -> None:
        """Prepare; nothing is connected."""
        self.exchange = Exchange()
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address of `host` that answers; one that is silent leaves time for the next.

        Raises:
            Offline: the name is not known.
            Paused: it has an address that no ticket system has.
        """
        addresses = resolve(host, port, self.exchange.left_s())
        for tried, address in enumerate(addresses[:-1]):
            share_s = self.exchange.left_s() / (len(addresses) - tried)
            try:
                return self._connected(address, port, share_s, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return self._connected(addresses[-1], port, self.exchange.left_s(), socket_options)

    def _connected(
        self, address: str, port: int, timeout_s: float, options: Iterable[Any] | None
    ) -> httpcore.NetworkStream:
        return _Wire(self._sockets.connect_tcp(address, port, timeout_s, None, options), self.exchange)


class _Wire(httpcore.NetworkStream):
    """One connection; the limits that the pool names are per read, so they are not looked at."""

    def __init__(self, stream: httpcore.NetworkStream, exchange: Exchange) -> None:
        self._stream = stream
        self._exchange = exchange

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._exchange.left_s())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        left_s = self._exchange.left_s()
        self._exchange.sent = True
        self._stream.write(buffer, left_s)

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        encrypted = self._stream.start_tls(ssl_context, server_hostname, self._exchange.left_s())
        return _Wire(encrypted, self._exchange)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class Connections:
    """The connections to one server that are open and idle, for whichever thread wants one.

    httpcore's own pool looks at every connection before each request; with the few that are needed here, that is a
    tenth of a request's cost.
    """

    def __init__(self, origin: str, tls: ssl.SSLContext, wires: Wires, idle_s: float) -> None:
        """Prepare; one that was idle for longer than `idle_s` is not used again."""
        self._origin = httpcore.URL(origin).origin
        self._tls = tls
        self._wires = wires
        self._idle_s = idle_s
        self._idle: list[httpcore.HTTPConnection] = []

    @contextmanager
    def borrowed(self) -> Iterator[httpcore.HTTPConnection]:
        """Yield a connection for one exchange, and keep it where the server does."""
        connection = self._usable()
        try:
            yield connection
        finally:
            if connection.is_idle() and not connection.is_closed():
                self._idle.append(connection)
            else:
                connection.close()

    def close(self) -> None:
        """Close what is idle."""
        while self._idle:
            self._idle.pop().close()

    def _usable(self) -> httpcore.HTTPConnection:
        while True:
            try:
                connection = self._idle.pop()
            except IndexError:  # there was none, or another thread took it
                return httpcore.HTTPConnection(
                    self._origin, self._tls, keepalive_expiry=self._idle_s, network_backend=self._wires
                )
            if not connection.has_expired():
                return connection
            connection.close()
