"""What the found marks are: connector, splice, splitter, several in one, echo; and the fibre before each."""

from collections.abc import Iterator

import numpy as np

from linetest.otdr.bins import IntArray
from linetest.otdr.event import Event, EventKind
from linetest.otdr.marks import Marks, Sides, Span, limits_of
from linetest.otdr.trace import Acquisition, FloatArray

_SPLITTER_DB = 2.5
"""A loss so large, with fibre behind it, is called a splitter: the smallest, 1x2, has 3.0 dB and little less."""
_ECHO_LOSS_DB = 0.05
"""An echo has no loss of its own; so much may be measured all the same."""
_POSITION_FACTOR = 2.2
"""Standard deviation of a step's place, in pulses, over noise and loss: from simulated splices."""
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


def saturated(acquisition: Acquisition, span: Span, marks: Marks) -> np.ndarray:
    """Tell for each mark whether its reflection was cut off: three samples and more at the trace's strongest value."""
    counts, samples = acquisition.counts, span.bins.samples
    strongest = counts.min()
    return np.array(
        [
            not np.isnan(height) and int((counts[start * samples : stop * samples] == strongest).sum()) >= 3
            for start, stop, height in zip(
                marks.start.tolist(), marks.stop.tolist(), marks.height_db.tolist(), strict=True
            )
        ],
        bool,
    )


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
    cut_off = saturated(acquisition, span, marks)
    section, method = _sections(span, marks, sides)
    place_u_m = _place_u_m(acquisition, span, marks, sides)
    echo_of_m = _echoes(acquisition, span, marks, sides, bright_db, origin)
    events = []
    for i, distance_m in enumerate(place_m):
        loss_db = _number(sides.loss_db[i])
        events.append(
            Event(
                kind=_kind(loss_db, bool(joined[i]), not np.isnan(marks.height_db[i]), bool(echo_of_m[i])),
                distance_m=distance_m,
                loss_db=loss_db,
                reflectance_db=_number(bright_db[i]),
                saturated=bool(cut_off[i]),
                section_db_per_km=section[i],
                distance_u_m=float(place_u_m[i]),
                loss_u_db=None if loss_db is None else _number(sides.loss_u_db[i]),
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
        for slope, count in zip(sides.before.slope.tolist(), sides.before.count.tolist(), strict=True)
    ]
    both = (sides.before.count >= shortest) & (sides.behind.count >= shortest)
    return section, [LSA if enough else LEVEL for enough in both.tolist()]


def _place_u_m(acquisition: Acquisition, span: Span, marks: Marks, sides: Sides) -> FloatArray:
    """Return the uncertainty of each place: a step in noise is placed worse than the rise of a reflection."""
    bin_m = span.bins.bin_m
    sharp_m = np.hypot(bin_m, acquisition.step_m) / 12.0**0.5
    noise_db = span.pulse_noise_db[np.minimum(marks.start, span.end - 1)]
    loss_db = np.where(np.isnan(sides.loss_db), np.inf, np.maximum(np.abs(sides.loss_db), 1e-6))
    step_m = _POSITION_FACTOR * noise_db / loss_db * span.bins.pulse * bin_m
    step_m = np.minimum(np.hypot(step_m, sharp_m), 2.0 * span.bins.pulse * bin_m)
    return np.where(np.isnan(marks.height_db), step_m, sharp_m)


def _echoes(
    acquisition: Acquisition, span: Span, marks: Marks, sides: Sides, bright_db: FloatArray, origin: int
) -> list[list[float]]:
    """Return for each mark the reflectors that it may be an echo of; nothing for what is none.

    An echo has no loss, is weaker than what it comes from, and lies where light arrives that went once more between
    two reflectors; the instrument's own connector, at `origin`, is one of them.
    """
    echo_of_m: list[list[float]] = []
    width = max(span.bins.pulse, 3)
    reflectors: list[tuple[int, float]] = []
    for i, start in enumerate(marks.start.tolist()):
        loss_db, shine_db = float(sides.loss_db[i]), float(bright_db[i])
        found: list[float] = []
        allowed_db = max(_ECHO_LOSS_DB, 3.0 * float(sides.loss_u_db[i]))
        if not np.isnan(shine_db) and not np.isnan(loss_db) and abs(loss_db) < allowed_db:
            for pair in _detours(reflectors, start - origin, width):
                if shine_db < min(pair[0][1], pair[1][1]) - 3.0:
                    found = [span.bins.at_m(origin + at) for at in dict.fromkeys((pair[0][0], pair[1][0]))]
                    break
        echo_of_m.append(found)
        if not np.isnan(shine_db) and not found:
            reflectors.append((start - origin, shine_db))
    return echo_of_m


def _detours(
    reflectors: list[tuple[int, float]], place: int, width: int
) -> Iterator[tuple[tuple[int, float], tuple[int, float]]]:
    """Yield the pairs of reflectors whose echo arrives at `place`: by their sum, or by twice one less another."""
    for number, near in enumerate(reflectors):
        for far in reflectors[number:]:
            if abs(near[0] + far[0] - place) <= width or (
                near is not far and abs(2 * far[0] - near[0] - place) <= width
            ):
                yield near, far


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
