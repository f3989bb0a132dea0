"""How long a SOR file takes to read, beside the `otdrs` package; exit 1 when the goal is missed.

Goal: at least 20 times faster, with 100,000 points or more. Both are given the same bytes of the same file, and are
done when all standard blocks are decoded and the samples are dB in a numpy array. Neither computes a checksum.
"""

import gc
import os
import struct
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import otdrs
from numpy.typing import NDArray

from linetest.otdr.sor import read_sor

GOAL = 20.0
RUNS = 30
LEAST_POINTS = 100_000
_ROOT = Path(__file__).resolve().parents[2]
_SHARED = Path(os.environ.get("LINETEST_SHARED", _ROOT.parent / "shared")) / "data" / "otdr"

Levels = NDArray[np.float32]


def own(body: bytes) -> Levels:
    """Read with linetest."""
    return read_sor("trace.sor", body).acquisitions[0].loss_db()


def peer(body: bytes) -> Levels:
    """Read with otdrs, whose samples are a list: the fastest way into an array is by way of integers."""
    points = otdrs.parse_bytes(body).data_points
    if points is None:
        raise SystemExit("otdrs finds no samples")
    samples = points.scale_factors[0]
    return np.array(samples.data, np.uint16) * np.float32(samples.scale_factor / 1e6)


def long_trace() -> tuple[str, bytes]:
    """Return the longest real trace, else one built here."""
    paths = sorted(_SHARED.glob("*/*.sor"), key=lambda path: path.stat().st_size) if _SHARED.is_dir() else []
    if paths:
        return paths[-1].name, paths[-1].read_bytes()
    return "built here", _built(200_000)


def compare(body: bytes, runs: int = RUNS) -> tuple[float, float]:
    """Return the best time in seconds of linetest and of otdrs, measured in turn."""
    if not np.allclose(own(body), peer(body), atol=1e-3) or own(body).size < LEAST_POINTS:
        raise SystemExit("the two do not read the same samples")
    pairs = [(_seconds(own, body), _seconds(peer, body)) for _run in range(runs)]
    return min(pair[0] for pair in pairs), min(pair[1] for pair in pairs)


def _seconds(read: Callable[[bytes], object], body: bytes) -> float:
    gc.collect()  # what one leaves behind is not cleared in the other's time
    begun = time.perf_counter()
    read(body)
    return time.perf_counter() - begun


def _built(points: int) -> bytes:
    texts = b"EN\0\0" + struct.pack("<HH", 652, 1550) + b"\0\0\0BC" + struct.pack("<ii", 0, 0) + b"\0\0"
    fixed = struct.pack("<I2sHiiHHII", 0, b"mt", 15500, 0, 0, 1, 100, 5_000_000, points)
    fixed += struct.pack("<IHIHIiiHhHHHH2s4i", 146770, 800, 1, 1, 1, 1, 0, 0, 0, 0, 20, 0, 0, b"ST", 0, 0, 0, 0)
    rows = [
        struct.pack("<Hihhi6s2s5i", number, number * 1000, 190, 50, 0, b"0F9999", b"LS", 0, 0, 0, 0, 0) + b"\0"
        for number in range(1, 13)
    ]
    levels = np.linspace(10_000, 40_000, points).astype("<u2").tobytes()
    blocks = {
        b"GenParams\0": texts,
        b"SupParams\0": b"\0" * 7,
        b"FxdParams\0": fixed,
        b"KeyEvents\0": struct.pack("<H", len(rows)) + b"".join(rows) + bytes(22),
        b"DataPts\0": struct.pack("<IHIH", points, 1, points, 1000) + levels,
        b"Cksum\0": b"\0\0",
    }
    entries = b"".join(name + struct.pack("<HI", 200, len(name) + len(part)) for name, part in blocks.items())
    head = b"Map\0" + struct.pack("<HIH", 200, 12 + len(entries), len(blocks) + 1)
    return head + entries + b"".join(name + part for name, part in blocks.items())


def main() -> int:
    """Compare, print and judge."""
    name, body = long_trace()
    own_s, peer_s = compare(body)
    parse_s = min(_seconds(otdrs.parse_bytes, body) for _run in range(RUNS))
    ratio = peer_s / own_s
    print(f"{name}: {own(body).size} points; linetest {own_s * 1e3:.3f} ms, otdrs {peer_s * 1e3:.3f} ms")
    print(f"of which otdrs spends {parse_s * 1e3:.3f} ms before the samples are asked for")
    print(f"ratio {ratio:.1f} (goal: at least {GOAL:g})")
    return 0 if ratio >= GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
