"""What every ticket system with the manners of Request Tracker has to do: the simulated one and the real one."""

import sqlite3
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from linetest.errors import UsageError
from linetest.model.codes import Verdict
from linetest.store import outbox as rows
from linetest.store.outbox import Item, State
from linetest.tickets import outbox, systems
from linetest.tickets.pace import Pace
from linetest.tickets.result import TicketResult
from tests.tickets.giving import give

RT_TOML = Path(systems.__file__).with_name("mappings").joinpath("rt.toml").read_text(encoding="utf-8")
BackEnd = Any
NewResult = Callable[..., TicketResult]
Put = Callable[..., str]


class TestRequestTracker:
    """One class, two back ends."""

    def test_a_result_arrives_with_all_its_fields(
        self, back_end: BackEnd, database: sqlite3.Connection, new_result: NewResult, put: Put
    ) -> None:
        ticket = back_end.new_ticket()
        result = new_result(ticket)
        put(result, back_end.entry)

        (outcome,) = outbox.push(database, systems.connect(back_end.entry), deadline_s=90)

        assert (outcome.state, outcome.late, outcome.reason) == (State.DELIVERED, False, None)
        shown = back_end.show(ticket)
        assert datetime.fromisoformat(shown.pop("Tested At")) == datetime.fromisoformat("2026-11-22T19:00:09+08:00")
        assert shown == {
            "Result Id": result.key,
            "Work Order": "WO-1001",
            "Line Id": "LINE-1",
            "Work Type": "repair",
            "Access": "epon",
            "Verdict": "pass",
            "Rx Power dBm": "-18.34",
            "Status": "resolved",
        }
        assert back_end.files(ticket) == [f"linetest-{result.key}.json"]
        assert back_end.comments(ticket) == 1

    def test_a_moment_in_utc_keeps_its_time_of_day(
        self, back_end: BackEnd, database: sqlite3.Connection, new_result: NewResult, put: Put
    ) -> None:
        ticket = back_end.new_ticket()
        put(new_result(ticket, finished_at="2026-11-22T11:00:09Z"), back_end.entry)
        (outcome,) = outbox.push(database, systems.connect(back_end.entry), deadline_s=90)
        assert outcome.state == State.DELIVERED
        shown = datetime.fromisoformat(back_end.show(ticket)["Tested At"])
        assert shown == datetime.fromisoformat("2026-11-22T11:00:09+00:00")

    @pytest.mark.parametrize("closed", ["resolved", "rejected"])
    def test_a_closed_ticket_gets_the_comment_and_keeps_its_status(
        self, closed: str, back_end: BackEnd, database: sqlite3.Connection, new_result: NewResult, put: Put
    ) -> None:
        ticket = back_end.new_ticket(status=closed)
        put(new_result(ticket, "open", verdict=Verdict.FAIL), back_end.entry)
        (outcome,) = outbox.push(database, systems.connect(back_end.entry), deadline_s=90)
        assert (outcome.state, outcome.late) == (State.DELIVERED, True)
        assert back_end.show(ticket)["Status"] == closed
        assert back_end.comments(ticket) == 1

    def test_an_unknown_ticket_is_refused_in_clear_words_and_retried_under_another_number(
        self, back_end: BackEnd, database: sqlite3.Connection, new_result: NewResult, put: Put
    ) -> None:
        key = put(new_result("999999"), back_end.entry)
        system = systems.connect(back_end.entry)
        (outcome,) = outbox.push(database, system, deadline_s=90)
        assert outcome.state == State.DEAD
        assert outcome.reason == "the ticket system has no ticket 999999"

        ticket = back_end.new_ticket()
        give(database, key, ticket, reason="wrong number")
        (outcome,) = outbox.push(database, system, deadline_s=90, pace=Pace(settle_s=0, gap_s=0))
        assert (outcome.state, outcome.ticket) == (State.DELIVERED, ticket)
        assert back_end.files(ticket) == [f"linetest-{key}.json"]

    def test_the_look_up_finds_what_arrived_and_nothing_else(self, back_end: BackEnd, new_result: NewResult) -> None:
        ticket = back_end.new_ticket()
        there, not_there = new_result(ticket), new_result(ticket)
        system = systems.connect(back_end.entry)
        assert not system.look_up(there, 10)
        system.send(there, datetime.now().astimezone(), 10)
        assert system.look_up(there, 10)
        assert not system.look_up(not_there, 10)

    def test_a_difference_is_repaired_without_a_second_comment(
        self, back_end: BackEnd, database: sqlite3.Connection, new_result: NewResult, put: Put
    ) -> None:
        ticket = back_end.new_ticket()
        put(new_result(ticket), back_end.entry)
        stages: list[str] = []

        def spoil(stage: str, _item: Item) -> None:
            stages.append(stage)
            if stage == "answered":  # as if the server had left these out
                back_end.change(ticket, {"CustomFields": {"Verdict": "skipped"}, "Status": "open"})

        (outcome,) = outbox.push(database, systems.connect(back_end.entry), deadline_s=90, tell=spoil)
        assert outcome.state == State.DELIVERED
        assert stages == [
            "marked",
            "answered",
            "sent",
            "read-back",
            "partial",
            "read-back",
            "repaired",
            "read-back",
            "delivered",
        ]
        assert back_end.show(ticket)["Verdict"] == "pass"
        assert back_end.show(ticket)["Status"] == "resolved"
        assert back_end.comments(ticket) == 1

    def test_what_the_server_does_not_take_is_never_called_delivered(
        self, back_end: BackEnd, database: sqlite3.Connection, new_result: NewResult, put: Put, tmp_path: Path
    ) -> None:
        """The mapping translates into a word that the field of choices does not have; the answer is a 201."""
        ticket = back_end.new_ticket()
        key = put(new_result(ticket), back_end.entry)
        own = tmp_path / "own.toml"
        own.write_text(RT_TOML.replace('"order.verdict"', '"order.verdict"\ntranslate = { pass = "passed" }'))
        system = systems.connect(msgspec.structs.replace(back_end.entry, mapping=str(own)))
        (outcome,) = outbox.push(database, system, deadline_s=90, pace=Pace(base_s=0.0, refusals=2))
        assert outcome.state == State.DEAD
        assert str(outcome.reason).startswith("Verdict is empty instead of 'passed'")
        assert back_end.files(ticket) == [f"linetest-{key}.json"]
        assert back_end.comments(ticket) == 1

    def test_each_field_has_its_policy(
        self, back_end: BackEnd, database: sqlite3.Connection, new_result: NewResult, put: Put
    ) -> None:
        """What is theirs stays, what is ours is set, a status that may not follow is left; all of it is told."""
        ticket = back_end.new_ticket()
        back_end.change(ticket, {"Status": "open", "CustomFields": {"Access": "gpon", "Line Id": "LINE-9"}})
        key = put(new_result(ticket, "new"), back_end.entry)
        (outcome,) = outbox.push(database, systems.connect(back_end.entry), deadline_s=90)
        assert (outcome.state, outcome.late) == (State.DELIVERED, False)
        shown = back_end.show(ticket)
        assert (shown["Access"], shown["Line Id"], shown["Status"]) == ("gpon", "LINE-1", "open")
        assert rows.find(database, key).remote_ids["kept"] == [
            {"field": "Access", "wanted": "epon", "found": "gpon"},
            {"field": "Status", "wanted": "new", "found": "open"},
        ]

    def test_a_token_without_the_right_pauses_and_costs_nothing(
        self, back_end: BackEnd, database: sqlite3.Connection, new_result: NewResult, put: Put
    ) -> None:
        ticket = back_end.new_ticket()
        key = put(new_result(ticket), back_end.viewer)
        (outcome,) = outbox.push(database, systems.connect(back_end.viewer), deadline_s=90)
        assert outcome.state == State.PENDING
        assert "Permission Denied" in str(outcome.reason)
        assert rows.find(database, key).attempts == 0
        assert back_end.comments(ticket) == 0
        (outcome,) = outbox.push(database, systems.connect(back_end.entry), deadline_s=90)
        assert outcome.state == State.DELIVERED

    def test_an_expired_token_pauses_the_destination(
        self,
        back_end: BackEnd,
        database: sqlite3.Connection,
        new_result: NewResult,
        put: Put,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        ticket = back_end.new_ticket()
        keys = [put(new_result(ticket), back_end.entry) for _number in range(2)]
        right = back_end.entry.token.removeprefix("env:")
        with monkeypatch.context() as patch:
            patch.setenv(right, "1-28-0000000000000000000000000000dead")
            outcomes = outbox.push(database, systems.connect(back_end.entry), deadline_s=90)
        assert [(outcome.state, outcome.next_at) for outcome in outcomes] == [(State.PENDING, None)] * 2
        assert all("401" in str(outcome.reason) and "dead" not in str(outcome.reason) for outcome in outcomes)
        assert [rows.find(database, key).attempts for key in keys] == [0, 0]

    def test_results_of_one_ticket_arrive_in_order(
        self, back_end: BackEnd, database: sqlite3.Connection, new_result: NewResult, put: Put
    ) -> None:
        ticket = back_end.new_ticket()
        keys = [put(new_result(ticket, None, line=f"ROOM-{number}"), back_end.entry) for number in range(2)]
        keys.append(put(new_result(ticket, "resolved", line="ROOM-2"), back_end.entry))
        outcomes = outbox.push(database, systems.connect(back_end.entry), deadline_s=90)
        assert [outcome.state for outcome in outcomes] == [State.DELIVERED] * 3
        assert back_end.files(ticket) == [f"linetest-{key}.json" for key in keys]
        assert back_end.show(ticket)["Line Id"] == "ROOM-2"
        assert back_end.show(ticket)["Status"] == "resolved"

    def test_the_ticket_shows_the_verdict_of_the_whole_order(
        self, back_end: BackEnd, database: sqlite3.Connection, new_result: NewResult, put: Put
    ) -> None:
        """One line fails and the last one passes: neither the verdict nor the status says that all is well."""
        ticket = back_end.new_ticket()
        put(new_result(ticket, None, line="ROOM-1", verdict=Verdict.FAIL), back_end.entry)
        put(new_result(ticket, "open", Verdict.FAIL, line="ROOM-2", verdict=Verdict.PASS), back_end.entry)
        outcomes = outbox.push(database, systems.connect(back_end.entry), deadline_s=90)
        assert [outcome.state for outcome in outcomes] == [State.DELIVERED] * 2
        shown = back_end.show(ticket)
        assert (shown["Verdict"], shown["Status"], shown["Line Id"]) == ("fail", "open", "ROOM-2")

    def test_a_corrected_number_does_not_double_what_had_arrived_under_the_old_one(
        self, back_end: BackEnd, database: sqlite3.Connection, new_result: NewResult, put: Put
    ) -> None:
        """The answer is lost, and the person corrects the number before the look-up."""
        wrong, right = back_end.new_ticket(), back_end.new_ticket()
        key = put(new_result(wrong), back_end.entry)
        system = systems.connect(back_end.entry)

        def lose_the_answer(stage: str, _item: Item) -> None:
            if stage == "answered":
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            outbox.push(database, system, deadline_s=90, tell=lose_the_answer)
        with pytest.raises(UsageError, match=f"is being sent to ticket {wrong}"):
            give(database, key, right, reason="wrong number")
        database.execute("UPDATE outbox SET state = 'unsure'")  # what the next push begins with
        give(database, key, right, reason="wrong number")
        (outcome,) = outbox.push(database, system, deadline_s=90)
        assert (outcome.state, outcome.ticket) == (State.DELIVERED, right)
        assert back_end.files(right) == [f"linetest-{key}.json"]
        (told,) = outbox.push(database, system, deadline_s=90)
        assert (told.state, told.ticket) == (State.DELIVERED, wrong)
        assert back_end.files(wrong) == [f"linetest-{key}.json", f"linetest-{told.key}.json"]
        give(database, key, wrong)  # the person goes back to it
        states = [(one.state, one.ticket) for one in outbox.push(database, system, deadline_s=90)]
        assert states == [(State.DELIVERED, ticket) for ticket in (wrong, right, wrong)]
        assert (back_end.comments(wrong), back_end.comments(right)) == (3, 2)
        assert back_end.files(wrong).count(f"linetest-{key}.json") == 1

    def test_the_doctor_finds_everything_in_place(self, back_end: BackEnd) -> None:
        back_end.take_as_second(back_end.new_ticket())
        findings = systems.connect(back_end.administrator).doctor(60)
        assert [finding.what for finding in findings if finding.state != "ok"] == [
            "whether the token may own tickets shows the first claim"
        ]
        assert "the custom field Access has its values" in [finding.what for finding in findings]

    def test_the_doctor_sees_a_missing_right_and_a_missing_queue(self, back_end: BackEnd) -> None:
        back_end.new_ticket()
        wrong = [finding.what for finding in systems.connect(back_end.viewer).doctor(60) if finding.state == "wrong"]
        assert wrong == ["the token may not comment on tickets", "the token may not change tickets"]
        elsewhere = msgspec.structs.replace(back_end.entry, queue="Fields")
        (missing,) = [finding for finding in systems.connect(elsewhere).doctor(60) if finding.state == "wrong"]
        assert missing.what == "the queue Fields is not there, or the token may not see it"
        assert missing.hint == "there are: Field"

    def test_the_doctor_asks_for_what_the_mapping_names(self, back_end: BackEnd, tmp_path: Path) -> None:
        """A field that is not there, a value that a field of choices lacks, a field of many values."""
        back_end.new_ticket()
        own = tmp_path / "own.toml"
        text = RT_TOML.replace('"Rx Power dBm"', '"Rx Level"').replace('values = ["fail",', 'values = ["failed",')
        text = text.replace('name = "Line"', 'name = "Room"').replace('name = "Return Reason"', 'name = "Line"')
        own.write_text(text, encoding="utf-8")
        system = systems.connect(msgspec.structs.replace(back_end.administrator, mapping=str(own)))
        found = [(finding.state, finding.what) for finding in system.doctor(60) if finding.state != "ok"]
        assert found[:4] == [
            ("wrong", "the custom field Verdict lacks failed"),
            ("wrong", "the custom field Rx Level is missing"),
            ("wrong", "the custom field Line holds several values, and linetest sets one"),
            ("unknown", "the custom field Room is missing"),
        ]
