"""The part of a sweep inside a band, and whether it is enough to say something about the band."""

from typing import NamedTuple

import numpy as np

from linetest.copper.settings import CopperSettings
from linetest.copper.sweep import FloatArray, Sweep


class Cut(NamedTuple):
    """What a sweep holds of one band."""

    band_hz: tuple[float, float]
    frequency_hz: FloatArray
    """(n,); empty where sweep and band do not meet."""
    gain_db: FloatArray
    """(n, 2, P, 2, P)"""
    covered: bool
    """The sweep reaches both edges, within the tolerance."""
    dense: bool
    """No gap between two points is wider than allowed."""
    enough: bool
    """There are as many points as asked for."""


def cut_to_band(sweep: Sweep, band_hz: tuple[float, float], settings: CopperSettings) -> Cut:
    """Return the measured points inside the band, and the exact edges where points lie on both sides of one.

    Nothing else is interpolated.
    """
    low_hz, high_hz = band_hz
    frequency_hz = sweep.frequency_hz
    first, last = np.searchsorted(frequency_hz, low_hz, "left"), np.searchsorted(frequency_hz, high_hz, "right")
    inside_hz = frequency_hz[first:last]
    before = [low_hz] if _between(frequency_hz, low_hz) else []
    after = [high_hz] if _between(frequency_hz, high_hz) else []
    cut_hz = np.concatenate((before, inside_hz, after))
    gain_db = np.concatenate(
        (
            *(_at(sweep, edge_hz) for edge_hz in before),
            sweep.gain_db[first:last],
            *(_at(sweep, edge_hz) for edge_hz in after),
        )
    )
    neighbours_hz = frequency_hz[max(first - len(before), 0) : last + len(after)]
    tolerance_hz = settings.edge_tolerance_hz
    covered = cut_hz.size > 0 and cut_hz[0] <= low_hz + tolerance_hz and cut_hz[-1] >= high_hz - tolerance_hz
    return Cut(
        band_hz=band_hz,
        frequency_hz=cut_hz,
        gain_db=gain_db,
        covered=bool(covered),
        dense=bool(np.all(np.diff(neighbours_hz) <= settings.maximum_step_hz)),
        enough=len(inside_hz) >= settings.minimum_points,
    )


def _between(frequency_hz: FloatArray, edge_hz: float) -> bool:
    """Tell whether the edge lies between two points and on none."""
    return bool(frequency_hz[0] < edge_hz < frequency_hz[-1]) and edge_hz not in frequency_hz


def _at(sweep: Sweep, edge_hz: float) -> FloatArray:
    """Return the gains at the edge, (1, 2, P, 2, P), on the straight line in dB between its two neighbours."""
    after = int(np.searchsorted(sweep.frequency_hz, edge_hz))
    left_hz, right_hz = sweep.frequency_hz[after - 1 : after + 1]
    left, right = sweep.gain_db[after - 1 : after], sweep.gain_db[after : after + 1]
    edge: FloatArray = left + (right - left) * (edge_hz - left_hz) / (right_hz - left_hz)
    return edge
