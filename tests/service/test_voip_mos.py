"""The E-model against the values that its recommendation tells."""

from itertools import pairwise

import pytest

from linetest.service.voip_mos import delay_impairment, estimate, mos_of, rating


@pytest.mark.parametrize(("r", "mos"), [(90, 4.34), (80, 4.03), (70, 3.60), (60, 3.10), (50, 2.58)])
def test_the_table_of_annex_b(r: float, mos: float) -> None:
    assert mos_of(r) == pytest.approx(mos, abs=0.01)


def test_without_impairment_r_is_the_default() -> None:
    assert rating(20.0, 0.0, ie=0.0, bpl=4.3) == 93.2
    assert mos_of(93.2) == pytest.approx(4.41, abs=0.005)


def test_delay_is_unnoticed_below_100_ms_and_never_jumps() -> None:
    assert delay_impairment(100.0) == 0.0
    values = [delay_impairment(ms / 2.0) for ms in range(4000)]
    steps = [after - before for before, after in pairwise(values)]
    assert min(steps) >= 0.0
    assert max(steps) < 0.2
    # By hand at 400 ms, x = 2: 25 (65^(1/6) - 3 (1 + (2/3)^6)^(1/6) + 2)
    assert delay_impairment(400.0) == pytest.approx(25.0 * (65.0 ** (1 / 6) - 3.0 * (1 + 64 / 729) ** (1 / 6) + 2.0))


def test_loss_by_the_codecs_robustness() -> None:
    assert rating(0.0, 1.0, ie=0.0, bpl=4.3) == pytest.approx(93.2 - 95.0 / 5.3)
    assert rating(0.0, 1.0, ie=0.0, bpl=25.1) == pytest.approx(93.2 - 95.0 / 26.1)


def test_the_score_never_leaves_its_scale_and_falls_with_loss() -> None:
    scores = [mos_of(rating(300.0, loss, ie=0.0, bpl=4.3)) for loss in range(101)]
    assert min(scores) == scores[-1] == 1.0
    assert scores == sorted(scores, reverse=True)
    assert (mos_of(-50.0), mos_of(120.0)) == (1.0, 4.5)


def test_an_estimate_from_echoes() -> None:
    quality = estimate([0.040, 0.044, None, 0.060], ie=0.0, bpl=4.3)
    assert quality is not None
    assert quality.delay_ms == pytest.approx(24.0 + 20.0)
    assert quality.loss_percent == pytest.approx(25.0)
    assert estimate([None, None], ie=0.0, bpl=4.3) is None
    assert estimate([], ie=0.0, bpl=4.3) is None
