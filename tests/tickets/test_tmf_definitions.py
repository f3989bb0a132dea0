"""What goes to TM Forum's APIs, with the published definitions as judge."""

import json
from collections.abc import Callable
from pathlib import Path

from linetest.devices.station import TicketEntry
from linetest.store.outbox import State
from linetest.tickets.outbox import Outcome
from linetest.tickets.pace import Pace
from linetest.tickets.result import TicketResult
from tests.tickets.tmf_closed import faults, judge_all
from tests.tickets.tmf_listening import Listening
from tests.tickets.tmf_records import failing

NewResult = Callable[..., TicketResult]
Put = Callable[..., str]
Push = Callable[..., list[Outcome]]
QUICK = Pace(settle_s=0.05, gap_s=0.02, base_s=0.01, cap_s=0.05)


def test_every_request_fits_the_closed_definitions(
    shared_data: Callable[[str], Path],
    tmf: Listening,
    tmf_entry: TicketEntry,
    new_result: NewResult,
    put: Put,
    tmf_push: Push,
) -> None:
    folder = shared_data("tmf")
    order = tmf.work_order()
    put(new_result(tmf.new_ticket()), tmf_entry)
    put(new_result(tmf.new_ticket(), "inProgress", **failing()), tmf_entry)
    put(new_result(f"workOrder/{order}", **failing(simulated=True)), tmf_entry)
    assert [outcome.state for outcome in tmf_push()] == [State.DELIVERED] * 3
    assert judge_all(folder, tmf) == 6


def test_the_judge_of_these_tests_sees_faults(shared_data: Callable[[str], Path]) -> None:
    folder = shared_data("tmf")
    assert faults(folder, "TroubleTicket_Update", {"staus": "resolved"})
    assert faults(folder, "TroubleTicket_Update", {"status": "Pending"})
    assert faults(folder, "ServiceTest_Create", {"name": "x"})
    assert faults(folder, "WorkOrder", {"workOrderItem": [{"work": {"placee": []}}]})
    assert faults(folder, "WorkOrder", {"workOrderItem": [], "state": "done"})
    assert faults(folder, "Appointment_Create", {"validFor": {}, "status": "confirmed"})
    assert not faults(folder, "TroubleTicket_Update", {"status": "resolved"})


def test_nothing_of_a_person_and_no_token_leaves(
    tmf: Listening, tmf_entry: TicketEntry, new_result: NewResult, put: Put, tmf_push: Push
) -> None:
    put(new_result(tmf.new_ticket(), operator="Zhang San"), tmf_entry)
    tmf_push()
    sent = json.dumps(tmf.sent)
    assert "Zhang San" not in sent
    assert tmf.token not in sent
