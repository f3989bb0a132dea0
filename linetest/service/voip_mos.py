"""The voice quality that a network leaves possible: the E-model of ITU-T G.107, its network part only.

What telephones, rooms and echoes add has its default, with which R is 93.2 (G.107, 7.7). The impairment by delay is
that of G.107 itself, equations 7-27 and 7-28 with the default class of sensitivity. The straight lines of other
programs, such as delay/40 and then (delay - 120)/12 above 160 ms, jump upwards where they meet, and are not used.
"""

from math import log2

import msgspec

_BEST_R = 93.2
_UNNOTICED_MS = 100.0
_WORST_LOSS = 95.0
_STEEPNESS = 6.0


class Quality(msgspec.Struct, frozen=True, kw_only=True):
    """An estimate, and what it was made of."""

    r: float
    mos: float
    delay_ms: float
    loss_percent: float


def estimate(rtts_s: list[float | None], *, ie: float, bpl: float) -> Quality | None:
    """Return the estimate from echoes sent at the pace and in the size of speech; None when none was answered.

    The delay one way is half of the mean round trip, and a jitter buffer that waits for the latest adds the whole
    variation: that of both ways is put on one.

    Args:
        rtts_s: the round trips, None for an echo that was lost.
        ie: equipment impairment of the codec (G.113).
        bpl: its packet-loss robustness (G.113).
    """
    answered_s = [rtt_s for rtt_s in rtts_s if rtt_s is not None]
    if not answered_s:
        return None
    delay_ms = 1000.0 * (sum(answered_s) / len(answered_s) / 2.0 + max(answered_s) - min(answered_s))
    loss_percent = 100.0 * (1.0 - len(answered_s) / len(rtts_s))
    r = rating(delay_ms, loss_percent, ie=ie, bpl=bpl)
    return Quality(r=r, mos=mos_of(r), delay_ms=delay_ms, loss_percent=loss_percent)


def rating(delay_ms: float, loss_percent: float, *, ie: float, bpl: float) -> float:
    """Return R, 0 to 100, for a delay one way and a random loss (G.107, equations 7-1 and 7-29 with BurstR = 1)."""
    by_loss = ie + (_WORST_LOSS - ie) * loss_percent / (loss_percent + bpl)
    return min(max(_BEST_R - delay_impairment(delay_ms) - by_loss, 0.0), 100.0)


def delay_impairment(delay_ms: float) -> float:
    """Return Idd of G.107: nothing below 100 ms, then rising without a jump."""
    if delay_ms <= _UNNOTICED_MS:
        return 0.0
    x = log2(delay_ms / _UNNOTICED_MS)
    return 25.0 * (_root(x) - 3.0 * _root(x / 3.0) + 2.0)


def mos_of(r: float) -> float:
    """Return the mean opinion score of a rating (G.107, annex B): 1 below zero, 4.5 above 100, never less than 1."""
    if r <= 0.0:
        return 1.0
    if r >= 100.0:
        return 4.5
    # Below R = 6.5 the polynomial dips under the scale's lowest score.
    return max(1.0 + 0.035 * r + r * (r - 60.0) * (100.0 - r) * 7e-6, 1.0)


def _root(x: float) -> float:
    value: float = (1.0 + x**_STEEPNESS) ** (1.0 / _STEEPNESS)
    return value
