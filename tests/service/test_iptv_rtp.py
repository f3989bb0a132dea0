"""Sequence numbers of RTP against a list of what was sent and which of it came."""

import random
from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linetest.service.iptv_rtp import RtpCount, Tally

_PERIOD_NS = 3_500_000  # of 3 Mbit/s


def counted(numbers: Iterable[int], *, batch: int = 7, ssrc: int = 9, start_ns: int = 10**15) -> Tally:
    """Count packets that came one period after the other."""
    return counted_at([(number, ssrc, start_ns + row * _PERIOD_NS) for row, number in enumerate(numbers)], batch)


def counted_at(packets: list[tuple[int, int, int]], batch: int = 7) -> Tally:
    count = RtpCount()
    for at in range(0, len(packets), batch):
        numbers, ssrcs, times = zip(*packets[at : at + batch], strict=True)
        count.take([number % 65536 for number in numbers], ssrcs, times)
    return count.tally


@pytest.mark.parametrize("batch", [1, 2, 7, 1000])
@pytest.mark.parametrize("start", [0, 30_000, 65_000, 65_535])
def test_exactly_what_was_left_out_is_lost_over_the_wrap(start: int, batch: int) -> None:
    left_out = {100, 101, 102, 333, 535, 536, 900}
    tally = counted((start + n for n in range(1000) if n not in left_out), batch=batch)
    assert (tally.lost, tally.expected, tally.received) == (7, 1000, 993)
    assert (tally.duplicates, tally.reordered, tally.restarts, tally.ssrc_changes) == (0, 0, 0, 0)


@pytest.mark.parametrize("batch", [1, 3, 64])
def test_late_is_not_lost_and_twice_is_once(batch: int) -> None:
    numbers = list(range(65_500, 65_700))
    numbers[30:34] = [numbers[33], numbers[30], numbers[32], numbers[31]]  # three late, one not: before the wrap
    numbers[36], numbers[40] = numbers[40], numbers[36]  # over the wrap: four later came before it, it came after
    numbers[100:100] = [numbers[99], numbers[99], numbers[50]]
    tally = counted(numbers, batch=batch)
    assert (tally.lost, tally.expected, tally.distinct) == (0, 200, 200)
    assert tally.duplicates == 3
    assert tally.reordered == 3 + 4


def test_packets_from_before_the_first_are_neither() -> None:
    tally = counted([50, 49, 48, 40, 51, 52, 45, 53])
    assert (tally.lost, tally.expected, tally.outside, tally.reordered) == (0, 4, 4, 0)


@settings(deadline=None, max_examples=30)
@given(st.integers(), st.integers(0, 65_535), st.integers(1, 50))
def test_any_mixture(seed: int, start: int, batch: int) -> None:
    """Losses, doubles and packets that come up to 60 places late, against sets of numbers."""
    chance = random.Random(seed)
    sent = range(start, start + 400)
    lost = {n for n in sent if n not in (sent[0], sent[-1]) and chance.random() < 0.1}
    arrivals = [(n + chance.randrange(60) * (chance.random() < 0.3), n) for n in sent if n not in lost]
    arrivals += [(n + chance.randrange(60), n) for n in sent if n not in lost and chance.random() < 0.1]
    came = [n for _place, n in sorted(arrivals)]
    tally = counted(came, batch=batch)
    inside = [n for n in came if n >= came[0]]
    high, distinct, late, twice = came[0] - 1, set[int](), 0, 0
    for n in inside:
        twice += n in distinct
        late += n < high and n not in distinct
        distinct.add(n)
        high = max(high, n)
    assert (tally.received, tally.outside) == (len(came), len(came) - len(inside))
    assert (tally.distinct, tally.duplicates, tally.reordered) == (len(distinct), twice, late)
    assert (tally.expected, tally.lost) == (high - came[0] + 1, high - came[0] + 1 - len(distinct))
    assert (tally.restarts, tally.ssrc_changes, tally.strangers) == (0, 0, 0)


def test_a_new_sender_begins_anew_and_its_other_numbers_are_no_loss() -> None:
    packets = [(n, 1, n * _PERIOD_NS) for n in range(500) if n != 77]
    packets += [(n + 40_000, 2, n * _PERIOD_NS) for n in range(500, 900) if n != 600]
    for batch in (1, 9, 2000):
        tally = counted_at(packets, batch)
        assert (tally.lost, tally.ssrc_changes, tally.restarts, tally.expected) == (2, 1, 0, 900)


def test_a_sender_that_comes_back_has_not_lost_what_the_other_sent() -> None:
    packets = [(n, 2 if 500 <= n < 1000 else 1, n * _PERIOD_NS) for n in range(1500)]
    for batch in (1, 9, 2000):
        assert (counted_at(packets, batch).lost, counted_at(packets, batch).ssrc_changes) == (0, 2)


def test_two_senders_at_once_are_told_apart() -> None:
    packets = [(n // 2 + 1000 * (n % 2), n % 2, n * _PERIOD_NS) for n in range(2000) if n != 501]
    tally = counted_at(packets, 50)
    assert (tally.lost, tally.expected, tally.ssrc_changes) == (1, 2000, 1997)


def test_more_senders_than_are_told_apart_are_named() -> None:
    tally = counted_at([(n, n % 40, n * _PERIOD_NS) for n in range(400)], 50)
    assert tally.strangers == 24 * 10
    assert tally.expected - tally.distinct == tally.lost


def test_a_jump_without_a_silence_is_a_new_sequence_and_with_one_it_is_loss() -> None:
    began = [(n, 1, n * _PERIOD_NS) for n in range(500)]
    jumped = [(n + 20_000, 1, n * _PERIOD_NS) for n in range(500, 700)]
    silent = [(n, 1, n * _PERIOD_NS) for n in range(20_500, 20_700)]
    for batch in (1, 30, 5000):
        tally = counted_at(began + jumped, batch)
        assert (tally.lost, tally.restarts, tally.expected) == (0, 1, 700)
        tally = counted_at(began + silent, batch)
        assert (tally.lost, tally.restarts) == (20_000, 0)


def test_an_outage_longer_than_the_numbers_is_counted_by_its_time() -> None:
    packets = [(n, 1, n * _PERIOD_NS) for n in [*range(2000), *range(202_000, 202_500)]]
    for batch in (1, 30, 5000):
        assert counted_at(packets, batch).lost == 200_000


def test_a_pause_of_the_sender_is_no_loss() -> None:
    packets = [(n, 1, n * _PERIOD_NS + (n >= 2000) * 60_000_000_000) for n in range(4000)]
    assert counted_at(packets).lost == 0


def test_a_burst_of_losses_is_counted_whole() -> None:
    tally = counted([n for n in range(65_000, 70_000) if not 66_000 <= n < 68_900])
    assert (tally.lost, tally.restarts) == (2900, 0)


def test_after_the_end_gaps_are_still_filled_and_nothing_is_added() -> None:
    count = RtpCount()
    count.take([1, 2, 4, 5], [1] * 4, [1, 2, 3, 4])
    count.close()
    order = count.take([3, 6, 9, 5], [1] * 4, [5, 6, 7, 8])
    assert order.tolist() == [2, -1, -1, -1]
    assert (count.tally.lost, count.tally.expected, count.tally.outside, count.tally.duplicates) == (0, 5, 2, 1)


def test_the_order_is_that_of_sending() -> None:
    count = RtpCount()
    order = count.take([65_534, 65_535, 1, 0, 1, 3], [1] * 6, range(6))
    assert order.tolist() == [0, 1, 3, 2, -1, 5]
    other = count.take([7, 8], [2] * 2, [7, 8])
    assert other[0] > 5
    assert np.diff(other).tolist() == [1]


def test_nothing_is_nothing() -> None:
    assert RtpCount().take([], [], []).tolist() == []
    assert RtpCount().tally.lost == 0
