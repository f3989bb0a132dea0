"""Reads SOR files, versions 1 and 2, of any maker: whole ones, odd ones, and what is left of damaged ones.

Samples are views into the file's bytes. No number of the file is believed further than its bytes reach.
"""

import struct
from collections.abc import Callable
from typing import NamedTuple, TypeVar

import msgspec
import numpy as np

from linetest.devices.driver import Maker
from linetest.errors import BadFile
from linetest.otdr.makers import maker_of, origin
from linetest.otdr.sor_blocks import metres_per_unit, read_checksum, read_fixed, read_general, read_supplier, read_table
from linetest.otdr.sor_map import Map, cut_blocks, read_map
from linetest.otdr.text import codec_of
from linetest.otdr.trace import LIGHT_M_PER_S, Acquisition, Block, Counts, Fixed, Gap, General, Supplier, Table, Trace
from linetest.words.text import _

T = TypeVar("T")
Texts = TypeVar("Texts", General, Supplier)

_SAMPLE = np.dtype("<u2")
_NOTHING: Counts = np.empty(0, _SAMPLE)
_DATA_HEAD = struct.Struct("<IH")  # points of all traces, number of traces; before each trace: points, scale
STAND_IN_BACKSCATTER_DB = -80.0  # where the file has none: reflections can still be held against each other
_LEAST_INDEX, _MOST_INDEX = 1.0, 3.0  # vacuum; no fibre comes near


def read_sor(name: str, body: bytes) -> Trace:
    """Return the trace that a SOR file holds; `gaps` says what is missing or damaged.

    Beside the reasons that `Gap` names, ``bad-value`` stands for FxdParams with a number that cannot be (it is then
    None), and ``no-scale`` for a block that is whole but has no distances for want of another one.

    Args:
        name: The file's name, for errors.
        body: The file, byte for byte; the samples are views into it.

    Raises:
        UnknownFormat: when it is no SOR file at all.
        BadFile: when its map, or everything behind it, cannot be read; with the byte.
    """
    chart = read_map(name, body)
    blocks, found, gaps = cut_blocks(body, chart)
    file = _File(body, chart, found, gaps)
    general = _decoded(file, "GenParams", read_general)
    supplier = _decoded(file, "SupParams", read_supplier)
    fixed = _decoded(file, "FxdParams", read_fixed)
    if fixed is not None and not _is_possible(fixed):
        _add_gap(file, "FxdParams", "bad-value")
        fixed = None
    table = _table(file, fixed)
    checksum = _decoded(file, "Cksum", read_checksum)
    general, supplier, table = _in_their_codec(general, supplier, table)
    maker = maker_of([block.name for block in blocks], "" if supplier is None else supplier.supplier)
    acquisitions = _acquisitions(file, maker, general, fixed)
    if not (general or supplier or fixed or table or acquisitions):
        raise BadFile(
            _("{file}: byte {offset}: no block behind the map can be read").format(file=name, offset=chart.size),
            _("copy the file from the instrument again"),
        )
    return Trace(
        name=name,
        revision=chart.revision,
        maker=maker.name,
        blocks=blocks,
        general=general,
        supplier=supplier,
        fixed=fixed,
        table=table,
        acquisitions=acquisitions,
        gaps=gaps,
        checksum=checksum,
    )


class _File(NamedTuple):
    body: bytes
    chart: Map
    found: dict[str, Block]
    gaps: list[Gap]
    """Grows while blocks are decoded."""


def _decoded(file: _File, name: str, decode: Callable[[bytes, int], T]) -> T | None:
    """Return what a block holds, or None; a block that cannot be decoded becomes a gap."""
    block = file.found.get(name)
    if block is None:
        return None
    try:
        return decode(bytes(block.body[file.chart.skip(name) :]), file.chart.layout)
    except (struct.error, ValueError):
        _add_gap(file, name, "bad-length")
        return None


def _add_gap(file: _File, name: str, reason: str) -> None:
    """Name what a block that is there lacks, unless it is already known to be cut off."""
    if not any(gap.block == name for gap in file.gaps):
        file.gaps.append(Gap(name, file.found[name].offset, reason))


def _table(file: _File, fixed: Fixed | None) -> Table | None:
    if "KeyEvents" not in file.found:
        return None
    if fixed is None:
        _add_gap(file, "KeyEvents", "no-scale")
        return None
    index = fixed.group_index
    table, whole = _decoded(file, "KeyEvents", lambda data, layout: read_table(data, layout, index)) or (None, False)
    if not whole:
        _add_gap(file, "KeyEvents", "bad-length")
    return table


def _is_possible(fixed: Fixed) -> bool:
    """Tell whether places can be computed from these numbers, and what was measured is known."""
    lengths = [*fixed.spacings, *fixed.pulse_widths_ns]
    return _LEAST_INDEX <= fixed.group_index <= _MOST_INDEX and fixed.wavelength_nm > 0 and 0 not in lengths


def _acquisitions(file: _File, maker: Maker, general: General | None, fixed: Fixed | None) -> list[Acquisition]:
    """Return the samples of each pulse width that FxdParams describes, as far as there are any."""
    if "DataPts" not in file.found:
        return []
    zero = None if fixed is None else origin(maker, general, fixed)
    if fixed is None or zero is None:
        _add_gap(file, "DataPts", "no-scale")
        return []
    samples, whole = _samples(file, len(fixed.pulse_widths_ns))
    if not whole:
        _add_gap(file, "DataPts", "bad-length")
    return [
        _acquisition(counts, scale, fixed, fixed.pulse_widths_ns[number], fixed.spacings[number], zero)
        for number, (counts, scale) in enumerate(samples)
        if scale and counts.size
    ]


def _samples(file: _File, wanted: int) -> tuple[list[tuple[Counts, int]], bool]:
    """Return the samples with their scale (1e-6 dB) of at most `wanted` traces, and whether that is all.

    How many samples there are is what DataPts says: FxdParams of some makers counts differently.
    """
    block = file.found["DataPts"]
    at, end = block.offset + file.chart.skip("DataPts"), block.offset + len(block.body)
    samples: list[tuple[Counts, int]] = []
    traces = _DATA_HEAD.unpack_from(file.body, at)[1] if at + _DATA_HEAD.size <= end else 0
    whole = traces == wanted > 0
    at += _DATA_HEAD.size
    while len(samples) < min(traces, wanted):
        if at + _DATA_HEAD.size > end:
            return samples, False
        points, scale = _DATA_HEAD.unpack_from(file.body, at)
        at += _DATA_HEAD.size
        there = min(points, (end - at) // _SAMPLE.itemsize)
        samples.append((np.frombuffer(file.body, _SAMPLE, there, at) if there else _NOTHING, scale))
        whole &= there == points > 0 and scale > 0
        at += points * _SAMPLE.itemsize
    return samples, whole


def _acquisition(counts: Counts, scale: int, fixed: Fixed, pulse_width_ns: int, spacing: int, zero: int) -> Acquisition:
    speed = LIGHT_M_PER_S / fixed.group_index
    return Acquisition(
        counts=counts,
        db_per_count=scale / 1e6,
        step_m=spacing * 1e-14 * speed,
        first_m=-zero * metres_per_unit(fixed.group_index),
        pulse_m=pulse_width_ns * 1e-9 * speed / 2,
        pulse_width_ns=float(pulse_width_ns),
        wavelength_nm=fixed.wavelength_nm,
        group_index=fixed.group_index,
        backscatter_db=STAND_IN_BACKSCATTER_DB if fixed.backscatter_db is None else fixed.backscatter_db,
    )


def _in_their_codec(
    general: General | None, supplier: Supplier | None, table: Table | None
) -> tuple[General | None, Supplier | None, Table | None]:
    """Return the same with the texts, so far Latin-1, as what the file's maker wrote."""
    parts = [part for part in (general, supplier) if part is not None]
    texts = [value for part in parts for value in msgspec.structs.astuple(part) if isinstance(value, str)]
    texts += [event.comment for event in table.events] if table else []
    if "".join(texts).isascii():
        return general, supplier, table
    codec = codec_of([text.encode("latin-1") for text in texts])

    def meant(text: str) -> str:
        return text.encode("latin-1").decode(codec, "replace")

    def texts_of(part: Texts) -> Texts:
        new = {name: meant(value) for name, value in msgspec.structs.asdict(part).items() if isinstance(value, str)}
        return msgspec.structs.replace(part, **new)

    if table is not None:
        events = [msgspec.structs.replace(event, comment=meant(event.comment)) for event in table.events]
        table = msgspec.structs.replace(table, events=events)
    return general and texts_of(general), supplier and texts_of(supplier), table
