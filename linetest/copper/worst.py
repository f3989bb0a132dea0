"""The worst point of every combination: where the margin is smallest, or without a limit where the gain is largest."""

from typing import NamedTuple

import numpy as np

from linetest.copper.sweep import FloatArray, IndexArray
from linetest.model.limit import Limit


class Worst(NamedTuple):
    """The worst points of one metric, each field (P, D): disturbed pairs and disturbers."""

    value_db: FloatArray
    """NaN where nothing was measured."""
    frequency_hz: FloatArray
    margin_db: FloatArray
    """NaN without a limit."""

    def disturber(self) -> IndexArray:
        """Return each disturbed pair's worst disturber, (P,); any where nothing was measured."""
        return np.asarray(np.argmin(_never_if_absent(_badness(self.margin_db, self.value_db)), axis=1))


def find_worst(frequency_hz: FloatArray, values_db: FloatArray, limits: list[Limit]) -> Worst:
    """Return the worst points of `values_db`, (n, P, D), with n at least 1."""
    margin_db = _margins(frequency_hz, values_db, limits)
    at = np.argmin(_never_if_absent(_badness(margin_db, values_db)), axis=0)[None]

    def pick(array: FloatArray) -> FloatArray:
        picked: FloatArray = np.take_along_axis(array, at, axis=0)[0]
        return picked

    value_db = pick(values_db)
    worst_hz = np.where(np.isnan(value_db), np.nan, frequency_hz[at[0]])
    return Worst(value_db, worst_hz, pick(margin_db))


def _margins(frequency_hz: FloatArray, values_db: FloatArray, limits: list[Limit]) -> FloatArray:
    """Return the smallest distance to a bound, like `values_db`; NaN where no limit reaches."""
    margin_db = np.full(values_db.shape, np.nan)
    for limit in limits:
        low_db, high_db = _bounds(limit, frequency_hz)
        margin_db = np.fmin(margin_db, np.fmin(values_db - low_db, high_db - values_db))
    return margin_db


def _bounds(limit: Limit, frequency_hz: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the bounds, (n, 1, 1) or (1, 1, 1) where they are the same everywhere; NaN where there is none."""
    where = frequency_hz[:1] if limit.line is None else frequency_hz
    bounds = np.array([limit.bounds_at({"frequency_hz": float(x)}) for x in where], dtype=np.float64)
    return bounds[:, 0, None, None], bounds[:, 1, None, None]


def _badness(margin_db: FloatArray, values_db: FloatArray) -> FloatArray:
    """Return what is smallest where it is worst: the margin, or the negative value where no margin is."""
    return margin_db if not np.isnan(margin_db).all() else -values_db


def _never_if_absent(array: FloatArray) -> FloatArray:
    return np.where(np.isnan(array), np.inf, array)
