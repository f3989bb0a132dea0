"""Where the fibre begins and ends in a trace."""

from math import sqrt

import numpy as np

from linetest.otdr.bins import Bins, line_through, median_of
from linetest.otdr.noise import NORMAL_30
from linetest.otdr.trace import FloatArray

_LAUNCH_PULSES = 200
"""No launch's dead zone is longer."""
_DROP_DB = 3.0
"""A fall that may be the end; a splitter falls as far, but fibre follows it. Makers' end thresholds: 3 to 20 dB."""
_STEEPEST_DB_PER_KM = 0.7
"""A detector's recovery after the end is steeper than any fibre."""
_ABOVE_NOISE_DB = 1.5
"""Fibre nearer to the noise cannot be told from a detector's recovery."""
_ROUGHEST_DB = 0.7
_RECOVERY_DB = 5.0
_REST_M = 250.0
"""How far behind a fall fibre may still hide in the dead zone, besides twelve pulses."""


def start_of(bins: Bins, edge_db: float | None) -> int:
    """Return the first bin that is stronger than the noise: the instrument's connector."""
    if edge_db is None:
        return 0
    strong = bins.loss_db < edge_db - 2.0
    first = int(np.argmax(strong))
    return first if strong[first] else 0


def settled_after_launch(bins: Bins, head: int, stop: int, slope: float) -> int:
    """Return the first bin behind the launch's reflection from which the trace runs straight for a pulse."""
    pulse = bins.pulse
    loss_db = bins.loss_db[head : min(stop, head + _LAUNCH_PULSES * pulse)]
    width = _look_ahead(pulse)
    if len(loss_db) < 6 * width:
        return head + min(width, len(loss_db) // 2)
    beyond_db = median_of(loss_db[6 * pulse : 12 * pulse])
    first = _end_of_first_run(loss_db[: 6 * pulse] < beyond_db - 1.5)
    change_db = np.abs(loss_db[first + width :] - loss_db[first:-width] - slope * width)
    allowed_db = max(5.0 * _noise_near(loss_db, len(loss_db), 0, pulse), 0.02 + 1e-4 * width * bins.bin_m)
    straight = np.convolve(change_db < allowed_db, np.ones(pulse, np.int64), "valid") == pulse
    settled = int(np.argmax(straight))
    return head + first + (settled if straight[settled] else width)


def _end_of_first_run(mask: np.ndarray) -> int:
    """Return the index behind the first run of true values; 0 without one."""
    if not mask.any():
        return 0
    begin = int(np.argmax(mask))
    behind = np.flatnonzero(~mask[begin:])
    return begin + (int(behind[0]) if len(behind) else len(mask) - begin)


def fall_of(bins: Bins, start: int, edge_db: float | None) -> int | None:
    """Return the bin at the brink of the fall that ends the fibre; None if it does not end within the trace."""
    width = 2 * bins.pulse
    count = -(-len(bins.loss_db) // width) + 1
    padded = np.full(count * width, bins.loss_db[-1])
    padded[: len(bins.loss_db)] = bins.loss_db
    mean_db = padded.reshape(count, width) @ np.full(width, 1.0 / width)
    columns = np.minimum(padded[::2], padded[1::2]).reshape(count, bins.pulse).T
    strongest_db = columns[0]
    for column in columns[1:]:  # along the short rows numpy would be slow
        strongest_db = np.minimum(strongest_db, column)
    falls = (np.maximum(mean_db[2:], mean_db[1:-1]) - strongest_db[:-2] > _DROP_DB).nonzero()[0]
    fibre_until = start
    for block in falls.tolist():
        begin = (block + 1) * width
        if begin <= fibre_until:
            continue
        fibre = _fibre_behind(bins, begin, edge_db)
        if fibre is None:
            return _brink(bins, begin - width, begin + 2 * width, edge_db)
        fibre_until = fibre
    return None


def _brink(bins: Bins, low: int, high: int, edge_db: float | None) -> int:
    """Return the first bin of the last steep fall there: half as steep, over a pulse, as the steepest."""
    low, pulse = max(low, 0), bins.pulse
    loss_db = np.minimum(bins.loss_db[low:high], np.inf if edge_db is None else edge_db)
    fall_db = loss_db[pulse:] - loss_db[:-pulse]
    gentle = np.flatnonzero(fall_db < 0.5 * fall_db.max())
    last = int(np.flatnonzero(fall_db >= 0.5 * fall_db.max())[-1])
    before = gentle[gentle < last]
    return low + (int(before[-1]) + 1 if len(before) else 0) + 1


def _fibre_behind(bins: Bins, first: int, edge_db: float | None) -> int | None:
    """Return the first bin of a stretch of fibre behind `first`; None when only recovery and noise follow.

    Fibre is straight, hardly inclined, smooth, and stronger than the noise. A short stretch must be so beyond doubt.
    """
    pulse, count = bins.pulse, len(bins.loss_db)
    if first + 3 * pulse >= count:
        return _back_on_line(bins, first)
    length = max(6 * pulse, 20, min(int(60.0 / bins.bin_m), count // 4))
    found = _straight_stretch(bins, first, length, edge_db, certain=False)
    if found is None:
        return _straight_stretch(bins, first, 3 * pulse, edge_db, certain=True)
    # What sank on for long behind the fall may be recovery that has slowed down: fibre stays straight for longer.
    foot = min(_brink(bins, first - 2 * pulse, first + 4 * pulse, edge_db) + 2 * pulse, count - 1)
    if bins.loss_db[found : found + length].mean() < bins.loss_db[foot] + _RECOVERY_DB:
        return found
    return _straight_stretch(bins, found, 3 * length, edge_db, certain=False)


def _straight_stretch(bins: Bins, first: int, length: int, edge_db: float | None, *, certain: bool) -> int | None:
    reach = 12 * bins.pulse + int(_REST_M / bins.bin_m)
    starts = np.arange(first, min(first + reach, len(bins.loss_db) - length), max(length // 8, 1))
    if not len(starts):
        return None
    line = line_through(bins.sums, starts, starts + length)
    to_km = 1e3 / bins.bin_m
    steep = np.abs(line.slope) * to_km - _STEEPEST_DB_PER_KM
    uncertain = (12.0 / length**3) ** 0.5 * to_km  # of a slope in dB/km, for bins that are rough by 1 dB
    likely = steep < (0.0 if certain else _ROUGHEST_DB * uncertain)
    if edge_db is not None:
        likely &= line.mean < edge_db - _ABOVE_NOISE_DB
    place = np.arange(length) - (length - 1) / 2.0
    for i in likely.nonzero()[0].tolist():  # mostly the first is fibre already
        rest_db = bins.loss_db[starts[i] : starts[i] + length] - line.slope[i] * place
        rest_db -= line.mean[i]
        # A sample that noise made negative is cut off far below: the median does not mind.
        rough_db = median_of(np.abs(rest_db)) / 0.6745
        if rough_db < _ROUGHEST_DB and steep[i] < rough_db * uncertain * (-2.0 if certain else 1.0):
            return int(starts[i])
    return None


def _back_on_line(bins: Bins, first: int) -> int | None:
    """Return `first` when the last bins of the trace are as strong as those before a reflection; else None."""
    before_db = bins.loss_db[max(first - 10 * bins.pulse, 0) : max(first - 4 * bins.pulse, 1)].max()
    behind_db = bins.loss_db[first:].mean() if first < len(bins.loss_db) else np.inf
    return first if behind_db < before_db + _DROP_DB else None


def end_before(bins: Bins, fall: int, start: int, slope: float) -> int:
    """Return the bin where the fibre's line is left for good, looking back from the brink of the fall."""
    top = fall
    for _attempt in range(4):  # a reflection's flat top looks like fibre: then what lies before it counts
        end = _leaving(bins, top, start, slope)
        rise = _rise_before(bins, end, start)
        if rise is None:
            return end
        top = rise
    return end


def _leaving(bins: Bins, top: int, start: int, slope: float) -> int:
    """Return the bin at which the last straight stretch before `top` ends."""
    loss_db, width, run = bins.loss_db, _look_ahead(bins.pulse), max(bins.pulse // 2, 2)
    low = max(start, top - 100 * bins.pulse)
    if top - low < width + run:
        return max(top - width, start)
    scale_db = _noise_near(loss_db, top, low, bins.pulse)
    change_db = np.abs(loss_db[low + width : top + 1] - loss_db[low : top + 1 - width] - slope * width)
    straight = np.convolve(change_db < max(8.0 * scale_db, 0.12), np.ones(run, np.int64), "valid") == run
    runs = np.flatnonzero(straight)
    if not len(runs):
        return low
    end = low + int(runs[-1]) + run - 1 + width
    first = max(end - 2 * width, start)
    place = np.arange(first, max(end - 2, first + 1))
    level_db = median_of(loss_db[place] - slope * place)
    allowed_db = max(4.0 * scale_db, 0.1)
    while end > first + 2 and abs(loss_db[end - 1] - slope * (end - 1) - level_db) > allowed_db:
        end -= 1
    while end < top and abs(loss_db[end] - slope * end - level_db) <= allowed_db:
        end += 1
    return end


def _rise_before(bins: Bins, end: int, start: int) -> int | None:
    """Return the bin of a rise shortly before `end`, when `end` is only the end of a reflection's top."""
    low = max(end - 5 * bins.pulse - 2, start)
    before_db = bins.loss_db[low : max(end - bins.pulse, low + 1)]
    top_db = float(bins.loss_db[max(end - 3, low) : end].mean()) if end > low else 0.0
    scale_db = _noise_near(bins.loss_db, end, start, bins.pulse)
    weaker = np.flatnonzero(before_db > top_db + max(0.3, 8.0 * scale_db))
    return low + int(weaker[-1]) + 1 if len(weaker) and low > start else None


def _noise_near(loss_db: FloatArray, top: int, low: int, pulse: int) -> float:
    """Return the noise of the bins before `top`, of which a part may be a reflection, as one standard deviation."""
    part = loss_db[max(low, top - 12 * pulse) : top]
    if len(part) < 8:
        return 0.0
    bend_db = np.abs(part[2:] - 2.0 * part[1:-1] + part[:-2])
    place = int(len(bend_db) * 0.3)
    return min(float(np.partition(bend_db, place)[place]) / (NORMAL_30 * sqrt(6.0)), 1.0)


def _look_ahead(pulse: int) -> int:
    """Return how many bins a straight stretch has at least: more than a reflection's flat top."""
    return -(-6 * pulse // 5)
