"""Which reading stands for a pair: the smallest margin, what is noise, what only informs."""

from collections.abc import Callable
from math import log10

import numpy as np
import pytest
from numpy.typing import NDArray

from linetest.copper.crosstalk import measure
from linetest.copper.files import read_sweep
from linetest.copper.settings import CopperSettings
from linetest.copper.sweep import Sweep, SweepOptions
from linetest.errors import UsageError
from linetest.model.judge import judge_all
from linetest.model.limit import Limit
from linetest.model.reading import Reading

Binder = Callable[..., tuple[NDArray[np.float64], NDArray[np.complex128]]]
Writer = Callable[..., bytes]
Names = Callable[[int], list[str]]
BAND_HZ = (25_875.0, 1_104_000.0)


@pytest.fixture
def sloped(binder: Binder, write_touchstone: Writer, names: Names) -> Callable[..., Sweep]:
    """Return a function that makes two pairs whose NEXT rises by 15 dB a decade, to `top_db` at 1 MHz."""

    def make(top_db: float = -45.0, bump_db: float = 0.0, loss_db: float = 10.0) -> Sweep:
        frequency_hz, s = binder(2, loss_db=loss_db)
        level_db = top_db + 15.0 * np.log10(frequency_hz / 1e6)
        level_db[20] += bump_db
        s[:, 0, 2] = s[:, 2, 0] = 10.0 ** (level_db / 20.0)
        return read_sweep("own.s4p", write_touchstone(frequency_hz, s, names(2)), SweepOptions())

    return make


def along(points: list[tuple[float, float]], **more: object) -> Limit:
    return Limit(metric="copper.next_db", line=points, along="frequency_hz", source="test", **more)  # type: ignore[arg-type]


RISING = [(20e3, -40.0 + 15.0 * log10(0.02)), (2e6, -40.0 + 15.0 * log10(2.0))]


@pytest.mark.parametrize(("bump_db", "verdict"), [(4.9, "pass"), (5.1, "fail")])
def test_the_smallest_margin_decides_and_is_judged_at_its_frequency(
    sloped: Callable[..., Sweep], bump_db: float, verdict: str
) -> None:
    limit = along(RISING, log_x=True, band_hz=BAND_HZ)  # 5 dB above the curve, everywhere
    sweep = sloped(bump_db=bump_db)
    measured = measure(sweep, [limit], CopperSettings())
    checks = judge_all([limit], measured.readings)
    at_hz = 26 * 4312.5
    for check in checks:
        assert (check.verdict, check.where["frequency_hz"]) == (verdict, at_hz)
        assert check.margin == pytest.approx(5.0 - bump_db, abs=1e-9)
        assert check.value is not None
        assert check.value < -54.0  # far from the largest value of the curve, which is at the band's end
    combination = next(one for one in measured.details["combinations"] if one["metric"] == "copper.next_db")
    assert (combination["margin_db"], combination["frequency_hz"]) == (checks[0].margin, at_hz)


@pytest.mark.parametrize("points", [[(50e3, -60.0), (2e6, -40.0)], [(20e3, -60.0), (1e6, -40.0)]])
def test_a_limit_line_that_ends_inside_its_band_is_refused(
    sloped: Callable[..., Sweep], points: list[tuple[float, float]]
) -> None:
    with pytest.raises(UsageError, match=r"limit line of copper\.next_db ends inside its band"):
        measure(sloped(), [along(points, log_x=True, band_hz=BAND_HZ)], CopperSettings())
    narrow = along(points, log_x=True, band_hz=(60e3, 900e3))
    assert measure(sloped(), [narrow], CopperSettings()).readings[0].value is not None


def bounds(sweep: Sweep, floor_db: float) -> dict[str, str | None]:
    readings: list[Reading] = measure(sweep, [], CopperSettings(instrument_floor_db=floor_db)).readings
    return {one.metric.partition(".")[2]: one.bound for one in readings if one.where["pair"] == "1"}


def test_what_was_heard_as_noise_bounds_all_that_is_computed_from_it(sloped: Callable[..., Sweep]) -> None:
    # NEXT -44.4 dB at its worst, FEXT -70 dB, insertion loss 10 dB
    assert set(bounds(sloped(), -90.0).values()) == {None}
    found = bounds(sloped(), -75.0)
    far = {"fext_db", "elfext_db", "acrf_db", "psfext_db", "pselfext_db"}
    assert {metric for metric, bound in found.items() if bound == "at-most"} == far
    assert bounds(sloped(), -15.0)["insertion_loss_db"] == "at-least"


def test_where_the_loss_is_low_near_end_results_only_inform(sloped: Callable[..., Sweep]) -> None:
    limit = Limit(metric="copper.next_db", max=-50.0, required=False, source="test", band_hz=BAND_HZ)
    sweep = sloped()  # breaks -50 dB
    assert {check.verdict for check in judge_all([limit], measure(sweep, [limit], CopperSettings()).readings)} == {
        "fail"
    }
    measured = measure(sweep, [limit], CopperSettings(insertion_loss_floor_db=20.0))
    checks = judge_all([limit], measured.readings)
    assert {(check.verdict, check.reason) for check in checks} == {("skipped", "not-decidable")}
    informs = [one for one in measured.readings if one.metric == "copper.next_low_loss_db"]
    assert [one.value for one in informs] == [pytest.approx(-45.0 + 15.0 * log10(1.104), abs=1e-9)] * 2
    assert "insertion-loss-low" in measured.warnings
    assert {one["metric"] for one in measured.details["combinations"]} >= {"copper.next_low_loss_db"}
