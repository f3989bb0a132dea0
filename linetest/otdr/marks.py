"""Events while they are being found: stretches of bins between which the fibre is straight."""

from math import sqrt
from typing import NamedTuple

import numpy as np

from linetest.otdr.bins import Bins, IntArray, Line, line_through, median_of
from linetest.otdr.trace import FloatArray

_LONGEST_PULSES = 100
"""A section's line is drawn through so much of it beside an event: fibre is not straight for ever."""
_SHORTEST_PULSES = 4
"""A shorter stretch gives a level but no slope of its own; then the usual slope is taken."""


LEAST_LOSS_DB = 0.0235
"""Smaller steps are fading of the light, or what makers leave out as well: most report from 0.02 dB on."""
_LEAST_SIGMAS = 4.0
_UNEVEN_PULSES = 8


class Span(NamedTuple):
    """The part of the trace that is searched, with what is known of it."""

    bins: Bins
    first: int
    """Behind the launch's dead zone."""
    end: int
    """Where the fibre ends, or the trace."""
    slope: float
    """The usual loss a bin."""
    noise_db: FloatArray
    """Of a bin, (n,)."""
    pulse_noise_db: FloatArray
    """Of the mean over one pulse, (n,)."""
    unevenness_db: float = 0.0
    """How far the fibre itself leaves its lines over a few pulses; no averaging makes that smaller."""


class Marks(NamedTuple):
    """Events in rising order, (m,) each."""

    start: IntArray
    """The first bin that the event touches."""
    stop: IntArray
    """The first bin behind it that is fibre again."""
    height_db: FloatArray
    """Of the reflection over the line before; NaN without one."""

    def only(self, keep: np.ndarray) -> "Marks":
        """Return the chosen ones."""
        return Marks(self.start[keep], self.stop[keep], self.height_db[keep])

    def with_more(self, start: list[int], stop: list[int], height_db: list[float] | None = None) -> "Marks":
        """Return these and others, in order."""
        height_db = [np.nan] * len(start) if height_db is None else height_db
        merged = Marks(
            np.concatenate((self.start, np.array(start, np.int64))),
            np.concatenate((self.stop, np.array(stop, np.int64))),
            np.concatenate((self.height_db, np.array(height_db, np.float64))),
        )
        return merged.only(np.argsort(merged.start, kind="stable"))


class Sides(NamedTuple):
    """The lines before and behind each event, and the loss between them."""

    before: Line
    behind: Line
    loss_db: FloatArray
    """NaN where a side is too short to measure."""
    loss_u_db: FloatArray


NO_MARKS = Marks(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))


def limits_of(marks: Marks, span: Span) -> tuple[IntArray, IntArray]:
    """Return where the section before each event begins, and where that behind it ends."""
    low, high = np.empty_like(marks.start), np.empty_like(marks.start)
    low[:1], low[1:] = span.first, marks.stop[:-1]
    high[:-1], high[-1:] = marks.start[1:], span.end
    return low, high


def measure_sides(marks: Marks, span: Span) -> Sides:
    """Measure every event's loss: the gap between the least-squares lines on both sides, at the event (4 points)."""
    start = marks.start
    low, high = limits_of(marks, span)
    longest = _LONGEST_PULSES * span.bins.pulse
    low, high = np.maximum(low, start - longest), np.minimum(high, marks.stop + longest)
    room = start - low
    # The last bin before an event may already hold the foot of its rise.
    last = start - (room > 4)
    # Both sides at once, since events are few and every call of numpy costs as much as a hundred of them.
    first = np.array((np.minimum(low, start - 1), marks.stop))
    line = steady(line_through(span.bins.sums, first, np.array((last, np.maximum(high, marks.stop + 1)))), span)
    at = start.astype(np.float64)
    level_db, variance = line.at(at), _variance(line, at, span)
    noise_db = span.pulse_noise_db[np.minimum(start, span.end - 1)]
    variance = noise_db * noise_db * span.bins.pulse * (variance[0] + variance[1])
    loss_db = level_db[1] - level_db[0]
    loss_db[(room < 3) | (high - marks.stop < 3)] = np.nan
    return Sides(line.row(0), line.row(1), loss_db, np.sqrt(variance + 2.0 * span.unevenness_db**2))


def steady(line: Line, span: Span) -> Line:
    """Return the lines with the usual slope where they are too short for one of their own."""
    slope = line.slope.copy()
    slope[line.size < _SHORTEST_PULSES * span.bins.pulse] = span.slope
    return line._replace(slope=slope)


def _variance(line: Line, at: FloatArray, span: Span) -> FloatArray:
    """Return the variance of the lines at a bin each, for bins of unit variance."""
    reach = (at - line.middle) / line.size
    reach[line.size < _SHORTEST_PULSES * span.bins.pulse] = 0.0
    return np.asarray((1.0 + 12.0 * reach * reach) / line.size)


def prune(marks: Marks, span: Span) -> Marks:
    """Drop what is not significant, the least first: its neighbours' lines grow longer and better.

    Reflections stay: they are seen by themselves.
    """
    while True:
        sides = measure_sides(marks, span)
        least_db = np.maximum(_LEAST_SIGMAS * sides.loss_u_db, LEAST_LOSS_DB)
        worth = np.fmax(np.abs(sides.loss_db), 0.0) / least_db
        drop = (worth < 1.0) & np.isnan(marks.height_db)
        if not drop.any():
            return marks
        # Of two neighbours only the lesser goes, of equal ones the first.
        rising = worth[1:] >= worth[:-1]
        drop[1:] &= ~(drop[:-1] & rising)
        drop[:-1] &= ~drop[1:] | rising
        marks = marks.only(~drop)


def residual(marks: Marks, span: Span) -> FloatArray:
    """Return the trace less its sections' lines, (n,); zero inside events and outside of the span."""
    loss_db = span.bins.loss_db
    rest = np.zeros(len(loss_db))
    begin, end = np.concatenate(([span.first], marks.stop)), np.concatenate((marks.start, [span.end]))
    line = line_through(span.bins.sums, np.minimum(begin, end - 1), end)
    from_zero_db = line.mean - line.slope * line.middle
    for a, b, slope, level_db in zip(*(x.tolist() for x in (begin, end, line.slope, from_zero_db)), strict=True):
        if b - a >= 3:
            part = np.multiply(np.arange(float(a), float(b)), -slope, out=rest[a:b])
            part += loss_db[a:b]
            part -= level_db
    return rest


def unevenness_of(rest_db: FloatArray, span: Span) -> float:
    """Return how far the fibre leaves its sections' lines over a few pulses, beyond what noise explains."""
    width = _UNEVEN_PULSES * span.bins.pulse
    count = (span.end - span.first) // width
    if count < 8:
        return 0.0
    part = rest_db[span.first : span.first + count * width].reshape(count, width) @ np.full(width, 1.0 / width)
    expected = span.pulse_noise_db[span.first : span.first + count * width : width] / _UNEVEN_PULSES**0.5
    quiet = np.argsort(expected)[: max(count // 2, 8)]
    # The median of a squared normal variable is 0.455 of its variance.
    excess = median_of(part[quiet] ** 2) / 0.455 - median_of(expected[quiet] ** 2)
    return sqrt(max(excess, 0.0))
