"""The screen and keys of one session on a simulated OLT: echo, wrap, pager, and what goes wrong with them."""

import time
from enum import StrEnum
from typing import NamedTuple, Protocol

_LONGEST_LINE = 4096
_MOST_AT_ONCE = 1024
_SLOW_STEP_S = 0.002
_CUT_AFTER_ROWS = 3


class ShellFault(StrEnum):
    """What can be wrong with a session; it has at most one fault."""

    ALARM = "alarm"
    """An alarm is printed into the fourth row of every table."""
    SLOW = "slow"
    """Everything arrives byte by byte."""
    CUT = "cut"
    """The connection ends in the fourth row of a table."""
    STUCK = "stuck"
    """After the third row of a table nothing more is said."""
    NO_GOODBYE = "no-goodbye"
    """The log-out is taken and neither confirmed nor carried out."""
    NO_RIGHTS = "no-rights"
    """The user may log in and do nothing: every command is unknown."""


class Hangup(Exception):
    """The connection has ended."""


class Line(Protocol):
    """The connection to one client; paramiko's channels and sockets are such."""

    def recv(self, size: int, /) -> bytes:
        """Return what arrived; empty at the end."""

    def sendall(self, data: bytes, /) -> None:
        """Send all of it."""


class Pager(NamedTuple):
    """How a maker's pager looks."""

    prompt: str
    wipe: str
    """What is sent to take the prompt away before the next row."""
    rows: int = 24


class Terminal:
    """One session's screen and keys; every method raises `Hangup` when the client is gone."""

    def __init__(self, line: Line, *, width: int, wrap: str, fault: ShellFault | None = None, alarm: str = "") -> None:
        self.fault = fault
        self.heard: list[str] = []
        """Gets every line that is typed, with the keys that the screen does not show."""
        self._line = line
        self._width = width
        self._wrap = wrap
        self._alarm = alarm
        self._heard = b""
        self._last_key = ""

    def write(self, text: str) -> None:
        """Send text; its line ends become those of a terminal."""
        data = text.replace("\n", "\r\n").encode()
        try:
            if self.fault is not ShellFault.SLOW:
                self._line.sendall(data)
                return
            for byte in data:
                self._line.sendall(bytes([byte]))
                time.sleep(_SLOW_STEP_S)
        except OSError as error:
            raise Hangup from error

    def read_line(self, prompt: str, *, echo: bool = True) -> str:
        """Show a prompt and return the line typed after it; a long one is wrapped as it is echoed."""
        self.write(prompt)
        typed, column = "", len(prompt.rpartition("\n")[2])
        raw = ""
        while True:
            key = self.read_key()
            if key in "\r\n":
                self.heard.append(raw)
                self.write("\n")
                return typed
            raw = (raw + key)[:_LONGEST_LINE]
            if key in "\b\x7f":
                shown = "\b \b" if typed else ""
                typed = typed[:-1]
            elif key.isprintable():
                typed = (typed + key)[:_LONGEST_LINE]
                column += 1
                shown = key + (self._wrap if column % self._width == 0 else "")
            else:
                continue
            if echo:
                self.write(shown)

    def read_key(self) -> str:
        """Return the next key; the second half of a line end and what only keeps a connection alive are skipped."""
        while True:
            if not self._heard:
                try:
                    self._heard = self._line.recv(_MOST_AT_ONCE)
                except OSError as error:
                    raise Hangup from error
                if not self._heard:
                    raise Hangup
            key, self._heard = chr(self._heard[0]), self._heard[1:]
            is_second_half = key == "\n" and self._last_key == "\r"
            self._last_key = key
            if key != "\0" and not is_second_half:
                return key

    def show(self, rows: list[str], pager: Pager | None) -> None:
        """Print the rows of an answer, page by page where there is a pager."""
        on_page = 0
        for number, row in enumerate(rows):
            if pager and on_page == pager.rows:
                self.write(pager.prompt)
                key = self.read_key()
                self.write(pager.wipe)
                if key in "qQ\x03":
                    return
                on_page = on_page - 1 if key in "\r\n" else 0
            self._print(row, is_damaged=number == _CUT_AFTER_ROWS)
            on_page += 1

    def _print(self, row: str, *, is_damaged: bool) -> None:
        if is_damaged:
            half = len(row) // 2
            match self.fault:
                case ShellFault.ALARM:
                    row = f"{row[:half]}\n{self._alarm}{row[half:]}"
                case ShellFault.CUT:
                    self.write(row[:half])
                    raise Hangup
                case ShellFault.STUCK:
                    while True:
                        self.read_key()
        self.write(row + "\n")
