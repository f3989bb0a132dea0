"""What the indicators are counted by, and whose orders they count."""

from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from linetest.model.case import Case
from linetest.model.deadlines import Deadlines
from linetest.model.indicators import IndicatorRules, InstalledUsers
from linetest.model.order import WorkType
from linetest.model.tally import LeftOut, Span, Tally


class Rules(NamedTuple):
    """The two profiles, and what no order tells."""

    indicators: IndicatorRules
    deadlines: Deadlines
    users: list[InstalledUsers]


def cases_of(cases: list[Case], span: Span, work_types: tuple[WorkType, ...]) -> Iterator[Case]:
    """Return the orders of the span's team that are of these kinds."""
    for case in cases:
        if case.order.work_type in work_types and span.team in (None, case.order.team):
            yield case


def received(cases: list[Case], span: Span, work_types: tuple[WorkType, ...]) -> list[Case]:
    """Return those of them that came in within the span."""
    return [case for case in cases_of(cases, span, work_types) if span.holds(case.order.received_at)]


def share(yes: list[bool], left_out: list[LeftOut]) -> Tally:
    """Return how many of those that count are so."""
    return Tally(Fraction(sum(yes)), len(yes), left_out)
