"""Command and answer over a wire, with one deadline for all of it.

What arrived unasked is thrown away before each command, and after a reply that did not come in time the wire
has to be silent for a moment: a late answer must never be taken for the next one.
"""

import re
import struct
import time
from collections.abc import Callable

from linetest.devices.command import Command
from linetest.devices.driver import Driver
from linetest.devices.frames import pack, unpack
from linetest.errors import BadReply, CommandRefused, DeviceError, Timeout
from linetest.safe import safe_text
from linetest.transports.wire import Wire
from linetest.words.text import _

_LONGEST_REPLY = 1024  # bytes; the longest known is an identification of some 80
_QUIET_S = 0.3
_GAP_S = 0.05  # the longest pause within one message of a slow device
_MOST_CHUNKS = 256  # of noise that are thrown away at once

_PLAIN = re.compile(r"[ -\[\]-~]*")  # printable ASCII; a backslash stands for a byte that is none


class OtherReply(BadReply):
    """A clean reply, but none that the command has."""


class Dialogue:
    """The talk with one device.

    Args:
        wire: An open wire.
        driver: Says what ends a message and what frames look like.
        clock: Seconds, monotonic.
        longest: The most bytes that a reply may have.
    """

    def __init__(
        self,
        wire: Wire,
        driver: Driver,
        clock: Callable[[], float] = time.monotonic,
        longest: int = _LONGEST_REPLY,
    ) -> None:
        self.wire = wire
        self._driver = driver
        self._clock = clock
        self._longest = longest
        self._reply_s = driver.timing.reply_s
        self._echoes: set[str] = set()
        """What was sent since the last line was read: a device that repeats its commands says these first."""
        self._owed = False
        """A command's answer did not come in time and may still come."""

    def tell(self, command: Command, end: float, **values: float) -> None:
        """Send a command that has no answer; wait for the frame or for the prompt that acknowledges it.

        Raises `CommandRefused` when something is said before the prompt.
        """
        sent = self._send(command, end, **values)
        if self._driver.frames is not None:
            self._frame(end)
        elif self._driver.link.prompt and (said := self._before_prompt(sent, end)):
            raise CommandRefused(
                _("{command!r} was answered with {reply!r}").format(command=sent, reply=safe_text(said[:80]))
            )

    def ask(self, command: Command, end: float, **values: float) -> str:
        """Return what a text command is answered with, stripped; `end` is on the clock.

        It is one line, or all lines up to the prompt. Raises `Timeout`, `BadReply` or `Unreachable`.
        """
        sent = self._send(command, end, **values)
        if self._driver.link.prompt:
            return self._before_prompt(sent, end)
        try:
            line = self._line(end)
        except Timeout:
            self._owed = True
            raise
        return self._last_line(line, end) if self._owed else line

    def answer(self, command: Command, end: float, **values: float) -> str:
        """Return the first group of `command.reply`.

        Raises `OtherReply` for a clean line that it does not match, `BadReply` for noise.
        """
        line = self.ask(command, end, **values)
        match = re.fullmatch(command.reply or "", line, re.ASCII)
        if match is not None:
            return match[1]
        what = _("{command!r} was answered with {reply!r}").format(command=command.send, reply=safe_text(line[:80]))
        raise OtherReply(what) if _PLAIN.fullmatch(line) else BadReply(what)

    def numbers(self, command: Command, end: float, **values: float) -> list[float]:
        """Return the numbers of a frame, one for each channel, scaled."""
        self._send(command, end, **values)
        data = self._frame(end)
        try:
            found = struct.unpack(command.reply or "", data)
        except struct.error as error:
            raise BadReply(
                _("{command!r} was answered with {count} bytes: {fault}").format(
                    command=command.send, count=len(data), fault=error
                )
            ) from error
        return [float(number) * command.scale for number in found[:: command.stride]]

    def resynchronise(self, end: float) -> None:
        """Wait until the device has been silent for a moment: then nothing late is left to come."""
        for _chunk in range(_MOST_CHUNKS):
            left_s = min(_QUIET_S, end - self._clock())
            if left_s <= 0.0 or not self.wire.read(4096, left_s):
                return

    def _send(self, command: Command, end: float, **values: float) -> str:
        """Send a command and return its text."""
        wait_s = 0.0
        while self.wire.read(4096, wait_s):  # what is on its way, the rest of an echo for instance, is waited for
            if self._clock() >= end:
                raise Timeout(_("the device does not stop sending"))
            wait_s = _GAP_S
        text = command.send.format(**values)
        frames = self._driver.frames
        self.wire.write(pack(frames, bytes.fromhex(text)) if frames else (text + self._driver.link.send_end).encode())
        self._echoes.add(text.strip())
        self._reply_s = self._driver.timing.reply_s if command.reply_s is None else command.reply_s
        return text

    def _line(self, end: float) -> str:
        """Return the next line that is neither empty nor the echo of a command."""
        end_byte = (self._driver.link.reply_end[-1:] or "\n").encode()
        received, end = b"", self._reply_end(end)
        while True:
            while end_byte not in received:
                received += self._more(received, end)
            line, _byte, received = received.partition(end_byte)
            text = line.decode("ascii", errors="backslashreplace").strip("\r\n\t \0")
            if text and text not in self._echoes:
                self._echoes.clear()
                return text

    def _before_prompt(self, sent: str, end: float) -> str:
        """Return the lines between the repeated command and the prompt.

        Raises `BadReply` when another line than the command comes first: then it is the answer to another command.
        """
        prompt = self._driver.link.prompt.encode()
        received, end = b"", self._reply_end(end)
        while not received.endswith(prompt):
            received += self._more(received, end)
        text = received.removesuffix(prompt).decode("ascii", errors="backslashreplace")
        repeated, _end, said = text.replace("\r\n", "\n").partition("\n")
        if repeated.strip() != sent:
            raise BadReply(
                _("the device repeats {command!r} as {reply!r}").format(command=sent, reply=safe_text(repeated[:80]))
            )
        return said.strip()

    def _last_line(self, line: str, end: float) -> str:
        """Return the last of all lines that come: an answer that was given up may come before this command's own."""
        while self._owed:
            try:
                line = self._line(end)
            except Timeout:
                self._owed = False
        return line

    def _frame(self, end: float) -> bytes:
        """Return what stands behind the command in the next frame."""
        frames = self._driver.frames
        if frames is None:
            raise DeviceError(_("driver {name}: not a frame protocol").format(name=self._driver.name))
        received, end = b"", self._reply_end(end)
        while (body := unpack(frames, received)) is None:
            received += self._more(received, end)
        return body[frames.command_bytes :]

    def _reply_end(self, end: float) -> float:
        return min(end, self._clock() + self._reply_s)

    def _more(self, received: bytes, end: float) -> bytes:
        """Return the next bytes; raise when they do not come in time or never end."""
        if len(received) > self._longest:
            raise BadReply(_("a reply without an end: {count} bytes").format(count=len(received)))
        left_s = end - self._clock()
        data = self.wire.read(256, left_s) if left_s > 0.0 else b""
        if not data:
            raise Timeout(
                _("no answer in time; received so far: {received}").format(received=safe_text(repr(received[-80:])))
            )
        return data
