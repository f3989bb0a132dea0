"""Sweep files of every kind that is read: the name says which, the content is checked against it."""

import codecs
import re
from pathlib import Path

from linetest.copper.csv_sweep import read_csv
from linetest.copper.numbers import check_lines
from linetest.copper.ports import sweep_of_network
from linetest.copper.sweep import Sweep, SweepOptions
from linetest.copper.touchstone import read_touchstone
from linetest.errors import BadFile, UnknownFormat
from linetest.load import load_bounded
from linetest.words.text import _

LARGEST_FILE = 128_000_000
"""Bytes; 32 ports at 2000 frequencies take 69 million."""

_LONGEST_LINE = 1_000_000  # bytes: the matrix of 128 ports in one line
_MOST_LINES = 2_000_000  # 32 ports at 2000 frequencies take half a million
SWEEP_NAME = re.compile(r".*\.(?:s(\d{1,3})p|ts|csv)", re.IGNORECASE | re.DOTALL)
"""The names of the files that are read; the number of ports is the first group."""


def load_body(path: Path) -> bytes:
    """Return a file's bytes.

    Raises:
        FileError: when it cannot be read, or is larger than any sweep.
    """
    return load_bounded(path, LARGEST_FILE)


def read_sweep(name: str, body: bytes, options: SweepOptions) -> Sweep:
    """Return the sweep that a file holds; the same bytes and options always give the same sweep.

    Args:
        name: The file's name, which ends in ``.s8p``, ``.ts`` or ``.csv``.
        body: The file, byte for byte.
        options: What the person says about it.

    Raises:
        UnknownFormat: for any other name.
        BadFile: with the line, where it is the fault of one.
    """
    _check_size(name, body)
    found = SWEEP_NAME.fullmatch(name)
    if found is None:
        raise UnknownFormat(
            _("{file}: not a name of a sweep file").format(file=name),
            _("Touchstone files end in .s8p (eight ports) or .ts, CSV sweeps in .csv"),
        )
    text = _plain_text(name, body)
    if name.lower().endswith(".csv"):
        return read_csv(name, body, text, options)
    ports = int(found.group(1)) if found.group(1) else None
    network = read_touchstone(name, text, ports, assume_ghz=options.assume_ghz)
    return sweep_of_network(name, body, network, options)


def _check_size(name: str, body: bytes) -> None:
    if len(body) > LARGEST_FILE:
        raise BadFile(_("{file}: larger than {size} bytes").format(file=name, size=LARGEST_FILE), _("split the sweep"))


def _plain_text(name: str, body: bytes) -> bytes:
    r"""Return the text without byte order mark, all lines ending in ``\n``."""
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise BadFile(_("{file}: line 1: this is UTF-16 text").format(file=name), _("save it as UTF-8 or plain text"))
    if (offset := body.find(b"\0")) >= 0:
        line = body.count(b"\n", 0, offset) + 1
        raise BadFile(
            _("{file}: line {line}: byte {offset} is zero: not a text file").format(
                file=name, line=line, offset=offset
            ),
            _("export the sweep again"),
        )
    text = body.removeprefix(codecs.BOM_UTF8)
    if b"\r" in text:
        text = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if text.count(b"\n") > _MOST_LINES or text.count(b"!") > _MOST_LINES:
        raise BadFile(
            _("{file}: more than {most} lines or comments").format(file=name, most=_MOST_LINES), _("split the sweep")
        )
    check_lines(name, text, _LONGEST_LINE)
    if not text or text.isspace():
        raise BadFile(_("{file}: line 1: the file is empty").format(file=name), _("export the sweep again"))
    return text
