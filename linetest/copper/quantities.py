"""Crosstalk quantities of all pairs at once, as gains in dB.

Definitions: NEXT and input/output FEXT as ratios of S parameters; ELFEXT relative to the disturbing pair's own far end
(TIA-568), ACR-F relative to the disturbed pair's (ISO/IEC 11801); power sums add the powers of all disturbers.
"""

import numpy as np

from linetest.copper.sweep import FloatArray

NEXT, FEXT = "copper.next_db", "copper.fext_db"
ELFEXT, ACRF = "copper.elfext_db", "copper.acrf_db"
NEXT_LOW_LOSS = "copper.next_low_loss_db"
PSNEXT, PSFEXT, PSELFEXT = "copper.psnext_db", "copper.psfext_db", "copper.pselfext_db"
INSERTION_LOSS = "copper.insertion_loss_db"
PAIR_TO_PAIR = (NEXT, FEXT, ELFEXT, ACRF, NEXT_LOW_LOSS)
HEARD_WHERE_SENT = (NEXT, NEXT_LOW_LOSS, PSNEXT)
"""The others are heard at the other end."""
POWER_SUMS = {PSNEXT: NEXT, PSFEXT: FEXT, PSELFEXT: ELFEXT}
SWEPT = frozenset({*PAIR_TO_PAIR, *POWER_SUMS, INSERTION_LOSS})
"""All that a sweep tells; the copper room's other metrics come from a modem or from a person."""
_DB = np.log(10.0) / 10.0  # e to the power of so much is a decibel: exp is several times faster than a power of 10


def quantities(gain_db: FloatArray, end: int, insertion_loss_floor_db: float | None = None) -> dict[str, FloatArray]:
    """Return each metric's curves as (n, P, D): n frequencies, P disturbed pairs, D disturbers or 1 for all together.

    Args:
        gain_db: (n, 2, P, 2, P), received at [end, pair] over sent at [end, pair].
        end: Where the disturbing signal is sent, 0 near, 1 far.
        insertion_loss_floor_db: Where the disturbed pair's loss is lower, NEXT only informs: it is left out of NEXT,
            and is a metric of its own.

    NaN stands where nothing was measured: on the diagonal, and in a power sum of which a part is missing.
    """
    same_end, other_end = gain_db[:, end, :, end, :], gain_db[:, 1 - end, :, end, :]
    through = np.diagonal(other_end, axis1=1, axis2=2)  # (n, P)
    near, far = _without_diagonal(same_end), _without_diagonal(other_end)
    informs: dict[str, FloatArray] = {}
    if insertion_loss_floor_db is not None:
        low = (-through < insertion_loss_floor_db)[:, :, None]
        informs[NEXT_LOW_LOSS] = np.where(low, near, np.nan)
        near[np.broadcast_to(low, near.shape)] = np.nan
    pair_to_pair = {
        NEXT: near,
        FEXT: far,
        ELFEXT: far - through[:, None, :],
        ACRF: far - through[:, :, None],
    }
    sums = {metric: power_sum(pair_to_pair[part]) for metric, part in POWER_SUMS.items()}
    return {**pair_to_pair, **informs, **sums, INSERTION_LOSS: -through[:, :, None]}


def power_sum(gain_db: FloatArray) -> FloatArray:
    """Return the sum of the powers from all disturbers, (n, P, 1) of (n, P, P) in dB; NaN where one is missing."""
    n, count, _count = gain_db.shape
    if count < 2:
        return np.full((n, count, 1), np.nan)
    power = np.multiply(gain_db, _DB, order="C")
    np.exp(power, out=power)
    _diagonal(power)[...] = 0.0
    total: FloatArray = np.log(power.reshape(-1, count) @ np.ones(count)) / _DB
    return total.reshape(n, count, 1)


def _without_diagonal(gain_db: FloatArray) -> FloatArray:
    """Return a copy of (n, P, P) with NaN where a pair is its own disturber."""
    copy = np.array(gain_db, order="C")
    _diagonal(copy)[...] = np.nan
    return copy


def _diagonal(array: FloatArray) -> FloatArray:
    """Return the diagonals of (n, P, P), contiguous, as a view that can be written to, (n, P)."""
    n, count, _count = array.shape
    return array.reshape(n, count * count)[:, :: count + 1]
