"""What the found marks are: connector, splice, splitter, several in one, echo; and the fibre before each."""

from math import hypot

import numpy as np

from linetest.otdr.bins import IntArray
from linetest.otdr.echoes import echoes
from linetest.otdr.event import Event, EventKind
from linetest.otdr.marks import LEAST_LOSS_DB, Marks, Sides, Span, limits_of
from linetest.otdr.trace import Acquisition, FloatArray

_SPLITTER_DB = 2.5
"""A loss so large, with fibre behind it, is called a splitter: the smallest, 1x2, has 3.0 dB and little less."""
_POSITION_FACTOR = 2.2
"""Standard deviation of a step's place, in pulses, over noise and loss: from simulated splices."""
_HIDDEN_DB = LEAST_LOSS_DB / 12.0**0.5
"""What steps too small to be found may hide in the lines on both sides, as one standard deviation."""
LSA = "lsa-4-point"
LEVEL = "lsa-level"
"""One side was too short for a slope of its own: the usual slope was taken there."""


def join_close(marks: Marks, span: Span) -> tuple[Marks, np.ndarray]:
    """Join marks between which there is no fibre to measure; return them, and which are several in one."""
    if len(marks.start) < 2:
        return marks, np.zeros(len(marks.start), bool)
    apart = np.concatenate(([True], marks.start[1:] - marks.stop[:-1] >= 3))
    first = np.flatnonzero(apart)
    last = np.concatenate((first[1:], [len(apart)])) - 1
    height_db = np.fmax.reduceat(marks.height_db, first)
    return Marks(marks.start[first], marks.stop[last], height_db), last > first


def saturated(acquisition: Acquisition, span: Span, start: int, stop: int) -> bool:
    """Tell whether a reflection was cut off: three samples and more are at the trace's strongest value."""
    samples = span.bins.samples
    part = acquisition.counts[start * samples : stop * samples]
    strongest = part.min(initial=acquisition.counts[0])
    return int(np.count_nonzero(part == strongest)) >= 3 and bool(strongest == acquisition.counts.min())


def reflectance_db(acquisition: Acquisition, height_db: FloatArray) -> FloatArray:
    """Return the reflectance of pulses that stand so high over the backscatter before them.

    R = B + 10 log10(w) + 10 log10(10^(h/5) - 1), B being the backscatter of a pulse of 1 ns and w its width in ns.
    """
    pulse_db = acquisition.backscatter_db + 10.0 * np.log10(acquisition.pulse_width_ns)
    return np.asarray(pulse_db + 10.0 * np.log10(np.maximum(10.0 ** (height_db / 5.0) - 1.0, 1e-9)))


def events_of(
    acquisition: Acquisition, span: Span, marks: Marks, sides: Sides, joined: np.ndarray, origin: int
) -> list[Event]:
    """Return the marks as events, without what belongs to the link as a whole."""
    place_m = [span.bins.at_m(start) for start in marks.start.tolist()]
    bright_db = reflectance_db(acquisition, marks.height_db)
    section, method = _sections(span, marks, sides)
    place_u_m = _place_u_m(acquisition, span, marks, sides)
    echo_of_m = echoes(span, marks, sides, bright_db, origin)
    reflects = (~np.isnan(marks.height_db)).tolist()
    events = []
    for i, distance_m in enumerate(place_m):
        loss_db = _number(sides.loss_db[i])
        events.append(
            Event(
                kind=_kind(loss_db, bool(joined[i]), reflects[i], bool(echo_of_m[i])),
                distance_m=distance_m,
                loss_db=loss_db,
                reflectance_db=_number(bright_db[i]),
                saturated=reflects[i] and saturated(acquisition, span, int(marks.start[i]), int(marks.stop[i])),
                section_db_per_km=section[i],
                distance_u_m=float(place_u_m[i]),
                loss_u_db=None if loss_db is None else hypot(float(sides.loss_u_db[i]), _HIDDEN_DB),
                method=None if loss_db is None else method[i],
                echo_of_m=echo_of_m[i],
            )
        )
    return events


def _kind(loss_db: float | None, joined: bool, reflects: bool, echo: bool) -> EventKind:
    if loss_db is not None and loss_db >= _SPLITTER_DB:
        return EventKind.SPLITTER
    if joined:
        return EventKind.MERGED
    if echo:
        return EventKind.GHOST
    return EventKind.REFLECTIVE if reflects else EventKind.NON_REFLECTIVE


def _sections(span: Span, marks: Marks, sides: Sides) -> tuple[list[float | None], list[str]]:
    """Return the attenuation before each mark where there is enough fibre, and how each loss was measured."""
    shortest = 4 * span.bins.pulse
    to_km = 1e3 / span.bins.bin_m
    section = [
        float(slope) * to_km if count >= shortest else None
        for slope, count in zip(sides.before.slope.tolist(), sides.before.size.tolist(), strict=True)
    ]
    both = (sides.before.size >= shortest) & (sides.behind.size >= shortest)
    return section, [LSA if enough else LEVEL for enough in both.tolist()]


def _place_u_m(acquisition: Acquisition, span: Span, marks: Marks, sides: Sides) -> FloatArray:
    """Return the uncertainty of each place: a step in noise is placed worse than the rise of a reflection."""
    bin_m = span.bins.bin_m
    sharp_m = np.hypot(bin_m, acquisition.step_m) / 12.0**0.5
    noise_db = span.pulse_noise_db[np.minimum(marks.start, span.end - 1)]
    loss_db = np.where(np.isnan(sides.loss_db), np.inf, np.maximum(np.abs(sides.loss_db), 1e-6))
    step_m = _POSITION_FACTOR * noise_db / loss_db * span.bins.pulse * bin_m
    step_m = np.minimum(np.hypot(step_m, sharp_m), 2.0 * span.bins.pulse * bin_m)
    return np.asarray(np.where(np.isnan(marks.height_db), step_m, sharp_m))


def sharp_starts(acquisition: Acquisition, span: Span, marks: Marks, sides: Sides) -> IntArray:
    """Return the sample at which each reflection begins to rise; of other marks the first sample of their bin."""
    samples = span.bins.samples
    first = marks.start * samples
    if samples == 1:
        return first
    low, _high = limits_of(marks, span)
    for i in np.flatnonzero(~np.isnan(marks.height_db)):
        at = int(marks.start[i])
        begin = max(at - 1, int(low[i])) * samples
        raw_db = acquisition.counts[begin : (at + 2) * samples] * acquisition.db_per_count
        line_db = float(sides.before.mean[i] + sides.before.slope[i] * (at - sides.before.middle[i]))
        noise_db = float(span.noise_db[min(at, span.end - 1)]) * samples**0.5
        risen = np.flatnonzero(line_db - raw_db > max(4.0 * noise_db, 0.1 * float(marks.height_db[i])))
        if len(risen):
            first[i] = begin + int(risen[0])
    return first


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
