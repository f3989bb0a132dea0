"""Events while they are being found: stretches of bins between which the fibre is straight."""

from typing import NamedTuple

import numpy as np

from linetest.otdr.bins import Bins, IntArray, Line, line_through
from linetest.otdr.trace import FloatArray

_LONGEST_PULSES = 100
"""A section's line is drawn through so much of it beside an event: fibre is not straight for ever."""
_SHORTEST_PULSES = 4
"""A shorter stretch gives a level but no slope of its own; then the usual slope is taken."""


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

    def with_more(self, start: list[int], stop: list[int], height_db: list[float]) -> "Marks":
        """Return these and others, in order."""
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
    return np.concatenate(([span.first], marks.stop[:-1])), np.concatenate((marks.start[1:], [span.end]))


def measure_sides(marks: Marks, span: Span) -> Sides:
    """Measure every event's loss: the gap between the least-squares lines on both sides, at the event (4 points)."""
    pulse = span.bins.pulse
    low, high = limits_of(marks, span)
    longest = _LONGEST_PULSES * pulse
    low, high = np.maximum(low, marks.start - longest), np.minimum(high, marks.stop + longest)
    # The last bin before an event may already hold the foot of its rise.
    last = np.where(marks.start - low > 4, marks.start - 1, marks.start)
    before = steady(line_through(span.bins.sums, np.minimum(low, marks.start - 1), last), span)
    behind = steady(line_through(span.bins.sums, marks.stop, np.maximum(high, marks.stop + 1)), span)
    loss_db = behind.at(marks.start) - before.at(marks.start)
    noise_db = span.pulse_noise_db[np.minimum(marks.start, span.end - 1)]
    loss_u_db = noise_db * np.sqrt(pulse * (_variance(before, marks.start, span) + _variance(behind, marks.start, span)))
    short = (marks.start - low < 3) | (high - marks.stop < 3)
    return Sides(before, behind, np.where(short, np.nan, loss_db), loss_u_db)


def steady(line: Line, span: Span) -> Line:
    """Return the lines with the usual slope where they are too short for one of their own."""
    return line._replace(slope=np.where(line.count < _SHORTEST_PULSES * span.bins.pulse, span.slope, line.slope))


def _variance(line: Line, at: IntArray, span: Span) -> FloatArray:
    """Return the variance of the lines at a bin each, for bins of unit variance."""
    reach = np.where(line.count < _SHORTEST_PULSES * span.bins.pulse, 0.0, at - line.middle)
    return np.asarray(1.0 / line.count + 12.0 * reach**2 / line.count**3)


def prune(marks: Marks, span: Span, least_db: float, least_sigmas: float) -> tuple[Marks, Sides]:
    """Drop what is not significant, the least first: its neighbours' lines grow longer and better.

    Reflections stay: they are seen by themselves.
    """
    while True:
        sides = measure_sides(marks, span)
        loss_db = np.where(np.isnan(sides.loss_db), 0.0, np.abs(sides.loss_db))
        worth = np.minimum(loss_db / least_db, loss_db / (least_sigmas * sides.loss_u_db))
        worth[~np.isnan(marks.height_db)] = np.inf
        beside = np.minimum(np.concatenate(([np.inf], worth[:-1])), np.concatenate((worth[1:], [np.inf])))
        drop = (worth < 1.0) & (worth <= beside)
        # Of two equal neighbours only one goes.
        drop[1:] &= ~(drop[:-1] & (worth[1:] == worth[:-1]))
        if not drop.any():
            return marks, sides
        marks = marks.only(~drop)


def residual(marks: Marks, span: Span) -> FloatArray:
    """Return the trace less its sections' lines, (n,); zero inside events and outside of the span."""
    loss_db = span.bins.loss_db
    rest = np.zeros(len(loss_db))
    begin, end = np.concatenate(([span.first], marks.stop)), np.concatenate((marks.start, [span.end]))
    line = line_through(span.bins.sums, np.minimum(begin, end - 1), end)
    for i in np.flatnonzero(end - begin >= 3):
        a, b = int(begin[i]), int(end[i])
        rest[a:b] = loss_db[a:b] - (line.mean[i] + line.slope[i] * (np.arange(a, b) - line.middle[i]))
    return rest
