"""CSV sweeps: one row per frequency, with gains or losses in columns that say which they are."""

from typing import NamedTuple

import numpy as np

from linetest.copper.csv_columns import SAID, Column, check_header, columns_of, frequencies
from linetest.copper.csv_table import Table, read_table, refuse
from linetest.copper.sweep import MOST_VALUES, FloatArray, IndexArray, Pair, Sweep, SweepFile, SweepOptions, rising
from linetest.model.codes import Warn
from linetest.words.text import _

_READ_AS = {"gain": Warn.READ_AS_GAIN, "loss": Warn.READ_AS_LOSS}
_MOST_PAIRS = 64
_LONGEST_LABEL = 64


class _Places(NamedTuple):
    """Which combination each of r rows belongs to."""

    pairs: list[Pair]
    victim: IndexArray
    """(r,) indices of `pairs`."""
    disturber: IndexArray
    """(r,); -1 where the row names none."""
    named: bool
    """Whether the file or the person says which pair is disturbed."""


def read_csv(name: str, body: bytes, text: bytes, options: SweepOptions) -> Sweep:
    r"""Return the sweep of a CSV file; `text` is `body` without byte order mark, its lines ending in ``\n``.

    Raises:
        BadFile: with the line, where it is the fault of one.
    """
    table = read_table(name, text)
    check_header(table)
    frequency_hz = frequencies(table)
    columns = columns_of(table, options)
    places = _places(table, options, crosstalk=any(column.what != "il" for column in columns))
    grid_hz, gain_db = _gains(table, frequency_hz, columns, places)
    signs = sorted({column.sign for column in columns})
    return Sweep(
        name=name,
        files=[SweepFile(name=name, body=body, options=options)],
        frequency_hz=grid_hz,
        gain_db=gain_db,
        pairs=places.pairs,
        pairs_named=places.named,
        interpreted_as=SAID[signs[0]]
        if len(signs) == 1
        else ", ".join(f"{column.what}: {SAID[column.sign]}" for column in columns),
        warnings=[
            *([str(Warn.UNSORTED)] if _unsorted(frequency_hz, places) else []),
            *(str(_READ_AS[sign]) for sign in signs),
        ],
    )


def _places(table: Table, options: SweepOptions, *, crosstalk: bool) -> _Places:
    """Return who disturbs whom in each row.

    Plain numbers stay what they are, other labels are numbered as they appear. A victim that nobody named is pair 1;
    a disturber that nobody named gets no number.
    """
    victims = _labels(table, "pair", options.pair)
    disturbers = _labels(table, "disturber", options.disturber)
    unnamed = not any(disturbers) and "disturber" not in table.header
    named = any(victims)
    if not named:
        if not unnamed:
            refuse(table, None, _("it names a disturber and no pair"), _("say --pair too"))
        victims = ["1"] * len(victims)
    labels = [label for label in dict.fromkeys([*victims, *disturbers]) if label]
    if len(labels) > _MOST_PAIRS:
        refuse(table, None, _("more than {most} pairs").format(most=_MOST_PAIRS), _("split the file"))
    if all(label.isascii() and label.isdigit() for label in labels):
        labels.sort(key=int)
        pairs = [Pair(number=label) for label in labels]
    else:
        pairs = [Pair(number=str(number), name=label) for number, label in enumerate(labels, start=1)]
    index = {label: number for number, label in enumerate(labels)}
    nobody = -1
    if unnamed and crosstalk:
        nobody = len(pairs)
        pairs.append(Pair(number=None))
    return _Places(
        pairs,
        np.array([index[label] for label in victims]),
        np.array([index[label] if label else nobody for label in disturbers]),
        named,
    )


def _labels(table: Table, column: str, said: str | None) -> list[str]:
    """Return each row's label, empty where it has none."""
    cells = table.cells(column)
    if cells is None:
        return [said or ""] * len(table.rows)
    if said is not None:
        refuse(
            table, None, _("the column {column} and the option both name it").format(column=column), _("leave one out")
        )
    for row, cell in enumerate(cells):
        if len(cell) > _LONGEST_LABEL or (column == "pair" and not cell):
            refuse(table, row, _("{label!r} cannot be the label of a pair").format(label=cell[:80]), _("mend it"))
    return cells


def _groups(places: _Places) -> list[IndexArray]:
    """Return the rows of each combination, in the file's order."""
    keys = places.victim * (len(places.pairs) + 1) + places.disturber
    order = np.argsort(keys, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(keys[order])) + 1)


def _unsorted(frequency_hz: FloatArray, places: _Places) -> bool:
    return any(rising(frequency_hz[rows]) is not None for rows in _groups(places))


def _gains(
    table: Table, frequency_hz: FloatArray, columns: list[Column], places: _Places
) -> tuple[FloatArray, FloatArray]:
    """Return the common frequencies, (n,), and the gains, (n, 2, P, 2, P)."""
    groups = [_once(table, frequency_hz, columns, rows) for rows in _groups(places)]
    grid_hz, count = frequency_hz[groups[0]], len(places.pairs)
    if len(grid_hz) * 4 * count**2 > MOST_VALUES:
        refuse(table, None, _("too many pairs and frequencies for one file"), _("split the file"))
    gain_db = np.full((len(grid_hz), 2, count, 2, count), np.nan)
    for rows in groups:
        if not np.array_equal(frequency_hz[rows], grid_hz):
            refuse(
                table,
                int(rows[0]),
                _("this combination has other frequencies than the first one"),
                _("put it into a file of its own"),
            )
        for column in columns:
            _place(table, gain_db, column, rows, places)
    return grid_hz, gain_db


def _once(table: Table, frequency_hz: FloatArray, columns: list[Column], rows: IndexArray) -> IndexArray:
    """Return the rows of one combination by rising frequency, each frequency once."""
    rows = rows[np.argsort(frequency_hz[rows], kind="stable")]
    again = np.flatnonzero(np.diff(frequency_hz[rows]) == 0.0) + 1
    for column in columns:
        same = np.array_equal(column.gain_db[rows[again]], column.gain_db[rows[again - 1]], equal_nan=True)
        if not same:
            differs = again[column.gain_db[rows[again]] != column.gain_db[rows[again - 1]]]
            refuse(
                table,
                int(rows[differs[0]]),
                _("this frequency stands twice, with different data"),
                _("keep the sweep that is right"),
            )
    return np.delete(rows, again)


def _place(table: Table, gain_db: FloatArray, column: Column, rows: IndexArray, places: _Places) -> None:
    """Write one column of one combination into `gain_db`, in place."""
    values, row = column.gain_db[rows], int(rows[0])
    empty = np.isnan(values)
    if empty.all():
        return
    if empty.any():
        refuse(table, int(rows[int(np.argmax(empty))]), _("{column} is missing here").format(column=column.what), "")
    victim, disturber = int(places.victim[row]), int(places.disturber[row])
    if column.what == "il":
        there = gain_db[:, 1, victim, 0, victim]
        if not np.isnan(there).all() and not np.array_equal(there, values):
            refuse(table, row, _("the insertion loss of this pair stands twice, with different data"), "")
        disturber = victim
    elif disturber in (-1, victim):
        refuse(table, row, _("crosstalk needs a disturber other than the pair itself"), _("fill in its label"))
    gain_db[:, 0 if column.what == "next" else 1, victim, 0, disturber] = values
