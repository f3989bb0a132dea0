"""The physics of the simulated binder: its line, and the 1 % worst case crosstalk of n disturbers.

The line: cable parameters of AWG 26 and AWG 24 as used in DSL studies, R = (r0^4 + a f^2)^(1/4), L = (l0 + linf x) /
(1 + x) with x = (f/fm)^b, C constant, G = g0 f^ge, all per kilometre (AWG 24: the public program multiuserDSM; AWG 26:
the widely used set, not verified: its source was not read).

The coupling, as power gains with f in Hz: ANSI T1.417 and ITU-T G.996.1 (their texts not read, the numbers checked by
arithmetic), where the length counts in feet; ETSI TS 101 388 and TR 101 830-2 (as multiuserDSM has them).
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Curve = NDArray[np.floating[Any]]
Complex = NDArray[np.complex128]
Coupling = Literal["t1", "etsi"]

REFERENCE_OHM = 100.0
_FOOT_M = 0.3048


@dataclass(frozen=True)
class Gauge:
    """The parameters of one gauge, per kilometre."""

    r0: float
    a: float
    l0: float
    linf: float
    b: float
    fm: float
    c: float
    g0: float
    ge: float


GAUGES = {
    "AWG26": Gauge(286.17578, 0.1476962, 675.36888e-6, 488.95186e-6, 0.92930728, 806338.63, 49e-9, 43e-9, 0.70),
    "AWG24": Gauge(174.55888, 0.053073, 617.29e-6, 478.97e-6, 1.1529, 553760.0, 50e-9, 234.87476e-15, 1.38),
}


def line(gauge: Gauge, length_km: float, frequency_hz: Curve) -> tuple[Complex, Complex, Complex]:
    """Return H, S11 and S21 of a line: H between its own impedances, S in the analyser's 100 ohm."""
    x = (frequency_hz / gauge.fm) ** gauge.b
    omega = 2.0 * np.pi * frequency_hz
    series = (gauge.r0**4 + gauge.a * frequency_hz**2) ** 0.25 + 1j * omega * (gauge.l0 + gauge.linf * x) / (1.0 + x)
    shunt = gauge.g0 * frequency_hz**gauge.ge + 1j * omega * gauge.c
    gamma_l = np.sqrt(series * shunt) * length_km
    impedance_ohm = np.sqrt(series / shunt)
    ratio = impedance_ohm / REFERENCE_OHM
    below = 2.0 * np.cosh(gamma_l) + (ratio + 1.0 / ratio) * np.sinh(gamma_l)
    return np.exp(-gamma_l), (ratio - 1.0 / ratio) * np.sinh(gamma_l) / below, 2.0 / below


def next_db_t1(frequency_hz: Curve, disturbers: int) -> Curve:
    """Return the 1 % worst near-end crosstalk of ANSI T1.417 as gain."""
    # 8.818e-14 belongs to (n/49)^0.6; written with n^0.6 alone the constant is 0.8536e-14.
    return np.asarray(10.0 * np.log10(8.818e-14 * (disturbers / 49) ** 0.6 * frequency_hz**1.5))


def fext_db_t1(frequency_hz: Curve, disturbers: int, length_km: float, through: Curve) -> Curve:
    """Return the 1 % worst far-end crosstalk of ANSI T1.417 as gain; `through` is abs(H)."""
    feet = length_km * 1000.0 / _FOOT_M
    return np.asarray(10.0 * np.log10(8e-20 * (disturbers / 49) ** 0.6 * feet * frequency_hz**2 * through**2))


def next_db_etsi(frequency_hz: Curve, disturbers: int, through: Curve) -> Curve:
    """Return the 1 % worst near-end crosstalk of ETSI as gain; `through` is abs(H)."""
    flat = -50.0 + 6.0 * np.log10(disturbers / 49)
    return np.asarray(flat + 15.0 * np.log10(frequency_hz / 1e6) + 10.0 * np.log10(1.0 - through**4))


def fext_db_etsi(frequency_hz: Curve, disturbers: int, length_km: float, through: Curve) -> Curve:
    """Return the 1 % worst far-end crosstalk of ETSI as gain; `through` is abs(H)."""
    flat = -45.0 + 6.0 * np.log10(disturbers / 49) + 10.0 * np.log10(length_km)
    return np.asarray(flat + 20.0 * np.log10(frequency_hz / 1e6) + 20.0 * np.log10(through))


def worst_case_binder(
    coupling: Coupling, disturbers: int, length_m: float, gauge: str, frequency_hz: Curve, seed: int = 14
) -> tuple[list[str], Complex]:
    """Return port names and S (frequency x port x port) of a binder that is as bad as the model.

    It has one pair more than disturbers, near and far end of pair 1, 2, ...; each disturber adds the same share of the
    power, so that every pair's power sum is the model's value.
    """
    length_km, pairs = length_m / 1000.0, disturbers + 1
    transfer, reflected, through = line(GAUGES[gauge], length_km, frequency_hz)
    size = np.abs(transfer)
    if coupling == "t1":
        near_db = next_db_t1(frequency_hz, disturbers)
        far_db = fext_db_t1(frequency_hz, disturbers, length_km, size)
    else:
        near_db = next_db_etsi(frequency_hz, disturbers, size)
        far_db = fext_db_etsi(frequency_hz, disturbers, length_km, size)
    turn = np.triu(np.random.default_rng(seed).uniform(0.0, 2.0 * np.pi, (2 * pairs, 2 * pairs)))
    same_end = np.equal.outer(np.arange(2 * pairs) % 2, np.arange(2 * pairs) % 2)
    share_db = 10.0 * np.log10(disturbers)
    level_db = np.where(same_end[None], near_db[:, None, None], far_db[:, None, None]) - share_db
    s = 10.0 ** (level_db / 20.0) * np.exp(1j * (turn + np.triu(turn, 1).T))[None]
    for pair in range(pairs):
        near, far = 2 * pair, 2 * pair + 1
        s[:, near, near] = s[:, far, far] = reflected
        s[:, near, far] = s[:, far, near] = through
    return [f"PAIR{pair + 1}_{end}" for pair in range(pairs) for end in ("NEAR", "FAR")], s
