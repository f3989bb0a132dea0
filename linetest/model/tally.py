"""Indicators as they were counted: what stands above and below the line, and the orders that were left out."""

from datetime import datetime
from fractions import Fraction
from typing import Literal, NamedTuple

from linetest.model.indicators import Contradiction, IndicatorId, Share, Target

Unit = Literal["percent", "hours"]
Why = Literal[
    "not-reached",
    "no-answer",
    "not-agreed",
    "not-due",
    "not-done",
    "returned",
    "redispatched",
    "exempt",
    "before-clearing",
    "no-start",
    "times-contradict",
]
"""Why an order does not count; `linetest.reports.kpi_words` has the sentences."""
_SECONDS = 3600  # of an hour


class LeftOut(NamedTuple):
    """An order that does not count, and why. ``before-clearing`` is left out above the line only."""

    order: str
    reason: Why


class Tally(NamedTuple):
    """What was counted."""

    above: Fraction
    """Orders, or seconds."""
    below: int | None
    """Orders or users; None where nobody told how many users there are."""
    left_out: list[LeftOut]


class Span(NamedTuple):
    """A month, or the part of one that was asked for, and whose orders."""

    month: str
    """``2026-11``."""
    start: datetime
    end: datetime
    """The first moment that no longer belongs to it."""
    team: str | None
    """All teams when None."""
    now: datetime
    """What is not due yet at this moment does not count."""

    def holds(self, moment: datetime | None) -> bool:
        """Tell whether a moment lies in it."""
        return moment is not None and self.start <= moment < self.end


class Indicator(NamedTuple):
    """One value of one indicator."""

    id: IndicatorId
    share: Share | None
    unit: Unit
    span: Span
    tally: Tally
    target: Target | None

    @property
    def value(self) -> Fraction | None:
        """Return the exact value in percent or hours; None where there is nothing to divide by."""
        if not self.tally.below:
            return None
        mean = self.tally.above / self.tally.below
        return mean * 100 if self.unit == "percent" else mean / _SECONDS

    @property
    def met(self) -> bool | None:
        """Tell whether the target is met; None without a value or a target."""
        if self.value is None or self.target is None:
            return None
        if self.target.max is not None:
            bound = Fraction(self.target.max)
            return self.value < bound if self.target.strict else self.value <= bound
        bound = Fraction(self.target.min or 0)
        return self.value > bound if self.target.strict else self.value >= bound


class Month(NamedTuple):
    """The indicators of a span, of all teams or of one, and where their sources contradict each other."""

    span: Span
    indicators: list[Indicator]
    contradictions: list[Contradiction]
