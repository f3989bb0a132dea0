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
    """Straight lines through stretches of bins; arrays of one shape, (m,) or (2, m), one entry for each stretch."""

    mean: FloatArray
    middle: FloatArray
    slope: FloatArray
    """In dB a bin."""
    size: FloatArray
    """Bins in the stretch."""

    def at(self, bin_index: FloatArray | IntArray) -> FloatArray:
        """Return the lines' values at a bin each."""
        return np.asarray(self.mean + self.slope * (bin_index - self.middle))

    def row(self, number: int) -> "Line":
        """Return the lines of one row."""
        return Line(self.mean[number], self.middle[number], self.slope[number], self.size[number])


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
    value, moment = np.empty(len(values) + 1), np.empty(len(values) + 1)
    value[0] = moment[0] = 0.0
    np.add.accumulate(values, out=value[1:])
    times_place = np.arange(float(len(values)))
    times_place *= values
    np.add.accumulate(times_place, out=moment[1:])
    return Sums(value, moment)


def line_through(sums: Sums, first: IntArray, end: IntArray) -> Line:
    """Return the least-squares lines through bins first..end-1, (m,) or (2, m); a single bin's slope is zero."""
    begin = first.astype(np.float64)  # numpy converts slowly while it calculates
    count = np.maximum((end - first).astype(np.float64), 1.0)
    total = sums.value[end] - sums.value[first]
    middle = (count - 1.0) * 0.5 + begin
    moment = sums.moment[end] - sums.moment[first] - middle * total
    return Line(total / count, middle, moment / np.maximum((count * count - 1.0) * count / 12.0, 0.5), count)


def median_of(values: FloatArray) -> float:
    """Return the median of (n,) values, n > 0; numpy's own takes longer to begin than to sort a thousand of them."""
    rising, half = np.sort(values), len(values) // 2
    return float(rising[half] if len(values) % 2 else 0.5 * (rising[half - 1] + rising[half]))
