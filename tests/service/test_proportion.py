"""The bounds of a proportion against sums of binomials in exact numbers, and over many samples."""

import random
from fractions import Fraction
from math import comb

import pytest

from linetest.service.proportion import beta_share, interval, proved


def at_least(hits: int, of: int, share: float) -> float:
    p = Fraction(share)
    return float(sum(comb(of, k) * p**k * (1 - p) ** (of - k) for k in range(hits, of + 1)))


@pytest.mark.parametrize(("hits", "of"), [(1, 1), (1, 10), (3, 10), (9, 10), (10, 10), (7, 150), (50, 60), (1, 200)])
def test_the_interval_leaves_a_fortieth_on_each_side(hits: int, of: int) -> None:
    low, high = interval(hits, of)
    assert at_least(hits, of, low) == pytest.approx(0.025, rel=1e-9)
    if hits < of:
        assert 1.0 - at_least(hits + 1, of, high) == pytest.approx(0.025, rel=1e-9)
    else:
        assert high == 1.0


def test_the_published_example() -> None:
    # Newcombe, Statistics in Medicine 17 (1998), table I: 81 of 263 by the exact method
    assert interval(81, 263) == pytest.approx((0.2527, 0.3676), abs=1e-4)


@pytest.mark.parametrize("of", [1, 30, 2850, 512_821, 16_000_000])
def test_nothing_lost_proves_three_over_n(of: int) -> None:
    low, high = proved(0, of)
    assert low == 0.0
    assert (1.0 - high) ** of == pytest.approx(0.05, rel=1e-6)
    if of > 1000:
        assert high == pytest.approx(2.9957 / of, rel=1e-3)


def test_large_samples_are_exact_and_ordered() -> None:
    before = (0.0, 0.0)
    for hits in (1, 10, 1000, 100_000, 8_000_000, 15_999_999):
        low, high = interval(hits, 16_000_000)
        assert before[0] < low < hits / 16_000_000 < high
        assert beta_share(low, hits, 16_000_000 - hits + 1) == pytest.approx(0.025, rel=1e-4)
        before = low, high


@pytest.mark.parametrize(("hits", "of"), [(-1, 10), (11, 10), (0, 0)])
def test_what_is_no_sample_is_refused(hits: int, of: int) -> None:
    with pytest.raises(ValueError, match=" of "):
        proved(hits, of)


@pytest.mark.parametrize("share", [0.0005, 0.0015, 0.00175, 0.003, 0.01, 0.2])
def test_coverage_over_all_samples(share: float) -> None:
    """Not by chance but summed: the share of samples whose bounds hold the true share."""
    of = 2000
    holds = upper_holds = 0.0
    chance = (1.0 - share) ** of
    for hits in range(of + 1):
        if chance > 1e-12:
            low, high = proved(hits, of)
            holds += chance * (low <= share <= high)
            upper_holds += chance * (share <= high)
        chance *= (of - hits) / (hits + 1) * share / (1.0 - share)
    assert upper_holds >= 0.95
    assert holds >= (0.935 if share in (0.0015, 0.00175) else 0.95)


def test_coverage_over_many_seeds() -> None:
    held = 0
    for seed in range(400):
        chance = random.Random(seed)
        lost = sum(chance.random() < 0.01 for _packet in range(1000))
        low, high = proved(lost, 1000)
        held += low <= 0.01 <= high
    assert held >= 0.95 * 400
