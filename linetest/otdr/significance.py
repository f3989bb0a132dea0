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
_PARTS = 8
"""A filter is evaluated so often along its length: its answer changes no faster."""


def new_steps(rest_db: FloatArray, marks: Marks, span: Span, *, quick: bool) -> list[int]:
    """Return bins where steps seem to begin, the clearest first, away from the events that are known.

    `rest_db`, (n,), is the trace without its usual slope, or without the lines of its sections. With `quick` the
    longest filters are left out: before the large events are known they see nothing but those.
    """
    pulse, first, end = span.bins.pulse, span.first, span.end
    noise_db = span.noise_db[first:end]
    sums = sums_of(rest_db[first:end])
    least = _least_sigmas((end - first) / pulse)
    found = []
    for pulses in _LEVEL_PULSES:
        width = max(int(pulses * pulse), 1)
        found.append(_stand_out(_step_of_levels(sums, width, pulse), noise_db, width, 1, least))
    for width in _SLOPING_PULSES[:2] if quick else _SLOPING_PULSES:
        every = max(width * pulse // _PARTS, 1)
        found.append(
            _stand_out(_step_with_slope(sums, width * pulse, pulse, every), noise_db, width * pulse, every, least)
        )
    place = np.concatenate([one[0] for one in found]) + first
    size = np.concatenate([one[1] for one in found])
    return _pick(*_unknown(place, size, marks, span), pulse)


def _least_sigmas(pulses: float) -> float:
    """Return how far something must stand out where noise has so many chances to do so (Donoho's universal bound)."""
    return min(max(sqrt(2.0 * log(max(10.0 * pulses, 1.0))), _LEAST_SIGMAS), _MOST_SIGMAS)


def _step_of_levels(sums: Sums, width: int, gap: int) -> FloatArray:
    """Return the mean of `width` bins behind a gap less that of `width` bins before it, at every bin."""
    value = sums.value
    count = len(value) - 2 * width - gap
    if count < 8:
        return np.zeros(0)
    step = value[2 * width + gap :] - value[width + gap : width + gap + count]
    step -= value[width : width + count]
    step += value[:count]
    step /= width
    return step


def _step_with_slope(sums: Sums, width: int, gap: int, every: int) -> FloatArray:
    """Return the step between two parallel least-squares lines before and behind a gap, at some of the bins."""
    count = len(sums.value) - 2 * width - gap
    if count < 8:
        return np.zeros(0)
    left, left_moment = _windows(sums, 0, count, width, every)
    right, right_moment = _windows(sums, width + gap, count, width, every)
    right -= left
    right /= width
    right_moment += left_moment
    right_moment *= 6.0 * (width + gap) / (width * (width * width - 1.0))
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
    step_db: FloatArray, noise_db: FloatArray, width: int, every: int, least: float
) -> tuple[IntArray, FloatArray]:
    """Return where a filter's answer stands out, and by how many standard deviations.

    Its scatter is measured: neighbouring bins are not independent. What it has in the middle is the slope that was
    not known well enough.
    """
    if not len(step_db):
        return np.zeros(0, np.int64), step_db
    step_db /= noise_db[width : width + len(step_db) * every : every]
    middle, scatter = middle_and_scatter(step_db)
    step_db -= middle
    size = np.abs(step_db, out=step_db)
    scatter = max(scatter, 0.3)
    place = np.flatnonzero(size > least * scatter)
    return place * every + width, size[place] / scatter


def _unknown(place: IntArray, size: FloatArray, marks: Marks, span: Span) -> tuple[IntArray, FloatArray]:
    """Leave out what lies inside or beside a known event; behind a step the detector is still on its way."""
    pulse = span.bins.pulse
    if len(marks.start) and len(place):
        behind = np.where(np.isnan(marks.height_db), 2 * pulse, pulse)
        number = np.searchsorted(marks.start - pulse, place, "right") - 1
        inside = (number >= 0) & (place < (marks.stop + behind)[np.maximum(number, 0)])
        place, size = place[~inside], size[~inside]
    return place, size


def _pick(place: IntArray, size: FloatArray, pulse: int) -> list[int]:
    """Return the places that stand out most, none beside a clearer one: large steps ring in the longer filters."""
    if len(place) > 2 * _MOST:  # the clearest of each pulse is enough
        order = np.lexsort((size, place // pulse))
        block = place[order] // pulse
        last = np.concatenate((block[1:] != block[:-1], [True]))
        place, size = place[order[last]], size[order[last]]
    picked: list[int] = []
    while len(place) and len(picked) < _MOST:
        best = int(np.argmax(size))
        picked.append(int(place[best]))
        away = np.abs(place - picked[-1])
        left = (away > _RING_PULSES * pulse) | ((away > 2 * pulse) & (size > 0.5 * size[best]))
        place, size = place[left], size[left]
    return picked
