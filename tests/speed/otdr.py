"""How fast traces are read and their events found; one thread, one run, side by side.

    tests/speed/otdr.py            prints every ratio beside its goal; exit 1 when a goal is missed
    tests/speed/otdr.py --floor    the same; exit 1 only when a ratio is worse than what was reached before

Reading is measured against the `otdrs` package, to the end of all standard blocks with the samples as dB in an array.
No package finds events, so the finder, from the file's integers to measured events, is measured against
`numpy.cumsum` over the same trace in float64. Times are the best of many, since the machine has other work.
"""

import sys
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from linetest.bench.fibre import Fibre, Instrument, Joint, Section
from linetest.bench.fibres import otdr
from linetest.bench.otdr_light import received, shoot
from linetest.otdr.finder import find_events
from linetest.otdr.trace import Acquisition
from tests.accuracy.figures import Figure, report
from tests.speed.otdr_reading import compare, long_trace

_SAMPLES_A_PULSE = 20
_FIBRE_M = 40_000.0
_EVENTS = 9
_FINDER_GOALS = {16_384: (20.0, 200.0), 65_536: (10.0, 80.0), 262_144: (10.0, 35.0)}
"""Samples: the most times `numpy.cumsum` that the finder may take, and what it must never be worse than."""


def main() -> int:
    """Print the ratios and say whether they are good enough."""
    name, body = long_trace()
    own_s, peer_s = compare(body)
    print(f"reading {name}: {own_s * 1e3:.3f} ms, otdrs {peer_s * 1e3:.3f} ms")
    figures = [Figure("reading: times as fast as otdrs", peer_s / own_s, 20.0, 20.0)]
    for samples, (goal, floor) in _FINDER_GOALS.items():
        acquisition = trace_of(samples)
        loss_db = acquisition.counts * acquisition.db_per_count
        sum_s = best_s(partial(np.cumsum, loss_db, dtype=np.float64), 200)
        find_s = best_s(partial(find_events, acquisition), 60)
        print(f"finder, {samples} points: {find_s * 1e3:.2f} ms, numpy.cumsum {sum_s * 1e3:.3f} ms")
        figures.append(
            Figure(f"finder, {samples} points: times numpy.cumsum", find_s / sum_s, goal, floor, at_most=True)
        )
    return report(figures, floor="--floor" in sys.argv[1:])


def trace_of(samples: int) -> Acquisition:
    """Return a trace of 40 km with nine events, whose noise at the end is that of a good measurement."""
    step_m = _FIBRE_M / 0.75 / samples
    plain = otdr(1550.0, 100.0, step_m, samples)
    pulse_width_ns = 100.0 * step_m * _SAMPLES_A_PULSE / plain.pulse_m
    instrument = replace(plain, pulse_width_ns=pulse_width_ns)
    joints = tuple(Joint(0.05 + 0.03 * i, -50.0 if i % 3 == 1 else None) for i in range(_EVENTS))
    sections = tuple(Section(_FIBRE_M / (_EVENTS + 1), 0.2) for _number in range(_EVENTS + 1))
    fibre = Fibre(sections=sections, joints=joints, end_reflectance_db=-30.0)
    instrument = _with_noise(instrument, fibre, 0.08)
    return Acquisition(
        counts=shoot(fibre, instrument, 1),
        db_per_count=0.001,
        step_m=step_m,
        first_m=0.0,
        pulse_m=instrument.pulse_m,
        pulse_width_ns=pulse_width_ns,
        wavelength_nm=1550.0,
        group_index=instrument.group_index,
        backscatter_db=instrument.backscatter_db,
    )


def _with_noise(instrument: Instrument, fibre: Fibre, rms_db: float) -> Instrument:
    """Return the instrument with that much noise, 5 log, on a sample just before the end of the fibre."""
    power = float(received(fibre, instrument)[int(_FIBRE_M / instrument.step_m) - 2 * _SAMPLES_A_PULSE])
    noise = power * rms_db * np.log(10.0) / 5.0
    return replace(instrument, noise_db=10.0 * float(np.log10(noise * instrument.averages**0.5)))


def best_s(work: Callable[[], object], runs: int) -> float:
    """Return the best of many times in seconds."""
    best = float("inf")
    for _run in range(runs):
        begun = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - begun)
    return best


if __name__ == "__main__":
    sys.exit(main())
