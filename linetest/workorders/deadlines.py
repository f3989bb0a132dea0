"""What is due when, and what became of it: pure functions of an order, its events, a profile and a moment.

Hours are clock hours: no night, weekend or holiday is taken out. A limit that is met to the second is kept.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal

import msgspec

from linetest.model.case import Case
from linetest.model.deadlines import Clock, Deadline, Deadlines
from linetest.model.order import Order
from linetest.workorders.moments import STOPPED, left_at

State = Literal["open", "near", "late", "kept", "broken", "exempt"]
"""Runs; runs and ends soon; runs past its limit; stopped in time; stopped too late; does not count."""
RUNNING: tuple[State, ...] = ("open", "near", "late")


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """One clock of one order."""

    id: str
    """Of the profile's deadline, such as ``T9-VIP``."""
    clock: Clock
    state: State
    starts_at: datetime
    due_at: datetime
    stopped_at: datetime | None
    left_s: int | None
    """What is left at the moment that was asked for; below zero past the limit; None when the clock has stopped."""
    reason: str | None = None
    """The code that exempts."""


def dues(case: Case, deadlines: Deadlines, now: datetime) -> list[Due]:
    """Return the clocks of an order as they stand at `now`, what is due first in front.

    A clock whose beginning the order does not name is left out: absent is not late. What was noted for a moment after
    `now` has not happened yet.
    """
    known = msgspec.structs.replace(case, events=[event for event in case.events if event.at <= now])
    found = []
    for clock in ("contact", "redispatch", "completion", "promise"):
        limit = limit_of(case.order, deadlines, clock)
        starts_at = _start(case.order, limit) if limit else None
        if limit is not None and starts_at is not None and starts_at <= now:
            found.append(_due(known, limit, deadlines, starts_at, now))
    return sorted(found, key=lambda due: (due.due_at, due.id))


def limit_of(order: Order, deadlines: Deadlines, clock: Clock) -> Deadline | None:
    """Return the first deadline of that clock that fits the order."""
    return next((limit for limit in deadlines.deadline if limit.clock == clock and _fits(limit, order)), None)


def shown_due(found: list[Due], deadlines: Deadlines) -> Due | None:
    """Return the clock that is shown as due: the first that runs; of completion and promise, the wanted one."""
    hidden = {"completion": "promise", "promise": "completion"}.get(deadlines.shown)
    clocks = {due.clock for due in found}
    running = [due for due in found if due.state in RUNNING and not (due.clock == hidden and deadlines.shown in clocks)]
    return min(running, key=lambda due: due.due_at, default=None)


def hours(number: Decimal) -> timedelta:
    """Return so many hours, to the microsecond: no binary fraction comes between."""
    return timedelta(microseconds=int(number * 3_600_000_000))


def _fits(limit: Deadline, order: Order) -> bool:
    wanted = (
        (limit.fault_class, order.fault_class),
        (limit.vip, order.customer.vip),
        (limit.region, order.customer.region),
        (limit.wired_resource, order.wired_resource),
    )
    return order.work_type in limit.work_type and all(want in (None, have) for want, have in wanted)


def _start(order: Order, limit: Deadline) -> datetime | None:
    return order.received_at if limit.starts == "received" else order.accepted_at


def _due(case: Case, limit: Deadline, deadlines: Deadlines, starts_at: datetime, now: datetime) -> Due:
    due_at = starts_at + hours(limit.hours)
    stopped_at = STOPPED[limit.ends](case) or left_at(case)
    reason = _exempting(case, limit.clock, deadlines, due_at)
    left = due_at - now
    state: State
    if reason is not None and (stopped_at is None or stopped_at > due_at):
        state = "exempt"
    elif stopped_at is not None:
        state = "kept" if stopped_at <= due_at else "broken"
    elif left < timedelta():
        state = "late"
    else:
        state = "near" if left <= hours(limit.warn_hours) else "open"
    return Due(
        id=limit.id,
        clock=limit.clock,
        state=state,
        starts_at=starts_at,
        due_at=due_at,
        stopped_at=stopped_at,
        left_s=None if stopped_at is not None else int(left.total_seconds()),
        reason=reason if state == "exempt" else None,
    )


def _exempting(case: Case, clock: Clock, deadlines: Deadlines, due_at: datetime) -> str | None:
    """Return the reported reason that takes this clock out, or None."""
    causes = {cause.code: cause for cause in deadlines.reason if clock in cause.exempts}
    for event in case.events:
        cause = causes.get(event.reason or "")
        if cause is None or event.kind not in ("delay", "returned", "redispatched"):
            continue
        if event.at <= due_at or not cause.in_time:
            return cause.code
    return None
