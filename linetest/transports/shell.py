"""A device's command line from the outside: one command in, its whole output out, or an error with the reason."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from time import monotonic

from linetest.errors import BadReply, CommandRefused, DeviceError, Timeout
from linetest.model.codes import Reason
from linetest.secrets import Secret
from linetest.transports.shell_target import ShellTarget
from linetest.transports.shell_text import (
    ShellDialect,
    after_echo,
    last_line,
    output_of,
    refuse_control_characters,
    without_alarms,
)
from linetest.transports.transcript import Recording, RecordingWire
from linetest.transports.wire import Wire
from linetest.words.text import _

_MOST = 4_000_000  # characters of one output: a running configuration of a full OLT has 2 million
_TAIL = 8192  # characters in which the last line and an alarm around it are looked for
_QUIET_S = 0.05  # a prompt counts when nothing follows it for so long
_QUESTION_S = 0.5  # and a question that nobody expected: its end may still be on the way
_GOODBYE_S = 2.0
_MODES = 5
_YES_OR_NO = re.compile(r"(?i)[\[(]\s*y(?:es)?\s*[/|]\s*no?\s*[\])].{0,12}")


class ShellSession:
    """A command line that waits for commands; `deadline_s` is the total time of one `run`."""

    def __init__(self, wire: Wire, dialect: ShellDialect, place: str, deadline_s: float) -> None:
        self.simulated = wire.simulated
        self.wire = wire
        self._dialect = dialect
        self._place = place
        self._deadline_s = deadline_s
        self._line_end = "\r\n" if place.startswith("telnet") else "\n"
        self.prompt = ""
        """The prompt that was seen last: it tells the mode."""
        self._name = ""  # what every prompt of this device begins with
        self._answers: Mapping[str, str] = {}  # of the command that runs, beside those of the dialect
        self._in_step = True

    def run(self, command: str, answers: Mapping[str, str] | None = None) -> str:
        """Return the whole output of `command`: pager, wrap, alarms, echo and prompt are taken out.

        `answers` are the questions that this command may ask, as in `ShellDialect.questions`. A yes-or-no question
        that is in neither is not answered.

        Raises:
            CommandRefused: The device did not carry it out; the error has its words.
            BadReply: The device asks yes or no, unexpectedly; this session then takes no more commands.
            Timeout: The output did not end in time; this session then takes no more commands.
            Unreachable: The session was cut.
            BadReply: The output is without end.
        """
        self._answers = answers or {}
        try:
            return self._run(command, monotonic() + self._deadline_s, [])
        finally:
            self._answers = {}

    def log_in(self, user: str, password: Secret | None, enable: Secret | None, end: float) -> None:
        """Answer the questions for user and password, wait for the prompt, and prepare the session."""
        questions = [self._dialect.login, self._dialect.password]  # each is asked once
        while True:
            _raw, line = self._read_until("", end, self._dialect.login, self._dialect.password)
            if self._is_prompt(line):
                break
            asked = next((pattern for pattern in reversed(questions) if re.fullmatch(pattern, line)), None)
            if asked is None or (asked is self._dialect.password and password is None):
                raise self._not_logged_in(user)
            questions.remove(asked)
            answer = password.reveal() if password and asked is self._dialect.password else user
            self._send(answer + self._line_end)
        self.prompt = line
        self._name = re.split(r"[(>#\]$%]", line)[0]
        for command in self._dialect.on_open:
            self._run(command, end, [enable or password])

    def log_out(self) -> None:
        """Say good-bye and wait a moment for the device to end the session; that it does not is no error."""
        if not self._in_step:
            return
        end = monotonic() + _GOODBYE_S
        try:
            for _mode in range(_MODES):  # each good-bye leads one mode out
                self._send(self._dialect.logout + self._line_end)
                self._read_until("", end)
        except DeviceError:
            return  # the session is ended, as wished, or silent

    def _run(self, command: str, end: float, passwords: list[Secret | None]) -> str:
        """Run a command that may ask for `passwords`, one after the other."""
        refuse_control_characters(command)
        if not self._in_step:
            raise Timeout(
                _("{place}: an earlier command is still open in this session").format(place=self._place),
                _("open the session again"),
            )
        self._in_step = False  # until this command's prompt has been seen
        while monotonic() < end and self.wire.read(_TAIL, 0.0):  # an alarm, and the prompt that follows it
            pass
        self._send(command + self._line_end)
        raw = self._read_echo(command, end)
        asks = [self._dialect.password] * bool(passwords)
        while True:
            raw, line = self._read_until(raw, end, *asks)
            if self._is_prompt(line):
                break
            secret = passwords.pop() if passwords else None
            if secret is None:
                raise self._asks(line)
            self._send(secret.reveal() + self._line_end)
            raw += "\n"
        self._in_step = True
        self.prompt = line
        output = output_of(raw, self._dialect)
        for pattern in self._dialect.failures:
            if found := re.search(pattern, output):
                raise CommandRefused(
                    _("{place}: {command!r}: the device says: {fault}").format(
                        place=self._place, command=command, fault=_line_around(output, found.start())
                    ),
                    _("check the driver, and whether the user may do this"),
                )
        return output

    def _read_echo(self, command: str, end: float) -> str:
        """Read until the device has repeated the command; return what comes behind it.

        Before that nothing counts: a prompt that follows an alarm is not this command's.
        """
        raw = ""
        while (rest := after_echo(without_alarms(raw, self._dialect), command)) is None:
            raw += self._read(raw, end, end - monotonic())
        return rest

    def _read_until(self, raw: str, end: float, *asks: str) -> tuple[str, str]:
        """Read on until the last line is a prompt or one of `asks`; answer pager and questions on the way.

        Returns `raw` with what was read, and the last line.
        """
        answered = 0  # how much of `raw` needs no answer any more
        while True:
            line = last_line(raw[max(answered, len(raw) - _TAIL) :], self._dialect)
            answer = self._answer(line)
            if answer is not None:
                self._send(answer)
                answered = len(raw)
            is_known = self._is_prompt(line) or any(re.fullmatch(pattern, line) for pattern in asks)
            is_question = not is_known and _YES_OR_NO.search(line) is not None
            quiet_s = _QUIET_S if is_known else _QUESTION_S if is_question else end - monotonic()
            data = self._read(raw, end, quiet_s)
            if not data and is_known:
                return raw, line
            if not data and is_question:
                raise self._unexpected(line)
            raw += data

    def _read(self, raw: str, end: float, longest_s: float) -> str:
        """Return what comes next, nothing when that takes `longest_s`; raise at the `end` and when it is too much."""
        if monotonic() >= end:
            raise self._silence(last_line(raw[-_TAIL:], self._dialect))
        if len(raw) > _MOST:
            raise BadReply(_("{place}: an output without end").format(place=self._place), _("ask for less"))
        return self.wire.read(_TAIL, min(longest_s, end - monotonic())).decode(errors="replace")

    def _answer(self, line: str) -> str | None:
        """Return what is typed at this last line, None when nothing is asked."""
        pager = self._dialect.pager
        if pager is not None and re.search(rf"(?:{pager})\s*$", line):
            return self._dialect.pager_answer
        for pattern, answer in (*self._answers.items(), *self._dialect.questions.items()):
            if re.search(rf"(?:{pattern})\s*$", line):
                return answer.replace("\n", self._line_end)
        return None

    def _is_prompt(self, line: str) -> bool:
        """Tell whether the device waits for a command; an alarm that is cut out leaves the prompt there twice."""
        return re.fullmatch(f"(?:{self._dialect.prompt})+", line) is not None and line.startswith(self._name)

    def _send(self, text: str) -> None:
        self.wire.write(text.encode())

    def _silence(self, line: str) -> Timeout:
        return Timeout(
            _("{place}: no prompt in time; the last line is {line!r}").format(place=self._place, line=line[-80:]),
            _("read again; if the line asks something, the driver's [shell] has to answer it"),
        )

    def _unexpected(self, line: str) -> BadReply:
        return BadReply(
            _("{place}: the device asks {line!r}, which was not expected").format(place=self._place, line=line[-80:]),
            _("nothing was answered, and the session is given up: look at the device"),
        )

    def _asks(self, line: str) -> CommandRefused:
        return CommandRefused(
            _("{place}: the device asks {line!r}").format(place=self._place, line=line[-80:]),
            _("check the user's rights and the secrets password and enable"),
            reason=Reason.NO_PERMISSION,
        )

    def _not_logged_in(self, user: str) -> CommandRefused:
        return CommandRefused(
            _("{place}: the device refuses the user {user!r} or the password").format(place=self._place, user=user),
            _("check both in the station file"),
            reason=Reason.NO_PERMISSION,
        )


@contextmanager
def open_shell(
    target: ShellTarget, dialect: ShellDialect, *, deadline_s: float, recording: Recording | None = None
) -> Iterator[ShellSession]:
    """Give a session that is logged in, and log out behind it.

    `recording` takes what is said after the log-in, so that no password is in it.

    Raises:
        Unreachable, Timeout: There is no way in, within `deadline_s`.
        CommandRefused: The host key is not trusted, or user or password are wrong.
    """
    from linetest.transports.shell_wire import ShellWire

    end = monotonic() + deadline_s
    wire = ShellWire(target, deadline_s)
    try:
        session = ShellSession(wire, dialect, target.place, deadline_s)
        session.log_in(target.user, target.password, target.enable, end)
        if recording is not None:
            session.wire = RecordingWire(wire, recording)
        try:
            yield session
        finally:
            session.log_out()  # a device has few places, and keeps one that was only closed for minutes
    finally:
        wire.close()


def _line_around(text: str, at: int) -> str:
    return text[text.rfind("\n", 0, at) + 1 :].split("\n", 1)[0].strip()
