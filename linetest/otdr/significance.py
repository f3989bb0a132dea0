"""Matched filters of several lengths tell where steps stand out of the noise."""

from math import log, sqrt

import numpy as np

from linetest.otdr.bins import IntArray, Sums, sums_of
from linetest.otdr.marks import Marks, Span
from linetest.otdr.noise import middle_and_scatter
from linetest.otdr.trace import FloatArray

_LEAST_SIGMAS, _MOST_SIGMAS = 3.5, 4.5
_MOST = 400
_LEVEL_PULSES = (0.4, 1.0, 2.0)
"""Lengths of the filters that take the slope as known: sharp, for events that stand close."""
_SLOPING_PULSES = (4, 8, 16, 32)
"""Lengths of the filters that allow for any slope: for small steps in noise."""
_RING_PULSES = 5
"""How far a large step rings: beside it only what is half as clear is believed at once."""
_LEAST_SCATTER = 0.3
"""Of a filter's answer, in standard deviations of a bin: less is rounding, not noise."""
_PARTS = 8
"""A filter is evaluated so often along its length: its answer changes no faster."""


def new_steps(rest_db: FloatArray, marks: Marks, span: Span, *, quick: bool) -> list[int]:
    """Return bins where steps seem to begin, the clearest first, away from the events that are known.

    `rest_db`, (n,), is the trace without its usual slope, or without the lines of its sections. With `quick` the
    longest filters are left out: before the large events are known they see nothing but those.
    """
    pulse, first, end = span.bins.pulse, span.first, span.end
    sums = sums_of(rest_db[first:end])
    per_noise = 1.0 / span.noise_db[first:end]
    least = _least_sigmas((end - first) / pulse)
    found = []
    for part in _LEVEL_PULSES:
        width = max(int(part * pulse), 1)
        found.append(_stand_out(_step_of_levels(sums, width, pulse), per_noise, width, 1, least))
    for pulses in _SLOPING_PULSES[:2] if quick else _SLOPING_PULSES:
        width = pulses * pulse
        every = max(width // _PARTS, 1)
        found.append(_stand_out(_step_with_slope(sums, width, pulse, every), per_noise, width, every, least))
    place = np.concatenate([one[0] for one in found]) + first
    size = np.concatenate([one[1] for one in found])
    return _pick(*_unknown(place, size, marks, span), pulse)


def _least_sigmas(pulses: float) -> float:
    """Return how far something must stand out where noise has so many chances to do so (Donoho's universal bound)."""
    return min(max(sqrt(2.0 * log(max(10.0 * pulses, 1.0))), _LEAST_SIGMAS), _MOST_SIGMAS)


def _step_of_levels(sums: Sums, width: int, gap: int) -> FloatArray:
    """Return the sum of `width` bins behind a gap less that of `width` bins before it, at every bin."""
    total = sums.value[width:] - sums.value[:-width]
    count = len(total) - width - gap
    return total[width + gap :] - total[:count] if count >= 8 else np.zeros(0)


def _step_with_slope(sums: Sums, width: int, gap: int, every: int) -> FloatArray:
    """Return `width` times the step between parallel least-squares lines before and behind a gap, at some bins."""
    count = len(sums.value) - 2 * width - gap
    if count < 8:
        return np.zeros(0)
    left, left_moment = _windows(sums, 0, count, width, every)
    right, right_moment = _windows(sums, width + gap, count, width, every)
    right -= left
    right_moment += left_moment
    right_moment *= 6.0 * (width + gap) / (width * width - 1.0)
    right -= right_moment
    return right


def _windows(sums: Sums, first: int, count: int, width: int, every: int) -> tuple[FloatArray, FloatArray]:
    """Return the sum of `width` bins from some of `count` places on, and their moment about their middle."""
    low, high = slice(first, first + count, every), slice(first + width, first + width + count, every)
    total = sums.value[high] - sums.value[low]
    moment = sums.moment[high] - sums.moment[low]
    moment -= np.arange(first + (width - 1) / 2.0, first + (width - 1) / 2.0 + count, every)[: len(total)] * total
    return total, moment


def _stand_out(
    step_db: FloatArray, per_noise: FloatArray, width: int, every: int, least: float
) -> tuple[IntArray, FloatArray]:
    """Return where a filter's answer, times its width, stands out, and by how many standard deviations.

    Its scatter is measured: neighbouring bins are not independent. What it has in the middle is the slope that was
    not known well enough.
    """
    if not len(step_db):
        return np.zeros(0, np.int64), step_db
    step_db *= per_noise[width : width + len(step_db) * every : every]
    middle, scatter = middle_and_scatter(step_db, width)
    middle, scatter = middle * width, max(scatter, _LEAST_SCATTER) * width
    stands_out = step_db > middle + least * scatter
    stands_out |= step_db < middle - least * scatter
    place = stands_out.nonzero()[0]
    return place * every + width, np.abs(step_db[place] - middle) / scatter


def _unknown(place: IntArray, size: FloatArray, marks: Marks, span: Span) -> tuple[IntArray, FloatArray]:
    """Leave out what lies inside or beside a known event; behind a step the detector is still on its way."""
    pulse = span.bins.pulse
    if len(marks.start) and len(place):
        reach = marks.stop + pulse + pulse * np.isnan(marks.height_db)
        number = (marks.start - pulse).searchsorted(place, "right")
        outside = place >= np.concatenate(([0], reach))[number]
        place, size = place[outside], size[outside]
    return place, size


def _clearest(place: IntArray, size: FloatArray, pulse: int) -> tuple[IntArray, FloatArray]:
    """Return the clearest answer of all filters at each place, in order; of each pulse where there are too many."""
    block = place // pulse if len(place) > 2 * _MOST else place
    order = np.lexsort((size, block))
    block = block[order]
    last = np.ones(len(block), bool)
    last[:-1] = block[1:] != block[:-1]
    return place[order[last]], size[order[last]]


def _pick(place: IntArray, size: FloatArray, pulse: int) -> list[int]:
    """Return the places that stand out most, none beside a clearer one: large steps ring in the longer filters."""
    place, size = _clearest(place, size, pulse)
    first = place.searchsorted(place - _RING_PULSES * pulse).tolist()
    behind = place.searchsorted(place + _RING_PULSES * pulse, "right").tolist()
    # A few dozen places ring at most: plain Python is faster with them than numpy.
    at, clear, left = place.tolist(), size.tolist(), [True] * len(place)
    picked: list[int] = []
    for best in (-size).argsort(kind="stable").tolist():
        if left[best]:
            here, half = at[best], 0.5 * clear[best]
            picked.append(here)
            for i in range(first[best], behind[best]):
                if clear[i] <= half or abs(at[i] - here) <= 2 * pulse:
                    left[i] = False
        if len(picked) == _MOST:
            break
    return picked
