"""What crosstalk a cable may have: the 1 % worst case models, which 99 of 100 cables stay below.

- ``t1``: ANSI T1.417 and ITU-T G.996.1 (texts not read; the numbers checked by arithmetic and against public programs).
- ``etsi``: ETSI TS 101 388 and TR 101 830-2 (as the public program multiuserDSM has them).

They are compared with and drawn, never judged by: a limit stands in a profile.
"""

from typing import Literal, NamedTuple

import numpy as np

from linetest.copper.sweep import FloatArray

Model = Literal["t1", "etsi"]
Wire = Literal["AWG24", "AWG26"]

FULL_BINDER = 49
"""Disturbers in a binder of 50 pairs, the number that both models are given for."""
_FOOT_M = 0.3048


class _Parameters(NamedTuple):
    """Of one wire, per kilometre: R = (r0^4 + a f^2)^(1/4), L = (l0 + linf x)/(1 + x), x = (f/fm)^b, C, G = g0 f^ge."""

    r0: float
    a: float
    l0: float
    linf: float
    b: float
    fm: float
    c: float
    g0: float
    ge: float


# AWG24: multiuserDSM. AWG26: the set that DSL studies commonly use; not verified, its source was not read.
_WIRES: dict[Wire, _Parameters] = {
    "AWG24": _Parameters(174.55888, 0.053073, 617.29e-6, 478.97e-6, 1.1529, 553_760.0, 50e-9, 234.87476e-15, 1.38),
    "AWG26": _Parameters(286.17578, 0.1476962, 675.36888e-6, 488.95186e-6, 0.92930728, 806_338.63, 49e-9, 43e-9, 0.70),
}


def next_gain_db(frequency_hz: FloatArray, disturbers: int, loss_db: FloatArray, model: Model) -> FloatArray:
    """Return the model's near-end crosstalk of so many disturbers together as gain, like `frequency_hz`.

    Args:
        frequency_hz: Above 0.
        disturbers: At least 1.
        loss_db: Of the line, positive, like `frequency_hz`; only ``etsi`` asks for it.
        model: Which one.
    """
    more_db = 6.0 * np.log10(disturbers / FULL_BINDER)
    if model == "t1":
        return np.asarray(10.0 * np.log10(8.818e-14) + more_db + 15.0 * np.log10(frequency_hz))
    passed = np.minimum(10.0 ** (-loss_db / 5.0), 1.0 - 1e-9)  # |H|^4; a line without loss would have no crosstalk
    return np.asarray(-50.0 + more_db + 15.0 * np.log10(frequency_hz / 1e6) + 10.0 * np.log10(1.0 - passed))


def fext_gain_db(
    frequency_hz: FloatArray, disturbers: int, length_m: float, loss_db: FloatArray, model: Model
) -> FloatArray:
    """Return the model's far-end crosstalk (input to output) of so many disturbers together as gain.

    Args as in `next_gain_db`; `length_m`, above 0, is how far the pairs run side by side.
    """
    more_db = 6.0 * np.log10(disturbers / FULL_BINDER) + 20.0 * np.log10(frequency_hz) - loss_db
    if model == "t1":
        return np.asarray(10.0 * np.log10(8e-20 * length_m / _FOOT_M) + more_db)
    return np.asarray(-45.0 - 120.0 + 10.0 * np.log10(length_m / 1000.0) + more_db)


def loss_db_per_km(frequency_hz: FloatArray, wire: Wire) -> FloatArray:
    """Return what a kilometre of the wire loses between its own impedances, positive dB."""
    of = _WIRES[wire]
    x = (frequency_hz / of.fm) ** of.b
    omega = 2.0 * np.pi * frequency_hz
    series = (of.r0**4 + of.a * frequency_hz**2) ** 0.25 + 1j * omega * (of.l0 + of.linf * x) / (1.0 + x)
    shunt = of.g0 * frequency_hz**of.ge + 1j * omega * of.c
    return np.asarray(20.0 / np.log(10.0) * np.sqrt(series * shunt).real)


def length_m_of(frequency_hz: FloatArray, loss_db: FloatArray, wire: Wire) -> float | None:
    """Return the length of a line that loses so much, if it is of that wire; None where nothing was measured.

    The median over frequency, so that a bad joint or a tap does not lengthen the line.
    """
    known = ~np.isnan(loss_db) & (frequency_hz > 0.0)
    if not known.any():
        return None
    length_km = float(np.median(loss_db[known] / loss_db_per_km(frequency_hz[known], wire)))
    return 1000.0 * length_km if length_km > 0.0 else None
