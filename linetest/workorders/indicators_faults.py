"""K6 repeated faults, K8 and K9 fault rates, and the repeated complaints of K10: [K], [I] and [L]."""

from calendar import monthrange
from datetime import datetime, tzinfo
from fractions import Fraction
from typing import Literal

from linetest.model.case import Case
from linetest.model.tally import LeftOut, Span, Tally
from linetest.workorders.counted import Rules, received, share
from linetest.workorders.moments import done_at

_COMPLAINTS = 2  # chasers of one fault: from the second one on it is repeated


def repeated_faults(kind: Literal["brand", "ordinary"], cases: list[Case], span: Span, rules: Rules) -> Tally:
    """Return K6: of the faults that came in within the span those reported again after a clearing, within one month.

    Every report but the first one of a line counts, so that N reports count N-1. One that came before the clearing is
    no repeat; as an order that was dispatched it stays below the line.
    """
    faults_of = _faults_by_line(cases)
    yes: list[bool] = []
    left: list[LeftOut] = []
    for case in received(cases, span, ("fault",)):
        if case.order.customer.brand is not (kind == "brand"):
            continue
        earlier = _earlier(case, faults_of)
        if any(_open_at(other, case.order.received_at) for other in earlier):
            yes.append(False)
            left.append(LeftOut(case.order.number, "before-clearing"))
        else:
            yes.append(any(_repeats(case, other, rules) for other in earlier))
    return share(yes, left)


def fault_rate(kind: Literal["brand", "ordinary"] | None, cases: list[Case], span: Span, rules: Rules) -> Tally:
    """Return K8 of one class, or K9 of all: faults that came in within the span over the installed users."""
    faults = [
        case
        for case in received(cases, span, ("fault",))
        if kind is None or case.order.customer.brand is (kind == "brand")
    ]
    told = next((one for one in rules.users if (one.month, one.team) == (span.month, span.team)), None)
    if told is None:
        return Tally(Fraction(len(faults)), None, [])
    users = {"brand": told.brand, "ordinary": told.ordinary, None: told.brand + told.ordinary}
    return Tally(Fraction(len(faults)), users[kind], [])


def repeated_complaints(cases: list[Case], span: Span, rules: Rules) -> Tally:
    """Return the faults that the customer urged more than once, of those that came in within the span.

    [L] gives the name and no formula.
    """
    urged = [
        sum(event.kind == "chaser" for event in case.events) >= _COMPLAINTS
        for case in received(cases, span, ("fault",))
    ]
    return share(urged, [])


def month_after(moment: datetime, zone: tzinfo) -> datetime:
    """Return the same day and time of the next month in `zone`; its last day where it has no such day."""
    local = moment.astimezone(zone)
    year, month = (local.year + 1, 1) if local.month == 12 else (local.year, local.month + 1)
    return local.replace(year=year, month=month, day=min(local.day, monthrange(year, month)[1]))


def _faults_by_line(cases: list[Case]) -> dict[str, list[Case]]:
    found: dict[str, list[Case]] = {}
    for case in cases:
        if case.order.work_type == "fault" and case.order.received_at is not None:
            for line in case.order.line:
                found.setdefault(line.id, []).append(case)
    return found


def _earlier(case: Case, faults_of: dict[str, list[Case]]) -> list[Case]:
    """Return the faults of the same lines that were reported before."""
    same = {other.order.number: other for line in case.order.line for other in faults_of.get(line.id, [])}
    return [other for other in same.values() if _reported(other) < _reported(case)]


def _reported(case: Case) -> tuple[datetime, str]:
    assert case.order.received_at is not None  # `received` and `_faults_by_line` hold no other
    return case.order.received_at, case.order.number


def _open_at(case: Case, moment: datetime | None) -> bool:
    """Tell whether a fault that was reported before `moment` was neither cleared nor sent back by then."""
    returned = case.first("returned")
    ended = done_at(case) or (returned.at if returned else None)
    return moment is not None and (ended is None or ended > moment)


def _repeats(case: Case, other: Case, rules: Rules) -> bool:
    cleared, zone = done_at(other), rules.deadlines.zone()
    reported = _reported(case)[0]
    if cleared is None:
        return False
    if rules.indicators.repeat_within == "one-month":
        return reported <= month_after(cleared, zone)
    first, again = _reported(other)[0].astimezone(zone), reported.astimezone(zone)
    return (first.year, first.month) == (again.year, again.month)
