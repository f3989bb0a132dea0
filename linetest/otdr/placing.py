"""Where exactly a step begins: from the shape of the trace around it."""

import numpy as np

from linetest.otdr.bins import IntArray, line_through
from linetest.otdr.marks import Marks, Span, limits_of, steady
from linetest.otdr.trace import FloatArray

_LEVEL_PULSES = 6
"""So much fibre on either side is compared with."""
_BEFORE_PULSES, _BEHIND_PULSES = 3, 6
"""What is looked at around a place that a filter found."""
_CLEAR_SHARE = 0.3
"""A step is clear when what counts as leaving the line is a smaller share of it."""


def place_steps(marks: Marks, span: Span, which: IntArray) -> Marks:
    """Move the marks `which` (their numbers) to where the trace begins to leave the line before it.

    A clear step is placed where it leaves the noise; a faint one by the best fit of a ramp of one pulse.
    """
    pulse, loss_db = span.bins.pulse, span.bins.loss_db
    low, high = limits_of(marks, span)
    # Lines are taken well away from the step, nearer where other events leave no room.
    left_end = _between(low + 2 * pulse, marks.start - 2 * pulse - pulse // 2, marks.start - pulse)
    right = _between(high - 2 * pulse, marks.start + 2 * pulse, marks.start + 5 * pulse)
    left, right_end = np.maximum(low, left_end - _LEVEL_PULSES * pulse), np.minimum(high, right + _LEVEL_PULSES * pulse)
    chosen = which[((left_end - left >= 3) & (right_end - right >= 3))[which]]
    if not len(chosen):
        return marks
    start, low, high = marks.start[chosen], low[chosen], high[chosen]
    first, end = np.array((left[chosen], right[chosen])), np.array((left_end[chosen], right_end[chosen]))
    line = steady(line_through(span.bins.sums, first, end), span)
    columns = np.arange(-_BEFORE_PULSES * pulse, _BEHIND_PULSES * pulse)
    place = start[:, None] + columns
    inside = (place >= low[:, None]) & (place < high[:, None])
    before_db, behind_db = line.at(start)
    rest_db = loss_db[_between(place, 0, len(loss_db) - 1)] - before_db[:, None]
    rest_db -= line.slope[0][:, None] * columns
    gap_db = behind_db - before_db
    ramp = _best_ramp(rest_db * inside, inside, gap_db, pulse)
    edge, clear, width = _leaving(rest_db, inside, gap_db, span.noise_db[start], ramp, pulse)
    offset = np.where(clear, edge, ramp) - _BEFORE_PULSES * pulse
    new_start, new_stop = marks.start.copy(), marks.stop.copy()
    start = _between(start + np.rint(offset).astype(np.int64), low, high - 2)
    new_start[chosen], new_stop[chosen] = start, np.minimum(start + np.where(clear, width, pulse + 1), high - 1)
    return Marks(new_start, new_stop, marks.height_db).only(np.argsort(new_start, kind="stable"))


def _between(values: IntArray, low: IntArray | int, high: IntArray | int) -> IntArray:
    """Return the values within limits; `np.clip` does the same, but thinks for longer than it works here."""
    return np.minimum(np.maximum(values, low), high)


def _best_ramp(rest_db: FloatArray, inside: np.ndarray, gap_db: FloatArray, pulse: int) -> FloatArray:
    """Return where a ramp of one pulse fits best, in bins from the first column, (m,)."""
    columns = np.arange(rest_db.shape[1]) + 0.5
    begins = np.arange(1.5 * pulse, 4.5 * pulse, max(pulse / 10.0, 0.5))
    ramp = np.minimum(np.maximum((columns - begins[:, None]) / pulse, 0.0), 1.0).T
    # |rest - gap * ramp|^2 without the part that does not depend on where the ramp begins
    cost = gap_db[:, None] * (inside.astype(np.float64) @ (ramp * ramp)) - 2.0 * (rest_db @ ramp)
    return np.asarray(begins[(gap_db[:, None] * cost).argmin(axis=1)])


def _leaving(
    rest_db: FloatArray, inside: np.ndarray, gap_db: FloatArray, noise_db: FloatArray, ramp: FloatArray, pulse: int
) -> tuple[FloatArray, np.ndarray, np.ndarray]:
    """Return where the trace leaves the line before, whether that is clear enough, and how long the step is.

    From the middle of the ramp one goes back to the last bin that is still on the line.
    """
    size_db = np.abs(gap_db)
    least_db = np.maximum(4.0 * noise_db, 0.05 * size_db)
    columns = np.arange(rest_db.shape[1])
    away_db = np.abs(rest_db) * inside
    half = ((away_db > 0.5 * size_db[:, None]) & (columns >= ramp[:, None])).argmax(axis=1)
    on_line = (away_db <= least_db[:, None]) & (columns < half[:, None])
    # One bin alone is where a small reflection before the step crosses the line.
    two = on_line[:, :-1] & on_line[:, 1:]
    leaves = np.where(two.any(axis=1), len(columns) - two[:, ::-1].argmax(axis=1), 0)
    clear = (leaves > ramp - 1.5 * pulse) & (half > 0) & (least_db < _CLEAR_SHARE * size_db)
    near = (np.abs(rest_db - gap_db[:, None]) < least_db[:, None]) & (columns > half[:, None])
    width = _between(near.argmax(axis=1) - leaves + 1, pulse + 1, 4 * pulse)
    # A ramp has gone a part of its way before it is seen.
    return leaves - least_db / np.maximum(size_db, 1e-9) * (width - 1), clear, width
