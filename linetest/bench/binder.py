"""A simulated binder of four telephone pairs, swept by a network analyser: a Touchstone file.

Line and coupling are those of `binder_models`; as in most cables the 1 % worst case, of one disturber, is not reached.
"""

import numpy as np

from linetest.bench.binder_models import (
    GAUGES,
    REFERENCE_OHM,
    Complex,
    Curve,
    fext_db_etsi,
    line,
    next_db_etsi,
)
from linetest.bench.faults import BinderFault

TONE_HZ = 4312.5
PAIRS = 4

# Which port hears which others how much too loud; ports 0 and 1 are the near and far end of pair 1, and so on.
_RAISED: tuple[tuple[BinderFault, int, list[int], float], ...] = (
    ("next", 0, [2, 4, 6], 27.0),
    ("fext", 1, [2, 4, 6], 22.0),
    ("split-pair", 0, [4], 27.0),
    ("split-pair", 1, [5], 27.0),
)


def binder(
    gauge: str = "AWG26", length_m: float = 300.0, seed: int = 14, fault: BinderFault | None = None
) -> tuple[list[str], Curve, Complex]:
    """Return port names, frequencies and S (frequency x port x port) of the binder.

    Ports are near and far end of pair 1, 2, ...; without the far ends for the fault "no-fext". The faults
    "next" and "fext" raise the coupling of pair 1 far above what a good cable has.
    """
    first, last = (32, 128) if fault == "narrow" else (6, 256)
    frequency_hz = np.arange(first, last + 1) * TONE_HZ
    length_km = length_m / 1000.0
    transfer, reflected, through = line(GAUGES[gauge], length_km, frequency_hz)
    worst_next_db = next_db_etsi(frequency_hz, 1, np.abs(transfer))
    worst_fext_db = fext_db_etsi(frequency_hz, 1, length_km, np.abs(transfer))
    random = np.random.default_rng(seed)
    s = np.zeros((len(frequency_hz), 2 * PAIRS, 2 * PAIRS), dtype=np.complex128)
    for pair in range(PAIRS):
        near, far = 2 * pair, 2 * pair + 1
        s[:, near, near] = s[:, far, far] = reflected
        s[:, near, far] = s[:, far, near] = through
    for one in range(PAIRS):
        for other in range(one + 1, PAIRS):
            for end_one, end_other in ((0, 0), (1, 1), (0, 1), (1, 0)):
                worst_db = worst_next_db if end_one == end_other else worst_fext_db
                coupling = 10.0 ** (worst_db / 20.0) * _wander(random, frequency_hz)
                a, b = 2 * one + end_one, 2 * other + end_other
                s[:, a, b] = s[:, b, a] = coupling
    for fault_of, ports, other_ports, raised_db in _RAISED:
        if fault == fault_of:
            s[:, ports, other_ports] *= 10.0 ** (raised_db / 20.0)
            s[:, other_ports, ports] *= 10.0 ** (raised_db / 20.0)
    names = [f"PAIR{pair + 1}_{end}" for pair in range(PAIRS) for end in ("NEAR", "FAR")]
    if fault == "no-fext":
        return names[::2], frequency_hz, s[:, ::2, ::2]
    return names, frequency_hz, s


def touchstone(names: list[str], frequency_hz: Curve, s: Complex, comment: str) -> str:
    """Return a Touchstone version 1 file: real and imaginary parts, four values of S to a line."""
    lines = [f"! {comment}", *(f"! Port[{number}] = {name}" for number, name in enumerate(names, start=1))]
    lines.append(f"# HZ S RI R {REFERENCE_OHM:.0f}")
    for hz, matrix in zip(frequency_hz.tolist(), s.tolist(), strict=True):  # Python's own numbers print far quicker
        for row_number, row in enumerate(matrix):
            for start in range(0, len(row), 4):
                values = " ".join(f"{value.real:.9e} {value.imag:.9e}" for value in row[start : start + 4])
                lines.append(f"{hz:.1f} {values}" if row_number == start == 0 else f"  {values}")
    return "\n".join(lines) + "\n"


def binder_file(seed: int = 14, fault: BinderFault | None = None) -> tuple[str, str]:
    """Return the ending that a file of so many ports needs, such as ``s8p``, and the file's text."""
    names, frequency_hz, s = binder(seed=seed, fault=fault)
    comment = f"linetest bench: simulated 4-pair binder, not a measurement; 300 m AWG26, ETSI 1 % coupling, seed {seed}"
    return f"s{len(names)}p", touchstone(names, frequency_hz, s, comment)


def _wander(random: np.random.Generator, frequency_hz: Curve) -> Complex:
    """Return the coupling of one combination relative to the worst case: below 1, slow over frequency."""
    below_db = random.uniform(1.0, 8.0)
    delays_s = random.uniform(0.2e-6, 1.6e-6, size=3)
    weights = random.dirichlet((4.0, 2.0, 1.0))
    paths = np.exp(-2j * np.pi * np.outer(frequency_hz, delays_s)) @ weights
    return np.asarray(10.0 ** (-below_db / 20.0) * paths * np.exp(2j * np.pi * random.uniform()), dtype=np.complex128)
