"""K4 and K7, the mean times, and the share that K10 names as on time: customer's service documents, [K] and [L]."""

from datetime import datetime, timedelta
from fractions import Fraction
from typing import Literal

from linetest.model.case import Case
from linetest.model.order import WorkType
from linetest.model.tally import LeftOut, Span, Tally, Why
from linetest.workorders.counted import Rules, cases_of, received, share
from linetest.workorders.deadlines import dues
from linetest.workorders.moments import done_at, redispatched_at


def completion_time(work_type: Literal["install", "move"], cases: list[Case], span: Span, rules: Rules) -> Tally:
    """Return K4: the seconds of the installs, or moves, that were done within the span."""
    took: list[Fraction] = []
    left: list[LeftOut] = []
    for case in cases_of(cases, span, (work_type,)):
        done = done_at(case)
        if span.holds(done):
            start = case.order.received_at
            if rules.indicators.install_runs_from == "accepted":
                start = case.order.accepted_at or start
            _add(case, start, done, took, left)
        elif (done is None or done >= span.end) and (why := _not_done(case, span)):
            left.append(LeftOut(case.order.number, why))
    return Tally(sum(took, Fraction()), len(took), left)


def repair_time(kind: Literal["brand", "ordinary"], cases: list[Case], span: Span, rules: Rules) -> Tally:
    """Return K7: the seconds from the receipt to the clearing of the faults that came in within the span."""
    took: list[Fraction] = []
    left: list[LeftOut] = []
    for case in received(cases, span, ("fault",)):
        if case.order.customer.brand is not (kind == "brand"):
            continue
        if (done := done_at(case)) is not None:
            _add(case, case.order.received_at, done, took, left)
        else:
            left.append(LeftOut(case.order.number, "returned" if case.first("returned") else "not-done"))
    return Tally(sum(took, Fraction()), len(took), left)


def on_time(work_types: tuple[WorkType, ...], cases: list[Case], span: Span, rules: Rules) -> Tally:
    """Return the share that was done within the limit of its class, of the orders whose limit lies in the span.

    [L] gives the name and no formula. An order that was sent back or handed on was not the technician's to do; one
    whose reason for being late was told in time is exempt by [A].
    """
    yes: list[bool] = []
    left: list[LeftOut] = []
    for case in cases_of(cases, span, work_types):
        due = next((due for due in dues(case, rules.deadlines, span.now) if due.clock == "completion"), None)
        if due is None or not span.holds(due.due_at):
            continue
        why: Why | None = None
        if case.first("returned") is not None:
            why = "returned"
        elif redispatched_at(case) is not None:
            why = "redispatched"
        elif due.state == "exempt":
            why = "exempt"
        elif due.state in ("open", "near"):
            why = "not-due"
        if why is None:
            yes.append(due.state == "kept")
        else:
            left.append(LeftOut(case.order.number, why))
    return share(yes, left)


def _add(case: Case, start: datetime | None, end: datetime | None, took: list[Fraction], left: list[LeftOut]) -> None:
    if start is None or end is None:
        left.append(LeftOut(case.order.number, "no-start"))
    elif end < start:
        left.append(LeftOut(case.order.number, "times-contradict"))
    else:
        took.append(Fraction((end - start) // timedelta(microseconds=1), 1_000_000))


def _not_done(case: Case, span: Span) -> Why | None:
    """Return why an order that came in before the span's end was not done by then; None for one of another span."""
    came_in = case.order.received_at
    if came_in is None or came_in >= span.end:
        return None
    returned = case.first("returned")
    if returned is not None and returned.at < span.end:
        return "returned" if span.holds(returned.at) else None
    return "not-done"
