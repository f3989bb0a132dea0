"""How long a binder's sweep takes, beside scikit-rf; exit 1 when a goal is missed.

Goals, each side in turn in one run, and held to the same numbers first:

1. reading and the full analysis of a .s16p of 8 balanced pairs at 2,000 points: at most 0.75 of scikit-rf's time;
2. the same of 16 single-ended ports, which scikit-rf turns into pairs by `se2gmm`: at most 0.4 of its time;
3. computing alone, 16 pairs, from what each side's reader hands over: at least 20 times faster.

scikit-rf reads by `Network()`, takes four ports of every combination by `.subnetwork` and computes the same list:
insertion loss, NEXT, FEXT, ELFEXT and the power sums of all three, sent at the near end. Of linetest the first two hold
all that `copper check` does to a file but keeping and printing it: the port map checked, every worst point against the
shipped profile, ACR-F too, and the details of the record. linetest's reader hands over decibels, scikit-rf's complex
numbers, so that the third is also measured from complex numbers on both sides, without a goal.

`--floor` asks for what a busy machine reaches.
"""

import gc
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import skrf
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from linetest.catalog import load_profile
from linetest.copper.crosstalk import measure
from linetest.copper.files import load_body, read_sweep
from linetest.copper.ports import sweep_of_network
from linetest.copper.quantities import quantities
from linetest.copper.settings import settings_of
from linetest.copper.sweep import Sweep, SweepOptions
from linetest.copper.touchstone import Network
from linetest.model.reading import Measurement
from tests.accuracy.figures import Figure, report

RUNS = 4
POINTS = 2000
NEAR, FAR = 0, 1
PROFILE = load_profile("adsl-prequal")

Curves = dict[str, NDArray[np.float64]]


def binder(pairs: int) -> NDArray[np.complex128]:
    """Return S of a cable, ports near 1, far 1, near 2, ...: coupling that differs by pair, lossy paths, no noise."""
    random = np.random.default_rng(pairs)
    frequency = np.linspace(0.1, 1.0, POINTS)[:, None, None]
    ports = 2 * pairs
    coupling = random.uniform(1e-4, 3e-3, (ports, ports)) * np.exp(2j * np.pi * random.uniform(size=(ports, ports)))
    s = (coupling + coupling.T) * frequency**0.75 * np.exp(-3j * frequency)
    near = np.arange(0, ports, 2)
    s[:, near, near + 1] = s[:, near + 1, near] = (0.6 - 0.3 * frequency[:, 0]) * np.exp(-20j * frequency[:, 0])
    return np.asarray(s, dtype=np.complex128)


def write(path: Path, s: NDArray[np.complex128], names: list[str]) -> Path:
    """Write a file as analysers do: ten digits, four values to a row."""
    frequency_hz = np.linspace(20_000.0, 1_200_000.0, len(s))
    head = [f"! Port[{number}] = {label}" for number, label in enumerate(names, start=1)]
    rows = ["# HZ S RI R 50"]
    for hz, matrix in zip(frequency_hz, s, strict=True):
        numbers = [f"{value.real:.9e} {value.imag:.9e}" for value in matrix.ravel()]
        rows.append(f"{hz:.3f} " + "\n".join(" ".join(numbers[at : at + 4]) for at in range(0, len(numbers), 4)))
    path.write_text("\n".join([*head, *rows, ""]))
    return path


def single_ended(s: NDArray[np.complex128]) -> NDArray[np.complex128]:
    """Return S of twice as many ports, wires A and B after one another, whose differential part is `s`."""
    return np.asarray(np.kron(s, np.array([[0.5, -0.5], [-0.5, 0.5]])), dtype=np.complex128)


def own_sweep(path: Path) -> Sweep:
    """Read with linetest."""
    return read_sweep(path.name, load_body(path), SweepOptions())


def own_analysis(path: Path) -> Measurement:
    """Read and analyse with linetest, as `copper check` does."""
    return measure(own_sweep(path), PROFILE.profile.limit, settings_of(PROFILE))


def peer_differential(path: Path) -> Any:
    """Return the differential part of a single-ended file, by scikit-rf."""
    network = skrf.Network(str(path))
    pairs_of_wires = network.nports // 2
    network.se2gmm(p=pairs_of_wires)
    return network.subnetwork(list(range(pairs_of_wires)))


def peer_curves(network: Any) -> Curves:
    """Compute the list with scikit-rf, each (n, P, P) or of power sums (n, P)."""
    n, pairs = len(network.f), network.nports // 2
    found = {name: np.full((n, pairs, pairs), np.nan) for name in ("next", "fext", "elfext")}
    loss_db = np.full((n, pairs), np.nan)
    for victim in range(pairs):
        for disturber in (pair for pair in range(pairs) if pair != victim):
            ports = [2 * victim + NEAR, 2 * victim + FAR, 2 * disturber + NEAR, 2 * disturber + FAR]
            s_db = network.subnetwork(ports).s_db
            loss_db[:, victim] = -s_db[:, 1, 0]
            found["next"][:, victim, disturber] = s_db[:, 0, 2]
            found["fext"][:, victim, disturber] = s_db[:, 1, 2]
            found["elfext"][:, victim, disturber] = s_db[:, 1, 2] - s_db[:, 3, 2]
    sums = {f"ps{name}": 10.0 * np.log10(np.nansum(10.0 ** (x / 10.0), axis=2)) for name, x in found.items()}
    return {**found, **sums, "insertion_loss": loss_db}


def check_same(sweep: Sweep, peer: Curves) -> None:
    """Stop when the two do not find the same numbers."""
    own = quantities(sweep.gain_db, NEAR)
    for name, values in peer.items():
        if not np.allclose(own[f"copper.{name}_db"].reshape(values.shape), values, atol=1e-9, rtol=0, equal_nan=True):
            raise SystemExit(f"the two do not find the same {name}")


def share_of(name: str, own: Callable[[], object], peer: Callable[[], object]) -> float:
    """Return linetest's best time over scikit-rf's, measured in turn."""
    times = [(_seconds(own), _seconds(peer)) for _run in range(RUNS)]
    own_s, peer_s = (min(both[side] for both in times) for side in (0, 1))
    print(f"{name}: linetest {own_s * 1e3:.1f} ms, scikit-rf {peer_s * 1e3:.1f} ms, {peer_s / own_s:.1f} times faster")
    return own_s / peer_s


def _seconds(work: Callable[[], object]) -> float:
    gc.collect()  # what one leaves behind is not cleared in the other's time
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def reading(folder: Path) -> list[Figure]:
    """Compare reading and analysis, of a balanced and of a single-ended file."""
    balanced = write(folder / "balanced.s16p", binder(8), labels(8))
    single = write(
        folder / "single.s16p", single_ended(binder(4)), [f"{one}{wire}" for one in labels(4) for wire in "AB"]
    )
    check_same(own_sweep(balanced), peer_curves(skrf.Network(str(balanced))))  # files made here, and just now
    check_same(own_sweep(single), peer_curves(peer_differential(single)))
    own, peer = partial(own_analysis, balanced), lambda: peer_curves(skrf.Network(str(balanced)))
    of_balanced = share_of("read + analysis, 8 pairs", own, peer)
    own, peer = partial(own_analysis, single), lambda: peer_curves(peer_differential(single))
    of_single = share_of("read + analysis, 4 pairs of single-ended ports", own, peer)
    return [
        Figure("read + analysis: share of scikit-rf's time", of_balanced, 0.75, 0.85, at_most=True),
        Figure("single-ended: share of scikit-rf's time", of_single, 0.4, 0.5, at_most=True),
    ]


def computing() -> list[Figure]:
    """Compare computing alone."""
    s, frequency_hz = binder(16), np.linspace(20_000.0, 1_200_000.0, POINTS)
    network = Network(
        frequency_hz=frequency_hz, s=s, reference_ohm=[100.0] * 32, port_names=dict(enumerate(labels(16), 1))
    )
    theirs = skrf.Network(f=frequency_hz, f_unit="hz", s=s, z0=100.0)

    def sweep() -> Sweep:
        return sweep_of_network("wide.s32p", b"", network, SweepOptions())

    gain_db = sweep().gain_db
    check_same(sweep(), peer_curves(theirs))
    share = share_of("compute only, 16 pairs", lambda: quantities(gain_db, NEAR), lambda: peer_curves(theirs))
    share_of("  the same from complex numbers", lambda: quantities(sweep().gain_db, NEAR), lambda: peer_curves(theirs))
    return [Figure("compute only: times as fast as scikit-rf", 1.0 / share, 20.0, 15.0)]


def labels(pairs: int) -> list[str]:
    """Return the names of the ports."""
    return [f"PAIR{pair}_{end}" for pair in range(1, pairs + 1) for end in ("NEAR", "FAR")]


def main() -> int:
    """Compare, print and judge."""
    with tempfile.TemporaryDirectory() as folder:
        figures = [*reading(Path(folder)), *computing()]
    return report(figures, floor="--floor" in sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
