"""How noisy a trace is, measured from itself: everything else is judged against it."""

from math import sqrt

import numpy as np

from linetest.otdr.bins import Bins, Sums, median_of
from linetest.otdr.trace import Acquisition, FloatArray

_BLOCKS = 24
_BLOCK_BINS = (16, 64)
_LEAST_DB = 2e-4
_MOST_DB = 20.0
_MOST_DIFFERENCES = 4096
_MOST_SAMPLED = 1024
POWER_A_DB = 0.4605170185988091
"""ln(10) / 5: the exponent of a 5 log decibel."""
NORMAL_30 = 0.3853
"""The 30 % quantile of a normal distribution's magnitude, in standard deviations."""
_NORMAL_20 = 0.2533
_STEEPEST_FIBRE_DB_PER_M = 4e-3
"""Multimode fibre at 850 nm has 3.5 dB/km; single-mode fibre never so much."""
_QUIET_DB = 0.35
"""A last stretch of less scatter than this is fibre, not noise."""


def noise_edge_db(acquisition: Acquisition) -> float | None:
    """Return the strong edge of the noise at the end of the trace, as loss; None when the trace ends in fibre.

    The last fortieth of the samples is looked at: noise scatters there, or is cut off at the instrument's floor.
    """
    counts = acquisition.counts
    size = min(max(len(counts) // 40, 20), len(counts))
    level_db = counts[-size:] * acquisition.db_per_count
    floor_db = float(counts.max()) * acquisition.db_per_count
    rising_db = np.sort(level_db)
    if rising_db[size // 2] <= floor_db - 0.05:
        x = np.arange(size) - (size - 1) / 2.0
        level_db -= level_db.mean()
        level_db -= x * (float(x @ level_db) / float(x @ x))
        if (float(level_db @ level_db) / size) ** 0.5 < _QUIET_DB:
            return None
    return float(rising_db[size * 3 // 20])


def bin_noise_db(loss_db: FloatArray, pulse: int) -> FloatArray:
    """Return the noise of each bin, (n,), as one standard deviation.

    A detector's noise is the same everywhere in power, so in decibels it grows as the signal weakens; beside it stands
    what does not depend on the signal: rounding, and the fading of coherent light. Both are fitted to second
    differences a pulse apart, which slope and steps hardly touch, by low quantiles: events can fill half of a block.
    """
    lag, count = pulse + 1, len(loss_db) - 2 * pulse - 2
    if count < 8:
        return np.full(len(loss_db), max(float(np.std(np.diff(loss_db))) if len(loss_db) > 1 else 0.0, 1e-3))
    every = max(count // _MOST_DIFFERENCES, 1)
    middle_db = loss_db[lag : lag + count : every]
    differences = np.abs(loss_db[:count:every] - 2.0 * middle_db + loss_db[2 * lag :: every])
    least, most = _BLOCK_BINS
    blocks = max(len(differences) // min(max(len(differences) // _BLOCKS, least), most), 1)
    width = len(differences) // blocks
    place = int(width * 0.3)
    block_db = np.partition(differences[: blocks * width].reshape(blocks, width), place, axis=1)[:, place]
    block_db /= NORMAL_30 * 6.0**0.5
    level_db = middle_db[: blocks * width].reshape(blocks, width).mean(axis=1)
    weak = np.exp((level_db - level_db[0]) * POWER_A_DB)
    third = max(blocks // 3, 1)
    order = np.argsort(weak)
    growing = median_of((block_db / weak)[order[-third:]])
    rest = block_db[order[:third]] ** 2 - (growing * weak[order[:third]]) ** 2
    constant = max(median_of(rest), _LEAST_DB**2)
    # The level changes little within a pulse, and exponentials are dear.
    level_db = loss_db[::pulse]
    noise_db = np.sqrt(constant + (growing * np.exp((level_db - middle_db[0]) * POWER_A_DB)) ** 2)
    return np.repeat(np.minimum(noise_db, _MOST_DB), pulse)[: len(loss_db)]


def middle_and_scatter(statistic: FloatArray, divisor: float) -> tuple[float, float]:
    """Return the median of a statistic over `divisor`, and its scatter in standard deviations.

    The scatter is had from the small values: events are large.
    """
    some = statistic[:: max(len(statistic) // _MOST_SAMPLED, 1)]
    some = some[some != 0.0]  # inside of events nothing is left
    if len(some) < 10:
        return 0.0, 1.0
    some.sort()
    half, fifth = len(some) // 2, len(some) // 5
    middle = some[half]
    # A fifth of all values is nearest to the middle one: they are among as many on either side of it.
    magnitude = np.abs(some[half - fifth : half + fifth + 1] - middle)
    magnitude.sort()
    return float(middle) / divisor, float(magnitude[fifth]) / (divisor * _NORMAL_20)


def pulse_noise_share(sums: Sums, noise_db: FloatArray, pulse: int, first: int, end: int, slope: float) -> float:
    """Return the noise of the mean over one pulse as a share of a bin's: its colour is measured, not assumed."""
    count = end - first - 3 * pulse
    if count < pulse + 8:
        return 1.0 / sqrt(pulse)
    at = np.arange(first, first + count, max(count // _MOST_SAMPLED, 1))
    value = sums.value
    change = value[at + 3 * pulse] - value[at + 2 * pulse] - value[at + pulse] + value[at] - 2 * slope * pulse * pulse
    _middle, colour = middle_and_scatter(change / noise_db[at + pulse], pulse)
    return max(colour / sqrt(2.0), 0.2)


def usual_slope(bins: Bins, first: int, end: int) -> float:
    """Return the usual loss a bin, in dB: the median over steps of two pulses, within what fibre can have."""
    width = 2 * bins.pulse
    part = bins.loss_db[first:end:width]
    change_db = np.diff(part)
    middle = len(change_db) // 2
    slope = float(np.partition(change_db, middle)[middle]) / width if len(change_db) > 1 else 0.0
    return min(max(slope, 0.0), _STEEPEST_FIBRE_DB_PER_M * bins.bin_m)
