r"""What a device's terminal shows, made into plain lines: pager, wrapped commands and alarms out of the way."""

import re

import msgspec

from linetest.errors import BadFile
from linetest.words.text import _

_ESCAPE = re.compile(r"\x1b(?:\[([0-9;?]*)([A-Za-z])|[()][0-9A-B]|[=>78EMc])")
_STEP = re.compile(rf"{_ESCAPE.pattern}|[^\x1b\r\n\b]+|[\r\n\b\x1b]")
_WIDEST = 4096  # columns: what is moved further is no table
_ECHO_TAIL = 24  # characters: devices that scroll a long command sideways repeat at least its end


class ShellDialect(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    r"""``[shell]`` of a driver: how the device's command line looks. All patterns are regular expressions.

    A password is asked for by `password`; it is sent after logging in, and after a command of `on_open`, never else.
    """

    prompt: str
    r"""The whole last line when the device waits for a command, for instance ``[\w.-]+(?:\([^)]*\))?[>#]``."""
    login: str = r"(?i).*(?:user ?name|login|user) ?:"
    password: str = r"(?i).*password ?:"
    on_open: list[str] = []
    """Commands after logging in, such as ``enable``."""
    pager: str | None = None
    """What the device shows between two pages."""
    pager_answer: str = " "
    questions: dict[str, str] = {}
    """What the device may ask at the end of its last line, and what is typed then (with its ``\n``)."""
    failures: list[str] = []
    """What is found in the output of a command that was not carried out."""
    alarm: str | None = None
    r"""A message that the device prints on its own, with just the line ends that it puts around it: what stands before
    and behind becomes one line again."""
    logout: str = "quit"

    def __post_init__(self) -> None:
        """Refuse what is no pattern."""
        optional = [pattern for pattern in (self.pager, self.alarm) if pattern is not None]
        for pattern in (self.prompt, self.login, self.password, *optional, *self.questions, *self.failures):
            try:
                re.compile(pattern)
            except re.error as error:
                raise ValueError(f"{pattern!r}: {error}") from error


def last_line(raw: str, dialect: ShellDialect) -> str:
    """Return the line that the device has not ended, as a person sees it; its alarms are cut out."""
    return rendered(without_alarms(raw, dialect).rpartition("\n")[2]).rstrip()


def without_alarms(raw: str, dialect: ShellDialect) -> str:
    """Return `raw` without what the device said on its own."""
    return re.sub(dialect.alarm, "", raw, flags=re.DOTALL) if dialect.alarm else raw


def after_echo(raw: str, command: str) -> str | None:
    """Return what comes behind the echo of `command`, None when the echo is not complete.

    The echo may be wrapped, with spaces and line ends where the screen ends, or scrolled sideways.
    """
    wanted = "".join(command.split())[-_ECHO_TAIL:]
    between = r"(?:\s|\x08|\x1b\[[0-9;?]*[A-Za-z])*"
    found = re.search(between.join(map(re.escape, wanted)), raw)
    return raw[found.end() :] if found else None


def output_of(raw: str, dialect: ShellDialect) -> str:
    """Return a command's output from what came behind its echo, without pager, alarms, questions and the prompt."""
    text = without_alarms(raw, dialect)
    for pattern in (dialect.pager, *dialect.questions):
        if pattern is not None:
            text = re.sub(pattern, "", text)
    lines = [line.rstrip() for line in rendered(text).split("\n")]
    return "\n".join(lines[:-1]).strip("\n")


def rendered(raw: str) -> str:
    """Return what a screen shows after `raw`: carriage returns, backspaces and movements of the cursor carried out."""
    done: list[str] = []
    line: list[str] = []
    column = 0
    for step in _STEP.finditer(raw):
        text = step[0]
        if text == "\n":
            done.append("".join(line))
            line, column = [], 0
        elif text == "\r":
            column = 0
        elif text == "\b":
            column = max(column - 1, 0)
        elif text.startswith("\x1b"):
            column = _moved(line, column, step[1], step[2])
        elif column <= _WIDEST:
            line.extend(" " * (column - len(line)))
            line[column : column + len(text)] = text
            column += len(text)
    return "\n".join([*done, "".join(line)])


def _moved(line: list[str], column: int, count: str | None, letter: str | None) -> int:
    """Return the column after a movement (ECMA-48, 8.3: CUB D, CUF C, EL K); others change nothing."""
    first = (count or "").split(";")[0]
    by = min(int(first), _WIDEST) if first.isdecimal() else None
    if letter == "D":
        return max(column - (by or 1), 0)
    if letter == "C":
        return min(column + (by or 1), _WIDEST)
    if letter == "K":
        if by in (None, 0):
            del line[column:]
        elif by == 2:
            line.clear()
    return column


def refuse_control_characters(command: str) -> None:
    """Raise `BadFile` for a command that is not one plain line: what comes behind a line end would be a second one."""
    if not command.isprintable():
        raise BadFile(
            _("the command {command!r} has characters that cannot be typed").format(command=command),
            _("check the driver and the names in it"),
        )
