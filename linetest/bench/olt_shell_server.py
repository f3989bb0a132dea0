"""The doors to a simulated OLT's command line: SSH and telnet on this computer, one thread for each session."""

import hmac
import logging
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import paramiko

from linetest.bench.olt_shell import OltShell

USER = "tech"
_LOG = logging.getLogger("linetest.bench.ssh")
_LOG.addHandler(logging.NullHandler())  # paramiko reports a client that leaves early as an error with a traceback
_LOGIN_S = 30.0
_SHUTDOWN_S = 5.0
_GOODBYE_S = 2.0
_MOST_AT_ONCE = 1024
_GREETED = b"\xff\xfb\x01\xff\xfb\x03"  # the server echoes, and nobody says "go ahead": RFC 857, RFC 858
_IAC, _SB, _SE, _WILL, _DONT = 255, 250, 240, 251, 254


@contextmanager
def reached_by_ssh(make_shell: Callable[[], OltShell], password: str) -> Iterator[str]:
    """Open the SSH door and yield its address, such as ``bench:ssh://tech@127.0.0.1:40022``; the host key is new."""
    key = paramiko.ECDSAKey.generate()

    def hold(connection: socket.socket) -> None:
        with closing(paramiko.Transport(connection)) as transport:
            transport.set_log_channel(_LOG.name)
            transport.add_server_key(key)
            asked = _Asked(password)
            transport.start_server(server=asked)
            channel = transport.accept(_LOGIN_S)
            if channel is not None and asked.shell_wanted.wait(_LOGIN_S):
                with closing(channel):
                    make_shell().serve(channel)
                transport.join(_GOODBYE_S)  # closed at once, the connection would take back what was said last

    with _open_door(hold) as port:
        yield f"bench:ssh://{USER}@127.0.0.1:{port}"


@contextmanager
def reached_by_telnet(make_shell: Callable[[], OltShell], password: str) -> Iterator[str]:
    """Open the telnet door and yield its address, such as ``bench:telnet://tech@127.0.0.1:40023``."""

    def hold(connection: socket.socket) -> None:
        connection.sendall(_GREETED)
        make_shell().serve(TelnetLine(connection), lambda user, typed: _is_right(user, typed, password))
        connection.shutdown(socket.SHUT_WR)
        connection.settimeout(_GOODBYE_S)
        while connection.recv(_MOST_AT_ONCE):
            pass  # closed at once, the connection would take back what was said last

    with _open_door(hold) as port:
        yield f"bench:telnet://{USER}@127.0.0.1:{port}"


def _is_right(user: str, typed: str, password: str) -> bool:
    return user == USER and hmac.compare_digest(typed.encode(), password.encode())


@contextmanager
def _open_door(hold: Callable[[socket.socket], None]) -> Iterator[int]:
    """Listen on a free port and give each connection to `hold` in a thread; at the end all of them are cut."""
    door = socket.create_server(("127.0.0.1", 0))
    held: list[tuple[socket.socket, threading.Thread]] = []

    def hold_and_close(connection: socket.socket) -> None:
        with connection:
            try:
                hold(connection)
            except (OSError, EOFError, paramiko.SSHException):
                return  # the client left without a word

    def let_in() -> None:
        while True:
            try:
                connection, _client = door.accept()
            except OSError:
                return  # the door is closed
            thread = threading.Thread(target=hold_and_close, args=(connection,), name="bench OLT session", daemon=True)
            held.append((connection, thread))
            thread.start()

    doorman = threading.Thread(target=let_in, name="bench OLT door", daemon=True)
    doorman.start()
    try:
        yield door.getsockname()[1]
    finally:
        _shut(door)
        doorman.join(_SHUTDOWN_S)
        door.close()
        for connection, thread in held:
            _shut(connection)
            thread.join(_SHUTDOWN_S)


def _shut(connection: socket.socket) -> None:
    """Wake whoever waits on a socket."""
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it is not connected any more


class _Asked(paramiko.ServerInterface):  # type: ignore[misc]  # paramiko has no types
    """What an SSH client asks for: a password log-in and then a shell."""

    def __init__(self, password: str) -> None:
        self.shell_wanted = threading.Event()
        self._password = password

    def get_allowed_auths(self, username: str) -> str:
        return "password"

    def check_auth_password(self, username: str, password: str) -> int:
        is_right = _is_right(username, password, self._password)
        answer: int = paramiko.AUTH_SUCCESSFUL if is_right else paramiko.AUTH_FAILED
        return answer

    def check_channel_request(self, kind: str, chanid: int) -> int:
        is_session = kind == "session"
        answer: int = paramiko.OPEN_SUCCEEDED if is_session else paramiko.OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED
        return answer

    def check_channel_pty_request(self, *_asked: object) -> bool:
        return True

    def check_channel_shell_request(self, channel: paramiko.Channel) -> bool:
        self.shell_wanted.set()
        return True


class TelnetLine:
    """A socket without telnet's own commands (RFC 854)."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._cut = b""
        """The beginning of a command whose end has not come."""

    def recv(self, size: int) -> bytes:
        """Return what was typed; empty at the end."""
        while data := self._connection.recv(size):
            if typed := self._typed(data):
                return typed
        return b""

    def sendall(self, data: bytes) -> None:
        """Send all of it."""
        self._connection.sendall(data.replace(b"\xff", b"\xff\xff"))

    def _typed(self, data: bytes) -> bytes:
        data, self._cut = self._cut + data, b""
        typed, at = bytearray(), 0
        while at < len(data):
            if data[at] != _IAC:
                typed.append(data[at])
                at += 1
                continue
            length = _command_length(data[at:])
            if length is None:
                self._cut = data[at:][:_MOST_AT_ONCE]
                break
            typed += data[at : at + 1] if data[at + 1] == _IAC else b""
            at += length
        return bytes(typed)


def _command_length(data: bytes) -> int | None:
    """Return how long the command at the beginning of `data` is; None when its end has not come."""
    if len(data) < 2:
        return None
    if data[1] == _SB:
        end = data.find(bytes([_IAC, _SE]))
        return None if end < 0 else end + 2
    length = 3 if _WILL <= data[1] <= _DONT else 2
    return length if len(data) >= length else None
