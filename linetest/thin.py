"""Curves made short enough to keep in a record, with none of their peaks lost."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

MOST_POINTS = 2000


def thin_out(values: NDArray[np.floating[Any]]) -> NDArray[np.intp]:
    """Return the rising indices of at most `MOST_POINTS` of `values`, (n,): both ends, and every stretch's extremes."""
    count = len(values)
    if count <= MOST_POINTS:
        return np.arange(count)
    width = -(-count // (MOST_POINTS // 2 - 1))
    stretches = -(-count // width)
    at = np.minimum(np.arange(stretches * width), count - 1).reshape(stretches, width)
    low, high = np.where(np.isnan(values), np.inf, values)[at], np.where(np.isnan(values), -np.inf, values)[at]
    row = np.arange(stretches)
    return np.unique(np.concatenate(([0, count - 1], at[row, low.argmin(axis=1)], at[row, high.argmax(axis=1)])))
