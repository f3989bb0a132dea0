"""The reference curves, pinned to values computed apart from the code."""

import numpy as np
import pytest
from numpy.typing import NDArray

from linetest.copper.reference import Model, fext_gain_db, length_m_of, loss_db_per_km, next_gain_db

ONE_MHZ = np.array([1e6])
NO_LOSS = np.zeros(1)
MUCH_LOSS = np.full(1, 200.0)
BAND_HZ = np.linspace(30e3, 1104e3, 5371)  # 200 Hz apart


def loss_db(length_m: float) -> NDArray[np.float64]:
    return np.asarray(loss_db_per_km(BAND_HZ, "AWG26") * length_m / 1000.0)


@pytest.mark.parametrize(("model", "next_db", "fext_db"), [("t1", -40.55, -35.81), ("etsi", -50.0, -45.0)])
def test_the_constants_of_49_disturbers_at_1_mhz(model: Model, next_db: float, fext_db: float) -> None:
    assert next_gain_db(ONE_MHZ, 49, MUCH_LOSS, model)[0] == pytest.approx(next_db, abs=0.005)
    assert fext_gain_db(ONE_MHZ, 49, 1000.0, NO_LOSS, model)[0] == pytest.approx(fext_db, abs=0.005)


def test_the_constant_of_n_disturbers_is_not_mixed_with_that_of_49() -> None:
    """0.8536e-14 n^0.6 is 8.818e-14 (n/49)^0.6; whoever mixes them up is 10.1 dB too optimistic."""
    for disturbers in (1, 10, 49):
        near = 10.0 * np.log10(0.8536e-14 * disturbers**0.6 * 1e6**1.5)
        assert next_gain_db(ONE_MHZ, disturbers, NO_LOSS, "t1")[0] == pytest.approx(near, abs=0.01)
        far = 10.0 * np.log10(7.74e-21 * disturbers**0.6 * 1000.0 / 0.3048 * 1e12)
        assert fext_gain_db(ONE_MHZ, disturbers, 1000.0, NO_LOSS, "t1")[0] == pytest.approx(far, abs=0.01)


@pytest.mark.parametrize(
    ("model", "top_hz", "worst_db"),
    [
        ("t1", 1104e3, (-50.0, -44.0, -41.8, -39.9)),
        ("etsi", 1104e3, (-59.5, -53.5, -51.2, -49.4)),
        ("t1", 2208e3, (-45.5, -39.5, -37.2, -35.4)),
    ],
)
def test_worst_next_of_the_band(model: Model, top_hz: float, worst_db: tuple[float, ...]) -> None:
    frequency_hz = np.linspace(30e3, top_hz, 1000)
    loss = np.full(1000, 40.0)
    for disturbers, expected_db in zip((1, 10, 24, 49), worst_db, strict=True):
        gain_db = next_gain_db(frequency_hz, disturbers, loss, model)
        assert gain_db.max() == pytest.approx(expected_db, abs=0.06)
        assert gain_db.argmax() == 999


@pytest.mark.parametrize(
    ("length_m", "worst_db"), [(100.0, -47.6), (150.0, -47.2), (300.0, -48.2), (500.0, -51.3), (1000.0, -59.8)]
)
def test_worst_fext_of_the_band(length_m: float, worst_db: float) -> None:
    gain_db = fext_gain_db(BAND_HZ, 49, length_m, loss_db(length_m), "t1")
    assert gain_db.max() == pytest.approx(worst_db, abs=0.06)


def test_the_band_edge_decides_whether_49_disturbers_break_40_db() -> None:
    frequency_hz = np.arange(30e3, 6e6, 1e3)
    loss = np.full(frequency_hz.shape, 60.0)
    crossing_hz = {
        model: frequency_hz[np.argmax(next_gain_db(frequency_hz, 49, loss, model) >= -40.0)] for model in ("t1", "etsi")
    }
    assert crossing_hz["t1"] == pytest.approx(1087e3, abs=2e3)
    assert crossing_hz["etsi"] == pytest.approx(4.64e6, abs=1e4)


def test_far_end_crosstalk_breaks_50_db_on_short_loops_only() -> None:
    broken = [
        length_m
        for length_m in range(5, 3000, 5)
        if fext_gain_db(BAND_HZ, 49, float(length_m), loss_db(length_m), "t1").max() >= -50.0
    ]
    assert broken == list(range(broken[0], broken[-1] + 5, 5))
    assert broken[0] == pytest.approx(45, abs=5)
    assert broken[-1] == pytest.approx(420, abs=10)


def test_17_mhz_breaks_the_rule_with_one_disturber() -> None:
    assert next_gain_db(np.array([17.6e6]), 1, MUCH_LOSS, "t1")[0] == pytest.approx(-32.0, abs=0.1)


def test_a_line_without_loss_has_a_finite_reference() -> None:
    assert np.isfinite(next_gain_db(ONE_MHZ, 1, NO_LOSS, "etsi")).all()


@pytest.mark.parametrize("length_m", [50.0, 300.0, 2000.0])
def test_the_length_comes_back_from_the_loss(length_m: float) -> None:
    assert length_m_of(BAND_HZ, loss_db(length_m), "AWG26") == pytest.approx(length_m)
    gaps = np.where(BAND_HZ < 2e5, np.nan, loss_db(length_m))
    assert length_m_of(BAND_HZ, gaps, "AWG26") == pytest.approx(length_m)


def test_no_length_without_loss() -> None:
    assert length_m_of(BAND_HZ, np.full(BAND_HZ.shape, np.nan), "AWG26") is None
    assert length_m_of(BAND_HZ, np.full(BAND_HZ.shape, -0.1), "AWG26") is None
