"""What a late install costs, counted by hand from the service documents: 2 yuan a day."""

from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from linetest.model.case import Case, Event
from linetest.model.order import Line, Order
from linetest.workorders.compensation import Owed, owed
from linetest.workorders.rules import load_deadlines

ACCEPTED = datetime(2026, 2, 27, 9, tzinfo=timezone(timedelta(hours=8)))
LIMIT = ACCEPTED + timedelta(hours=48)


def owed_when(replied_after: timedelta, rounding: str = "started-day", **changes: Any) -> Owed | None:
    given: dict[str, Any] = {"work_type": "install", "accepted_at": ACCEPTED, "received_at": ACCEPTED, **changes}
    order = Order(number="WO-1", access="adsl", line=[Line(id="L1")], **given)
    at = LIMIT + replied_after
    events = [Event(at=ACCEPTED, kind="done"), Event(at=at, kind="replied")]
    rules = load_deadlines("deadlines-cn")
    rules = msgspec.structs.replace(rules, compensation=msgspec.structs.replace(rules.compensation, rounding=rounding))
    return owed(Case(order=order, events=events), rules, at)


@pytest.mark.parametrize(
    ("late", "rounding", "days", "amount"),
    [
        (timedelta(hours=-1), "started-day", "0", "0.00"),
        (timedelta(), "started-day", "0", "0.00"),
        (timedelta(seconds=1), "started-day", "1", "2.00"),
        (timedelta(hours=24), "started-day", "1", "2.00"),
        (timedelta(hours=24, seconds=1), "started-day", "2", "4.00"),
        (timedelta(days=30), "started-day", "30", "60.00"),
        (timedelta(hours=23, minutes=59, seconds=59), "whole-day", "0", "0.00"),
        (timedelta(hours=24), "whole-day", "1", "2.00"),
        (timedelta(hours=1), "share-of-day", "0.0417", "0.08"),  # 2 / 24 = 0.08333
        (timedelta(minutes=126), "share-of-day", "0.0875", "0.18"),  # 2 * 0.0875 = 0.175: half up
        (timedelta(hours=12), "share-of-day", "0.5000", "1.00"),
    ],
)
def test_the_sum_is_exact(late: timedelta, rounding: str, days: str, amount: str) -> None:
    found = owed_when(late, rounding)
    assert found is not None
    assert (str(found.days), str(found.amount), found.currency) == (days, amount, "CNY")
    assert isinstance(found.amount, Decimal)


def test_nothing_is_owed_for_a_fault_and_without_a_beginning() -> None:
    assert owed_when(timedelta(days=3), work_type="fault") is None
    assert owed_when(timedelta(days=3), accepted_at=None) is None


def test_force_majeure_costs_nothing() -> None:
    order = Order(number="WO-1", access="adsl", work_type="install", accepted_at=ACCEPTED, line=[Line(id="L1")])
    storm = Event(at=ACCEPTED, kind="delay", reason="force-majeure")
    found = owed(Case(order=order, events=[storm]), load_deadlines("deadlines-cn"), LIMIT + timedelta(days=3))
    assert found is not None
    assert str(found.amount) == "0.00"
