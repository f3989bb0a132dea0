"""Indicators in words: what each is called, its value, its target, and why an order does not count."""

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

from linetest.model.indicators import Target
from linetest.model.tally import Indicator, LeftOut, Month, Why
from linetest.model.values import ABSENT
from linetest.safe import safe_text
from linetest.words.text import N_, _, language

_TITLES = {
    "K1": N_("satisfied at call-back"),
    "K2": N_("orders sent back"),
    "K3": N_("first appointment kept"),
    "K4.install": N_("mean time of an install"),
    "K4.move": N_("mean time of a move"),
    "K5": N_("last appointment kept"),
    "K6.brand": N_("repeated faults, brand"),
    "K6.ordinary": N_("repeated faults, ordinary"),
    "K7.brand": N_("time to repair, brand"),
    "K7.ordinary": N_("time to repair, ordinary"),
    "K8.brand": N_("fault rate, brand"),
    "K8.ordinary": N_("fault rate, ordinary"),
    "K9": N_("fault rate, all"),
    "K10.install": N_("installs, moves on time"),
    "K10.repair": N_("repairs on time"),
    "K10.complaint": N_("faults urged repeatedly"),
    "K10.on-site": N_("satisfied on site"),
}
_LETTERS = {"install": "a", "move": "b", "brand": "a", "ordinary": "b", "repair": "b", "complaint": "c", "on-site": "d"}
_REASONS: dict[Why, str] = {
    "not-reached": N_("the call-back did not reach the customer"),
    "no-answer": N_("the customer's answer was not noted"),
    "not-agreed": N_("no booked time was agreed to"),
    "not-due": N_("still runs"),
    "not-done": N_("not done"),
    "returned": N_("sent back"),
    "redispatched": N_("handed on to another team"),
    "exempt": N_("exempt: its reason was told in time, or force majeure"),
    "before-clearing": N_("reported again before the clearing, no repeat"),
    "no-start": N_("the order does not say when it came in"),
    "times-contradict": N_("done before it came in"),
}
_MOST_DIGITS = 6  # behind the point
_HOUR_S = 3600
_ONE = timedelta(seconds=1)


def name_of(indicator: Indicator) -> str:
    """Return the name in files: ``K4.install``."""
    return f"{indicator.id}.{indicator.share}" if indicator.share else indicator.id


def label_of(indicator: Indicator) -> str:
    """Return the short name in tables and pictures: ``K4a``."""
    return indicator.id + _LETTERS.get(indicator.share or "", "")


def title_words(indicator: Indicator) -> str:
    """Return what an indicator is called."""
    return _(_TITLES[name_of(indicator)])


def value_of(indicator: Indicator) -> str:
    """Return the value with its unit: with more digits where one would hide on which side of the target it lies."""
    value = indicator.value
    if value is None:
        return ABSENT
    target = indicator.target
    bound = None if target is None else Fraction(_bound(target))
    digits = 1
    while bound is not None and value != bound and round(value, digits) == bound and digits < _MOST_DIGITS:
        digits += 1
    return f"{float(round(value, digits)):.{digits}f} {_sign(indicator)}"


def target_words(indicator: Indicator) -> str:
    """Return the target: ``< 36 h``; `ABSENT` where the documents give none."""
    target = indicator.target
    if target is None:
        return ABSENT
    signs = ("<", "≤") if target.max is not None else (">", "≥")
    return f"{signs[0] if target.strict else signs[1]} {_bound(target).normalize():f} {_sign(indicator)}"


def met_words(indicator: Indicator) -> str:
    """Return whether the target is met; never by colour alone."""
    return {True: _("met"), False: _("MISSED"), None: ABSENT}[indicator.met]


def counted_words(indicator: Indicator) -> str:
    """Return what stands above and below the line: ``73/79``, or hours over orders."""
    above, below = indicator.tally.above, indicator.tally.below
    over = f"{float(above / _HOUR_S):.1f} h" if indicator.unit == "hours" else str(above)
    return f"{over}/{ABSENT if below is None else below}"


def month_words(month: Month) -> str:
    """Return which days and whose orders: ``2026-11-01 … 2026-11-30, all teams``."""
    span = month.span
    last = (span.end - _ONE).date().isoformat()
    whose = _("all teams") if span.team is None else _("team {team}").format(team=safe_text(span.team))
    return f"{span.start.date().isoformat()} … {last}, {whose}"


def by_reason(left_out: list[LeftOut]) -> list[tuple[str, list[str]]]:
    """Return why orders do not count, in words, each with the orders' numbers."""
    found: dict[Why, list[str]] = {}
    for one in left_out:
        found.setdefault(one.reason, []).append(safe_text(one.order))
    return [(_(_REASONS[reason]), numbers) for reason, numbers in found.items()]


def contradiction_words(month: Month) -> list[tuple[str, str]]:
    """Return which indicators a contradiction is about, and what it is, in the language that is spoken."""
    return [
        (", ".join(one.indicators), safe_text(one.text_zh if language() == "zh" and one.text_zh else one.text))
        for one in month.contradictions
    ]


def users_missing(month: Month) -> bool:
    """Tell whether the rates lack the number of installed users."""
    return any(indicator.tally.below is None for indicator in month.indicators)


def _bound(target: Target) -> Decimal:
    return target.max if target.max is not None else target.min or Decimal()


def _sign(indicator: Indicator) -> str:
    return "%" if indicator.unit == "percent" else "h"
