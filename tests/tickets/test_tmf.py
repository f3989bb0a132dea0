"""Results in a system with TM Forum's APIs: the simulated one."""

import base64
import sqlite3
from collections.abc import Callable

import msgspec
import pytest

from linetest.devices.station import TicketEntry
from linetest.errors import UsageError
from linetest.store import outbox as rows
from linetest.store.outbox import Item, State
from linetest.tickets import outbox, systems
from linetest.tickets.outbox import Outcome
from linetest.tickets.pace import Pace
from linetest.tickets.result import TicketResult
from tests.tickets.giving import give
from tests.tickets.tmf_listening import Listening
from tests.tickets.tmf_records import failing, only, valued

NewResult = Callable[..., TicketResult]
Put = Callable[..., str]
Push = Callable[..., list[Outcome]]
QUICK = Pace(settle_s=0.05, gap_s=0.02, base_s=0.01, cap_s=0.05)


class TestResult:
    """A result is a service test, linked from its ticket."""

    def test_a_result_becomes_a_service_test_on_its_ticket(
        self, tmf: Listening, tmf_entry: TicketEntry, new_result: NewResult, put: Put, tmf_push: Push
    ) -> None:
        ticket = tmf.new_ticket()
        result = new_result(ticket)
        put(result, tmf_entry)
        (outcome,) = tmf_push()
        assert (outcome.state, outcome.late, outcome.reason) == (State.DELIVERED, False, None)

        test = only(tmf.all("ServiceTest"))
        assert test["name"] == f"linetest-{result.key}"
        assert (test["mode"], test["state"]) == ("ONDEMAND", "Completed")
        assert test["startDateTime"] == "2026-11-22T19:00:00+08:00"
        assert test["endDateTime"] == "2026-11-22T19:00:09+08:00"
        assert test["relatedService"]["id"] == "LINE-1"
        assert (test["testSpecification"]["id"], test["testSpecification"]["version"]) == ("ftth-light", "0" * 64)
        assert valued(test) == {
            "verdict": "pass",
            "linetest.resultId": result.key,
            "linetest.simulated": False,
            "workOrder": "WO-1001",
            "orderVerdict": "pass",
            "workType": "fault",
            "access": "ftth-epon",
            "rxPowerDbm": -18.345,
        }
        (measure,) = test["testMeasure"]
        assert (measure["metricName"], measure["unitOfMeasure"]) == ("optical.power_dbm", "dBm")
        assert measure["value"]["value"] == -18.345
        assert "ruleViolation" not in measure

        shown = tmf.all("TroubleTicket")[ticket]
        assert (shown["status"], shown["externalId"]) == ("resolved", "WO-1001")
        (note,) = shown["note"]
        assert result.key in note["text"]
        (attachment,) = shown["attachment"]
        assert attachment["name"] == result.file_name
        assert base64.b64decode(attachment["content"]) == result.attachment()
        (link,) = shown["relatedEntity"]
        assert (link["id"], link["role"], link["@referredType"]) == (test["id"], "serviceTest", "ServiceTest")

    def test_each_broken_limit_is_a_rule_violation_and_a_missing_value_is_none(
        self, tmf: Listening, tmf_entry: TicketEntry, new_result: NewResult, put: Put, tmf_push: Push
    ) -> None:
        ticket = tmf.new_ticket()
        put(new_result(ticket, "inProgress", **failing()), tmf_entry)
        (outcome,) = tmf_push()
        assert outcome.state == State.DELIVERED
        low, dark, crosstalk = only(tmf.all("ServiceTest"))["testMeasure"]
        (violation,) = low["ruleViolation"]
        assert (violation["conformanceTargetLower"], violation["conformanceComparatorLower"]) == ("-27.0", "less than")
        assert "conformanceTargetUpper" not in violation
        assert violation["appliedConsequence"][0]["name"] == "low-light"
        assert low["captureDateTime"] == "2026-11-22T19:00:03+08:00"
        assert "value" not in dark
        assert "ruleViolation" not in dark
        assert dark["metricDescription"] == "wavelength_nm=1550; inconclusive; under-range"
        (violation,) = crosstalk["ruleViolation"]
        assert violation["conformanceTargetUpper"] == "-40.0"
        assert violation["conformanceComparatorUpper"] == "greater than or equal"
        assert tmf.all("TroubleTicket")[ticket]["status"] == "inProgress"

    def test_a_work_order_gets_the_state_the_note_and_the_record(
        self, tmf: Listening, tmf_entry: TicketEntry, new_result: NewResult, put: Put, tmf_push: Push
    ) -> None:
        number = tmf.work_order(note={"author": "dispatch", "text": "ring twice"})
        result = new_result(f"workOrder/{number}")
        put(result, tmf_entry)
        (outcome,) = tmf_push()
        assert (outcome.state, outcome.reason) == (State.DELIVERED, None)
        shown = tmf.all("WorkOrder")[number]
        assert shown["state"] == "completed"
        assert shown["note"]["text"].startswith("ring twice\n\n")
        assert result.key in shown["note"]["text"]
        test = only(tmf.all("ServiceTest"))
        assert valued(test)["linetest.record"] == result.record
        assert [one["id"] for one in shown["relatedEntity"]] == [test["id"]]

    def test_what_others_wrote_stays(
        self, tmf: Listening, tmf_entry: TicketEntry, new_result: NewResult, put: Put, tmf_push: Push
    ) -> None:
        ticket = tmf.new_ticket()
        theirs = tmf.all("TroubleTicket")[ticket]
        theirs["note"] = [{"id": "n1", "author": "dispatch", "text": "ring twice"}]
        theirs["attachment"] = [{"id": "a1", "name": "plan.pdf", "url": "https://files.example.net/plan.pdf"}]
        theirs["relatedEntity"] = [{"id": "c9", "role": "customer", "@referredType": "Customer"}]
        theirs["externalId"] = "CRM-4711"
        put(new_result(ticket), tmf_entry)
        (outcome,) = tmf_push()
        assert outcome.state == State.DELIVERED
        shown = tmf.all("TroubleTicket")[ticket]
        assert shown["note"][0]["text"] == "ring twice"
        assert shown["attachment"][0]["name"] == "plan.pdf"
        assert [one["role"] for one in shown["relatedEntity"]] == ["customer", "serviceTest"]
        assert shown["externalId"] == "CRM-4711"  # the dispatcher's number stays

    @pytest.mark.parametrize("closed", ["resolved", "closed", "rejected", "cancelled"])
    def test_a_closed_ticket_gets_the_note_and_keeps_its_status(
        self, closed: str, tmf: Listening, tmf_entry: TicketEntry, new_result: NewResult, put: Put, tmf_push: Push
    ) -> None:
        ticket = tmf.new_ticket(status=closed)
        put(new_result(ticket, "inProgress", **failing()), tmf_entry)
        (outcome,) = tmf_push()
        assert (outcome.state, outcome.late) == (State.DELIVERED, True)
        shown = tmf.all("TroubleTicket")[ticket]
        assert shown["status"] == closed
        assert len(shown["note"]) == 1

    def test_results_of_one_ticket_arrive_in_order(
        self, tmf: Listening, tmf_entry: TicketEntry, new_result: NewResult, put: Put, tmf_push: Push
    ) -> None:
        ticket = tmf.new_ticket()
        keys = [put(new_result(ticket, None, line=f"ROOM-{number}"), tmf_entry) for number in range(2)]
        keys.append(put(new_result(ticket, "resolved", line="ROOM-2"), tmf_entry))
        assert [outcome.state for outcome in tmf_push()] == [State.DELIVERED] * 3
        shown = tmf.all("TroubleTicket")[ticket]
        assert [one["name"] for one in shown["attachment"]] == [f"linetest-{key}.json" for key in keys]
        assert shown["status"] == "resolved"

    def test_an_unknown_ticket_is_refused_and_nothing_is_made(
        self,
        tmf: Listening,
        tmf_entry: TicketEntry,
        new_result: NewResult,
        put: Put,
        tmf_push: Push,
        database: sqlite3.Connection,
    ) -> None:
        key = put(new_result("999999"), tmf_entry)
        (outcome,) = tmf_push()
        assert (outcome.state, outcome.reason) == (State.DEAD, "the ticket system has no ticket 999999")
        assert tmf.all("ServiceTest") == {}
        ticket = tmf.new_ticket()
        give(database, key, ticket, reason="wrong number")
        (outcome,) = tmf_push()
        assert (outcome.state, outcome.ticket) == (State.DELIVERED, ticket)
        assert len(tmf.all("ServiceTest")) == 1

    def test_a_corrected_number_does_not_double_what_had_arrived_under_the_old_one(
        self,
        tmf: Listening,
        tmf_entry: TicketEntry,
        new_result: NewResult,
        put: Put,
        tmf_push: Push,
        database: sqlite3.Connection,
    ) -> None:
        wrong, right = tmf.new_ticket(), tmf.new_ticket()
        key = put(new_result(wrong), tmf_entry)

        def lose_the_answer(stage: str, _item: Item) -> None:
            if stage == "answered":
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            tmf_push(tell=lose_the_answer)
        with pytest.raises(UsageError, match=f"is being sent to ticket {wrong}"):
            give(database, key, right, reason="wrong number")
        database.execute("UPDATE outbox SET state = 'unsure'")
        give(database, key, right, reason="wrong number")
        assert [outcome.state for outcome in [*tmf_push(), *tmf_push()]] == [State.DELIVERED, State.DELIVERED]
        first, second = (tmf.all("TroubleTicket")[number] for number in (wrong, right))
        assert [key in note["text"] for note in first["note"]] == [True, True]
        assert f"It belongs to ticket {right}." in first["note"][1]["text"]
        assert len(second["note"]) == 1
        (test,) = tmf.all("ServiceTest").values()
        assert [ticket["relatedEntity"][0]["id"] for ticket in (first, second)] == [test["id"]] * 2

    def test_what_the_server_changed_is_repaired_without_a_second_test(
        self, tmf: Listening, tmf_entry: TicketEntry, new_result: NewResult, put: Put, tmf_push: Push
    ) -> None:
        ticket = tmf.new_ticket()
        result = new_result(ticket)
        put(result, tmf_entry)
        stages: list[str] = []

        def spoil(stage: str, _item: Item) -> None:
            stages.append(stage)
            if stage == "answered":
                shown = tmf.all("TroubleTicket")[ticket]
                shown["status"] = "inProgress"
                del shown["attachment"]
                test = only(tmf.all("ServiceTest"))
                test["testMeasure"] = []
                test["characteristic"][0]["value"] = "fail"

        (outcome,) = tmf_push(tell=spoil)
        assert outcome.state == State.DELIVERED
        assert "partial" in stages
        shown = tmf.all("TroubleTicket")[ticket]
        assert (shown["status"], len(shown["note"]), len(shown["attachment"])) == ("resolved", 1, 1)
        test = only(tmf.all("ServiceTest"))
        assert valued(test)["verdict"] == "pass"
        assert len(test["testMeasure"]) == 1

    def test_a_status_that_may_not_follow_is_left_and_told(
        self, tmf: Listening, tmf_entry: TicketEntry, new_result: NewResult, put: Put, database: sqlite3.Connection
    ) -> None:
        number = tmf.work_order(state="assessingCancellation")
        result = new_result(f"workOrder/{number}")
        put(result, tmf_entry)
        system = systems.connect(tmf_entry)
        (outcome,) = outbox.push(database, system, deadline_s=30, pace=QUICK)
        assert outcome.state == State.DELIVERED
        assert tmf.all("WorkOrder")[number]["state"] == "assessingCancellation"
        (kept,) = system.read_back(result, 10).kept
        assert (kept.field, kept.wanted, kept.found) == ("workOrder/state", "completed", "assessingCancellation")

    def test_what_arrived_is_found_and_what_was_only_begun_is_not(
        self, tmf: Listening, tmf_entry: TicketEntry, new_result: NewResult, put: Put, tmf_push: Push
    ) -> None:
        ticket = tmf.new_ticket()
        result = new_result(ticket)
        put(result, tmf_entry)
        system = systems.connect(tmf_entry)
        assert not system.look_up(result, 10)
        tmf_push()
        assert system.look_up(result, 10)
        assert not system.look_up(new_result(ticket), 10)
        assert not system.look_up(msgspec.structs.replace(result, ticket=tmf.new_ticket()), 10)

    def test_results_of_the_bench_stay_on_this_computer(self, tmf_entry: TicketEntry, new_result: NewResult) -> None:
        elsewhere = msgspec.structs.replace(tmf_entry, url="https://tmf.example.net")
        with pytest.raises(Exception, match="only to a ticket system on this computer"):
            systems.connect(elsewhere).send(new_result("17", simulated=True), None, 5)  # type: ignore[arg-type]


def test_the_keys_of_the_outbox_are_those_of_the_tests(
    tmf: Listening,
    tmf_entry: TicketEntry,
    new_result: NewResult,
    put: Put,
    tmf_push: Push,
    database: sqlite3.Connection,
) -> None:
    key = put(new_result(tmf.new_ticket()), tmf_entry)
    tmf_push()
    assert rows.find(database, key).remote_ids["serviceTest"] == only(tmf.all("ServiceTest"))["id"]
