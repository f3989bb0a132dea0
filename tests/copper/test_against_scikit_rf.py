"""The same numbers as scikit-rf, from the file to the crosstalk, on every file that both can read.

scikit-rf reads by `skrf.io.touchstone.Touchstone`, which does not unpickle, and computes by `Network` from its arrays.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from linetest.bench.binder import binder_file
from linetest.copper.files import load_body, read_sweep
from linetest.copper.quantities import quantities
from linetest.copper.sweep import Sweep, SweepOptions
from linetest.copper.touchstone import Network, read_touchstone

skrf = pytest.importorskip("skrf", reason="scikit-rf, the other reader, is not installed")
touchstone = pytest.importorskip("skrf.io.touchstone")

Curves = dict[str, NDArray[np.float64]]
Writer = Callable[..., bytes]
SHARED = [
    *(f"synthetic/binder4_{name}.s8p" for name in ("300m_pass", "300m_fail", "2000m_marginal", "narrow_138_552k")),
    *(f"touchstone/{name}" for name in ("CABLE1_TX_pair.s4p", "tee.s3p", "ntwk1.s2p", "line.s2p")),
]


def theirs(path: Path) -> Any:
    """Return scikit-rf's network of a file."""
    read = touchstone.Touchstone(str(path))
    frequency_hz, s = read.get_sparameter_arrays()
    return skrf.Network(f=frequency_hz, f_unit="hz", s=s, z0=100.0)


def ours(path: Path) -> Network:
    text = load_body(path).replace(b"\r\n", b"\n")
    return read_touchstone(path.name, text, int(path.suffix[2:-1]))


def curves(network: Any, end: int) -> Curves:
    """Return the crosstalk by scikit-rf's subnetworks, ports near 1, far 1, near 2, ...; sent at that end."""
    n, pairs = len(network.f), network.nports // 2
    found = {name: np.full((n, pairs, pairs), np.nan) for name in ("next", "fext", "elfext", "acrf")}
    loss_db = np.full((n, pairs, 1), np.nan)
    here, there = (0, 1) if end == 0 else (1, 0)
    for victim in range(pairs):
        for disturber in range(pairs):
            ports = [2 * victim + here, 2 * victim + there, 2 * disturber + here, 2 * disturber + there]
            if victim == disturber:
                loss_db[:, victim, 0] = -network.subnetwork(ports[:2]).s_db[:, 1, 0]
                continue
            s_db = network.subnetwork(ports).s_db
            found["next"][:, victim, disturber] = s_db[:, 0, 2]
            found["fext"][:, victim, disturber] = s_db[:, 1, 2]
            found["elfext"][:, victim, disturber] = s_db[:, 1, 2] - s_db[:, 3, 2]
            found["acrf"][:, victim, disturber] = s_db[:, 1, 2] - s_db[:, 1, 0]
    sums = {
        f"ps{name}": 10.0 * np.log10(np.nansum(10.0 ** (found[name] / 10.0), axis=2, keepdims=True))
        for name in ("next", "fext", "elfext")
    }
    return {**found, **sums, "insertion_loss": loss_db}


def assert_same(sweep: Sweep, network: Any) -> None:
    for end in (0, 1):
        own = quantities(sweep.gain_db, end)
        for name, values in curves(network, end).items():
            np.testing.assert_allclose(own[f"copper.{name}_db"], values, atol=1e-9, rtol=0, err_msg=name)


@pytest.mark.parametrize("name", SHARED)
def test_every_shared_file_has_the_same_numbers(shared_data: Callable[[str], Path], name: str) -> None:
    path = shared_data("dsl") / name
    network, own = theirs(path), ours(path)
    np.testing.assert_allclose(own.frequency_hz, network.f, rtol=1e-12)
    np.testing.assert_allclose(own.s, network.s, atol=1e-9, rtol=0)


@pytest.mark.parametrize("name", SHARED[:4])
def test_every_shared_binder_has_the_same_crosstalk(shared_data: Callable[[str], Path], name: str) -> None:
    path = shared_data("dsl") / name
    assert_same(read_sweep(path.name, load_body(path), SweepOptions()), theirs(path))


@pytest.mark.parametrize("fault", [None, "next", "fext", "split-pair", "narrow"])
def test_the_benchs_binders_have_the_same_crosstalk(tmp_path: Path, fault: Any) -> None:
    ending, text = binder_file(fault=fault)
    path = tmp_path / f"bench.{ending}"
    path.write_text(text)
    assert_same(read_sweep(path.name, load_body(path), SweepOptions()), theirs(path))


def test_single_ended_ports_have_the_same_differential_part(tmp_path: Path, write_touchstone: Writer) -> None:
    random = np.random.default_rng(11)
    s = random.uniform(-0.1, 0.1, (9, 16, 16)) + 1j * random.uniform(-0.1, 0.1, (9, 16, 16))
    names = [f"PAIR{pair}_{end}{wire}" for pair in range(1, 5) for end in ("NEAR", "FAR") for wire in "AB"]
    path = tmp_path / "single.s16p"
    path.write_bytes(write_touchstone(np.linspace(1e5, 1e6, 9), s, names))
    network = theirs(path)
    network.se2gmm(p=8)
    assert_same(read_sweep(path.name, load_body(path), SweepOptions()), network.subnetwork(list(range(8))))


@settings(max_examples=60)
@given(
    seed=st.integers(0, 2**32 - 1),
    ports=st.sampled_from([1, 2, 3, 4, 6]),
    points=st.integers(1, 5),
    notation=st.sampled_from(["RI", "MA", "DB"]),
    unit=st.sampled_from(["HZ", "KHZ", "MHZ", "GHZ"]),
    version=st.sampled_from([1, 2]),
)
def test_what_is_written_comes_back_and_scikit_rf_reads_the_same(
    tmp_path_factory: pytest.TempPathFactory,
    write_touchstone: Writer,
    seed: int,
    ports: int,
    points: int,
    notation: str,
    unit: str,
    version: int,
) -> None:
    random = np.random.default_rng(seed)
    s = random.uniform(-0.7, 0.7, (points, ports, ports)) + 1j * random.uniform(-0.7, 0.7, (points, ports, ports))
    frequency_hz = np.cumsum(random.uniform(1e3, 1e6, points))
    body = write_touchstone(frequency_hz, s, notation=notation, unit=unit, version=version)
    own = read_touchstone("a", body, ports if version == 1 else None)
    np.testing.assert_allclose(own.s, s, atol=1e-12)
    np.testing.assert_allclose(own.frequency_hz, frequency_hz, rtol=1e-12)
    path = tmp_path_factory.mktemp("round") / (f"a.s{ports}p" if version == 1 else "a.ts")
    path.write_bytes(body)
    their_hz, their_s = touchstone.Touchstone(str(path)).get_sparameter_arrays()
    np.testing.assert_allclose(own.s, their_s, atol=1e-9, rtol=0)
    np.testing.assert_allclose(own.frequency_hz, their_hz, rtol=1e-12)


@settings(max_examples=60)
@given(
    levels=st.lists(st.floats(-159.0, -0.01), min_size=2, max_size=8),
    unit=st.sampled_from([("hz", 1.0), ("khz", 1e3), ("mhz", 1e6)]),
    sign=st.sampled_from(["gain", "loss"]),
    what=st.sampled_from(["next", "fext"]),
)
def test_a_csv_comes_back(levels: list[float], unit: tuple[str, float], sign: str, what: str) -> None:
    hz = [26_000.0 + 4_312.5 * number for number in range(len(levels))]
    signed = levels if sign == "gain" else [-level for level in levels]
    rows = [f"{one / unit[1]!r},{level!r},x,y" for one, level in zip(hz, signed, strict=True)]
    text = "\n".join([f"freq_{unit[0]},{what}_{sign}_db,pair,disturber", *rows])
    sweep = read_sweep("a.csv", text.encode(), SweepOptions())
    np.testing.assert_allclose(sweep.frequency_hz, hz, rtol=1e-14)
    assert sweep.gain_db[:, 0 if what == "next" else 1, 0, 0, 1].tolist() == levels
