"""A batch of traces by one process against two; exit 1 when the goal is missed.

    tests/speed/otdr_batch.py            prints both times and their ratio
    tests/speed/otdr_batch.py --floor    the same; exit 1 only below what a busy machine has always reached

Goal: on two cores at least 1.8 times as fast: reading, finding events, judging and keeping records, the start of the
processes included. The better of two runs each, taken in turn, so that a slow moment hits both sides.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from linetest.bench.fibres import FIBRES
from linetest.bench.otdr_light import shoot
from linetest.bench.otdr_truth import truth_of
from linetest.bench.sor_bytes import write

GOAL, FLOOR = 1.8, 1.3
RUNS = 2
FILES = 400  # a cable of that many fibres is nothing special
PLANTS = ("ftth-drop", "point-to-point", "receive-reel", "gainer")


def write_traces(folder: Path) -> None:
    """Write simulated traces that all differ in their noise."""
    for number in range(FILES):
        fibre, instrument = FIBRES[PLANTS[number % len(PLANTS)]](1550.0)
        body = write([(shoot(fibre, instrument, number), instrument)], truth_of(fibre, instrument))
        (folder / f"{number:03}.sor").write_bytes(body)


def seconds(folder: Path, jobs: int) -> float:
    """Return how long a person waits for the batch, with an empty store."""
    with tempfile.TemporaryDirectory() as home:
        begun = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-m", "linetest", "otdr", "batch", str(folder), "--jobs", str(jobs)],
            env={**os.environ, "LINETEST_HOME": home},
            capture_output=True,
            text=True,
            check=False,
        )
        took = time.perf_counter() - begun
        if done.returncode not in (0, 1, 3) or not done.stdout.startswith(f"{FILES} files"):
            raise SystemExit(f"the batch itself went wrong ({done.returncode}): {done.stderr}")
    return took


def main() -> int:
    """Print both times and their ratio."""
    if len(os.sched_getaffinity(0)) < 2:
        print("only one core here: nothing to compare")
        return 1
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_traces(folder)
        times = [(seconds(folder, 1), seconds(folder, 2)) for _run in range(RUNS)]
    one, two = (min(times) for times in zip(*times, strict=True))
    print(f"{FILES} traces: 1 process {one:.1f} s ({one / FILES * 1e3:.1f} ms each), 2 processes {two:.1f} s")
    print(f"ratio {one / two:.2f} (goal: at least {GOAL:g}); load of the machine {os.getloadavg()[0]:.1f}")
    return 0 if one / two >= (FLOOR if "--floor" in sys.argv[1:] else GOAL) else 1


if __name__ == "__main__":
    sys.exit(main())
