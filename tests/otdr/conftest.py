"""SOR files built byte by byte, apart from all that is tested and from the simulator; and shots with given events."""

import binascii
import struct
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from linetest.bench.fibre import Fibre, Instrument, Section
from linetest.bench.otdr_light import shoot
from linetest.bench.otdr_truth import truth_of
from linetest.bench.sor_bytes import write
from linetest.otdr.event import Analysis, Event, EventKind
from linetest.otdr.shot import Shot
from linetest.otdr.sor import read_sor
from linetest.otdr.trace import Acquisition

Build = Callable[..., bytes]
Row = tuple[int, int, int, int, int, bytes, bytes]

ROWS: list[Row] = [
    # number, time in 0.1 ns, slope in mdB/km, loss in mdB, reflectance in mdB, code and method, comment
    (1, -5000, 0, 0, -45000, b"1F9999LS", b""),
    (2, 0, 190, 150, 0, b"0F9999LS", b"closure"),
    (3, 50000, 195, -80, -(2**31), b"0A99992P", b""),
    (5, 100000, 200, 0, -14500, b"2E9999LS", b""),
]
TEXTS = {
    "cable": b"cable 7",
    "fibre": b"fibre 12",
    "a": b"Northgate",
    "b": b"Southgate",
    "code": b"C-144",
    "operator": b"J. Doe",
    "comment": b"after repair",
}


def _general(texts: dict[str, bytes], user_offset: int, second: bool) -> bytes:
    ends = {name: text + b"\0" for name, text in texts.items()}
    return b"".join(
        (
            b"EN",
            ends["cable"] + ends["fibre"],
            struct.pack("<H", 652) if second else b"",
            struct.pack("<H", 1550),
            ends["a"] + ends["b"] + ends["code"],
            b"BC",
            struct.pack("<i", user_offset),
            struct.pack("<i", 51) if second else b"",
            ends["operator"] + ends["comment"],
        )
    )


def _fixed(
    traces: Sequence[tuple[int, int, bytes]],
    offset: int,
    panel: int,
    wavelength: int,
    index: int,
    thresholds: tuple[int, int, int],
    second: bool,
) -> bytes:
    count = len(traces)
    return b"".join(
        (
            struct.pack("<I2sHi", 1_700_000_000, b"mt", wavelength, offset),
            struct.pack("<i", 0) if second else b"",
            struct.pack(f"<H{count}H", count, *(pulse for pulse, _spacing, _samples in traces)),
            struct.pack(f"<{count}I", *(spacing for _pulse, spacing, _samples in traces)),
            struct.pack(f"<{count}I", *(len(samples) // 2 + 7 for _pulse, _spacing, samples in traces)),
            struct.pack("<IHI", index, 815, 4096),
            struct.pack("<H", 300) if second else b"",
            struct.pack("<I", 500_000) + (struct.pack("<i", 10_000) if second else b""),
            struct.pack("<iHhH", panel, 31_000, 1000, 3),
            struct.pack("<HHH", *thresholds),
            struct.pack("<2s4i", b"ST", 1, 2, 3, 4) if second else b"",
        )
    )


def _events(rows: Sequence[Row], second: bool) -> bytes:
    markers = struct.pack("<5i", 1, 2, 3, 4, 5) if second else b""
    parts = [
        struct.pack("<Hihhi", number, time, slope, loss, reflectance) + code + markers + comment + b"\0"
        for number, time, slope, loss, reflectance, code, comment in rows
    ]
    end = struct.pack("<iiiHii", 2500, 0, 100000, 32100, 0, 100000)
    return struct.pack("<H", len(rows)) + b"".join(parts) + end


def _samples(traces: Sequence[tuple[int, int, bytes]], scale: int) -> bytes:
    body = struct.pack("<IH", sum(len(samples) // 2 for _pulse, _spacing, samples in traces), len(traces))
    return body + b"".join(struct.pack("<IH", len(samples) // 2, scale) + samples for _p, _s, samples in traces)


def _build(
    *,
    revision: int = 200,
    texts: dict[str, bytes] | None = None,
    supplier: bytes = b"NoSuchMaker",
    rows: Sequence[Row] = tuple(ROWS),
    traces: Sequence[tuple[int, int, bytes]] = ((100, 5_000_000, struct.pack("<200H", *range(10_000, 10_200))),),
    scale: int = 1000,
    offsets: tuple[int, int, int] = (0, 0, 0),
    wavelength: int = 15500,
    index: int = 146770,
    thresholds: tuple[int, int, int] = (50, 65000, 5000),
    extra: Sequence[tuple[str, bytes]] = (),
    without: Sequence[str] = (),
    replaced: dict[str, bytes] | None = None,
    behind: bytes = b"",
) -> bytes:
    """Return a file whose checksum is CCITT-FALSE over all before it; `offsets`: user, acquisition, front panel."""
    second = revision == 200
    parts = {
        "GenParams": _general({**TEXTS, **(texts or {})}, offsets[0], second),
        "SupParams": supplier + b"\0OTDR 1\0S1\0Module 2\0S2\0v3\0\0",
        "FxdParams": _fixed(traces, offsets[1], offsets[2], wavelength, index, thresholds, second),
        "KeyEvents": _events(rows, second),
        "DataPts": _samples(traces, scale),
        **dict(extra),
        "Cksum": b"\0\0",
        **(replaced or {}),
    }
    parts = {name: part for name, part in parts.items() if name not in without}
    blocks = {name: (name.encode() + b"\0" if second else b"") + part for name, part in parts.items()}
    entries = b"".join(name.encode() + struct.pack("<xHI", 200, len(block)) for name, block in blocks.items())
    start = b"Map\0" if second else b""
    head = start + struct.pack("<HIH", revision, len(start) + 8 + len(entries), len(blocks) + 1)
    body = head + entries + b"".join(blocks.values())
    if "Cksum" in blocks and not replaced:
        body = body[:-2] + struct.pack("<H", binascii.crc_hqx(body[:-2], 0xFFFF))
    return body + behind


@pytest.fixture(scope="session")
def build_sor() -> Build:
    """Return a function that builds a SOR file from what a test says about it."""
    return _build


@pytest.fixture(scope="session")
def shared_sor(shared_data: Callable[[str], Any]) -> list[tuple[str, bytes]]:
    """Return the real files with their names."""
    paths = [path for path in shared_data("otdr").glob("*/*") if path.suffix.lower() == ".sor"]
    return [(path.name, path.read_bytes()) for path in sorted(paths)]


@pytest.fixture(scope="session")
def fired() -> Callable[..., Shot]:
    """Return a function that makes a shot whose events are given, so that nothing depends on what finds them."""
    fibre = Fibre(sections=(Section(2000.0, 0.2),))
    body = write([(shoot(fibre, Instrument(samples=2200)), Instrument(samples=2200))], truth_of(fibre, Instrument()))

    def fire(events: Sequence[Event], name: str = "a.sor", **more: Any) -> Shot:
        trace = read_sor(name, body)
        setting = {key: more.pop(key) for key in list(more) if key in Acquisition._fields}
        acquisition = trace.acquisitions[0]._replace(**setting)
        end = next((event for event in events if event.kind is EventKind.END), None)
        found: dict[str, Any] = {
            "start_m": 0.0,
            "end_m": end.distance_m if end else None,
            "end_reason": "end" if end else "noise",
            "fibre_end_m": end.distance_m if end else None,
            "link_loss_db": 4.0 if end else None,
            "link_loss_u_db": 0.01,
            "orl_db": 32.0,
            "noise_rms_db": 0.001,
            "noise_floor_db": 30.0,
            "methods": {"loss": "lsa-4-point"},
        }
        analysis = Analysis(events=list(events), **{**found, **more})
        return Shot(body, trace._replace(acquisitions=[acquisition]), acquisition, analysis)

    return fire
