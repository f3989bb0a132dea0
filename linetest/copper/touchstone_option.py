"""The option line of a Touchstone file, such as ``# HZ S RI R 100``, and the head that it becomes part of."""

from typing import Literal

import msgspec

from linetest.errors import BadFile
from linetest.words.text import _

_HZ = {"hz": 1.0, "khz": 1e3, "mhz": 1e6, "ghz": 1e9}
_NOTATIONS = {"ri": "RI", "ma": "MA", "db": "DB"}

Matrix = Literal["full", "lower", "upper"]


class Option(msgspec.Struct, frozen=True, kw_only=True):
    """An option line such as ``# HZ S RI R 100``."""

    unit_hz: float = _HZ["ghz"]
    notation: str = "MA"
    reference_ohm: float = 50.0


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """All that has to be known before the numbers can be read."""

    version: int
    ports: int
    option: Option
    reference_ohm: list[float]
    """One of each port."""
    matrix: Matrix = "full"
    columns_first: bool = False
    """Two ports in the order S11 S21 S12 S22."""
    frequencies: int | None = None
    start: int
    """Offset of the numbers."""
    end: int


def read_option(name: str, line: int, text: bytes, *, assume_ghz: bool) -> Option:
    """Return what an option line says; one without a unit of frequency is refused unless GHz may be assumed.

    Raises:
        BadFile: with the line.
    """
    place = _("{file}: line {line}").format(file=name, line=line)
    words = text[1:].decode(errors="backslashreplace").lower().split()[:20]
    unit_hz: float | None = None
    notation, ohm = "MA", 50.0
    while words:
        word = words.pop(0)
        if word in _HZ:
            unit_hz = _HZ[word]
        elif word in _NOTATIONS:
            notation = _NOTATIONS[word]
        elif word == "r":
            ohm = positive(place, words.pop(0) if words else "")
        elif word in ("y", "z", "g", "h"):
            raise BadFile(
                _("{place}: these are {kind} parameters").format(place=place, kind=word.upper()),
                _("export S parameters"),
            )
        elif word != "s":
            raise BadFile(
                _("{place}: {word!r} does not belong on an option line").format(place=place, word=word[:40]),
                _("it looks like `# HZ S RI R 100`"),
            )
    if unit_hz is None and not assume_ghz:
        raise BadFile(
            _("{place}: the option line does not name the unit of frequency").format(place=place),
            _("add HZ, KHZ, MHZ or GHZ; or say --assume-ghz if the default of the format is meant"),
        )
    return Option(unit_hz=unit_hz or _HZ["ghz"], notation=notation, reference_ohm=ohm)


def positive(place: str, word: str) -> float:
    """Return a reference resistance in ohms; `place` names it in the error."""
    try:
        ohm = float(word)
    except ValueError:
        ohm = 0.0
    if not 0.0 < ohm < 1e6:
        raise BadFile(
            _("{place}: the reference resistance {word!r} is not a number of ohms").format(place=place, word=word[:40]),
            _("100 is usual for balanced pairs"),
        )
    return ohm


def line_of(text: bytes, offset: int) -> int:
    """Return the line in which the byte at `offset` stands."""
    return text.count(b"\n", 0, offset) + 1
