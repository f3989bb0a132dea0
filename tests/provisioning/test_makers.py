"""For each maker the whole way: planned, applied, applied again, taken back, and then the OLT is as it was."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.provisioning.desk import BACK, LINES, ORDERS

Desks = Callable[..., Any]


@pytest.mark.parametrize(
    "model", ["huawei-gpon", *(pytest.param(name, marks=pytest.mark.slow) for name in ORDERS if name != "huawei-gpon")]
)
def test_in_and_out_again(desk: Desks, model: str) -> None:
    one = desk(model)
    done = one.do()
    assert done.outcome.result == "verified", (done.outcome, one.told)
    assert one.changing == LINES[model]
    assert one.olt.saved == one.olt.configuration != one.before
    assert one.do().outcome.result is None
    assert one.changing == LINES[model]
    taken_back = one.do("undo")
    assert taken_back.outcome.result == "undone", (taken_back.outcome, one.told)
    assert one.changing == LINES[model] + BACK[model]
    assert one.olt.saved == one.olt.configuration == one.before
    assert one.saved_while_down == []
    assert one.do("undo").outcome.result is None
    records = [done.record, taken_back.record]
    assert [record.verdict for record in records] == ["pass", "pass"]
    assert all(record.kind == "provision" and record.simulated for record in records)
