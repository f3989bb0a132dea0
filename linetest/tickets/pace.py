"""How long a push waits for what, and the clock it waits by; tests bring a clock of their own."""

import random
import time
from collections.abc import Callable

import msgspec

_FARTHEST_S = 86_400.0
"""A longer wait than this is not obeyed: Retry-After is wrong, or the clock was set back."""


class Clock(msgspec.Struct, frozen=True):
    """Wall time for what is stored, monotonic time for the deadline."""

    wall: Callable[[], float] = time.time
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """The waiting times, and how often a refusal is taken for a passing one."""

    settle_s: float = 2.0
    """From the moment a send is known to be unanswered until the first look-up."""
    gap_s: float = 1.0
    """Between a look-up that saw nothing and the second one, which is believed."""
    base_s: float = 2.0
    factor: float = 2.0
    cap_s: float = 900.0
    refusals: int = 12
    """After so many real refusals a result is dead."""


REAL_TIME = Clock()
USUAL_PACE = Pace()


def backoff_s(pace: Pace, attempts: int, asked_s: float | None) -> float:
    """Return a random wait that may grow with each attempt, and not less than the system asked for."""
    longest_s = min(pace.cap_s, pace.base_s * pace.factor ** min(attempts, 30))
    return max(random.uniform(0.0, longest_s), min(asked_s or 0.0, _FARTHEST_S))


def wait_s(next_at: float, now: float) -> float:
    """Return how long to wait for `next_at`; both in seconds since 1970 by a clock that may have been set back."""
    left_s = next_at - now
    return left_s if 0.0 < left_s <= _FARTHEST_S else 0.0
