"""The simulated binder: the models against published values, and the file against an independent reader."""

import io
import re
from pathlib import Path

import numpy as np
import pytest

from linetest.bench.binder import TONE_HZ, binder, binder_file
from linetest.bench.binder_models import (
    GAUGES,
    Coupling,
    fext_db_etsi,
    fext_db_t1,
    line,
    next_db_etsi,
    next_db_t1,
    worst_case_binder,
)
from linetest.bench.faults import BinderFault

ONE_MHZ = np.array([1e6])
ONE = np.ones(1)
BAND_HZ = np.arange(7, 257) * TONE_HZ


def through(length_km: float, gauge: str = "AWG26") -> np.ndarray:
    return np.abs(line(GAUGES[gauge], length_km, BAND_HZ)[0])


def test_published_values_of_the_models() -> None:
    assert next_db_t1(ONE_MHZ, 49)[0] == pytest.approx(-40.55, abs=0.005)
    assert fext_db_t1(ONE_MHZ, 49, 1.0, ONE)[0] == pytest.approx(-35.81, abs=0.005)
    assert fext_db_etsi(ONE_MHZ, 49, 1.0, ONE)[0] == pytest.approx(-45.0, abs=1e-9)
    assert next_db_etsi(ONE_MHZ, 49, ONE * 0.0)[0] == pytest.approx(-50.0, abs=1e-9)


@pytest.mark.parametrize(
    ("disturbers", "t1_db", "etsi_db"), [(1, -50.0, -59.5), (10, -44.0, -53.5), (24, -41.8, -51.2), (49, -39.9, -49.4)]
)
def test_worst_near_end_crosstalk_of_the_adsl_band(disturbers: int, t1_db: float, etsi_db: float) -> None:
    assert next_db_t1(BAND_HZ, disturbers).max() == pytest.approx(t1_db, abs=0.06)
    assert next_db_etsi(BAND_HZ, disturbers, through(3.0)).max() == pytest.approx(etsi_db, abs=0.06)


@pytest.mark.parametrize(
    ("length_km", "worst_db"), [(0.1, -47.6), (0.15, -47.2), (0.3, -48.2), (0.5, -51.3), (1.0, -59.8)]
)
def test_the_line_loses_as_much_as_published_far_end_crosstalk_says(length_km: float, worst_db: float) -> None:
    assert fext_db_t1(BAND_HZ, 49, length_km, through(length_km)).max() == pytest.approx(worst_db, abs=0.06)


def test_thicker_wire_loses_less() -> None:
    assert (through(1.0, "AWG24") > through(1.0, "AWG26")).all()


@pytest.mark.parametrize("fault", [None, "next", "fext", "split-pair", "no-fext", "narrow"])
def test_the_binder_is_passive_and_reciprocal(fault: BinderFault | None) -> None:
    _names, _frequency_hz, s = binder(fault=fault)
    assert np.linalg.svd(s, compute_uv=False).max() <= 1.0
    np.testing.assert_allclose(s, np.swapaxes(s, 1, 2))


@pytest.mark.parametrize("coupling", ["t1", "etsi"])
@pytest.mark.parametrize("gauge", ["AWG24", "AWG26"])
def test_power_sums_of_a_worst_case_binder_are_the_models(coupling: Coupling, gauge: str) -> None:
    names, s = worst_case_binder(coupling, 4, 500.0, gauge, BAND_HZ)
    assert names[:3] == ["PAIR1_NEAR", "PAIR1_FAR", "PAIR2_NEAR"]
    assert np.linalg.svd(s, compute_uv=False).max() <= 1.0
    np.testing.assert_allclose(s, np.swapaxes(s, 1, 2))
    power = np.abs(s) ** 2
    near = 10 * np.log10(power[:, 4, [0, 2, 6, 8]].sum(axis=1))
    far = 10 * np.log10(power[:, 5, [0, 2, 6, 8]].sum(axis=1))
    size = through(0.5, gauge)
    is_t1 = coupling == "t1"
    np.testing.assert_allclose(near, next_db_t1(BAND_HZ, 4) if is_t1 else next_db_etsi(BAND_HZ, 4, size))
    far_db = fext_db_t1 if is_t1 else fext_db_etsi
    np.testing.assert_allclose(far, far_db(BAND_HZ, 4, 0.5, size))


def worst(s: np.ndarray, end: int) -> list[float]:
    """Return each pair's worst crosstalk in dB: at the near end (0) or the far end (1), from near ends of others."""
    gain_db = 20 * np.log10(np.abs(s))
    return [
        max(gain_db[:, 2 * pair + end, 2 * other].max() for other in range(4) if other != pair) for pair in range(4)
    ]


def test_a_good_binder_passes_with_a_margin_on_every_pair() -> None:
    _names, frequency_hz, s = binder()
    assert frequency_hz[0] == 25875.0
    assert frequency_hz[-1] == 1104000.0
    assert max(worst(s, 0)) < -50.0
    assert max(worst(s, 1)) < -60.0
    through_db = 20 * np.log10(np.abs(s[:, range(1, 8, 2), range(0, 8, 2)]))
    others_db = 20 * np.log10(np.abs(s[:, 1, 2:]))
    assert through_db.min() > others_db.max() + 6.0, "the port map can be checked"


def test_faults_of_the_binder() -> None:
    assert worst(binder(fault="next")[2], 0)[0] > -38.0
    assert max(worst(binder(fault="next")[2], 1)) < -60.0
    assert worst(binder(fault="fext")[2], 1)[0] > -49.0
    assert max(worst(binder(fault="fext")[2], 0)) < -50.0
    split = worst(binder(fault="split-pair")[2], 0)
    assert split[0] == pytest.approx(split[2])
    assert split[0] > -38.0
    assert max(split[1], split[3]) < -50.0


def test_narrow_and_near_end_sweeps() -> None:
    _names, frequency_hz, _s = binder(fault="narrow")
    assert (frequency_hz[0], frequency_hz[-1]) == (138000.0, 552000.0)
    names, _frequency_hz, s = binder(fault="no-fext")
    assert names == ["PAIR1_NEAR", "PAIR2_NEAR", "PAIR3_NEAR", "PAIR4_NEAR"]
    assert s.shape[1:] == (4, 4)


def test_the_seed_decides() -> None:
    assert binder_file(seed=5) == binder_file(seed=5)
    assert binder_file(seed=5) != binder_file(seed=6)


@pytest.mark.parametrize(("fault", "ending"), [(None, "s8p"), ("narrow", "s8p"), ("no-fext", "s4p")])
def test_an_independent_reader_reads_the_file(fault: BinderFault | None, ending: str, tmp_path: Path) -> None:
    got_ending, text = binder_file(fault=fault)
    assert got_ending == ending
    head = text.splitlines()
    assert "simulated" in head[0]
    assert "not a measurement" in head[0]
    names, frequency_hz, s = binder(fault=fault)
    assert re.findall(r"^! Port\[\d\] = (\w+)$", text, re.MULTILINE) == names
    assert "# HZ S RI R 100" in head
    file = io.StringIO(text)
    file.name = f"binder.{ending}"
    skrf = pytest.importorskip("skrf.io.touchstone", reason="scikit-rf, the other reader, is not installed")
    reader = skrf.Touchstone(file)
    np.testing.assert_allclose(reader.get_sparameter_arrays()[0], frequency_hz)
    np.testing.assert_allclose(reader.get_sparameter_arrays()[1], s, atol=1e-9)
