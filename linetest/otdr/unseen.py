"""The loss at a place where a trace shows no event: nearly nothing is a measurement too.

A joint between unlike fibres may show all of its loss from one end and none from the other. Its loss is the mean of
both, so the end that shows nothing has to be measured as well.
"""

from math import hypot
from typing import NamedTuple

import numpy as np

from linetest.otdr.event import Analysis
from linetest.otdr.trace import Acquisition, FloatArray

_SHORTEST_PULSES = 4.0
"""Of fibre for a line on either side; also what an event before disturbs. Own choice."""
_FEWEST_POINTS = 4


class Step(NamedTuple):
    """What two lines differ by where they meet."""

    loss_db: float
    loss_u_db: float


class _Level(NamedTuple):
    """The value of a line where it meets the other one."""

    level_db: float
    u_db: float


def step_at(acquisition: Acquisition, analysis: Analysis, distance_m: float, within_m: float) -> Step | None:
    """Return the step there by a line of least squares on either side (4-point method).

    Args:
        acquisition: the samples.
        analysis: what was found in them; the lines go no further than the next events, echoes included.
        distance_m: on the scale of these samples.
        within_m: how well the place is known; the lines keep so far away from it.

    Returns:
        The step and its standard uncertainty; None outside of the link, where an event lies too near, or the fibre on
        one side is too short.
    """
    end_m = analysis.end_m
    if end_m is None or not analysis.start_m < distance_m < end_m:
        return None
    edges_m = [analysis.start_m, end_m, *(event.distance_m for event in analysis.events)]
    room_m = _SHORTEST_PULSES * acquisition.pulse_m
    before_m = max(edge for edge in edges_m if edge <= distance_m) + room_m
    behind_m = min(edge for edge in edges_m if edge > distance_m) - acquisition.step_m
    before = _level(acquisition, before_m, distance_m - within_m, distance_m)
    behind = _level(acquisition, distance_m + acquisition.pulse_m + within_m, behind_m, distance_m)
    if before is None or behind is None:
        return None
    return Step(behind.level_db - before.level_db, hypot(before.u_db, behind.u_db))


def _level(acquisition: Acquisition, from_m: float, to_m: float, at_m: float) -> _Level | None:
    """Return where the line through means over one pulse each passes `at_m`; None for too little fibre."""
    first = int(np.ceil((from_m - acquisition.first_m) / acquisition.step_m))
    last = int((to_m - acquisition.first_m) / acquisition.step_m)
    width = max(round(acquisition.pulse_m / acquisition.step_m), 1)
    points = (min(last, len(acquisition.counts)) - max(first, 0)) // width
    if first < 0 or points < max(_FEWEST_POINTS, _SHORTEST_PULSES):
        return None
    counts = acquisition.counts[first : first + points * width].reshape(points, width)
    level_db: FloatArray = counts.mean(axis=1) * acquisition.db_per_count
    middle = (points - 1) / 2.0
    place = np.arange(points) - middle
    square = float((place**2).sum())
    slope = float(place @ level_db) / square
    mean_db = float(level_db.mean())
    rest_db = level_db - mean_db - slope * place
    to_place = (at_m - acquisition.first_m) / acquisition.step_m - first
    away = (to_place - (width - 1) / 2.0) / width - middle
    scatter = float(rest_db @ rest_db) / (points - 2)
    return _Level(mean_db + slope * away, (scatter * (1.0 / points + away**2 / square)) ** 0.5)
