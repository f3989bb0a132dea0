"""The head of a Touchstone file of version 2: keywords in brackets.

Source: Touchstone File Format Specification 2.0 (IBIS Open Forum, 2009).
"""

import re
from typing import NamedTuple, NoReturn

from linetest.copper.touchstone_option import Head, Matrix, Option, line_of, positive, read_option
from linetest.errors import BadFile, nearest
from linetest.words.text import _

MOST_PORTS = 128
_MOST_FREQUENCIES = 10_000_000
_LONGEST_HEAD = 1_000_000  # bytes: the head of a file of `MOST_PORTS` ports has a few thousand
_KEYWORD = re.compile(r"\s*\[([^\]]*)\](.*)")
_NETWORK_DATA = re.compile(rb"\[[ \t]*network[ \t]+data[ \t]*\][ \t]*", re.IGNORECASE)
_KEYWORDS = [
    "version",
    "number of ports",
    "two-port data order",
    "number of frequencies",
    "number of noise frequencies",
    "reference",
    "matrix format",
    "mixed-mode order",
]
_MATRICES: dict[str, Matrix] = {"full": "full", "lower": "lower", "upper": "upper"}


class _Said(NamedTuple):
    """What stands behind a keyword, and where."""

    text: str
    line: int


class _Keywords(NamedTuple):
    file: str
    option: Option
    said: dict[str, _Said]

    def refuse(self, keyword: str, what: str, hint: str) -> NoReturn:
        """Refuse what the file says with that keyword, or that it is missing."""
        line = self.said[keyword].line if keyword in self.said else 1
        place = _("{file}: line {line}: [{keyword}]").format(file=self.file, line=line, keyword=keyword.title())
        raise BadFile(f"{place}: {what}", hint)

    def text(self, keyword: str) -> str:
        """Return what the keyword says in lower case, empty where it is missing."""
        return self.said[keyword].text.strip().lower()[:40] if keyword in self.said else ""

    def whole(self, keyword: str, most: int) -> int:
        """Return a whole number from 1 to `most`."""
        text = self.text(keyword)
        if not (text.isascii() and text.isdigit() and 1 <= int(text) <= most):
            what = _("a whole number from 1 to {most} belongs here, not {text!r}").format(most=most, text=text)
            self.refuse(keyword, what, _("export the file again"))
        return int(text)


_MOST_HEAD_LINES = 20_000


def read_head_v2(name: str, text: bytes, named_ports: int | None) -> Head:
    """Return the head of a version 2 file; `named_ports` is what the file's name says.

    Raises:
        BadFile: with the line, for a keyword that is missing, not known, or says what is not read.
    """
    found = _NETWORK_DATA.search(text, 0, _LONGEST_HEAD)
    end = -1 if found is None else text.find(b"[", found.end())
    if found is None or end < 0:
        missing = "[Network Data]" if found is None else "[End]"
        raise BadFile(
            _("{file}: line {line}: {keyword} is missing; the file is cut short").format(
                file=name, line=line_of(text, len(text)), keyword=missing
            ),
            _("export the file again"),
        )
    keywords = _read_keywords(name, text[: found.start()].decode(errors="backslashreplace"))
    ports = keywords.whole("number of ports", MOST_PORTS)
    if named_ports not in (None, ports):
        what = _("{ports}, but the file's name says {named}").format(ports=ports, named=named_ports)
        keywords.refuse("number of ports", what, _("name the file .s{ports}p or .ts").format(ports=ports))
    matrix, columns_first = _arrangement(keywords, ports)
    return Head(
        version=2,
        ports=ports,
        option=keywords.option,
        reference_ohm=_references(keywords, ports),
        matrix=matrix,
        columns_first=columns_first,
        frequencies=keywords.whole("number of frequencies", _MOST_FREQUENCIES),
        start=found.end(),
        end=end,
    )


def _read_keywords(name: str, head: str) -> _Keywords:
    """Return the option line and what the keywords say; a value over several lines is joined."""
    said: dict[str, _Said] = {}
    option: Option | None = None
    current, in_information = "", False
    rows = head.split("\n")
    if len(rows) > _MOST_HEAD_LINES:
        raise BadFile(
            _("{file}: line {line}: the head is longer than any instrument writes").format(
                file=name, line=_MOST_HEAD_LINES
            ),
            _("export the file again"),
        )
    for line, row in enumerate(rows, start=1):
        found = _KEYWORD.match(row)
        keyword = " ".join(found.group(1).lower().split()) if found else ""
        if keyword in ("begin information", "end information"):
            in_information = keyword.startswith("begin")
        elif in_information or not row.strip():
            continue
        elif row.lstrip().startswith("#"):
            option = option or read_option(name, line, row.strip().encode(), assume_ghz=False)
        elif found and keyword in _KEYWORDS:
            current = keyword
            said[current] = _Said(found.group(2), line)
        elif found or not current:
            _refuse_keyword(name, line, keyword or row.strip())
        else:
            said[current] = _Said(f"{said[current].text} {row}", said[current].line)
    if option is None:
        raise BadFile(
            _("{file}: line {line}: no option line such as `# HZ S RI R 100` before the numbers").format(
                file=name, line=head.count("\n") + 1
            ),
            _("add the line"),
        )
    return _Keywords(name, option, said)


def _refuse_keyword(name: str, line: int, keyword: str) -> NoReturn:
    raise BadFile(
        _("{file}: line {line}: {keyword!r} is not known here; nearest: {names}").format(
            file=name, line=line, keyword=keyword[:40], names=nearest(keyword, _KEYWORDS)
        ),
        _("export the file again"),
    )


def _arrangement(keywords: _Keywords, ports: int) -> tuple[Matrix, bool]:
    """Return how the matrix is written and whether a two-port's columns come first."""
    again = _("export the file again")
    if keywords.text("version") not in ("2.0", "2.1"):
        keywords.refuse("version", _("2.0 and 2.1 are read, and files of version 1"), again)
    if "mixed-mode order" in keywords.said:
        keywords.refuse("mixed-mode order", _("mixed-mode parameters are not read"), _("export plain S parameters"))
    form = keywords.text("matrix format") or "full"
    if form not in _MATRICES:
        keywords.refuse("matrix format", _("Full, Lower or Upper belongs here"), again)
    order = keywords.text("two-port data order")
    if ports == 2 and order not in ("12_21", "21_12"):
        keywords.refuse("two-port data order", _("12_21 or 21_12 belongs here"), again)
    return _MATRICES[form], ports == 2 and form == "full" and order == "21_12"


def _references(keywords: _Keywords, ports: int) -> list[float]:
    if "reference" not in keywords.said:
        return [keywords.option.reference_ohm] * ports
    text, line = keywords.said["reference"]
    place = _("{file}: line {line}").format(file=keywords.file, line=line)
    ohms = [positive(place, word) for word in text.split()[: MOST_PORTS + 1]]
    if len(ohms) != ports:
        what = _("{count} values for {ports} ports").format(count=len(ohms), ports=ports)
        keywords.refuse("reference", what, _("export the file again"))
    return ohms
