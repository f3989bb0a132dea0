"""Crosstalk quantities of all pairs at once, as gains in dB.

Definitions: NEXT and input/output FEXT as ratios of S parameters; ELFEXT relative to the disturbing pair's own far end
(TIA-568), ACR-F relative to the disturbed pair's (ISO/IEC 11801); power sums add the powers of all disturbers.
"""

import numpy as np

from linetest.copper.sweep import FloatArray

NEXT, FEXT = "copper.next_db", "copper.fext_db"
ELFEXT, ACRF = "copper.elfext_db", "copper.acrf_db"
PSNEXT, PSFEXT, PSELFEXT = "copper.psnext_db", "copper.psfext_db", "copper.pselfext_db"
INSERTION_LOSS = "copper.insertion_loss_db"
PAIR_TO_PAIR = (NEXT, FEXT, ELFEXT, ACRF)
HEARD_WHERE_SENT = (NEXT, PSNEXT)
"""The others are heard at the other end."""
POWER_SUMS = {PSNEXT: NEXT, PSFEXT: FEXT, PSELFEXT: ELFEXT}
SWEPT = frozenset({*PAIR_TO_PAIR, *POWER_SUMS, INSERTION_LOSS})
"""All that a sweep tells; the copper room's other metrics come from a modem or from a person."""


def quantities(gain_db: FloatArray, end: int, insertion_loss_floor_db: float | None = None) -> dict[str, FloatArray]:
    """Return each metric's curves as (n, P, D): n frequencies, P disturbed pairs, D disturbers or 1 for all together.

    Args:
        gain_db: (n, 2, P, 2, P), received at [end, pair] over sent at [end, pair].
        end: Where the disturbing signal is sent, 0 near, 1 far.
        insertion_loss_floor_db: Leave out NEXT where the disturbed pair's loss is lower.

    NaN stands where nothing was measured: on the diagonal, and in a power sum of which a part is missing.
    """
    same_end, other_end = gain_db[:, end, :, end, :], gain_db[:, 1 - end, :, end, :]
    through = np.diagonal(other_end, axis1=1, axis2=2)  # (n, P)
    itself = np.eye(gain_db.shape[2], dtype=bool)
    near = np.where(itself, np.nan, same_end)
    far = np.where(itself, np.nan, other_end)
    if insertion_loss_floor_db is not None:
        near = np.where(-through[:, :, None] < insertion_loss_floor_db, np.nan, near)
    pair_to_pair = {
        NEXT: near,
        FEXT: far,
        ELFEXT: far - through[:, None, :],
        ACRF: far - through[:, :, None],
    }
    sums = {metric: power_sum(pair_to_pair[part]) for metric, part in POWER_SUMS.items()}
    return {**pair_to_pair, **sums, INSERTION_LOSS: -through[:, :, None]}


def power_sum(gain_db: FloatArray) -> FloatArray:
    """Return the sum of the powers from all disturbers, (n, P, 1) of (n, P, P) in dB; NaN where one is missing."""
    count = gain_db.shape[1]
    if count < 2:
        return np.full((len(gain_db), count, 1), np.nan)
    power = 10.0 ** (gain_db / 10.0)
    power[:, np.eye(count, dtype=bool)] = 0.0
    total: FloatArray = 10.0 * np.log10(power.sum(axis=2, keepdims=True))
    return total
