"""The samples in bins of a fifth of a pulse: nothing an OTDR resolves is finer, and noise averages out.

Levels are handled as loss in dB, so they rise along the fibre. Prefix sums give the line through any stretch of
bins without touching the bins again.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from linetest.otdr.trace import Acquisition, FloatArray

IntArray = NDArray[np.int64]

BINS_A_PULSE = 5
_LEAST_SAMPLES = 5.0
"""A shorter pulse is resolved by the detector, not by itself: its echo is a few samples long all the same."""


class Sums(NamedTuple):
    """Prefix sums of bins: of the values, and of values times their index; both (n + 1,)."""

    value: FloatArray
    moment: FloatArray


class Bins(NamedTuple):
    """A trace in bins."""

    loss_db: FloatArray
    """(n,): the mean of each bin."""
    sums: Sums
    samples: int
    """How many samples are in a bin."""
    bin_m: float
    pulse: int
    """How many bins an event of zero length is spread over."""
    first_m: float

    def at_m(self, bin_index: float) -> float:
        """Return the distance of a bin's beginning."""
        return self.first_m + float(bin_index) * self.bin_m


class Line(NamedTuple):
    """Straight lines through stretches of bins; arrays, one entry for each stretch."""

    mean: FloatArray
    middle: FloatArray
    slope: FloatArray
    """In dB a bin."""
    size: FloatArray
    """Bins in the stretch."""

    def at(self, bin_index: FloatArray | IntArray) -> FloatArray:
        """Return the lines' values at a bin each."""
        return np.asarray(self.mean + self.slope * (bin_index - self.middle))


def binned(acquisition: Acquisition) -> Bins:
    """Return the trace in bins; a rest of samples that fills no bin is left out."""
    resolved = max(acquisition.pulse_m / acquisition.step_m, _LEAST_SAMPLES)
    samples = max(1, round(resolved / BINS_A_PULSE))
    count = len(acquisition.counts) // samples
    rows = acquisition.counts[: count * samples].reshape(count, samples)
    if samples == 1:
        loss_db: FloatArray = rows[:, 0].astype(np.float64) * acquisition.db_per_count
    else:
        # Noise is even in power, not in decibels. Sums along short rows are slow in numpy, a product is not.
        power = _powers(acquisition.db_per_count)[rows] @ np.full(samples, 1.0 / samples, np.float32)
        loss_db = np.log10(power.astype(np.float64)) * -5.0
    return Bins(
        loss_db,
        sums_of(loss_db),
        samples,
        samples * acquisition.step_m,
        max(round(resolved / samples), BINS_A_PULSE),
        acquisition.first_m,
    )


@lru_cache(maxsize=4)
def _powers(db_per_count: float) -> NDArray[np.float32]:
    """Return the relative power of every number that a sample can be, (65536,)."""
    return np.asarray(10.0 ** (np.arange(65536) * (-db_per_count / 5.0)), np.float32)


def sums_of(values: FloatArray) -> Sums:
    """Return the prefix sums of (n,) values."""
    value, moment = np.zeros(len(values) + 1), np.zeros(len(values) + 1)
    np.cumsum(values, out=value[1:])
    np.cumsum(values * np.arange(len(values)), out=moment[1:])
    return Sums(value, moment)


def line_through(sums: Sums, first: IntArray, end: IntArray) -> Line:
    """Return the least-squares lines through bins first..end-1, (m,); the slope of a single bin is zero."""
    count = np.maximum(end - first, 1).astype(np.float64)
    total = sums.value[end] - sums.value[first]
    middle = first + (count - 1.0) * 0.5
    moment = sums.moment[end] - sums.moment[first] - middle * total
    return Line(total / count, middle, moment / np.maximum(count * (count * count - 1.0) / 12.0, 0.5), count)


def window_means(sums: Sums, width: int) -> FloatArray:
    """Return the mean of every stretch of `width` bins, (n - width + 1,), by its first bin."""
    return (sums.value[width:] - sums.value[:-width]) / width
