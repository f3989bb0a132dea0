"""The columns of a CSV sweep: which frequency, which quantity, and whether gain or loss.

A gain read as loss would make every cable pass. So the sign is never guessed: the header or the person says it, and
the numbers have to agree.
"""

import re
from typing import NamedTuple

import numpy as np

from linetest.copper.csv_table import Table, refuse
from linetest.copper.sweep import GAIN, HIGHEST_HZ, LOSS, FloatArray, SweepOptions
from linetest.words.text import _

LARGEST_DB = 160.0
"""No instrument measures further down: a larger number is not decibels."""

_HZ = {"freq_hz": 1.0, "freq_khz": 1e3, "freq_mhz": 1e6}
_QUANTITY = re.compile(r"(?P<what>next|fext|il)(?:_(?P<sign>gain|loss))?_db")
SAID = {"gain": GAIN, "loss": LOSS}
"""How a sign is written into the record."""


class Column(NamedTuple):
    """One column of decibels, r rows."""

    what: str
    """next, fext or il."""
    sign: str
    """gain or loss."""
    gain_db: FloatArray
    """(r,); NaN for an empty cell."""


def check_header(table: Table) -> None:
    """Refuse a header without frequency or quantity, or with two columns of the same meaning."""
    if sum(cell in _HZ for cell in table.header) != 1:
        refuse(
            table,
            None,
            _("the header needs one column of frequency with its unit"),
            _("name it freq_hz, freq_khz or freq_mhz"),
        )
    quantities = [found["what"] for cell in table.header if (found := _QUANTITY.fullmatch(cell))]
    if not quantities:
        refuse(
            table,
            None,
            _("no column of next, fext or il"),
            _("name them next_gain_db, fext_gain_db, il_gain_db, or next_loss_db and so on"),
        )
    places = [cell for cell in table.header if cell in ("pair", "disturber")]
    for word in {*quantities, *places}:
        if (quantities + places).count(word) > 1:
            refuse(table, None, _("two columns say {column}").format(column=word), _("keep one"))


def frequencies(table: Table) -> FloatArray:
    """Return the frequencies in Hz, (r,)."""
    column = next(cell for cell in table.header if cell in _HZ)
    frequency = table.numbers(column)
    if (bad := np.flatnonzero(~((frequency >= 0.0) & (frequency <= HIGHEST_HZ / _HZ[column])))).size:
        what = _("a frequency is missing, below zero or beyond every analyser")
        refuse(table, int(bad[0]), what, _("export the file again"))
    return frequency * _HZ[column]


def columns_of(table: Table, options: SweepOptions) -> list[Column]:
    """Return the columns of decibels as gains, after the sign guard."""
    columns = []
    for match in (match for cell in table.header if (match := _QUANTITY.fullmatch(cell))):
        said = match["sign"]
        if said is None and options.sign is None:
            refuse(
                table,
                None,
                _("{column!r} does not say whether it is gain or loss").format(column=match[0]),
                _("say --sign gain (negative dB) or --sign loss (positive dB)"),
            )
        if said is not None and options.sign not in (None, said):
            refuse(
                table,
                None,
                _("{column!r} contradicts --sign {sign}").format(column=match[0], sign=options.sign),
                _("leave --sign out, or mend the header"),
            )
        sign = said or options.sign or ""
        values = table.numbers(match[0])
        _guard_sign(table, match[0], sign, values)
        columns.append(Column(match["what"], sign, values if sign == "gain" else -values))
    return columns


def _guard_sign(table: Table, column: str, sign: str, values: FloatArray) -> None:
    """Refuse numbers that are not decibels of that sign; zeros alone have none."""
    hint = _("mend the header or the numbers; a sign is never guessed")
    large = np.flatnonzero(np.abs(values) > LARGEST_DB)
    if large.size:
        refuse(table, int(large[0]), _("{column!r} is beyond 160 dB: not a measured level").format(column=column), hint)
    positive, negative = np.flatnonzero(values > 0.0), np.flatnonzero(values < 0.0)
    if positive.size and negative.size:
        row = int(max(positive[0], negative[0]))
        refuse(table, row, _("{column!r} mixes positive and negative values").format(column=column), hint)
    if not positive.size and not negative.size:
        refuse(table, 0, _("{column!r} holds nothing but zeros").format(column=column), _("export the file again"))
    wrong = positive if sign == "gain" else negative
    if wrong.size:
        what = _("{column!r} is said to be {said}, the numbers say otherwise").format(column=column, said=SAID[sign])
        refuse(table, int(wrong[0]), what, hint)
