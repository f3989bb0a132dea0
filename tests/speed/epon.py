"""How fast a capture is audited: the same file, the same run, beside tshark and scapy.

    tests/speed/epon.py                  prints every ratio beside its goal; exit 1 when a goal is missed
    tests/speed/epon.py --floor          the same; exit 1 only when a ratio is worse than what was reached before
    tests/speed/epon.py --frames N       with a smaller capture (1,000,000 frames else)
    tests/speed/epon.py --runs N         the best of fewer runs (5 else)

The whole audit, from the file to all readings, with the CRC-8 and the CRC-32 of every frame. tshark writes four fields
and checks the same CRCs. scapy's PcapReader dissects with this project's layers; on some thousand frames.
Memory is the peak of a process that audits one capture, against that of one four times as long.
"""

import argparse
import itertools
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from linetest.catalog import load_profile
from linetest.epon.measure import Asked, measure
from linetest.epon.settings import EponSettings
from tests.accuracy.figures import Figure, report
from tests.speed.epon_capture import write_capture

ROOT = Path(__file__).resolve().parents[2]
_TSHARK = ["tshark", "-n", "-T", "fields", "-o", "eth.fcs:always", "-o", "eth.check_fcs:TRUE"]
_FIELDS = ["epon.llid", "epon.mode", "epon.checksum.status", "macc.opcode"]
_SCAPY_FRAMES = 5_000
_GROWTH = 4
_PEAK = """
import re, sys
from pathlib import Path
from tests.speed.epon import audit
audit(Path(sys.argv[1]))
print(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text()).group(1))
"""


def main() -> int:
    """Print the ratios and say whether they are good enough."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--floor", action="store_true")
    parser.add_argument("--frames", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    path = capture_of(options.frames)
    print(
        f"{options.frames} frames, {path.stat().st_size / 1e6:.0f} MB, best of {options.runs}; {os.cpu_count()} cores"
    )
    best = race(path, options.runs)
    own_s, tshark_s, scapy_s = best
    scapy_s *= options.frames / _SCAPY_FRAMES
    print(f"audit: {own_s:.2f} s; tshark {tshark_s:.2f} s, scapy {scapy_s:.0f} s")
    grown_mb = peak_mb(capture_of(_GROWTH * options.frames)) - peak_mb(path)
    figures = [
        # The goal is 10 with both cores, 5 with one. The audit takes one: a second process cost what it brought.
        Figure("times as fast as tshark", tshark_s / own_s, 10.0, 5.0),
        Figure("times as fast as scapy", scapy_s / own_s, 100.0, 50.0),
        Figure(f"memory of {_GROWTH} times the frames: MB more", grown_mb, 100.0, 100.0, at_most=True),
    ]
    return report(figures, floor=options.floor)


def race(path: Path, runs: int) -> list[float]:
    """Return the best times of the audit, of tshark, and of scapy on a part; they take turns."""
    programs: list[Callable[[], object]] = [
        lambda: audit(path),
        lambda: tshark(path),
        lambda: scapy_slice(path),
    ]
    best = [float("inf")] * len(programs)
    for _run in range(runs):
        for number, program in enumerate(programs):
            begun = time.perf_counter()
            program()
            best[number] = min(best[number], time.perf_counter() - begun)
    return best


def audit(path: Path) -> None:
    """Measure everything that the profile limits."""
    measured = measure(path, load_profile("epon-ctc").profile.limit, Asked(settings=EponSettings()))
    if measured.details["capture"]["cut_at_byte"] is not None:
        raise ValueError(f"{path} was not read to its end")


def tshark(path: Path) -> None:
    """Let tshark print the fields of every frame."""
    fields = itertools.chain.from_iterable(("-e", field) for field in _FIELDS)
    subprocess.run([*_TSHARK, "-r", path, *fields], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def scapy_slice(path: Path) -> None:
    """Dissect the first frames; scapy is imported here, since the measured process imports this file."""
    from scapy.utils import PcapReader

    from linetest.epon.layers import EponPreamble  # tells scapy what link type 259 is

    with PcapReader(str(path)) as reader:
        first = next(iter(reader))
        if not isinstance(first, EponPreamble):
            raise TypeError(f"scapy took the first frame for {first.name}")
        for _frame in itertools.islice(reader, _SCAPY_FRAMES - 1):
            pass


def peak_mb(path: Path) -> float:
    """Return the most memory that a process had which audits the capture."""
    done = subprocess.run(
        [sys.executable, "-c", _PEAK, path],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=True,
        capture_output=True,
        text=True,
    )
    return int(done.stdout) / 1024


def capture_of(frames: int) -> Path:
    """Return a capture of so many frames, made now or by an earlier run."""
    folder = Path(tempfile.gettempdir()) / "linetest-speed"
    folder.mkdir(exist_ok=True)
    path = folder / f"epon-{frames}.pcap"
    if not path.exists():
        begun = path.with_suffix(f".{os.getpid()}")
        write_capture(begun, frames)
        shutil.move(begun, path)
    return path


if __name__ == "__main__":
    sys.exit(main())
