"""Reflections: short rises above the fibre on both sides, with the dead zone behind them."""

import numpy as np

from linetest.otdr.bins import sums_of, window_means
from linetest.otdr.marks import NO_MARKS, Marks, Span

_LEAST_SIGMAS = 7.0
_LEAST_DB = 0.04
_MOST = 200
_DEAD_ZONE_PULSES = 15
_DEAD_ZONE_M = 80.0


def find_reflections(span: Span) -> Marks:
    """Return the reflections of a span."""
    pulse = span.bins.pulse
    count = span.end - span.first
    if count < 8 * pulse:
        return NO_MARKS
    level_db = span.bins.loss_db[: span.end] - span.slope * np.arange(span.end)
    sums = sums_of(level_db)
    top, side = window_means(sums, pulse), window_means(sums, 2 * pulse)
    # A top of one pulse, with two pulses of fibre before it and one behind its falling edge.
    first, end = span.first + pulse, span.end - 3 * pulse
    begin = max(first, 2 * pulse + 1)
    if end <= begin:
        return NO_MARKS
    before = side[begin - 1 - 2 * pulse : end - 1 - 2 * pulse]
    behind = top[begin + 2 * pulse : end + 2 * pulse]
    height_db = np.minimum(before, behind) - top[begin:end]
    noise_db = span.pulse_noise_db[begin:end]
    seen = (height_db > _LEAST_SIGMAS * noise_db) & (height_db > _LEAST_DB)
    places = np.flatnonzero(seen)
    heights = height_db[places]
    places += begin
    start: list[int] = []
    stop: list[int] = []
    peak_db: list[float] = []
    while len(places) and len(start) < _MOST:
        best = int(np.argmax(heights))
        rise, back, peak = _extent(level_db, span, int(places[best]), float(heights[best]))
        start.append(rise)
        stop.append(back)
        peak_db.append(peak)
        left = (places < rise - pulse) | (places >= max(back, places[best] + 2 * pulse))
        places, heights = places[left], heights[left]
    return NO_MARKS.with_more(start, stop, peak_db)


def _extent(level_db: np.ndarray, span: Span, top: int, height_db: float) -> tuple[int, int, float]:
    """Return the first bin of the rise, the first straight bin behind, and the height over the line before."""
    pulse, noise_db = span.bins.pulse, float(span.noise_db[top])
    base_db = float(level_db[max(top - 1 - 3 * pulse, 0) : max(top - pulse, 1)].mean())
    allowed_db = max(5.0 * noise_db, 0.05 * height_db, 0.02)
    around = level_db[max(top - 3 * pulse - 4, 0) : top + 2 * pulse + 1].tolist()
    offset = max(top - 3 * pulse - 4, 0)
    rise = top + pulse // 2
    while rise > offset and base_db - around[rise - offset] > allowed_db:
        rise -= 1
    rise += 1
    inside = around[rise - offset :]
    peak_db = base_db - min(inside)
    back = rise + inside.index(min(inside))
    last = min(span.end - 2 * pulse - 1, top + _DEAD_ZONE_PULSES * pulse + int(_DEAD_ZONE_M / span.bins.bin_m))
    while back < last and base_db - level_db[back] > 0.5 * peak_db:
        back += 1
    back = max(back, rise + pulse)
    straight_db = max(4.5 * noise_db * (2.0 / pulse) ** 0.5, 0.012)
    while back < last:
        near = level_db[back : back + pulse].mean()
        if abs(level_db[back + pulse : back + 2 * pulse].mean() - near) < straight_db:
            break
        back += max(pulse // 2, 1)
    return rise, min(back, span.end - 1), peak_db
