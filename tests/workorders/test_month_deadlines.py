"""The clocks and the money of the made month against its table, which was worked out from the rules."""

from decimal import Decimal

import pytest

from linetest.model.deadlines import Deadlines
from linetest.workorders.compensation import owed
from linetest.workorders.deadlines import dues
from linetest.workorders.rules import load_deadlines
from tests.workorders.month import NOW, Row
from tests.workorders.month_table import TABLE

CLOCKS = {"contact", "redispatch", "completion", "promise"}


@pytest.fixture(scope="module")
def deadlines() -> Deadlines:
    return load_deadlines("deadlines-cn")


def test_every_clock_is_in_the_table_kept_broken_and_open_or_exempt() -> None:
    found = {(clock, state) for row in TABLE for clock, (_due, state) in row.clocks.items()}
    assert {clock for clock, _state in found} == CLOCKS
    assert {(clock, state) for clock in CLOCKS for state in ("kept", "broken")} <= found
    assert {state for _clock, state in found} == {"kept", "broken", "late", "exempt"}


@pytest.mark.parametrize("row", [row for row in TABLE if row.clocks], ids=lambda row: row.case.order.number)
def test_every_clock_is_due_and_ends_as_the_table_says(row: Row, deadlines: Deadlines) -> None:
    found = {str(due.clock): due for due in dues(row.case, deadlines, NOW)}
    for clock, (due_at, state) in row.clocks.items():
        assert (found[clock].due_at, found[clock].state) == (due_at, state), row.what


# Which limit starts the compensation is not said; by the profile it is the promise. Of an install that does not name
# its acceptance in the CRM nobody knows the promise; a move has none, and goes by its own limit.
PAYABLE = [
    row
    for row in TABLE
    if row.case.order.work_type == "move" or (row.case.order.work_type == "install" and row.case.order.accepted_at)
]


@pytest.mark.parametrize("row", PAYABLE, ids=lambda row: row.case.order.number)
def test_what_is_paid_for_a_late_install_or_move(row: Row, deadlines: Deadlines) -> None:
    found = owed(row.case, deadlines, NOW)
    assert found is not None
    days, yuan = row.paid or (0, "0.00")
    assert (found.days, str(found.amount), found.currency) == (Decimal(days), yuan, "CNY"), row.what


def test_nothing_is_paid_for_a_repair_a_removal_or_an_unknown_promise(deadlines: Deadlines) -> None:
    others = [row for row in TABLE if row not in PAYABLE]
    assert {row.case.order.work_type for row in others} == {"install", "fault", "remove"}
    assert all(owed(row.case, deadlines, NOW) is None for row in others)
    assert not any(row.paid for row in others)
