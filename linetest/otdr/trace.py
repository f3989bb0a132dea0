"""A trace as its file holds it: every block decoded, nothing measured yet.

Distances are in metres, one way. Absent is None: a missing reflectance is not 0 dB.
"""

from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

LIGHT_M_PER_S = 299_792_458.0

Counts = NDArray[np.uint16]
FloatArray = NDArray[np.float64]


class Block(NamedTuple):
    """One block of the file, as the map tells it; `body` is all of its bytes, its name included."""

    name: str
    version: int
    offset: int
    body: memoryview


class Gap(NamedTuple):
    """Something that the file should hold and does not."""

    block: str
    offset: int
    """The byte of the file where it should be."""
    reason: str
    """``no-block``, ``truncated``, ``bad-length``, ``bad-value`` (impossible numbers) or ``no-scale`` (what turns the
    samples into distances and levels is missing)."""


class General(msgspec.Struct, frozen=True, kw_only=True):
    """GenParams: whose fibre this is. All of its texts are personal: see `redact`."""

    language: str
    cable_id: str
    fibre_id: str
    fibre_type: int | None
    """652 for ITU-T G.652; None in version 1."""
    wavelength_nm: float | None
    location_a: str
    location_b: str
    cable_code: str
    build_condition: str
    user_offset: int
    """Where the table's distance zero lies, in the file's unit of time (0.1 ns one way)."""
    user_offset_distance: int | None
    operator: str
    comment: str


class Supplier(msgspec.Struct, frozen=True, kw_only=True):
    """SupParams: the instrument."""

    supplier: str
    otdr: str
    otdr_serial: str
    module: str
    module_serial: str
    software: str
    other: str


class Fixed(msgspec.Struct, frozen=True, kw_only=True):
    """FxdParams: how it was measured. Lists have one entry for each pulse width."""

    taken_at: int
    """Seconds since 1970, UTC."""
    distance_unit: str
    wavelength_nm: float
    acquisition_offset: int
    acquisition_offset_distance: int | None
    pulse_widths_ns: list[int]
    spacings: list[int]
    """Time between samples, in 1e-14 s one way."""
    point_counts: list[int]
    group_index: float
    backscatter_db: float | None
    """Of a pulse of 1 ns, such as -80.0; None where the maker left it unset."""
    averages: int
    averaging_time_s: float | None
    range: int
    range_distance: int | None
    front_panel_offset: int
    noise_floor: int
    noise_floor_scale: int
    power_offset: int
    loss_threshold_db: float | None
    """None where the maker left it unset, like the two below."""
    reflectance_threshold_db: float | None
    end_threshold_db: float | None
    trace_type: str | None
    window: tuple[int, int, int, int] | None


class FileEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the instrument's own table."""

    number: int
    time: int
    """One way, in 0.1 ns, signed: a launch reel lies before zero."""
    distance_m: float
    section_db_per_km: float
    loss_db: float
    reflectance_db: float | None
    code: str
    """Six characters as they stand in the file, such as ``1F9999``."""
    loss_method: str
    markers: tuple[int, int, int, int, int] | None
    comment: str


class FileSummary(msgspec.Struct, frozen=True, kw_only=True):
    """What stands behind the last row of the instrument's table."""

    total_loss_db: float
    loss_start_m: float
    loss_end_m: float
    orl_db: float | None
    orl_start_m: float
    orl_end_m: float


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """KeyEvents: what the instrument itself made of the trace."""

    events: list[FileEvent]
    summary: FileSummary | None


class Acquisition(NamedTuple):
    """The samples of one pulse width: all that the event finder is given.

    The level of sample i is ``-counts[i] * db_per_count`` dB, relative, one way (5 log); it lies
    ``first_m + i * step_m`` from the distance zero of the file's own table.
    """

    counts: Counts
    """(n,), little endian, a view into the file's bytes."""
    db_per_count: float
    step_m: float
    first_m: float
    """Of sample 0; negative where a launch reel lies before zero."""
    pulse_m: float
    """The pulse width as length in the fibre: half of its way in time."""
    pulse_width_ns: float
    wavelength_nm: float
    group_index: float
    backscatter_db: float
    """Of a pulse of 1 ns; a stand-in where the file does not say, good only for comparing reflections."""

    def loss_db(self) -> NDArray[np.float32]:
        """Return the samples as one-way loss in dB, (n,): it rises along the fibre."""
        return np.multiply(self.counts, np.float32(self.db_per_count), dtype=np.float32)


class Trace(NamedTuple):
    """One SOR file."""

    name: str
    revision: int
    """100 or 200."""
    maker: str
    """The name of a ``[[maker]]`` of the driver; ``other`` when none fits."""
    blocks: list[Block]
    general: General | None
    supplier: Supplier | None
    fixed: Fixed | None
    table: Table | None
    """None where the file has no KeyEvents block."""
    acquisitions: list[Acquisition]
    gaps: list[Gap]
    """What is missing from a damaged or unusual file; empty for a whole one."""
    checksum: int | None
    """As it stands in the file; `checksum.verify` says what it is worth."""


def nominal_nm(wavelength_nm: float) -> float:
    """Return the name of a wavelength: lasers of 1539 and 1554 nm are both called 1550."""
    names = (850.0, 1300.0, 1310.0, 1383.0, 1410.0, 1490.0, 1550.0, 1577.0, 1625.0, 1650.0)
    near = min(names, key=lambda name: abs(name - wavelength_nm))
    return near if abs(near - wavelength_nm) <= 15.0 else round(wavelength_nm, 1)
