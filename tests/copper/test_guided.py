"""Which two ends are measured together, in which band, and the file that comes of it."""

from itertools import pairwise

import numpy as np
import pytest

from linetest.bench.cabling import Cabling
from linetest.catalog import load_profile
from linetest.copper.files import read_sweep
from linetest.copper.settings import CopperSettings, settings_of
from linetest.copper.sweep import ENDS, SweepOptions
from linetest.copper.two_ports import (
    Combination,
    Place,
    combinations,
    parse_combination,
    two_port_file,
    wanted_band,
)
from linetest.errors import UsageError


def needed(pairs: int, ends: tuple[str, ...]) -> set[frozenset[Place]]:
    """Return the paths of the definitions: loss, near-end and far-end crosstalk with the signal sent at each end."""
    paths = set()
    for end in ends:
        other = ENDS[1 - ENDS.index(end)]
        for disturber in range(1, pairs + 1):
            for victim in range(1, pairs + 1):
                paths.add(frozenset((Place(disturber, end), Place(victim, other))))
                if victim != disturber:
                    paths.add(frozenset((Place(disturber, end), Place(victim, end))))
    return paths


@pytest.mark.parametrize("pairs", [1, 2, 3, 4, 10])
@pytest.mark.parametrize("ends", [("near",), ("far",), ("near", "far")])
def test_every_path_is_measured_once(pairs: int, ends: tuple[str, ...]) -> None:
    found = combinations(pairs, ends)
    assert {frozenset(one) for one in found} == needed(pairs, ends)
    count = pairs + 3 * pairs * (pairs - 1) // 2 if len(ends) == 1 else pairs * (2 * pairs - 1)
    assert len(found) == count
    assert len({one.name for one in found}) == count


def test_only_one_lead_moves_but_when_the_first_goes_to_the_next_pair() -> None:
    found = combinations(4, ["near"])
    both = sum(before.one != after.one for before, after in pairwise(found))
    assert both == 3
    assert found[0] == Combination(Place(1, "near"), Place(2, "near"))


def test_labels_of_ports() -> None:
    assert parse_combination(["pair1_near", " PAIR12_FAR"]).name == "PAIR1_NEAR-PAIR12_FAR"
    for wrong in (["PAIR1_NEAR"], ["PAIR1_NEAR"] * 2, ["PAIR0_NEAR", "PAIR1_FAR"], ["PAIR1_NEARA", "PAIR1_FAR"]):
        with pytest.raises(UsageError, match="two ends"):
            parse_combination(wrong)


def test_band_and_step_are_those_of_the_profile() -> None:
    loaded = load_profile("adsl-prequal")
    assert wanted_band(loaded.profile.limit, settings_of(loaded)) == (25_875.0, 1_104_000.0, 4312.5)
    low_hz, high_hz, step_hz = wanted_band([], CopperSettings(band_hz=(138_000.0, 30e6), maximum_step_hz=15_000.0))
    assert (low_hz, high_hz, step_hz) == (138_000.0, 30e6, 15_000.0)


def taken(labels: tuple[str, str], *, both_ways: bool) -> tuple[bytes, np.ndarray, np.ndarray]:
    cabling = Cabling()
    cabling.connect(*labels)
    frequency_hz = np.linspace(30_000.0, 1_000_000.0, 20)
    s = cabling.measure(frequency_hz)
    names = {"S11": (0, 0), "S21": (1, 0), **({"S12": (0, 1), "S22": (1, 1)} if both_ways else {})}
    values = {name: [complex(value) for value in s[:, row, column]] for name, (row, column) in names.items()}
    body = two_port_file(labels, [float(hz) for hz in frequency_hz], values, 100.0, simulated=True)
    return body, frequency_hz, s


@pytest.mark.parametrize("both_ways", [True, False])
def test_file_reads_as_what_was_measured(both_ways: bool) -> None:
    body, frequency_hz, s = taken(("PAIR1_NEAR", "PAIR2_FAR"), both_ways=both_ways)
    sweep = read_sweep("one.s2p", body, SweepOptions())
    assert np.allclose(sweep.frequency_hz, frequency_hz)
    there_db = 20 * np.log10(np.abs(s[:, 1, 0]))
    assert np.allclose(sweep.gain_db[:, 1, 1, 0, 0], there_db, atol=1e-6)
    back_db = sweep.gain_db[:, 0, 0, 1, 1]
    assert np.allclose(back_db, there_db, atol=1e-6) if both_ways else np.isnan(back_db).all()
    assert sweep.reference_ohm == [100.0, 100.0]
    assert [pair.name for pair in sweep.pairs] == ["PAIR1", "PAIR2"]


def test_other_programs_read_the_file(tmp_path: object) -> None:
    from pathlib import Path

    touchstone = pytest.importorskip("skrf.io.touchstone", reason="scikit-rf, the other reader, is not installed")

    body, frequency_hz, s = taken(("PAIR1_NEAR", "PAIR1_FAR"), both_ways=True)
    path = Path(str(tmp_path)) / "one.s2p"
    path.write_bytes(body)
    told_hz, told = touchstone.Touchstone(str(path)).get_sparameter_arrays()
    assert np.allclose(told_hz, frequency_hz)
    assert np.abs(told - s).max() < 1e-8


def test_one_way_is_said_in_the_file() -> None:
    body, _frequency_hz, _s = taken(("PAIR1_NEAR", "PAIR1_FAR"), both_ways=False)
    assert b"sends from port 1 only" in body
    assert body.startswith(b"! linetest bench: simulated")
