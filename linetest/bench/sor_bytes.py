"""Simulated traces as SOR files, versions 1 and 2.

After the public descriptions of the format: Sidney Li, "The OTDR (Optical Time Domain Reflectometer) Data Format",
and OpenSOD. Little endian; times are one way in 0.1 ns, losses in 0.001 dB, strings end with a NUL byte.
"""

import binascii
import struct
from collections.abc import Sequence
from math import log10
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from linetest.bench.fibre import LIGHT_M_PER_S, Instrument
from linetest.bench.otdr_truth import TrueEvent, Truth

Maker = Literal["bench", "exfo", "noyes"]
Counts = NDArray[np.uint16]

SUPPLIER = "linetest bench"
TAKEN_AT = 1_795_305_600
"""When all simulated traces were taken: one day in 2026, so that the same trace gives the same bytes."""

_EXTRA_BLOCK: dict[Maker, str] = {"exfo": "ExfoNewProprietaryBlock 01", "noyes": "FodParams"}
_NOYES_ACQUISITION_OFFSET = 250


class Texts(NamedTuple):
    """The personal texts of GenParams."""

    cable_id: str = ""
    fibre_id: str = ""
    location_a: str = ""
    location_b: str = ""
    cable_code: str = ""
    operator: str = ""
    comment: str = ""


def write(
    traces: Sequence[tuple[Counts, Instrument]],
    truth: Truth,
    *,
    table: bool = True,
    texts: Texts = Texts(),  # noqa: B008 - immutable
    encoding: str = "utf-8",
    revision: Literal[100, 200] = 200,
    maker: Maker = "bench",
) -> bytes:
    """Return a whole SOR file.

    Args:
        traces: the same fibre with one or several pulse widths; all at one wavelength and group index.
        truth: of the first of them; its distance zero becomes the user offset.
        table: False leaves KeyEvents without rows.
        texts: go into GenParams.
        encoding: of the texts.
        revision: 100 for version 1, 200 for version 2.
        maker: by whose rule the rows lie in the trace: event time + user offset for the bench and EXFO,
            less the acquisition offset for Noyes.
    """
    instrument = traces[0][1]
    user_offset = _ticks(truth.zero_m, instrument)
    acquisition_offset = 0
    if maker == "noyes":
        acquisition_offset, user_offset = _NOYES_ACQUISITION_OFFSET, user_offset + _NOYES_ACQUISITION_OFFSET
    second = revision == 200
    blocks = [
        ("GenParams", _general(instrument, texts, encoding, user_offset, second)),
        ("SupParams", _strings([SUPPLIER if maker == "bench" else maker, "simulated OTDR", "1", "", "", "1", ""])),
        ("FxdParams", _fixed(traces, acquisition_offset, second)),
        ("KeyEvents", _key_events(truth, instrument, table, second)),
        ("DataPts", _data_points(traces)),
        *([(_EXTRA_BLOCK[maker], b"\x01\x02\x03\x04")] if maker in _EXTRA_BLOCK else []),
        ("Cksum", b"\x00\x00"),
    ]
    names = [name.encode("ascii") + b"\0" for name, _body in blocks]
    bodies = [(name if second else b"") + body for name, (_name, body) in zip(names, blocks, strict=True)]
    before_value = (_map(names, bodies, revision) + b"".join(bodies))[:-2]
    return before_value + struct.pack("<H", binascii.crc_hqx(before_value, 0xFFFF))


def _map(names: list[bytes], bodies: list[bytes], revision: int) -> bytes:
    entries = b"".join(name + struct.pack("<HI", revision, len(body)) for name, body in zip(names, bodies, strict=True))
    start = b"Map\0" if revision == 200 else b""
    return start + struct.pack("<HIH", revision, len(start) + 8 + len(entries), len(names) + 1) + entries


def _general(instrument: Instrument, texts: Texts, encoding: str, user_offset: int, second: bool) -> bytes:
    return b"".join(
        (
            b"EN",
            _strings([texts.cable_id, texts.fibre_id], encoding),
            struct.pack("<H", 652) if second else b"",
            struct.pack("<H", round(instrument.wavelength_nm)),
            _strings([texts.location_a, texts.location_b, texts.cable_code], encoding),
            b"BC",
            struct.pack("<i", user_offset),
            struct.pack("<i", 0) if second else b"",
            _strings([texts.operator, texts.comment], encoding),
        )
    )


def _fixed(traces: Sequence[tuple[Counts, Instrument]], acquisition_offset: int, second: bool) -> bytes:
    first_counts, first = traces[0]
    count = len(traces)
    spacing = [round(shown.step_m * shown.group_index / LIGHT_M_PER_S * 1e14) for _counts, shown in traces]
    range_ticks = _ticks(len(first_counts) * first.step_m, first)
    noise_floor_db = -5.0 * log10(first.noise_power / first.saturation_power)
    return b"".join(
        (
            struct.pack("<I2sH", TAKEN_AT, b"mt", round(first.wavelength_nm * 10.0)),
            struct.pack("<ii" if second else "<i", *([acquisition_offset, 0] if second else [acquisition_offset])),
            struct.pack("<H", count),
            struct.pack(f"<{count}H", *(round(shown.pulse_width_ns) for _counts, shown in traces)),
            struct.pack(f"<{count}I", *spacing),
            struct.pack(f"<{count}I", *(len(counts) for counts, _shown in traces)),
            struct.pack("<IHI", round(first.group_index * 1e5), round(-first.backscatter_db * 10.0), first.averages),
            struct.pack("<H", 600) if second else b"",
            struct.pack("<Ii" if second else "<I", *([range_ticks, 0] if second else [range_ticks])),
            struct.pack("<iHhH", 0, min(65_535, round(noise_floor_db * 1000.0)), 1000, 0),
            struct.pack("<HHH", 20, 65_000, 5_000),
            struct.pack("<2s4i", b"ST", 0, 0, 0, 0) if second else b"",
        )
    )


def _key_events(truth: Truth, instrument: Instrument, table: bool, second: bool) -> bytes:
    rows = [event for event in truth.events if event.kind != "ghost"] if table else []
    if rows and truth.fibre_end_m is None:
        last_m = (instrument.samples - 1) * instrument.step_m - truth.zero_m
        rows.append(TrueEvent(kind="end", distance_m=last_m))
    body = struct.pack("<H", len(rows))
    for number, row in enumerate(rows, start=1):
        body += _row(number, row, truth, instrument, second)
    last_m = rows[-1].distance_m if truth.end_m is None and rows else truth.end_m or 0.0
    start, end = _ticks(truth.start_m, instrument), _ticks(last_m, instrument)
    total, orl = round(truth.link_loss_db * 1000.0), round(truth.orl_db * 1000.0)
    return body + struct.pack("<iiiHii", *((total, start, end, orl, start, end) if rows else (0,) * 6))


def _row(number: int, event: TrueEvent, truth: Truth, instrument: Instrument, second: bool) -> bytes:
    reflected = "0" if event.reflectance_db is None else "1"
    if event.kind == "end":
        code = reflected + ("E" if truth.fibre_end_m is not None else "O") + "9999"
    else:
        code = reflected + "F9999"
    numbers = struct.pack(
        "<Hihhi6s2s",
        number,
        _ticks(event.distance_m, instrument),
        round((event.section_db_per_km or 0.0) * 1000.0),
        round((event.loss_db or 0.0) * 1000.0),
        round((event.reflectance_db or 0.0) * 1000.0),
        code.encode("ascii"),
        b"LS",
    )
    return numbers + (struct.pack("<5i", 0, 0, 0, 0, 0) if second else b"") + b"\0"


def _data_points(traces: Sequence[tuple[Counts, Instrument]]) -> bytes:
    body = struct.pack("<IH", sum(len(counts) for counts, _shown in traces), len(traces))
    for counts, shown in traces:
        body += struct.pack("<IH", len(counts), round(shown.db_per_count * 1e6)) + counts.astype("<u2").tobytes()
    return body


def _strings(texts: Sequence[str], encoding: str = "utf-8") -> bytes:
    return b"".join(text.encode(encoding) + b"\0" for text in texts)


def _ticks(distance_m: float, instrument: Instrument) -> int:
    return round(distance_m * instrument.group_index / LIGHT_M_PER_S * 1e10)
