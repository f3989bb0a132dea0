"""Many echo requests in a row, and what they say together: delay, jitter, loss."""

import time
from collections.abc import Callable
from itertools import pairwise
from statistics import fmean
from typing import Any

import msgspec

from linetest.service.path import Echo, IpPath
from linetest.service.proportion import proved


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
        low, high = proved(self.lost, len(self.rtts_s)) if self.rtts_s else (0.0, 1.0)
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
