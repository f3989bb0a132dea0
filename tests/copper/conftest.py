"""A cable of known crosstalk and a writer of Touchstone files, both apart from the code that is tested."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

Frequencies = NDArray[np.float64]
Matrices = NDArray[np.complex128]
Binder = Callable[..., tuple[Frequencies, Matrices]]
Writer = Callable[..., bytes]

_UNIT_HZ = {"HZ": 1.0, "KHZ": 1e3, "MHZ": 1e6, "GHZ": 1e9}


def _binder(
    pairs: int = 2,
    next_db: float = -60.0,
    fext_db: float = -70.0,
    loss_db: float = 10.0,
    first_tone: int = 6,
    last_tone: int = 256,
) -> tuple[Frequencies, Matrices]:
    """Return tones and S of ports near 1, far 1, near 2, ...: flat levels, each path with a phase of its own."""
    frequency_hz = np.asarray(np.arange(first_tone, last_tone + 1) * 4312.5, dtype=np.float64)
    level_db = np.full((2 * pairs, 2 * pairs), next_db)
    level_db[0::2, 1::2] = level_db[1::2, 0::2] = fext_db
    for pair in range(pairs):
        near, far = 2 * pair, 2 * pair + 1
        level_db[near, far] = level_db[far, near] = -loss_db
        level_db[near, near] = level_db[far, far] = -25.0
    phase = np.arange(4 * pairs**2).reshape(2 * pairs, 2 * pairs)
    turn = np.exp(1j * (phase + phase.T)[None] * (1.0 + frequency_hz[:, None, None] / 1e6))
    return frequency_hz, np.asarray(10.0 ** (level_db / 20.0) * turn, dtype=np.complex128)


def _numbers(values: Matrices, notation: str) -> list[str]:
    if notation == "RI":
        parts = [(value.real, value.imag) for value in values.tolist()]
    else:
        size = [20.0 * float(np.log10(abs(value))) if notation == "DB" else abs(value) for value in values]
        parts = [(one, float(np.degrees(np.angle(value)))) for one, value in zip(size, values, strict=True)]
    return [f"{first:.17g} {second:.17g}" for first, second in parts]


def _rows(matrix: Matrices, notation: str, form: str, swapped: bool) -> list[str]:
    """Return the text rows of one matrix: four values to a row at most, each row of the matrix on a new one."""
    count = len(matrix)
    if count == 2 and form == "full":
        flat = (matrix.T if swapped else matrix).ravel()
        return [" ".join(_numbers(flat, notation))]
    rows: list[str] = []
    for number, row in enumerate(matrix):
        part = {"full": row, "lower": row[: number + 1], "upper": row[number:]}[form]
        numbers = _numbers(part, notation)
        rows += [" ".join(numbers[start : start + 4]) for start in range(0, len(numbers), 4)]
    return rows


def _write(
    frequency_hz: Frequencies,
    s: Matrices,
    names: list[str] | None = None,
    notation: str = "RI",
    unit: str = "HZ",
    version: int = 1,
    form: str = "full",
    order: str = "21_12",
) -> bytes:
    ports = s.shape[1]
    lines = [f"! Port[{number}] = {name}" for number, name in enumerate(names or [], start=1)]
    if version == 2:
        lines.append("[Version] 2.0")
    lines.append(f"# {unit} S {notation} R 100")
    if version == 2:
        lines += [f"[Number of Ports] {ports}", *([f"[Two-Port Data Order] {order}"] if ports == 2 else [])]
        lines += [f"[Number of Frequencies] {len(frequency_hz)}", "[Reference]", " ".join(["100"] * ports)]
        lines += [f"[Matrix Format] {form.title()}", "[Network Data]"]
    for hz, matrix in zip(frequency_hz, s, strict=True):
        first, *others = _rows(matrix, notation, form, swapped=version == 1 or order == "21_12")
        lines += [f"{hz / _UNIT_HZ[unit]:.17g} {first}", *others]
    if version == 2:
        lines.append("[End]")
    return ("\n".join(lines) + "\n").encode()


@pytest.fixture(scope="session")
def binder() -> Binder:
    """Return the function that makes frequencies and S of a cable."""
    return _binder


@pytest.fixture(scope="session")
def write_touchstone() -> Writer:
    """Return the function that writes frequencies and S as a Touchstone file."""
    return _write


@pytest.fixture(scope="session")
def names() -> Callable[[int], list[str]]:
    """Return the function that names the ports of so many pairs."""
    return lambda pairs: [f"PAIR{pair + 1}_{end}" for pair in range(pairs) for end in ("NEAR", "FAR")]
