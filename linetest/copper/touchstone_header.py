"""The head of a Touchstone file of either version, and the names of its ports.

Source: Touchstone File Format Specification 2.0 (IBIS Open Forum, 2009).
"""

import re

from linetest.copper.touchstone_option import Head, Option, line_of, read_option
from linetest.copper.touchstone_v2 import read_head_v2
from linetest.errors import BadFile
from linetest.words.text import _

_OPTION = re.compile(rb"#[^\n]*")
_PORT_NAME = re.compile(  # anchored: a line of nothing but comment marks is passed once
    rb"^[^!\n]*+![^\n]*?Port\[[ \t]*(\d{1,4})[ \t]*\][ \t]*=[ \t]*([^\n]*)", re.IGNORECASE | re.MULTILINE
)

_MOST_OPTION_LINES = 100  # a file has one; joined files have a few


def port_names(name: str, text: bytes, ports: int) -> dict[int, str]:
    """Return the names that comments such as ``! Port[1] = PAIR1_NEAR`` give to ports, by number.

    Raises:
        BadFile: with the line, for a port that is not there or has two names.
    """
    names: dict[int, str] = {}
    for match in _PORT_NAME.finditer(text):
        number, label = int(match.group(1)), match.group(2).decode(errors="backslashreplace").strip()[:64]
        if not 1 <= number <= ports:
            raise BadFile(
                _("{file}: line {line}: it names port {number}, but the file has {ports} ports").format(
                    file=name, line=line_of(text, match.start()), number=number, ports=ports
                ),
                _("the number in .sNp must be the number of ports"),
            )
        if names.setdefault(number, label) != label:
            raise BadFile(
                _("{file}: line {line}: a second name for port {number}").format(
                    file=name, line=line_of(text, match.start()), number=number
                ),
                _("keep the one that is true"),
            )
    return names


def read_head(name: str, text: bytes, ports: int | None, *, assume_ghz: bool) -> Head:
    """Return the head of a file whose comments have been blanked; `ports` is what its name says."""
    if text.lstrip()[:9].lower() == b"[version]":
        return read_head_v2(name, text, ports)
    if ports is None:
        raise BadFile(
            _("{file}: version 1 of the format does not say how many ports there are").format(file=name),
            _("name the file .s8p for eight ports"),
        )
    found = _OPTION.search(text)
    if found is None and not assume_ghz:
        raise BadFile(
            _("{file}: line {line}: no option line such as `# HZ S RI R 100` before the numbers").format(
                file=name, line=line_of(text, len(text) - len(text.lstrip()))
            ),
            _("add the line; or say --assume-ghz if the file was made with the defaults GHz, MA, 50 ohm"),
        )
    option = Option()
    start = 0
    if found is not None:
        start = found.end()
        if text[: found.start()].strip():
            raise BadFile(
                _("{file}: line {line}: numbers before the option line").format(
                    file=name, line=line_of(text, len(text) - len(text.lstrip()))
                ),
                _("move the `#` line to the top"),
            )
        option = read_option(name, line_of(text, found.start()), found.group(), assume_ghz=assume_ghz)
    return Head(
        version=1,
        ports=ports,
        option=option,
        reference_ohm=[option.reference_ohm] * ports,
        columns_first=ports == 2,
        start=start,
        end=len(text),
    )


def check_other_options(name: str, text: bytes, option: Option, start: int) -> bytes:
    """Return `text` from `start` with later option lines blanked; one that says something else is refused."""
    if text.find(b"#", start) < 0:
        return text[start:]
    for number, found in enumerate(_OPTION.finditer(text, start)):
        if number >= _MOST_OPTION_LINES:
            raise BadFile(
                _("{file}: more than {most} option lines").format(file=name, most=_MOST_OPTION_LINES),
                _("export the file again"),
            )
        line = line_of(text, found.start())
        if read_option(name, line, found.group(), assume_ghz=True) != option:
            raise BadFile(
                _("{file}: line {line}: a second option line that contradicts the first").format(file=name, line=line),
                _("keep the one that is true"),
            )
    return _OPTION.sub(b"", text[start:])
