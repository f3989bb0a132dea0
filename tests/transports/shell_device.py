"""A device with a command line over SSH and telnet, of the tests' own: pager, wrap, alarms."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from time import sleep
from typing import Any

import paramiko

from linetest.secrets import Secret
from linetest.transports.shell_target import ShellTarget, shell_at
from linetest.transports.shell_text import ShellDialect

DIALECT = ShellDialect(
    prompt=r"[\w.-]+(?:\([^)]*\))?[>#]",
    on_open=["enable"],
    pager=r"---- More \( Press 'Q' to break \) ----",
    questions={r"\{ <cr>\|\|<K> \}:": "\n", r"log out\? \(y/n\)\[n\]:": "y\n"},
    failures=[r"(?m)^\s*% Unknown command.*$", r"(?m)^\s*Failure:.*$"],
    alarm=r"\r\n  ! .*?--- END\r\n",
)
ALARM = "\r\n  ! 1 [22/11/2026]:\r\n  ALARM NAME : loss of light\r\n  --- END\r\n"
MORE = "---- More ( Press 'Q' to break ) ----"
WIPE = "\x1b[37D" + " " * 37 + "\x1b[37D"
PASSWORD, ENABLE = Secret("open sesame"), Secret("much more open")
ROWS = [f"  0/ 1/0   {number:>3}  online   -{number / 10:.1f}" for number in range(700)]
Line = Any  # a socket or a channel of paramiko: recv, sendall


class Device:
    """What the device does; each session runs `talk`."""

    def __init__(self) -> None:
        self.port = 0
        self.page = 512
        self.width = 80
        self.byte_s = 0.0
        self.enable: str | None = ENABLE.reveal()
        self.answers: dict[str, Callable[[Line], None]] = {}
        self.goodbye = True
        self.heard: list[str] = []
        self.refused = 0
        self.key = paramiko.ECDSAKey.generate()

    def say(self, line: Line, text: str) -> None:
        for data in [text.encode()] if not self.byte_s else [bytes([byte]) for byte in text.encode()]:
            line.sendall(data)
            sleep(self.byte_s)

    def hear(self, line: Line, prompt: str, *, echo: bool = True) -> str:
        """Show a prompt and return what is typed; a long line is wrapped as it is echoed."""
        self.say(line, prompt)
        typed = ""
        while not typed.endswith("\n"):
            for key in line.recv(1).decode() or self.hang_up():
                typed += key
                if echo and key not in "\r\n":
                    at_edge = (len(prompt) + len(typed)) % self.width == 0
                    self.say(line, key + (" \x1b[1D" if at_edge else ""))
        self.say(line, "\r\n")
        self.heard.append(typed.strip())
        return typed.strip()

    def hang_up(self) -> str:
        raise EOFError

    def show(self, line: Line, rows: list[str]) -> None:
        for number, row in enumerate(rows):
            if number and number % self.page == 0:
                self.say(line, MORE)
                assert line.recv(1) == b" "
                self.say(line, WIPE)
            self.say(line, row + "\r\n")

    def talk(self, line: Line) -> None:
        mode = ">"
        while True:
            command = self.hear(line, f"OLT-7{mode}")
            if command == "enable":
                if self.enable is not None and self.hear(line, "Password:", echo=False) != self.enable:
                    self.hear(line, "Password:", echo=False)
                mode = "#"
            elif command == "quit":
                if self.goodbye and self.hear(line, "  Are you sure to log out? (y/n)[n]:") == "y":
                    return
            elif command in self.answers:
                self.answers[command](line)
            else:
                self.say(line, "  % Unknown command, the error locates at '^'\r\n")


class Door(paramiko.ServerInterface):  # type: ignore[misc]
    """Lets in who knows the password."""

    def __init__(self, device: Device) -> None:
        self.device = device
        self.opened = threading.Event()

    def check_auth_password(self, username: str, password: str) -> int:
        good = (username, password) == ("tech", PASSWORD.reveal())
        self.device.refused += not good
        return int(paramiko.AUTH_SUCCESSFUL if good else paramiko.AUTH_FAILED)

    def get_allowed_auths(self, _username: str) -> str:
        return "password"

    def check_channel_request(self, _kind: str, _number: int) -> int:
        return int(paramiko.OPEN_SUCCEEDED)

    def check_channel_pty_request(self, *_all: object) -> bool:
        return True

    def check_channel_shell_request(self, _channel: paramiko.Channel) -> bool:
        self.opened.set()
        return True


def serve_ssh(device: Device, connection: socket.socket) -> None:
    with closing(paramiko.Transport(connection)) as transport:
        transport.add_server_key(device.key)
        door = Door(device)
        transport.start_server(server=door)
        channel = transport.accept(5)
        if channel is not None and door.opened.wait(5):
            device.talk(channel)


def serve_telnet(device: Device, connection: socket.socket) -> None:
    connection.sendall(b"\xff\xfb\x01\xff\xfb\x03")  # will echo, will suppress go-ahead (RFC 854, 857, 858)
    while True:
        user = device.hear(connection, ">>User name:")
        if (user, device.hear(connection, ">>User password:", echo=False)) == ("tech", PASSWORD.reveal()):
            break
        device.refused += 1
        device.say(connection, "  Username or password invalid.\r\n")
    device.talk(connection)


@contextmanager
def running(device: Device, serve: Callable[[Device, socket.socket], None]) -> Iterator[None]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        device.port = server.getsockname()[1]

        def accept() -> None:
            while True:
                try:
                    connection, _peer = server.accept()
                except OSError:
                    return  # the test is over
                with connection:
                    try:
                        serve(device, Stripped(connection) if serve is serve_telnet else connection)  # type: ignore[arg-type]
                    except (OSError, EOFError, paramiko.SSHException):
                        continue  # the client is gone

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join(5)


class Stripped:
    """A telnet connection whose client's answers about options are skipped."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self.sendall = connection.sendall

    def recv(self, size: int) -> bytes:
        data = self._connection.recv(size)
        while data == b"\xff":
            self._connection.recv(2)
            data = self._connection.recv(size)
        return data


def target(device: Device, kind: str = "ssh", password: Secret | None = PASSWORD) -> ShellTarget:
    secrets = {"enable": ENABLE} | ({"password": password} if password else {})
    return shell_at(f"{kind}://tech@127.0.0.1:{device.port}", secrets)


def rows_of(output: str) -> list[str]:
    return output.split("\n")


def table(device: Device, rows: list[str]) -> None:
    device.answers["display ont info all"] = lambda line: device.show(line, rows)
