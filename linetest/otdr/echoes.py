"""Echoes: light that went once more between two reflectors, and arrives where nothing is."""

from collections.abc import Iterator

import numpy as np

from linetest.otdr.event import Event, EventKind
from linetest.otdr.marks import Marks, Sides, Span
from linetest.otdr.trace import FloatArray

_ECHO_LOSS_DB = 0.05
"""An echo has no loss of its own; so much may be measured all the same."""
_ECHO_WEAKER_DB = 3.0
"""Light that was reflected twice more is weaker than either reflection."""
_MOST_BEHIND = 20


def echoes(span: Span, marks: Marks, sides: Sides, bright_db: FloatArray, origin: int) -> list[list[float]]:
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
                if shine_db < min(pair[0][1], pair[1][1]) - _ECHO_WEAKER_DB:
                    found = [span.bins.at_m(origin + at) for at in dict.fromkeys((pair[0][0], pair[1][0]))]
                    break
        echo_of_m.append(found)
        if not np.isnan(shine_db) and not found:
            reflectors.append((start - origin, shine_db))
    return echo_of_m


def _detours(
    reflectors: list[tuple[int, float]], place: int, width: int
) -> Iterator[tuple[tuple[int, float], tuple[int, float]]]:
    """Yield the pairs of reflectors whose echo arrives at `place`.

    Light goes to one of them, back to something nearer, and by the other home: the sum of both distances, less that
    of the nearer thing. The instrument's own connector is such a thing at distance 0, and so is any reflector.
    """
    for number, one in enumerate(reflectors):
        for other in reflectors[number:]:
            nearer = [0, *(at for at, _shine_db in reflectors[:number])]
            if any(abs(one[0] + other[0] - at - place) <= width for at in nearer):
                yield one, other


def echoes_behind_end(span: Span, end: int, edge_db: float, reflectors_m: list[float], head_m: float) -> list[Event]:
    """Return the echoes that stand out of the noise behind the end of the fibre: no fault, but seen by everybody."""
    loss_db, pulse = span.bins.loss_db, span.bins.pulse
    dark = np.flatnonzero(loss_db[end:] > edge_db)
    if not len(dark):
        return []
    begin = end + int(dark[0])
    bright = loss_db[begin:] < edge_db - 2.0
    rises = begin + 1 + np.flatnonzero(bright[1:] & ~bright[:-1])
    reflectors = [(round((at_m - head_m) / span.bins.bin_m), 0.0) for at_m in reflectors_m]
    head = round((head_m - span.bins.first_m) / span.bins.bin_m)
    found: list[Event] = []
    for rise in rises[: 10 * _MOST_BEHIND].tolist():
        wide = bool((loss_db[rise : rise + max(pulse // 2, 2)] < edge_db - 2.0).all())
        pair = next(_detours(reflectors, rise - head, max(pulse, 3)), None) if wide else None
        if pair is not None and len(found) < _MOST_BEHIND:
            of_m = dict.fromkeys(head_m + at * span.bins.bin_m for at in (pair[0][0], pair[1][0]))
            found.append(Event(kind=EventKind.GHOST, distance_m=span.bins.at_m(rise), echo_of_m=list(of_m)))
    return found
