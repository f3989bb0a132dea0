"""A server of raw bytes on 127.0.0.1 for the tests of HTTP: what it says is the test's own."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Talk = Callable[[socket.socket], None]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nDate: Sun, 22 Nov 2026 11:00:00 GMT\r\nConnection: close\r\n\r\n{}"


@contextmanager
def listening(talk: Talk, context: ssl.SSLContext | None = None) -> Iterator[int]:
    """Listen on 127.0.0.1 and let `talk` answer each connection; give the port."""
    done = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)

        def serve() -> None:
            while not done.is_set():
                try:
                    connection, _address = server.accept()
                except TimeoutError:
                    continue
                threading.Thread(target=answer, args=(connection,), daemon=True).start()

        def answer(connection: socket.socket) -> None:
            connection.settimeout(10)
            try:
                wire = connection if context is None else context.wrap_socket(connection, server_side=True)
                with wire:
                    talk(wire)
            except OSError:
                connection.close()  # the client broke off, as it should

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            done.set()
            thread.join(5)


def answering(text: bytes) -> Talk:
    """Return what reads a request and answers `text`."""

    def talk(wire: socket.socket) -> None:
        wire.recv(65536)
        wire.sendall(text)

    return talk
