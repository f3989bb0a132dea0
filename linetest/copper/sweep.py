"""A sweep over frequency: what the readers hand over and what the crosstalk is computed from."""

from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
ComplexArray = NDArray[np.complex128]
BoolArray = NDArray[np.bool_]
IndexArray = NDArray[np.intp]

ENDS = ("near", "far")
"""The names of the indices 0 and 1 of the end axes."""
GAIN = "gain (negative dB)"
LOSS = "loss (positive dB)"
HIGHEST_HZ = 1e13
"""Beyond every network analyser: a higher frequency is a misread number."""
LOWEST_GAIN_DB = -200.0
"""What a point of no signal at all becomes: below what any analyser resolves, and finite."""
MOST_VALUES = 50_000_000
"""Gains of one cable: half a gigabyte."""

BENCH_MARK = b"! linetest bench: simulated"
"""Begins the sweeps of the bench: wherever such a file is read, what comes of it is simulated."""


class SweepOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a person says about a file that the file itself does not; kept in the record, to read it again."""

    ports: tuple[str, ...] | None = None
    """Labels such as ``PAIR1_NEAR``, in the order of the file's ports."""
    sign: Literal["gain", "loss"] | None = None
    """How to read columns that do not say it themselves, such as ``next_db``."""
    pair: str | None = None
    """The disturbed pair of a CSV sweep without a pair column."""
    disturber: str | None = None
    assume_ghz: bool = False
    """Take the defaults of Touchstone v1 (GHz, MA, 50 ohm) for a file without an option line."""


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """One pair of the cable."""

    number: str | None
    """``1`` upwards in the order of the port map; None for a disturber that nobody named."""
    name: str | None = None
    """The file's own label."""


class SweepFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file that a sweep was read from: the evidence."""

    name: str
    body: bytes
    """Byte for byte."""
    options: SweepOptions | None
    """How it was read; None for a manifest, which is no sweep itself."""


class Contradiction(msgspec.Struct, frozen=True, kw_only=True):
    """Two files that hold the same pair and do not agree on its loss."""

    pair: str
    """Its label."""
    files: tuple[str, str]
    difference_db: float
    """The largest one."""


class Sweep(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """A cable's measurement of n frequencies and P pairs, as balanced gains."""

    name: str
    """The file, or the folder or manifest that names all files."""
    files: list[SweepFile]
    joined: bool = False
    """Many files make it together, by `binder.read_binder`."""
    frequency_hz: FloatArray
    """(n,), rising, without duplicates."""
    gain_db: FloatArray
    """(n, 2, P, 2, P): received at [end, pair] over sent at [end, pair]; NaN where nothing was measured."""
    pairs: list[Pair]
    pairs_named: bool = True
    """False for a file that says of nothing which pair is disturbed; it is then called 1."""
    interpreted_as: str
    """How the numbers were read, in English: it stands in the record."""
    reference_ohm: list[float] = []
    """Of the balanced ports; empty where the file does not say."""
    contradictions: list[Contradiction] = []
    """Of repeated sweeps of a pair; the first one counts."""
    warnings: list[str] = []


def gain_db_of(amplitude: FloatArray) -> FloatArray:
    """Return gains in dB of amplitude ratios (any shape), no lower than `LOWEST_GAIN_DB`."""
    lowest = 10.0 ** (LOWEST_GAIN_DB / 20.0)
    gain_db: FloatArray = np.maximum(amplitude, lowest)
    np.log10(gain_db, out=gain_db)
    gain_db *= 20.0
    return gain_db


def rising(frequency_hz: FloatArray) -> IndexArray | None:
    """Return the order that sorts the frequencies; None where they already rise (duplicates included)."""
    if np.all(np.diff(frequency_hz) >= 0.0):
        return None
    return np.argsort(frequency_hz, kind="stable")
