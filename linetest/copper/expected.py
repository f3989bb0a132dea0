"""What the 1 % worst case models of `reference` say of a cable whose loss was measured."""

from typing import NamedTuple

import numpy as np

from linetest.copper.found import Found
from linetest.copper.reference import fext_gain_db, length_m_of, next_gain_db
from linetest.copper.settings import CopperSettings
from linetest.copper.sweep import FloatArray


class Expected(NamedTuple):
    """A model's crosstalk at the frequencies of the loss that it was computed from."""

    gain_db: FloatArray
    """(n,); NaN where the model asks for a loss that was not measured."""
    length_m: float | None
    """Taken from the loss; None where the model does not ask for it."""


def expected_of(
    loss: Found, victim: int | None, disturbers: int, *, near: bool, settings: CopperSettings
) -> Expected | None:
    """Return what a model expects of so many disturbers together; None where the length is needed and not known.

    Args:
        loss: The measured insertion loss of all pairs.
        victim: Whose loss counts; None for the median of all pairs.
        disturbers: At least 1.
        near: Near-end crosstalk; else far-end.
        settings: Which model, and which wire tells the length.
    """
    model, frequency_hz, loss_db = settings.reference_model, loss.cut.frequency_hz, _loss_db(loss, victim)
    if near and model == "t1":
        return Expected(next_gain_db(frequency_hz, disturbers, loss_db, model), None)
    length_m = length_m_of(frequency_hz, loss_db, settings.reference_wire)
    if length_m is None:
        return None
    if near:
        return Expected(next_gain_db(frequency_hz, disturbers, loss_db, model), None)
    return Expected(fext_gain_db(frequency_hz, disturbers, length_m, loss_db, model), length_m)


def _loss_db(loss: Found, victim: int | None) -> FloatArray:
    """Return the loss of one pair or the median of those that were measured, (n,); NaN where none was."""
    every_db = loss.curves_db[:, :, 0]
    if victim is not None:
        return every_db[:, victim]
    measured = every_db[:, ~np.isnan(every_db).all(axis=0)]
    return np.asarray(np.median(measured, axis=1)) if measured.size else np.full(len(every_db), np.nan)
