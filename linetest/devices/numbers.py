"""A reply that is a list of numbers: all of them, or the reason why not."""

import re
from math import isfinite

from linetest.devices.command import ReadNumbers
from linetest.errors import BadReply, DeviceError
from linetest.model.codes import Reason
from linetest.safe import safe_text
from linetest.words.text import _

LONGEST_REPLY = 1_000_000
"""Bytes; 1601 complex values take some 64 thousand."""
_INFINITY = 9e36  # SCPI-1999 vol. 1, 7.2.1.4 and 7.2.1.5: 9.9E37 is infinity, 9.91E37 no number
_NONE = re.compile(r"[+-]?(?:nan|inf(?:inity)?)", re.IGNORECASE)


def read_numbers(command: ReadNumbers, reply: str, count: int | None = None) -> list[float]:
    """Return the numbers of a reply, `count` of them where that is known.

    Raises:
        DeviceError: ``out-of-window`` where the device says itself that one is no number, ``too-few-points`` when
            numbers are missing, ``garbled`` for anything else.
    """
    parts = command.parts(reply)
    numbers = [_number(command, part) for part in parts]
    if numbers and count in (None, len(numbers)):
        return numbers
    raise BadReply(
        _("{command!r} was answered with {found} numbers instead of {wanted}").format(
            command=command.send, found=len(numbers), wanted=count or 1
        ),
        reason=Reason.TOO_FEW_POINTS if 0 < len(numbers) < (count or 1) else None,
    )


def _number(command: ReadNumbers, text: str) -> float:
    match = re.fullmatch(command.reply or "", text, re.ASCII)
    try:
        number = float(match[1]) if match else float("nan")
    except ValueError:  # the driver's pattern lets something through that is no number
        number = float("nan")
    if isfinite(number) and abs(number) < _INFINITY:
        return number
    said = _("{command!r} was answered with {reply!r}").format(command=command.send, reply=safe_text(text[:80]))
    if match or _NONE.fullmatch(text):
        raise DeviceError(
            said, _("the analyser has no value there: check its calibration"), reason=Reason.OUT_OF_WINDOW
        )
    raise BadReply(said)
