"""Blocks of numbers as measuring instruments write them: read in one pass, searched line by line only for a fault."""

import re
import warnings
from typing import NoReturn

import msgspec
import numpy as np

from linetest.copper.sweep import FloatArray
from linetest.errors import BadFile
from linetest.words.text import _

# Possessive: a long wrong word is refused in one pass.
_NUMBER = re.compile(rb"[+-]?+(\d++(\.\d*+)?+|\.\d++)([eE][+-]?+\d++)?+")

_SPACE = re.compile(rb"[ \t\n]")
_AS_JSON = bytes.maketrans(b" \t\n", b",,,")
_PART = 1 << 16  # bytes: what a part becomes on the way fits into the processor's cache
_LIST = msgspec.json.Decoder(list[float])


def parse_numbers(block: bytes) -> FloatArray | None:
    """Return all numbers of `block`, (m,), separated by white space; None where something else is among them.

    NaN and infinity come back as numbers: see `first_not_finite`.
    """
    values = None if b"," in block else _parse_as_json(block)
    if values is not None or not block.strip():
        return values
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # before numpy 2.3 a fault is only a warning
        try:
            return np.fromstring(block, dtype=np.float64, sep=" ")
        except (ValueError, DeprecationWarning):
            return None


def _parse_as_json(block: bytes) -> FloatArray | None:
    """Return all numbers of `block`, which has no commas; None for words that are no JSON, such as ``+1`` and ``.5``.

    The parser of JSON takes half the time of numpy's.
    """
    parts, at = [np.empty(0)], 0
    while at < len(block):
        space = _SPACE.search(block, at + _PART)
        end = len(block) if space is None else space.start()
        words = block[at:end].translate(_AS_JSON).strip(b",")
        while b",," in words:
            words = words.replace(b",,", b",")
        try:
            parts.append(np.array(_LIST.decode(b"[%b]" % words)))
        except msgspec.DecodeError:
            return None
        at = end
    return np.concatenate(parts)


def check_lines(name: str, text: bytes, longest: int) -> None:
    """Refuse a text with a line of more than `longest` bytes, before anything slow is done to it."""
    ends = np.flatnonzero(np.frombuffer(text, np.uint8) == ord("\n"))
    lengths = np.diff(ends, prepend=-1, append=len(text)) - 1
    if (long := np.flatnonzero(lengths > longest)).size:
        raise BadFile(
            _("{file}: line {line}: longer than {most} bytes").format(file=name, line=int(long[0]) + 1, most=longest),
            _("export the file again"),
        )


def first_not_finite(values: FloatArray) -> int | None:
    """Return the index of the first NaN or infinity of `values`, (m,); None without one."""
    if np.isfinite(values).all():
        return None
    return int(np.flatnonzero(~np.isfinite(values))[0])


def refuse_word(name: str, line: int, word: bytes) -> NoReturn:
    """Refuse a word that is not a finite number."""
    place = _("{file}: line {line}").format(file=name, line=line)
    shown = word[:40].decode(errors="backslashreplace")
    if b"," in word and _NUMBER.fullmatch(word.replace(b",", b".", 1)):
        raise BadFile(
            _("{place}: {word!r} has a comma where a decimal point belongs").format(place=place, word=shown),
            _("export it again with decimal points"),
        )
    if word.lower().lstrip(b"+-") in (b"nan", b"inf", b"infinity"):
        raise BadFile(
            _("{place}: {word!r} is not a measured value").format(place=place, word=shown),
            _("sweep again; every point needs a value"),
        )
    raise BadFile(_("{place}: {word!r} is not a number").format(place=place, word=shown), _("export the file again"))


def refuse_first_bad_word(name: str, block: bytes, first_line: int) -> NoReturn:
    """Find the first word of `block` that is not a finite number, and refuse it with its line."""
    line, at = first_line, 0
    while at < len(block):
        end = block.find(b"\n", at + _PART) + 1 or len(block)
        part = block[at:end]
        found = parse_numbers(part)
        if found is None or first_not_finite(found) is not None:
            _refuse_in(name, part, line)
        line, at = line + part.count(b"\n"), end
    raise BadFile(_("{file}: the numbers cannot be read").format(file=name), _("export the file again"))


def _refuse_in(name: str, part: bytes, first_line: int) -> None:
    for line, row in enumerate(part.split(b"\n"), start=first_line):
        for word in row.split():
            if not is_number(word):
                refuse_word(name, line, word)


def is_number(word: bytes) -> bool:
    """Tell whether `word` is a finite number as instruments write it."""
    return _NUMBER.fullmatch(word) is not None and bool(np.isfinite(float(word)))


def line_of_number(block: bytes, first_line: int, index: int) -> int:
    """Return the line in which number `index` of `block` stands."""
    seen = 0
    for line, row in enumerate(block.split(b"\n"), start=first_line):
        seen += len(row.split())
        if seen > index:
            return line
    return first_line + block.count(b"\n")
