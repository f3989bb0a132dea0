"""The event finder: from the samples to measured events, blind to the instrument's own table."""

import numpy as np

from linetest.otdr.bins import binned
from linetest.otdr.event import Analysis
from linetest.otdr.extent import end_before, fall_of, settled_after_launch, start_of
from linetest.otdr.link import Extent, analysis_of
from linetest.otdr.marks import Marks, Sides, Span, measure_sides, prune, residual
from linetest.otdr.noise import bin_noise_db, noise_edge_db, pulse_noise_db, usual_slope
from linetest.otdr.reflections import find_reflections
from linetest.otdr.steps import pick_steps, place_steps, step_significance
from linetest.otdr.trace import Acquisition

_LEAST_LOSS_DB = 0.0235
_LEAST_SIGMAS = 4.0
_ROUNDS = 5


def find_events(acquisition: Acquisition, *, launch_m: float | None = None, receive_m: float | None = None) -> Analysis:
    """Find and measure the events of one trace."""
    bins = binned(acquisition)
    edge_db = noise_edge_db(acquisition)
    noise_db = bin_noise_db(bins.loss_db, bins.pulse)
    start = start_of(bins, edge_db)
    fall = fall_of(bins, start, edge_db)
    slope = usual_slope(bins, start, fall or len(bins.loss_db))
    end = None if fall is None else end_before(bins, fall, start, slope)
    stop = len(bins.loss_db) if end is None else end
    slope = usual_slope(bins, start, stop)
    first = settled_after_launch(bins, start, stop, noise_db, slope)
    noise_db, pulse_db = _noise_of(bins, min(first, stop), stop, slope)
    span = Span(bins, min(first, stop), stop, slope, noise_db, pulse_db)
    marks, sides, span = _events_of(span)
    return analysis_of(acquisition, span, marks, Extent(start, end, edge_db), launch_m, receive_m)


def _noise_of(bins, first, stop, slope):
    part = bins.loss_db[first:stop]
    noise_db, pulse_db = np.zeros(stop), np.zeros(stop)
    noise_db[first:] = bin_noise_db(part, bins.pulse)
    pulse_db[first:] = pulse_noise_db(part, noise_db[first:], bins.pulse, slope)
    return noise_db, pulse_db


def _events_of(span: Span) -> tuple[Marks, Sides, Span]:
    marks = find_reflections(span)
    rest_db = _bridged(marks, span)
    for round_ in range(_ROUNDS):
        new = pick_steps(step_significance(rest_db, span, quick=round_ == 0), marks, span)
        if not new:
            break
        before = marks
        pulse = span.bins.pulse
        marks = marks.with_more(new, [min(at + pulse + 1, span.end - 1) for at in new], [np.nan] * len(new))
        marks = _absorb_tails(place_steps(marks, span, np.isin(marks.start, new) & np.isnan(marks.height_db)), span)
        marks, span = _without_launch_tail(marks, span)
        marks, _sides = prune(marks, span, _LEAST_LOSS_DB, _LEAST_SIGMAS)
        if np.array_equal(marks.start, before.start):
            break
        rest_db = residual(marks, span)
    return marks, measure_sides(marks, span), span


def _without_launch_tail(marks: Marks, span: Span) -> tuple[Marks, Span]:
    """Begin behind steps that are but the launch's slow recovery: the fibre beside them is not straight yet."""
    pulse = span.bins.pulse
    reach = span.first + 10 * pulse + int(30.0 / span.bins.bin_m)
    while len(marks.start) and marks.start[0] < reach and np.isnan(marks.height_db[0]):
        start, stop = int(marks.start[0]), int(marks.stop[0])
        behind = min(stop + 8 * pulse, int(marks.start[1]) if len(marks.start) > 1 else span.end)
        too_near = start - span.first < 2 * pulse
        if not (too_near or _still_sinks(span, span.first, start) or _still_sinks(span, stop, behind)):
            break
        span = span._replace(first=stop)
        marks = marks.only(np.arange(len(marks.start)) > 0)
    return marks, span


def _still_sinks(span: Span, first: int, end: int) -> bool:
    """Tell whether the trace falls faster there than fibre does."""
    pulse, loss_db = span.bins.pulse, span.bins.loss_db
    if end - first < 2 * pulse:
        return False
    fall_db = loss_db[end - pulse : end].mean() - loss_db[first : first + pulse].mean()
    fall_db -= span.slope * (end - first - pulse)
    return bool(fall_db > max(0.015, 3.0 * float(span.pulse_noise_db[first])))


def _bridged(marks: Marks, span: Span) -> np.ndarray:
    """Return the trace without its usual slope, with a plain step in the place of each reflection."""
    level_db = span.bins.loss_db - span.slope * np.arange(len(span.bins.loss_db))
    reach = 2 * span.bins.pulse
    for start, stop in zip(marks.start.tolist(), marks.stop.tolist(), strict=True):
        middle = (start + stop) // 2
        level_db[start:middle] = level_db[max(start - reach, 0) : start].mean() if start else level_db[stop]
        level_db[middle:stop] = level_db[stop : stop + reach].mean()
    return level_db


def _absorb_tails(marks: Marks, span: Span) -> Marks:
    """Let an event's dead zone reach over a small step shortly behind it: the detector recovers slowly."""
    loss_db = measure_sides(marks, span).loss_db
    pulse = span.bins.pulse
    keep = np.ones(len(marks.start), bool)
    stop = marks.stop.copy()
    last = -1
    for i in range(len(marks.start)):
        if last >= 0:
            reflects = not np.isnan(marks.height_db[last])
            near = marks.start[i] - stop[last] < (4 if reflects else 2) * pulse
            size = marks.height_db[last] if reflects else loss_db[last]
            if np.isnan(marks.height_db[i]) and near and 0.0 < loss_db[i] * np.sign(size) < (0.045 if reflects else 0.5) * abs(size):
                stop[last] = marks.stop[i]
                keep[i] = False
                continue
        last = i
    return Marks(marks.start, stop, marks.height_db).only(keep)
