"""Touchstone files, versions 1 and 2: one pass over the numbers, a search by line only to say where a fault is.

Source: Touchstone File Format Specification 2.0 (IBIS Open Forum, 2009). Nothing is ever unpickled or executed.
"""

import re
from typing import NoReturn

import msgspec
import numpy as np

from linetest.copper.numbers import first_not_finite, line_of_number, parse_numbers, refuse_first_bad_word
from linetest.copper.sweep import HIGHEST_HZ, BoolArray, ComplexArray, FloatArray, IndexArray, rising
from linetest.copper.touchstone_header import check_other_options, port_names, read_head
from linetest.copper.touchstone_option import Head
from linetest.copper.touchstone_v2 import MOST_PORTS
from linetest.errors import BadFile
from linetest.model.codes import Warn
from linetest.words.text import _

PASSIVE_DB = 0.1
"""A cable gives back no more than it gets; this much is the analyser's own error."""

_COMMENT = re.compile(rb"![^\n]*")


class Network(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """The S parameters of a file of p ports at n frequencies."""

    frequency_hz: FloatArray
    """(n,), rising, without duplicates."""
    s: ComplexArray
    """(n, p, p): received at the second index, sent into the third."""
    reference_ohm: list[float]
    port_names: dict[int, str]
    """The file's own names, by port number from 1; empty where it has none."""
    warnings: list[str] = []


class _Block(msgspec.Struct, frozen=True, kw_only=True):
    """The numbers of a file as text, and what is needed to name a line in it."""

    name: str
    text: bytes
    first_line: int
    ports: int
    per_record: int
    """How many numbers one frequency takes, itself included."""

    def line_of_record(self, record: int) -> int:
        """Return the line where the numbers of a frequency begin."""
        return line_of_number(self.text, self.first_line, record * self.per_record)


def read_touchstone(name: str, text: bytes, ports: int | None, *, assume_ghz: bool = False) -> Network:
    r"""Return the network that `text` (lines ending in ``\n``) holds.

    Args:
        name: The file's name, for errors.
        text: The file without byte order mark.
        ports: The number in its ``.sNp``; None for ``.ts``, where version 2 says it.
        assume_ghz: Read a file without an option line by the defaults of version 1.

    Raises:
        BadFile: with the line, where it is the fault of one.
    """
    if ports is not None and not 1 <= ports <= MOST_PORTS:
        raise BadFile(
            _("{file}: 1 to {most} ports are read, not {ports}").format(file=name, most=MOST_PORTS, ports=ports)
        )
    end = _end_of_comments(text)
    commented = text[:end]
    text = _COMMENT.sub(b"", commented) + text[end:]
    head = read_head(name, text, ports, assume_ghz=assume_ghz)
    numbers = text[head.start : head.end]
    if head.version == 1:
        numbers = check_other_options(name, text, head.option, head.start)
    triangle = head.ports * (head.ports + 1) // 2
    block = _Block(
        name=name,
        text=numbers,
        first_line=text.count(b"\n", 0, head.start) + 1,
        ports=head.ports,
        per_record=1 + 2 * (head.ports**2 if head.matrix == "full" else triangle),
    )
    values = _parse(block, head)
    frequency_hz = values[:, 0] * head.option.unit_hz
    s = _matrices(block, _complex(block, values[:, 1:], head.option.notation), head)
    _check_passive(block, s)
    frequency_hz, s, warnings = _in_order(block, frequency_hz, s)
    return Network(
        frequency_hz=frequency_hz,
        s=s,
        reference_ohm=head.reference_ohm,
        port_names=port_names(name, commented, head.ports),
        warnings=warnings,
    )


def _end_of_comments(text: bytes) -> int:
    """Return where the last line with a comment ends; most files have them at the top only."""
    last = text.rfind(b"!")
    end = text.find(b"\n", last) if last >= 0 else 0
    return len(text) if end < 0 else end


def _parse(block: _Block, head: Head) -> FloatArray:
    """Return the numbers as (n, per_record)."""
    flat = parse_numbers(block.text)
    if flat is None or first_not_finite(flat) is not None:
        refuse_first_bad_word(block.name, block.text, block.first_line)
    if flat.size == 0:
        raise BadFile(
            _("{file}: line {line}: no numbers after this line").format(file=block.name, line=block.first_line),
            _("export the file again"),
        )
    # Two ports may be followed by noise data, which fits by chance; records that are not rising may be out of step.
    if flat.size % block.per_record or (head.version == 1 and head.ports == 2):
        _check_records(block)
    values = flat.reshape(-1, block.per_record)
    suspicious = values[:, 0].min() < 0.0 or rising(values[:, 0]) is not None
    if suspicious and head.version == 1:
        _check_records(block)
    frequency = values[:, 0]
    if (wrong := np.flatnonzero((frequency < 0.0) | (frequency > HIGHEST_HZ / head.option.unit_hz))).size:
        _refuse(block, int(wrong[0]), _("a frequency below zero or beyond every analyser"))
    if head.frequencies not in (None, len(values)):
        raise BadFile(
            _("{file}: line {line}: {found} frequencies begin here, but the head says {said}").format(
                file=block.name, line=block.line_of_record(0), said=head.frequencies, found=len(values)
            ),
            _("export the file again"),
        )
    return values


def _check_records(block: _Block) -> None:
    """Refuse version 1 numbers that do not come in whole records, each in rows like those of the first."""
    rows = [
        (line, len(words))
        for line, row in enumerate(block.text.split(b"\n"), start=block.first_line)
        if (words := row.split())
    ]
    pattern = _first_record(block, rows)
    for number, (line, found) in enumerate(rows):
        wanted = pattern[number % len(pattern)]
        if found != wanted:
            noise = block.ports == 2 and found == 5
            raise BadFile(
                _("{file}: line {line}: {found} numbers in this row; {wanted} expected").format(
                    file=block.name, line=line, found=found, wanted=wanted
                ),
                _("noise data is not read: delete it, a cable has none") if noise else _("export the file again"),
            )
    if len(rows) % len(pattern):
        raise BadFile(
            _("{file}: line {line}: the file ends in the middle of a frequency").format(
                file=block.name, line=rows[-1][0]
            ),
            _("export the file again"),
        )


def _first_record(block: _Block, rows: list[tuple[int, int]]) -> list[int]:
    """Return how many numbers stand in each row of the first record, the rows given as (line, count).

    The frequency makes the count of its row odd; the rows after it hold pairs.
    """
    later = (number for number, (_line, count) in enumerate(rows) if number and count % 2)
    pattern = [count for _line, count in rows[: next(later, None)]]
    found = sum(pattern)
    if found != block.per_record:
        ports = round(((found - 1) / 2) ** 0.5)
        fits = found == 1 + 2 * ports**2
        raise BadFile(
            _("{file}: line {line}: {found} numbers for the first frequency; {ports} ports need {wanted}").format(
                file=block.name, line=rows[0][0], found=found, ports=block.ports, wanted=block.per_record
            ),
            _("it looks like {ports} ports: name the file .s{ports}p").format(ports=ports)
            if fits
            else _("export the file again"),
        )
    return pattern


def _complex(block: _Block, pairs: FloatArray, notation: str) -> ComplexArray:
    """Return (n, k) complex values of (n, 2k) numbers in that notation."""
    if notation == "RI":
        return np.ascontiguousarray(pairs).view(np.complex128)
    first, angle = pairs[:, 0::2], np.deg2rad(pairs[:, 1::2])
    if notation == "MA" and (negative := np.flatnonzero(first.min(axis=1) < 0.0)).size:
        _refuse(block, int(negative[0]), _("a magnitude below zero; is the option line's MA right?"))
    with np.errstate(over="ignore"):  # what overflows is refused as not passive
        magnitude = first if notation == "MA" else 10.0 ** (first / 20.0)
    with np.errstate(invalid="ignore"):
        return np.asarray(magnitude * np.exp(1j * angle), dtype=np.complex128)


def _matrices(block: _Block, values: ComplexArray, head: Head) -> ComplexArray:
    """Return (n, p, p) of the values as the file has them."""
    if head.matrix == "full":
        s = values.reshape(-1, block.ports, block.ports)
        return s.transpose(0, 2, 1) if head.columns_first else s
    rows, columns = (np.tril_indices if head.matrix == "lower" else np.triu_indices)(block.ports)
    s = np.empty((len(values), block.ports, block.ports), dtype=np.complex128)
    s[:, rows, columns] = values
    s[:, columns, rows] = values
    return s


def _check_passive(block: _Block, s: ComplexArray) -> None:
    """Refuse |S| above 1: no cable amplifies, so the file or its notation is wrong."""
    with np.errstate(over="ignore", invalid="ignore"):
        beyond = ~(np.abs(s) <= 10.0 ** (PASSIVE_DB / 20.0))
    if not beyond.any():
        return
    record, row, column = (int(index) for index in np.argwhere(beyond)[0])
    what = _("S[{row},{column}] is above 1, which no cable can be").format(row=row + 1, column=column + 1)
    _refuse(block, record, what, _("check the calibration, and RI, MA or DB on the option line"))


def _in_order(block: _Block, frequency_hz: FloatArray, s: ComplexArray) -> tuple[FloatArray, ComplexArray, list[str]]:
    """Return both sorted by frequency, each frequency once."""
    if np.all(np.diff(frequency_hz) > 0.0):
        return frequency_hz, s, []
    order = rising(frequency_hz)
    warnings = [] if order is None else [str(Warn.UNSORTED)]
    order = np.arange(len(frequency_hz)) if order is None else order
    frequency_hz, s = frequency_hz[order], s[order]
    again = np.concatenate(([False], np.diff(frequency_hz) == 0.0))
    _refuse_contradictions(block, s, again, order)
    return frequency_hz[~again], s[~again], warnings


def _refuse_contradictions(block: _Block, s: ComplexArray, again: BoolArray, order: IndexArray) -> None:
    """Refuse a frequency that stands twice with different data; `again` (n,) marks the second of two."""
    at = np.flatnonzero(again)
    different = at[np.any(s[at] != s[at - 1], axis=(1, 2))]
    if different.size:
        record = int(max(order[different[0]], order[different[0] - 1]))
        _refuse(block, record, _("this frequency stands twice, with different data"), _("keep the sweep that is right"))


def _refuse(block: _Block, record: int, what: str, hint: str = "") -> NoReturn:
    place = _("{file}: line {line}").format(file=block.name, line=block.line_of_record(record))
    raise BadFile(f"{place}: {what}", hint or _("export the file again"))
