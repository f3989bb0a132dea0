"""Lines that fit a terminal: Chinese takes two columns for a character, and may break between any two of them."""

import re

import wcwidth

_WIDE = "\u2e80-\u9fff\uff00-\uffef"
_NOT_FIRST = "、，。：；！？）】》”"
_NOT_LAST = "（【《“"
_PIECE = re.compile(rf"\s*[{_NOT_LAST}]*(?:[^\s{_WIDE}]+|[{_WIDE}])[{_NOT_FIRST}]*")


def wrapped(text: str, width: int, first: str = "", below: str = "") -> list[str]:
    """Return `text` as lines of at most `width` columns; a word is cut only where it is wider than a whole line.

    Args:
        text: One paragraph; a line break counts as a space.
        width: In columns of the terminal.
        first: Stands before the first line.
        below: Stands before all others.
    """
    lines: list[str] = []
    line, room = "", width - wcwidth.width(first)
    for piece in _pieces(re.sub(r"\s", " ", text.strip()), width - wcwidth.width(below)):
        if line and wcwidth.width(line + piece) > room:
            lines.append((below if lines else first) + line)
            line, room = "", width - wcwidth.width(below)
        line += piece if line else piece.lstrip()
    return [*lines, (below if lines else first) + line]


def _pieces(text: str, widest: int) -> list[str]:
    """Return what must stay together: a word of letters, or one Chinese character, with its punctuation."""
    found = _PIECE.findall(text)
    return [
        part for piece in found for part in ([piece] if wcwidth.width(piece) <= widest else wcwidth.wrap(piece, widest))
    ]
