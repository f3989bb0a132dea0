"""The indicators K1 to K10 of the customer's service documents, counted over orders: pure functions.

Sums are exact: nothing is rounded here. Durations are clock time: [K] takes no night and no Sunday out.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial
from typing import NamedTuple

import msgspec

from linetest.model.case import Case
from linetest.model.deadlines import Deadlines
from linetest.model.indicators import IndicatorId, IndicatorRules, InstalledUsers, Share
from linetest.model.tally import Indicator, Month, Span, Tally, Unit
from linetest.workorders.counted import Rules
from linetest.workorders.indicators_faults import fault_rate, repeated_complaints, repeated_faults
from linetest.workorders.indicators_times import completion_time, on_time, repair_time
from linetest.workorders.indicators_visits import (
    first_appointments,
    kept_appointments,
    returned_orders,
    satisfied_at_call_back,
    satisfied_on_site,
)


class _Kind(NamedTuple):
    id: IndicatorId
    share: Share | None
    unit: Unit
    tally: Callable[[list[Case], Span, Rules], Tally]


_KINDS = (
    _Kind("K1", None, "percent", satisfied_at_call_back),
    _Kind("K2", None, "percent", returned_orders),
    _Kind("K3", None, "percent", first_appointments),
    _Kind("K4", "install", "hours", partial(completion_time, "install")),
    _Kind("K4", "move", "hours", partial(completion_time, "move")),
    _Kind("K5", None, "percent", kept_appointments),
    _Kind("K6", "brand", "percent", partial(repeated_faults, "brand")),
    _Kind("K6", "ordinary", "percent", partial(repeated_faults, "ordinary")),
    _Kind("K7", "brand", "hours", partial(repair_time, "brand")),
    _Kind("K7", "ordinary", "hours", partial(repair_time, "ordinary")),
    _Kind("K8", "brand", "percent", partial(fault_rate, "brand")),
    _Kind("K8", "ordinary", "percent", partial(fault_rate, "ordinary")),
    _Kind("K9", None, "percent", partial(fault_rate, None)),
    _Kind("K10", "install", "percent", partial(on_time, ("install", "move"))),
    _Kind("K10", "repair", "percent", partial(on_time, ("fault",))),
    _Kind("K10", "complaint", "percent", repeated_complaints),
    _Kind("K10", "on-site", "percent", satisfied_on_site),
)


def months(first: date, last: date, team: str | None, deadlines: Deadlines, now: datetime) -> list[Span]:
    """Return the months from the day `first` to the day `last`, both included, in the profile's time zone."""
    zone, found, day = deadlines.zone(), [], first
    while day <= last:
        following = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
        end = min(following, last + timedelta(days=1))
        start_at, end_at = (datetime(one.year, one.month, one.day, tzinfo=zone) for one in (day, end))
        found.append(Span(day.isoformat()[:7], start_at, end_at, team, now))
        day = following
    return found


def count(
    cases: list[Case],
    span: Span,
    rules: IndicatorRules,
    deadlines: Deadlines,
    users: list[InstalledUsers],
) -> Month:
    """Return all indicators of a span; `cases` holds the orders of all teams and of the months before, too.

    A line's earlier faults make a fault a repeated one, whoever repaired them, and whenever that was.
    """
    told = Rules(rules, deadlines, users)
    targets = {(target.indicator, target.share): target for target in rules.target}
    found = [
        Indicator(
            kind.id, kind.share, kind.unit, span, kind.tally(cases, span, told), targets.get((kind.id, kind.share))
        )
        for kind in _KINDS
    ]
    return Month(span, found, rules.contradiction)


def as_of(cases: list[Case], now: datetime) -> list[Case]:
    """Return the orders that had come in at `now` with what had happened to them by then."""
    return [
        msgspec.structs.replace(case, events=[event for event in case.events if event.at <= now])
        for case in cases
        if case.order.received_at is None or case.order.received_at <= now
    ]


def teams(cases: list[Case]) -> list[str]:
    """Return the names of the teams that have orders."""
    return sorted({case.order.team for case in cases if case.order.team is not None})
