"""A command line on which an OLT is changed: one step at a time, nothing of it shown or kept unmasked."""

import re
import time
from collections.abc import Mapping
from contextlib import ExitStack
from typing import TYPE_CHECKING

from linetest.devices.driver import Driver
from linetest.devices.olt_masks import Masks
from linetest.devices.olt_provision import Change, Mode
from linetest.devices.olt_provision_text import Line
from linetest.devices.sessions import shell_session
from linetest.devices.station import DeviceEntry
from linetest.errors import BadReply, CommandRefused, DeviceError
from linetest.words.text import _

if TYPE_CHECKING:
    from linetest.transports.shell import ShellSession

_BUSY_S = 60.0
_BUSY_EVERY_S = 3.0
_LONGEST_KEPT = 100_000  # characters of one reply as evidence: a full OLT has some megabytes of service ports
_LONGEST_REPLY = 200  # characters of a reply in a sentence


class ProvisionShell:
    """A session that is opened when it is needed, and again after it was lost."""

    def __init__(self, entry: DeviceEntry, driver: Driver, masks: Masks) -> None:
        self._entry = entry
        self._driver = driver
        self._masks = masks
        self._open: ExitStack | None = None
        self._session: ShellSession | None = None
        self.said: list[str] = []
        """What was sent and printed so far, masked: the evidence."""

    def __enter__(self) -> "ProvisionShell":
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """Log out; the next command opens a new session."""
        stack, self._open, self._session = self._open, None, None
        if stack is not None:
            stack.close()

    def run(self, command: str) -> str:
        """Send a command that changes nothing and return what it prints; raises `DeviceError`."""
        return self._say(Line(command, command), {})

    def apply_change(self, change: Change, mode: Mode, line: Line, places: Mapping[str, int]) -> str:
        """Send a command that changes the OLT, in its mode, and return its reply when it is that of success.

        Raises:
            CommandRefused: The OLT says no: nothing was changed by this command.
            BadReply: Something unexpected was said; whether it took effect is not known.
            Timeout, Unreachable: The answer was lost; whether it took effect is not known.
        """
        try:
            for command in mode.enter:
                plain = with_places(command, places)
                self._say(Line(plain, plain), {})
            if not self._is_in(mode, places):
                raise self._astray(_("this is not where the command belongs, and it was not sent"), CommandRefused)
            reply = self._patiently(change, line)
            if not re.search(with_places(change.success, places), reply):
                raise self._surprise(line, reply)
            if not self._is_in(mode, places):
                raise self._astray(_("the command has led elsewhere"), BadReply)
        except DeviceError:
            self.close()  # in which mode it is left matters no more
            raise
        self._leave(mode)
        return self._masks.reply(reply)

    def _leave(self, mode: Mode) -> None:
        try:
            for command in mode.leave:
                self._say(Line(command, command), {})
        except DeviceError:  # the step itself is done and answered: the next one opens a session of its own
            self.close()

    def _is_in(self, mode: Mode, places: Mapping[str, int]) -> bool:
        wanted = with_places(mode.prompt, places)
        return not wanted or re.fullmatch(f"(?:{wanted})+", self._opened().prompt.strip()) is not None

    def _astray(self, what: str, kind: type[DeviceError]) -> DeviceError:
        return kind(
            _("the prompt is {prompt!r}: {what}").format(prompt=self._opened().prompt[-60:], what=what),
            _("look at the OLT; check the driver's [provision] mode"),
        )

    def _patiently(self, change: Change, line: Line) -> str:
        """Send the command; again while the OLT asks for patience."""
        ends_at = time.monotonic() + _BUSY_S
        while True:
            try:
                return self._say(line, change.answers)
            except CommandRefused as error:
                if not change.busy or not re.search(change.busy, error.what) or time.monotonic() > ends_at:
                    raise
            time.sleep(_BUSY_EVERY_S)

    def _say(self, line: Line, answers: Mapping[str, str]) -> str:
        try:
            reply = self._opened().run(line.text, answers)
        except DeviceError as error:
            hint = self._masks.sentence(error.hint)
            masked = type(error)(self._masks.sentence(error.what), hint, reason=error.reason)
            self.said.append(f"> {line.shown}\n! {masked.what}\n")
            raise masked from None  # the error before it has the command as it was sent
        kept = self._masks.reply(reply)
        rest = _("... and {count} characters more").format(count=len(kept) - _LONGEST_KEPT)
        self.said.append(f"> {line.shown}\n{kept[:_LONGEST_KEPT]}{rest if len(kept) > _LONGEST_KEPT else ''}\n")
        return reply

    def _opened(self) -> "ShellSession":
        if self._session is None:
            self._open = ExitStack()
            try:
                self._session = self._open.enter_context(shell_session(self._entry, self._driver))
            except BaseException:
                self._open = None
                raise
        return self._session

    def _surprise(self, line: Line, reply: str) -> BadReply:
        said = self._masks.sentence(" ".join(reply.split()))[:_LONGEST_REPLY]
        return BadReply(
            _("{command}: the OLT says {reply!r}, which is neither success nor a refusal that the driver knows").format(
                command=line.shown, reply=said
            ),
            _("look at the OLT; the driver's [provision] may need these words"),
        )


def with_places(text: str, places: Mapping[str, int]) -> str:
    """Return a text with the numbers of the place filled in; what else stands in braces is left as it is."""
    return re.sub(r"\{([a-z_]+)\}", lambda found: str(places.get(found[1], found[0])), text)
