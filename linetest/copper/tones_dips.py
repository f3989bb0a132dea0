"""Dips in the response of a line: what a bridged tap leaves in Hlog, and how long the tap is where that is sure.

An open tap of length L takes away what is a quarter of a wave long on it, and all odd multiples: ``(2 k + 1) v / 4 L``
(transmission-line theory; ITU-T G.996.1 shows such loops).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from linetest.copper.tones_settings import ToneSettings

FloatArray = NDArray[np.float64]
_ROUNDS = 8
_TIGHT_DB = 0.5  # the trend is that of the points which do not lie lower than this under it
_EDGE_POINTS = 3


class Dip(NamedTuple):
    """One dip."""

    frequency_hz: float
    depth_db: float


def find_dips(frequency_hz: FloatArray, hlog_db: FloatArray, settings: ToneSettings) -> list[Dip] | None:
    """Return the dips of a response, by rising frequency; None where there is too little to tell.

    Args:
        frequency_hz: (n,), rising.
        hlog_db: (n,); NaN where nothing was measured.
        settings: How deep a dip is.

    A dip that touches the edge of what was measured is the edge of a filter as likely, and is none.
    """
    known = np.flatnonzero(~np.isnan(hlog_db))
    if known.size < settings.dip_points:
        return None
    x, y = frequency_hz[known], hlog_db[known]
    below_db = _smoothed(_trend(x, y) - y)
    low = below_db >= settings.dip_from_db / 2.0  # where a dip begins and ends; noise on its flanks makes no second one
    edges = np.flatnonzero(np.diff(np.concatenate(([0], low.astype(np.int8), [0]))))
    dips = []
    for first, behind in zip(edges[::2], edges[1::2], strict=True):
        at = int(first + np.argmax(below_db[first:behind]))
        inside = first >= _EDGE_POINTS and behind <= x.size - _EDGE_POINTS
        if inside and below_db[at] >= settings.dip_from_db:
            dips.append(Dip(float(x[at]), float(below_db[at])))
    return dips


def tap_length_m(
    dips: list[Dip], frequency_hz: FloatArray, hlog_db: FloatArray, settings: ToneSettings
) -> float | None:
    """Return the length of the one tap that explains all dips; None where that is not sure.

    Sure are two dips or more at successive odd multiples of one frequency, of which no other one lies inside of what
    was measured.
    """
    if len(dips) < 2:
        return None
    at_hz = np.array([dip.frequency_hz for dip in dips])
    first_hz = float(np.median(np.diff(at_hz))) / 2.0
    order = np.rint((at_hz / first_hz - 1.0) / 2.0)
    if order[0] < 0 or np.any(np.diff(order) != 1.0):
        return None
    odd = 2.0 * order + 1.0
    first_hz = float(at_hz @ odd / (odd @ odd))
    if np.any(np.abs(at_hz - odd * first_hz) > settings.tap_fit * first_hz):
        return None
    measured_hz = frequency_hz[~np.isnan(hlog_db)]
    for missing in (odd[0] - 2.0, odd[-1] + 2.0):
        lowest_hz, highest_hz = measured_hz[0] + first_hz / 2.0, measured_hz[-1] - first_hz / 2.0
        if missing > 0 and lowest_hz < missing * first_hz < highest_hz:
            return None
    return settings.velocity_m_s / (4.0 * first_hz)


def _smoothed(values: FloatArray) -> FloatArray:
    """Return the median of each value and its two neighbours: one tone alone is a wrong value, or somebody's radio."""
    padded = np.pad(values, 1, mode="edge")
    return np.asarray(np.median(np.stack([padded[:-2], values, padded[2:]]), axis=0), dtype=np.float64)


def _trend(x: FloatArray, y: FloatArray) -> FloatArray:
    """Return the response of a line without taps: a constant, skin effect (root of f) and dielectric loss (f).

    Points under the trend are left out step by step, so that dips do not draw it down.
    """
    scaled = x / x[-1]
    terms = np.stack([np.ones_like(scaled), np.sqrt(scaled), scaled], axis=1)
    kept = np.ones(x.size, dtype=np.bool_)
    trend = y
    for _round in range(_ROUNDS):
        weights, *_rest = np.linalg.lstsq(terms[kept], y[kept], rcond=None)
        trend = terms @ weights
        above = y > trend - _TIGHT_DB
        if above.sum() < x.size // 4 or np.array_equal(above, kept):
            break
        kept = above
    return np.asarray(trend, dtype=np.float64)
