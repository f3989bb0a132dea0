"""Steps: matched filters over several lengths find them, and the shape of the trace says where they begin."""

import numpy as np

from linetest.otdr.bins import Sums, sums_of, window_means
from linetest.otdr.marks import Marks, Span, limits_of
from linetest.otdr.noise import scale_to_noise
from linetest.otdr.trace import FloatArray

_LEAST_SIGMAS = 4.5
_MOST = 400
_LEVEL_PULSES = (0.4, 1, 2)
"""Lengths of the filters that take the slope as known: sharp, for events that stand close."""
_SLOPING_PULSES = (4, 8, 16, 32)
"""Lengths of the filters that allow for any slope: for small steps in noise."""


def step_significance(rest_db: FloatArray, span: Span, *, quick: bool) -> FloatArray:
    """Return how far each bin stands out as the beginning of a step, in standard deviations, signed, (n,).

    `rest_db` is the trace without its usual slope, or without the lines of its sections. With `quick` the longest
    filters are left out: before the large events are known they see nothing but those.
    """
    pulse, first, end = span.bins.pulse, span.first, span.end
    part, noise_db = rest_db[first:end], span.noise_db[first:end]
    best = np.zeros(len(part))
    sums = sums_of(part)
    lengths = [(max(int(width * pulse), 1), False) for width in _LEVEL_PULSES]
    lengths += [(width * pulse, True) for width in (_SLOPING_PULSES[:2] if quick else _SLOPING_PULSES)]
    for width, sloping in lengths:
        if len(part) < 2 * width + pulse + 8:
            continue
        step = _step_with_slope(sums, width, pulse) if sloping else _step_of_levels(sums, width, pulse)
        here = slice(width, width + len(step))
        step /= noise_db[here]
        scale_to_noise(step)
        np.copyto(best[here], step, where=np.abs(step) > np.abs(best[here]))
    whole = np.zeros(len(rest_db))
    whole[first:end] = best
    return whole


def _step_of_levels(sums: Sums, width: int, gap: int) -> FloatArray:
    """Return the mean of `width` bins behind a gap less that of `width` bins before it."""
    means = window_means(sums, width)
    return means[width + gap :] - means[: -width - gap]


def _step_with_slope(sums: Sums, width: int, gap: int) -> FloatArray:
    """Return the step between two parallel least-squares lines before and behind a gap."""
    total = sums.value[width:] - sums.value[:-width]
    moment = sums.moment[width:] - sums.moment[:-width]
    moment -= (np.arange(len(total)) + (width - 1) / 2.0) * total
    spread = width * (width * width - 1.0) / 12.0
    step = total[width + gap :] - total[: -width - gap]
    step /= width
    moment *= (width + gap) / (2.0 * spread)
    step -= moment[width + gap :]
    step -= moment[: -width - gap]
    return step


def pick_steps(significance: FloatArray, marks: Marks, span: Span) -> list[int]:
    """Return the bins that stand out most, none nearer than two pulses to another or one to a known event."""
    pulse = span.bins.pulse
    size = np.abs(significance)
    behind = np.where(np.isnan(marks.height_db), 2 * pulse, pulse)
    for start, stop in zip(marks.start.tolist(), (marks.stop + behind).tolist(), strict=True):
        size[max(start - pulse, 0) : stop] = 0.0
    size[: span.first] = 0.0
    places = np.flatnonzero(size > _LEAST_SIGMAS)
    sizes = size[places]
    picked: list[int] = []
    while len(places) and len(picked) < _MOST:
        best = int(places[int(np.argmax(sizes))])
        picked.append(best)
        away = np.abs(places - best)
        left = (away > 5 * pulse) | ((away > 2 * pulse) & (sizes > 0.5 * sizes.max()))
        places, sizes = places[left], sizes[left]
    return picked


_GRID = 20
_LEVEL_BINS = 6
"""Pulses of fibre on either side that the place of a step is judged by."""


def place_steps(marks: Marks, span: Span, which: np.ndarray) -> Marks:
    """Move the steps `which` (a mask) to where the trace begins to leave the line before it.

    A clear step is placed where it leaves the noise; a faint one by the best fit of a ramp of one pulse.
    """
    chosen = np.flatnonzero(which)
    pulse, loss_db = span.bins.pulse, span.bins.loss_db
    low, high = limits_of(marks, span)
    start = marks.start[chosen]
    low, high = low[chosen], high[chosen]
    # Lines are taken well away from the step, nearer where other events leave no room.
    left_end = np.clip(low + 2 * pulse, start - 2 * pulse - pulse // 2, start - pulse)
    right = np.clip(high - 2 * pulse, start + 2 * pulse, start + 5 * pulse)
    left = np.maximum(low, left_end - _LEVEL_BINS * pulse)
    right_end = np.minimum(high, right + _LEVEL_BINS * pulse)
    usable = (left_end - left >= 3) & (right_end - right >= 3)
    chosen, start, low, high = chosen[usable], start[usable], low[usable], high[usable]
    if not len(chosen):
        return marks
    from linetest.otdr.bins import line_through

    before = line_through(span.bins.sums, left[usable], left_end[usable])
    behind = line_through(span.bins.sums, right[usable], right_end[usable])
    steep = [np.where(line.count < 4 * pulse, span.slope, line.slope) for line in (before, behind)]
    place = start[:, None] + np.arange(-3 * pulse, 6 * pulse)[None, :]
    inside = (place >= low[:, None]) & (place < high[:, None])
    values = loss_db[np.clip(place, 0, len(loss_db) - 1)]
    from_before = values - (before.mean[:, None] + steep[0][:, None] * (place - before.middle[:, None]))
    gap_db = (behind.mean - steep[1] * (behind.middle - start)) - (before.mean - steep[0] * (before.middle - start))
    faint = _best_ramp(from_before, inside, gap_db, pulse)
    clear, is_clear, width = _leaving(from_before, inside, gap_db, span.noise_db[start], faint, pulse)
    offset = np.where(is_clear, clear, faint) - 3 * pulse
    moved = np.clip(start + np.round(offset).astype(np.int64), low, high - 2)
    new_start, new_stop = marks.start.copy(), marks.stop.copy()
    new_start[chosen] = moved
    new_stop[chosen] = np.minimum(moved + np.where(is_clear, width, pulse + 1), high - 1)
    placed = Marks(new_start, new_stop, marks.height_db)
    return placed.only(np.argsort(new_start, kind="stable"))


def _best_ramp(rest_db: FloatArray, inside: np.ndarray, gap_db: FloatArray, pulse: int) -> FloatArray:
    """Return where a ramp of one pulse fits best, in bins from the first column, (m,)."""
    count = rest_db.shape[1]
    begins = np.arange(1.5 * pulse, 4.5 * pulse, max(pulse / 10.0, 0.5))
    ramp = np.clip((np.arange(count)[None, :] + 0.5 - begins[:, None]) / pulse, 0.0, 1.0)
    weight = inside.astype(np.float64)
    # |rest - gap * ramp|^2 without the part that does not depend on where the ramp begins
    cross = (rest_db * weight) @ ramp.T
    power = weight @ (ramp**2).T
    cost = gap_db[:, None] ** 2 * power - 2.0 * gap_db[:, None] * cross
    return np.asarray(begins[np.argmin(cost, axis=1)])


def _leaving(
    rest_db: FloatArray, inside: np.ndarray, gap_db: FloatArray, noise_db: FloatArray, faint: FloatArray, pulse: int
) -> tuple[FloatArray, np.ndarray, np.ndarray]:
    """Return where the trace leaves the line before, whether that is clear enough, and how long the step is.

    From the middle of the ramp one goes back to the last bin that is still on the line.
    """
    size_db = np.abs(gap_db)
    least_db = np.maximum(4.0 * noise_db, 0.05 * size_db)
    columns = np.arange(rest_db.shape[1])[None, :]
    away_db = np.where(inside, np.abs(rest_db), 0.0)
    half = np.argmax((away_db > 0.5 * size_db[:, None]) & (columns >= faint[:, None]), axis=1)
    on_line = (away_db <= least_db[:, None]) & (columns < half[:, None])
    leaves = np.max(np.where(on_line, columns, -1), axis=1) + 1
    is_clear = (leaves > 0) & (half > 0) & (least_db < 0.3 * size_db)
    near = np.abs(rest_db - gap_db[:, None]) < least_db[:, None]
    arrived = np.argmax(near & (columns > half[:, None]), axis=1)
    width = np.clip(arrived - leaves + 1, pulse + 1, 4 * pulse)
    # A ramp has gone a part of its way before it is seen.
    return leaves - least_db / np.maximum(size_db, 1e-9) * (width - 1), is_clear, width
