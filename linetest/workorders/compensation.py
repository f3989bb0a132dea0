"""What a late install or move costs, in exact decimals: pure functions."""

from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

import msgspec

from linetest.model.case import Case
from linetest.model.deadlines import Deadlines, Rounding
from linetest.workorders.deadlines import dues, limit_of

_CENT = Decimal("0.01")
_DAY = timedelta(days=1)


class Owed(msgspec.Struct, frozen=True, kw_only=True):
    """What is owed for one order, and how it was counted."""

    late_s: int
    days: Decimal
    """By the rule of the profile: whole days, or with four places of a day."""
    amount: Decimal
    currency: str
    rounding: Rounding


def owed(case: Case, deadlines: Deadlines, now: datetime) -> Owed | None:
    """Return what is owed up to `now`, or up to when the clock stopped; zero for an order in time or exempt.

    None for work that nothing is paid for, and where the order does not say when the clock began. A move has no public
    promise: where the profile counts past that, it goes by the limit of its class.
    """
    rule = deadlines.compensation
    clock = rule.clock if limit_of(case.order, deadlines, rule.clock) else "completion"
    due = next((due for due in dues(case, deadlines, now) if due.clock == clock), None)
    if due is None or case.order.work_type not in rule.work_type:
        return None
    late = max((due.stopped_at or now) - due.due_at, timedelta()) if due.state != "exempt" else timedelta()
    days = days_late(late, rule.rounding)
    return Owed(
        late_s=int(late.total_seconds()),
        days=days,
        amount=(_share(late) * rule.per_day if rule.rounding == "share-of-day" else days * rule.per_day).quantize(
            _CENT, ROUND_HALF_UP
        ),
        currency=rule.currency,
        rounding=rule.rounding,
    )


def days_late(late: timedelta, rounding: Rounding) -> Decimal:
    """Return how many days of 24 hours count; a limit that is met to the second costs nothing."""
    if rounding == "started-day":
        return Decimal(-(-late // _DAY))
    if rounding == "whole-day":
        return Decimal(late // _DAY)
    return _share(late).quantize(Decimal("0.0001"), ROUND_HALF_UP)


def _share(late: timedelta) -> Decimal:
    return Decimal(late // timedelta(microseconds=1)) / Decimal(_DAY // timedelta(microseconds=1))
