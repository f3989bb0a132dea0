"""Many echo requests in a row, and what they say together: delay, jitter, loss."""

import time
from collections.abc import Callable
from itertools import pairwise
from math import exp, lgamma, log
from statistics import fmean
from typing import Any

import msgspec

from linetest.service.path import Echo, IpPath

_PROOF = 0.95


class Echoes(msgspec.Struct, frozen=True, kw_only=True):
    """The answers to echo requests, in the order in which these were sent."""

    rtts_s: list[float | None]
    """None for a request without an answer."""

    @property
    def answered_s(self) -> list[float]:
        """Return the round trips of those that were answered."""
        return [rtt_s for rtt_s in self.rtts_s if rtt_s is not None]

    @property
    def mean_ms(self) -> float | None:
        """Return the mean round trip."""
        return 1e3 * fmean(self.answered_s) if self.answered_s else None

    @property
    def p95_ms(self) -> float | None:
        """Return the round trip that 95 of 100 answered requests kept (nearest rank)."""
        ranked = sorted(self.answered_s)
        return 1e3 * ranked[-(-len(ranked) * 95 // 100) - 1] if ranked else None

    @property
    def jitter_ms(self) -> float | None:
        """Return the mean difference of two round trips that follow each other; lost ones between are left out."""
        steps_s = [abs(after - before) for before, after in pairwise(self.answered_s)]
        return 1e3 * fmean(steps_s) if steps_s else None

    @property
    def lost(self) -> int:
        """Return how many requests had no answer."""
        return sum(rtt_s is None for rtt_s in self.rtts_s)

    @property
    def loss_percent(self) -> float | None:
        """Return the share of requests without an answer."""
        return 100.0 * self.lost / len(self.rtts_s) if self.rtts_s else None

    def shown(self) -> dict[str, Any]:
        """Return all of it for a record; the interval of the loss is what the sample proves at 95 %."""
        answered_s = self.answered_s
        low, high = loss_interval(self.lost, len(self.rtts_s))
        return {
            "sent": len(self.rtts_s),
            "lost": self.lost,
            "loss_percent": self.loss_percent,
            "loss_low_percent": 100.0 * low,
            "loss_high_percent": 100.0 * high,
            "min_ms": 1e3 * min(answered_s) if answered_s else None,
            "mean_ms": self.mean_ms,
            "p95_ms": self.p95_ms,
            "max_ms": 1e3 * max(answered_s) if answered_s else None,
            "jitter_ms": self.jitter_ms,
        }


def send_echoes(
    path: IpPath,
    host: str,
    octets: int,
    timeout_s: float,
    interval_s: float,
    goes_on: Callable[[int], bool],
) -> Echoes:
    """Send one echo request after another while `goes_on`, asked with the number sent, says so.

    Raises:
        DeviceError: the port is gone, or a right is missing.
    """
    rtts_s: list[float | None] = []
    while goes_on(len(rtts_s)):
        started_s = time.monotonic()
        answer: Echo = path.echo(host, octets, timeout_s)
        rtts_s.append(answer.rtt_s)
        time.sleep(max(started_s + interval_s - time.monotonic(), 0.0))
    return Echoes(rtts_s=rtts_s)


def loss_interval(lost: int, sent: int) -> tuple[float, float]:
    """Return the shares of loss between which a sample leaves the true one, at 95 % (Clopper and Pearson, 1934).

    Where nothing or everything was lost, the interval has one side, and without loss its end is about 3 / `sent`.
    """
    if sent == 0:
        return 0.0, 1.0
    tail = (1.0 - _PROOF) / (1.0 if lost in (0, sent) else 2.0)
    low = 0.0 if lost == 0 else _root(lambda share: 1.0 - _at_most(lost - 1, sent, share) < tail)
    high = 1.0 if lost == sent else _root(lambda share: _at_most(lost, sent, share) > tail)
    return low, high


def _root(is_below: Callable[[float], bool]) -> float:
    """Return where `is_below` turns from true to false on 0 to 1."""
    low, high = 0.0, 1.0
    for _round in range(60):
        middle = (low + high) / 2.0
        low, high = (middle, high) if is_below(middle) else (low, middle)
    return (low + high) / 2.0


def _at_most(most: int, sent: int, share: float) -> float:
    """Return how likely at most `most` of `sent` are lost, each with the chance `share`."""
    if share <= 0.0 or most >= sent:
        return 1.0
    if share >= 1.0:
        return 0.0
    whole = lgamma(sent + 1)
    terms = (
        whole - lgamma(k + 1) - lgamma(sent - k + 1) + k * log(share) + (sent - k) * log(1.0 - share)
        for k in range(most + 1)
    )
    return min(sum(map(exp, terms)), 1.0)
