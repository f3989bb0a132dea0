"""The outbox against the simulated ticket system and its faults."""

import sqlite3
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from linetest.bench.ticket_server import TicketServer
from linetest.devices.station import TicketEntry
from linetest.errors import Rejected, StoreError
from linetest.store import outbox as rows
from linetest.store.outbox import Item, State
from linetest.tickets import outbox, systems
from linetest.tickets.mapping import mapping_of
from linetest.tickets.outbox import Outcome
from linetest.tickets.pace import USUAL_PACE, Pace
from linetest.tickets.result import TicketResult
from linetest.tickets.rt import RequestTracker

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
NewResult = Callable[..., TicketResult]
Put = Callable[..., str]
TimeMachine = Any  # the fixture of conftest.py
Push = Callable[..., list[Outcome]]


def states(outcomes: list[Outcome]) -> list[State]:
    return [outcome.state for outcome in outcomes]


@pytest.mark.parametrize("fault", ["drop-request", "drop-reply", "refuse", "refuse-after"])
def test_a_lost_answer_is_looked_up_and_nothing_is_doubled(
    fault: str, server: TicketServer, entry: TicketEntry, push: Push, new_result: NewResult, put: Put
) -> None:
    ticket = server.new_ticket()
    key = put(new_result(ticket), entry)
    server.fail(fault)
    stages: list[str] = []
    assert states(push(tell=lambda stage, _item: stages.append(stage))) == [State.DELIVERED]
    assert server.tickets[ticket].count(f"linetest-{key}.json") == 1
    assert len(server.tickets[ticket].comments) == 1
    arrived = fault in ("drop-reply", "refuse-after")
    assert stages.count("looked-up") == (1 if arrived else 2)
    assert ("pending" in stages) is not arrived


def test_the_look_up_waits_until_the_server_has_settled(
    server: TicketServer, entry: TicketEntry, push: Push, machine: TimeMachine, new_result: NewResult, put: Put
) -> None:
    put(new_result(server.new_ticket()), entry)
    server.fail("drop-request")
    push()
    settle_s, gap_s = machine.slept[:2]
    assert settle_s == pytest.approx(USUAL_PACE.settle_s, abs=0.01)
    assert gap_s == pytest.approx(USUAL_PACE.gap_s, abs=0.01)


def test_work_that_lands_after_the_client_gave_up_is_found(
    server: TicketServer, entry: TicketEntry, database: sqlite3.Connection, new_result: NewResult, put: Put
) -> None:
    ticket = server.new_ticket()
    put(new_result(ticket), entry)
    server.fail("late-work", delay_s=0.2)
    outcomes = outbox.push(database, systems.connect(entry), deadline_s=20, pace=Pace(settle_s=0.5, gap_s=0.1))
    assert states(outcomes) == [State.DELIVERED]
    assert len(server.tickets[ticket].comments) == 1


@pytest.mark.parametrize("fault", ["drip-head", "drip-body"])
def test_a_dripping_answer_does_not_hold_the_push(
    fault: str,
    server: TicketServer,
    entry: TicketEntry,
    database: sqlite3.Connection,
    new_result: NewResult,
    put: Put,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("linetest.tickets.answers.DEADLINE_S", 0.5)
    ticket = server.new_ticket()
    put(new_result(ticket), entry)
    server.fail(fault)
    outcomes = outbox.push(database, systems.connect(entry), deadline_s=20, pace=Pace(settle_s=0.1, gap_s=0.1))
    assert states(outcomes) == [State.DELIVERED]
    assert len(server.tickets[ticket].comments) == 1


def test_offline_costs_no_attempt_and_says_why(
    server: TicketServer, entry: TicketEntry, database: sqlite3.Connection, push: Push, new_result: NewResult, put: Put
) -> None:
    key = put(new_result(server.new_ticket()), entry)
    server.stop()
    (outcome,) = push()
    assert (outcome.state, outcome.next_at) == (State.PENDING, None)
    assert "127.0.0.1 cannot be reached" in str(outcome.reason)
    item = rows.find(database, key)
    assert (item.attempts, item.refusals, item.first_sent_at) == (0, 0, None)
    assert item.last_error == outcome.reason
    server.start()
    assert states(push()) == [State.DELIVERED]


def test_a_server_that_goes_down_between_two_results(
    server: TicketServer, entry: TicketEntry, push: Push, new_result: NewResult, put: Put
) -> None:
    keys = [put(new_result(server.new_ticket()), entry) for _number in range(2)]

    def stop(stage: str, item: Item) -> None:
        if stage == "delivered" and item.key == keys[0]:
            server.stop()

    assert states(push(tell=stop)) == [State.DELIVERED, State.PENDING]
    server.start()
    assert states(push()) == [State.DELIVERED]


def test_a_token_that_expires_in_the_middle(
    server: TicketServer, entry: TicketEntry, database: sqlite3.Connection, push: Push, new_result: NewResult, put: Put
) -> None:
    keys = [put(new_result(server.new_ticket()), entry) for _number in range(3)]
    server.fail("unauthorized")
    outcomes = push()
    assert states(outcomes) == [State.PENDING] * 3
    assert all("401" in str(outcome.reason) for outcome in outcomes)
    assert sum(path.endswith("/comment") for _method, path in server.requests) == 1
    assert [rows.find(database, key).attempts for key in keys] == [0, 0, 0]
    assert states(push()) == [State.DELIVERED] * 3


def test_one_stuck_ticket_holds_up_no_other(
    server: TicketServer, entry: TicketEntry, push: Push, new_result: NewResult, put: Put
) -> None:
    stuck, free = server.new_ticket(), server.new_ticket()
    put(new_result(stuck), entry)
    put(new_result(stuck), entry)
    put(new_result(free), entry)
    server.fail("refuse", path=f"/{stuck}/comment", times=500, status=503)
    first, second, third = states(push(deadline_s=60))
    assert first in (State.UNSURE, State.PENDING)  # between two attempts
    assert (second, third) == (State.PENDING, State.DELIVERED)
    assert server.tickets[stuck].comments == []


def test_a_forbidden_ticket_is_refused_when_others_go_through(
    server: TicketServer, entry: TicketEntry, push: Push, new_result: NewResult, put: Put
) -> None:
    put(new_result(server.new_ticket()), entry)
    put(new_result(server.new_ticket()), entry)
    server.fail("refuse", status=403)
    assert states(push()) == [State.DEAD, State.DELIVERED]


def test_a_changed_payload_is_not_sent(
    server: TicketServer, entry: TicketEntry, database: sqlite3.Connection, push: Push, new_result: NewResult, put: Put
) -> None:
    ticket = server.new_ticket()
    put(new_result(ticket), entry)
    database.execute("UPDATE payload SET body = CAST(replace(body, 'LINE-1', 'LINE-2') AS BLOB)")
    (outcome,) = push()
    assert outcome.state == State.DEAD
    assert server.tickets[ticket].comments == []


def test_a_result_is_in_the_outbox_once(
    server: TicketServer, entry: TicketEntry, new_result: NewResult, put: Put
) -> None:
    result = new_result("1")
    put(result, entry)
    with pytest.raises(StoreError, match="is in the outbox already"):
        put(result, entry)


def test_an_interruption_by_the_person_loses_nothing(
    server: TicketServer, entry: TicketEntry, push: Push, new_result: NewResult, put: Put
) -> None:
    ticket = server.new_ticket()
    put(new_result(ticket), entry)

    def interrupt(stage: str, _item: Item) -> None:
        if stage == "answered":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        push(tell=interrupt)
    assert states(push()) == [State.DELIVERED]
    assert len(server.tickets[ticket].comments) == 1


def test_a_comment_that_the_token_cannot_see_is_not_sent_twice(
    server: TicketServer,
    entry: TicketEntry,
    push: Push,
    new_result: NewResult,
    put: Put,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Attachments of hidden comments are not found at all; the result's field in the ticket still shows it."""
    ticket = server.new_ticket()
    put(new_result(ticket), entry)
    monkeypatch.setitem(server._rights, server.token, frozenset({"see", "comment", "modify"}))
    server.fail("drop-reply")
    (outcome,) = push(deadline_s=30, pace=Pace(refusals=2))
    assert outcome.state == State.DEAD
    assert "ShowTicketComments" in str(outcome.reason)
    assert len(server.tickets[ticket].comments) == 1


def test_a_simulated_result_stays_away_from_real_tickets(
    new_result: NewResult,
) -> None:
    elsewhere = RequestTracker(
        "rt", url="http://192.0.2.1", queue="Field", token=None, mapping=mapping_of(TicketEntry(system="rt"))
    )
    with pytest.raises(Rejected, match="goes only to a ticket system on this computer"):
        elsewhere.send(new_result("1", simulated=True), datetime.now().astimezone(), 1)


def test_many_results_on_many_tickets(
    server: TicketServer, entry: TicketEntry, push: Push, new_result: NewResult, put: Put
) -> None:
    """Every third answer is lost: no result is lost, none is doubled."""
    tickets = [server.new_ticket() for _number in range(5)]
    wanted = [(tickets[number % 5], put(new_result(tickets[number % 5], None), entry)) for number in range(40)]
    for number in range(13):
        server.fail(("drop-reply", "drop-request", "refuse-after")[number % 3])
    assert states(push(deadline_s=10**6)) == [State.DELIVERED] * 40
    for ticket in tickets:
        names = [file.name for file in server.tickets[ticket].attachments]
        assert names == [f"linetest-{key}.json" for number, key in wanted if number == ticket]
