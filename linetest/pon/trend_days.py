"""Readings of many ONUs over time made comparable: temperature taken out, one value a day, spikes left out.

Flat arrays have one place for each reading, in the order of time; tables have a row for each ONU and a column for each
day. NaN is absent.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from linetest.model.trend_rules import TrendRules

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

DAY_S = 86_400.0
_MOST_A_DAY = 24
_AROUND = 7  # days that a spike has to stand apart from
NORMAL_MAD = 1.4826
"""What makes a standard deviation of the median of absolute values, for normal noise."""


class OnuName(NamedTuple):
    """One box at one port of an OLT."""

    olt: str
    onu: str
    """``rack/slot/port:onu``."""
    identity: str
    """Serial or MAC: the box that is there after it was replaced is another one."""


@dataclass(frozen=True, kw_only=True)
class LightReadings:
    """What was told of `names`, one place for each reading, in the order of time; NaN is absent."""

    names: list[OnuName]
    which: Ints
    """Of each reading its place in `names`."""
    at_s: Floats
    onu_rx_dbm: Floats
    onu_tx_dbm: Floats
    olt_rx_dbm: Floats
    temperature_c: Floats


@dataclass(frozen=True, kw_only=True)
class Days:
    """Light by ONU and day: tables of ONUs x days in dBm."""

    names: list[OnuName]
    """The ONUs that are there now, one for each place."""
    replaced: Bools
    """Another box was at this place before: the light since then is looked at."""
    first_s: float
    """Seconds since 1970 of the first day's beginning."""
    onu_rx_dbm: Floats
    onu_tx_dbm: Floats
    olt_rx_dbm: Floats


def by_day(readings: LightReadings, rules: TrendRules) -> Days:
    """Return one value a day for each ONU that is there now: the median of what its readings would be at one warmth.

    Of a place whose ONU was replaced only the last box is looked at.
    """
    latest, replaced = _latest_boxes(readings)
    row_of = np.full(len(readings.names), -1, dtype=np.int64)
    row_of[latest] = np.arange(len(latest))
    kept = row_of[readings.which] >= 0
    row, at_s = row_of[readings.which[kept]], readings.at_s[kept]
    order = np.argsort(row, kind="stable")
    row, at_s = row[order], at_s[order]
    temperature_c = readings.temperature_c[kept][order]
    first_s = float(np.floor(at_s.min() / DAY_S) * DAY_S) if len(at_s) else 0.0
    day = ((at_s - first_s) // DAY_S).astype(np.int64)
    shape = (len(latest), int(day.max(initial=0)) + 1)

    def table(flat: Floats) -> Floats:
        steady = _without_temperature(flat[kept][order], temperature_c, row, at_s, rules)
        return without_spikes(_daily_medians(steady, row * shape[1] + day, shape), rules)

    return Days(
        names=[readings.names[one] for one in latest],
        replaced=replaced,
        first_s=first_s,
        onu_rx_dbm=table(readings.onu_rx_dbm),
        onu_tx_dbm=table(readings.onu_tx_dbm),
        olt_rx_dbm=table(readings.olt_rx_dbm),
    )


def row_medians(table: Floats) -> Floats:
    """Return the median of each row over its last axis, NaN left out; NaN for a row without a value."""
    ranked = np.sort(table, axis=-1)  # NaN comes last
    count = np.isfinite(table).sum(axis=-1)
    if table.shape[-1] == 0:
        return np.full(table.shape[:-1], np.nan)
    low = np.take_along_axis(ranked, (np.maximum(count - 1, 0) // 2)[..., None], axis=-1)
    high = np.take_along_axis(ranked, np.minimum(count // 2, table.shape[-1] - 1)[..., None], axis=-1)
    middle: Floats = np.where(count > 0, (low[..., 0] + high[..., 0]) / 2.0, np.nan)
    return middle


def noise_db(table: Floats, rules: TrendRules) -> Floats:
    """Return of each row how much a day's value scatters, from day to day, so that drift and steps do not count."""
    between = np.abs(np.diff(table, axis=1))
    scatter = row_medians(between) * NORMAL_MAD / np.sqrt(2.0)
    noise: Floats = np.maximum(np.nan_to_num(scatter, nan=rules.least_noise_db), rules.least_noise_db)
    return noise


def without_spikes(table: Floats, rules: TrendRules) -> Floats:
    """Return the table without the values that stand apart from the days around them; steps stay."""
    if table.shape[1] < _AROUND:
        return table
    around = np.pad(table, ((0, 0), (_AROUND // 2, _AROUND // 2)), constant_values=np.nan)
    middle = row_medians(np.lib.stride_tricks.sliding_window_view(around, _AROUND, axis=1))
    apart = np.abs(table - middle) > rules.spike_sigmas * noise_db(table, rules)[:, None] + rules.least_spike_db
    return np.where(apart, np.nan, table)


def _latest_boxes(readings: LightReadings) -> tuple[Ints, Bools]:
    """Return the places in `names` of the boxes seen last at each port and number, and which are not the first."""
    seen_s = np.full(len(readings.names), -np.inf)
    lit = np.isfinite(readings.onu_rx_dbm) | np.isfinite(readings.olt_rx_dbm)
    np.maximum.at(seen_s, readings.which[lit], readings.at_s[lit])
    last: dict[tuple[str, str], int] = {}
    boxes: dict[tuple[str, str], int] = {}
    for place, name in enumerate(readings.names):
        if not np.isfinite(seen_s[place]):
            continue
        key = (name.olt, name.onu)
        boxes[key] = boxes.get(key, 0) + 1
        if key not in last or seen_s[place] > seen_s[last[key]]:
            last[key] = place
    latest = np.array(list(last.values()), dtype=np.int64)
    return latest, np.array([boxes[key] > 1 for key in last], dtype=np.bool_)


def _without_temperature(value: Floats, temperature_c: Floats, row: Ints, at_s: Floats, rules: TrendRules) -> Floats:
    """Return values as they would be at the ONU's mean temperature.

    How a value follows the temperature is taken from readings that lie less than a day apart: within that time nothing
    else changes much. Few or even readings give a coefficient near zero.
    """
    if not len(value):
        return value
    rows = int(row.max()) + 1
    step_c, step_db = np.diff(temperature_c), np.diff(value)
    near = (np.diff(row) == 0) & (np.diff(at_s) < DAY_S) & (np.abs(step_db) < rules.near_db)
    near &= np.isfinite(step_c)
    which, step_c, step_db = row[1:][near], step_c[near], step_db[near]
    noise = np.bincount(which, step_db**2, rows) / np.maximum(np.bincount(which, minlength=rows), 1)
    expected = noise / rules.usual_db_per_c**2
    db_per_c = np.bincount(which, step_c * step_db, rows) / np.maximum(
        np.bincount(which, step_c**2, rows) + expected, 1e-12
    )
    warm = np.isfinite(temperature_c)
    mean_c = np.bincount(row[warm], temperature_c[warm], rows) / np.maximum(np.bincount(row[warm], minlength=rows), 1)
    warmer_c = np.where(warm, temperature_c - mean_c[row], 0.0)
    steady: Floats = value - db_per_c[row] * warmer_c
    return steady


def _daily_medians(value: Floats, cell: Ints, shape: tuple[int, int]) -> Floats:
    """Return the median of the first `_MOST_A_DAY` values of each cell, cells counted row by row and rising."""
    there = np.isfinite(value)
    value, cell = value[there], cell[there]
    cells, start, count = np.unique(cell, return_index=True, return_counts=True)
    turn = np.arange(len(cell)) - np.repeat(start, count)
    early = turn < _MOST_A_DAY
    beside = np.full((len(cells), min(int(count.max(initial=1)), _MOST_A_DAY)), np.nan)
    beside[np.repeat(np.arange(len(cells)), count)[early], turn[early]] = value[early]
    table = np.full(shape[0] * shape[1], np.nan)
    table[cells] = row_medians(beside)
    return table.reshape(shape)
