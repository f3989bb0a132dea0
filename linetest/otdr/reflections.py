"""Reflections: short rises above the fibre on both sides, with the dead zone behind them."""

import numpy as np

from linetest.otdr.marks import NO_MARKS, Marks, Span
from linetest.otdr.trace import FloatArray

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
    # A top of one pulse, with two pulses of fibre before it and one behind its falling edge.
    begin, end = max(span.first + pulse, 2 * pulse + 1), span.end - 3 * pulse
    if end <= begin:
        return NO_MARKS
    value = span.bins.sums.value
    top, behind = (_means(value, begin + away, end + away, pulse) for away in (0, 2 * pulse))
    before = _means(value, begin - 1 - 2 * pulse, end - 1 - 2 * pulse, 2 * pulse)
    # The slope lifts what is before and lowers what is behind: levels are compared as if at the top.
    before += span.slope * (3.5 * pulse + 1.0)
    height_db = np.minimum(before, behind, out=before)
    height_db -= top
    height_db -= span.slope * 2 * pulse
    places = (height_db > _LEAST_DB).nonzero()[0]
    heights = height_db[places]
    places += begin
    clear = heights > _LEAST_SIGMAS * span.pulse_noise_db[places]
    places, heights = places[clear], heights[clear]
    start: list[int] = []
    stop: list[int] = []
    peak_db: list[float] = []
    while len(places) and len(start) < _MOST:
        best = int(np.argmax(heights))
        rise, back, peak = _extent(span, int(places[best]), float(heights[best]))
        start.append(rise)
        stop.append(back)
        peak_db.append(peak)
        left = (places < rise - pulse) | (places >= max(back, places[best] + 2 * pulse))
        places, heights = places[left], heights[left]
    return NO_MARKS.with_more(start, stop, peak_db)


def _means(value: FloatArray, first: int, end: int, width: int) -> FloatArray:
    """Return the mean of `width` bins from each of the bins first..end-1 on, by the bins' prefix sums."""
    total = value[first + width : end + width] - value[first:end]
    total /= width
    return total


def _extent(span: Span, top: int, height_db: float) -> tuple[int, int, float]:
    """Return the first bin of the rise, the first straight bin behind, and the height over the line before."""
    pulse, noise_db = span.bins.pulse, float(span.noise_db[top])
    offset = max(top - 3 * pulse - 4, 0)
    last = min(span.end - 2 * pulse - 1, top + _DEAD_ZONE_PULSES * pulse + int(_DEAD_ZONE_M / span.bins.bin_m))
    part = span.bins.loss_db[offset : max(last, top + 2 * pulse) + 2 * pulse + 1]
    level = (part - span.slope * np.arange(offset - top, offset - top + len(part))).tolist()
    base = level[: max(top - pulse - offset, 1)]
    base_db = sum(base) / len(base)
    allowed_db = max(5.0 * noise_db, 0.05 * height_db, 0.02)
    rise = top + pulse // 2 - offset
    while rise > 0 and base_db - level[rise] > allowed_db:
        rise -= 1
    rise += 1
    inside = level[rise : top + 2 * pulse + 1 - offset]
    peak_db = base_db - min(inside)
    back = rise + inside.index(min(inside))
    while back < last - offset and base_db - level[back] > 0.5 * peak_db:
        back += 1
    back = max(back, rise + pulse)
    straight_db = max(4.5 * noise_db * (2.0 / pulse) ** 0.5, 0.005)
    while back < last - offset:
        near, far = sum(level[back : back + pulse]), sum(level[back + pulse : back + 2 * pulse])
        if abs(far - near) < straight_db * pulse:
            break
        back += max(pulse // 2, 1)
    return rise + offset, min(back + offset, span.end - 1), peak_db


def bridged(marks: Marks, span: Span) -> FloatArray:
    """Return the trace without its usual slope, (n,), with a plain step in the place of each reflection."""
    level_db = np.arange(float(len(span.bins.loss_db)))
    level_db *= -span.slope
    level_db += span.bins.loss_db
    reach = 2 * span.bins.pulse
    for start, stop in zip(marks.start.tolist(), marks.stop.tolist(), strict=True):
        middle = (start + stop) // 2
        level_db[start:middle] = level_db[max(start - reach, 0) : start].mean() if start else level_db[stop]
        level_db[middle:stop] = level_db[stop : stop + reach].mean()
    return level_db
