"""The detector's recovery behind strong light: no event of its own, though it looks like a row of small steps."""

from math import copysign, isnan

import numpy as np

from linetest.otdr.marks import Marks, Span, measure_sides

_TAIL_SHARE = 0.04
"""A step shortly behind a reflection that is a smaller share of its height belongs to its recovery."""
_RAMP_SHARE = 0.5
"""A step shortly behind another, of the same sign, that is a smaller share of it belongs to it."""


def absorb_tails(marks: Marks, span: Span) -> Marks:
    """Let an event's dead zone reach over a small step shortly behind it."""
    pulse = span.bins.pulse
    steps = np.isnan(marks.height_db)
    if not (steps[1:] & (marks.start[1:] - marks.stop[:-1] < (4 - 2 * steps[:-1]) * pulse)).any():
        return marks
    loss_db = measure_sides(marks, span).loss_db.tolist()
    start, stop, height_db = marks.start.tolist(), marks.stop.tolist(), marks.height_db.tolist()
    keep: list[int] = []
    for i, own_db in enumerate(height_db):
        if keep and isnan(own_db):
            last = keep[-1]
            reflects = not isnan(height_db[last])
            size_db = height_db[last] if reflects else loss_db[last]
            near = start[i] - stop[last] < (4 if reflects else 2) * pulse
            share = _TAIL_SHARE if reflects else _RAMP_SHARE
            if near and 0.0 < loss_db[i] * copysign(1.0, size_db) < share * abs(size_db):
                stop[last] = stop[i]
                continue
        keep.append(i)
    return Marks(marks.start, np.array(stop, np.int64), marks.height_db).only(np.array(keep))


def without_launch_tail(marks: Marks, span: Span) -> tuple[Marks, Span]:
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
    return bool(fall_db > max(0.015, 4.5 * float(span.pulse_noise_db[first])))
