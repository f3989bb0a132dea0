"""What a person corrects in the outbox, and what others do to it at the same time."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from linetest.bench.ticket_server import TicketServer
from linetest.devices.station import TicketEntry
from linetest.errors import Overtaken, UsageError
from linetest.store import corrections
from linetest.store import outbox as rows
from linetest.store.database import connect
from linetest.store.outbox import Item, State
from linetest.tickets.outbox import Outcome
from linetest.tickets.pace import USUAL_PACE
from linetest.tickets.result import TicketResult
from tests.tickets.giving import give

NewResult = Callable[..., TicketResult]
Put = Callable[..., str]
TimeMachine = Any  # the fixture of conftest.py
Push = Callable[..., list[Outcome]]


def at_a_second_terminal(home: Path, work: Callable[[sqlite3.Connection], object]) -> None:
    with closing(connect(home)) as database:
        work(database)


def states(outcomes: list[Outcome]) -> list[State]:
    return [outcome.state for outcome in outcomes]


@pytest.mark.parametrize("state", [State.DROPPED, State.SENDING])
def test_what_another_process_closes_before_its_turn_is_passed_over(
    state: State,
    private_home: Path,
    server: TicketServer,
    entry: TicketEntry,
    push: Push,
    machine: TimeMachine,
    new_result: NewResult,
    put: Put,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """While the push waits for a result, it is dropped, or a second sender with a lost lease has marked it."""
    first, second = server.new_ticket(), server.new_ticket()
    gone, other = put(new_result(first), entry), put(new_result(second), entry)
    server.fail("refuse", path=f"/{first}/comment", status=503, headers={"Retry-After": "40"})
    sleep = machine.sleep

    def sleep_and_change(seconds: float) -> None:
        sleep(seconds)
        change = "UPDATE outbox SET state = ? WHERE key = ?"
        at_a_second_terminal(private_home, lambda database: database.execute(change, (state, gone)))

    monkeypatch.setattr(machine, "sleep", sleep_and_change)
    assert [(outcome.key, outcome.state) for outcome in push()] == [(gone, state), (other, State.DELIVERED)]
    assert server.tickets[first].comments == []


def test_a_result_that_is_dropped_while_it_is_looked_up_ends_no_push(
    private_home: Path, server: TicketServer, entry: TicketEntry, push: Push, new_result: NewResult, put: Put
) -> None:
    gone, other = put(new_result(server.new_ticket()), entry), put(new_result(server.new_ticket()), entry)
    server.fail("drop-request")

    def drop(stage: str, item: Item) -> None:
        if stage == "looked-up":
            at_a_second_terminal(private_home, lambda database: corrections.drop(database, item.key, "cancelled"))

    assert [(one.key, one.state) for one in push(tell=drop)] == [(gone, State.DROPPED), (other, State.DELIVERED)]


def test_a_number_that_is_corrected_while_the_old_one_is_looked_up_is_not_overwritten(
    private_home: Path, server: TicketServer, entry: TicketEntry, push: Push, new_result: NewResult, put: Put
) -> None:
    wrong, right = server.new_ticket(), server.new_ticket()
    key = put(new_result(wrong), entry)
    server.fail("drop-request")

    def correct(stage: str, item: Item) -> None:
        if stage == "looked-up" and item.ticket == wrong:
            at_a_second_terminal(
                private_home,
                lambda database: give(database, key, right, reason="wrong number"),
            )

    assert [(one.ticket, one.state) for one in push(tell=correct)] == [(right, State.UNSURE)]
    assert [(one.ticket, one.state) for one in push()] == [(right, State.DELIVERED)]
    assert (len(server.tickets[wrong].comments), len(server.tickets[right].comments)) == (0, 1)


def test_a_row_that_was_changed_meanwhile_is_not_retried(
    private_home: Path, entry: TicketEntry, database: sqlite3.Connection, new_result: NewResult, put: Put
) -> None:
    """Between the reading of a row and its change, another process moves it to another ticket."""
    key = put(new_result("1"), entry)
    seen = rows.find(database, key)
    at_a_second_terminal(
        private_home,
        lambda other: give(other, key, "2", reason="wrong number"),
    )
    with pytest.raises(Overtaken, match="was changed by another process"):
        rows.change(database, seen, state=State.SENDING)
    with pytest.raises(Overtaken, match="was changed by another process"):
        rows.mark(database, seen, State.SENDING)
    assert rows.find(database, key).ticket == "2"


def test_a_retry_leaves_an_unanswered_send_the_time_to_land(
    server: TicketServer,
    entry: TicketEntry,
    database: sqlite3.Connection,
    push: Push,
    machine: TimeMachine,
    new_result: NewResult,
    put: Put,
) -> None:
    """A person retries at once; the look-up waits all the same, after a second send of the same result too."""
    key = put(new_result(server.new_ticket()), entry)
    for _send in range(2):
        server.fail("drop-request")
        assert states(push(deadline_s=1.5)) == [State.UNSURE]
        due = machine.now + USUAL_PACE.settle_s
        machine.now += 0.03
        assert corrections.retry(database, key, settled_at=machine.now + USUAL_PACE.settle_s).next_at == due
        machine.now += 3600
        database.execute("UPDATE outbox SET state = 'pending'")  # as after two look-ups
    database.execute("UPDATE outbox SET state = 'unsure', next_at = ?", (machine.now + 100,))
    corrections.retry(database, key, settled_at=machine.now + USUAL_PACE.settle_s)
    assert not any(path.endswith("/attachments") for _method, path in server.requests)
    assert states(push()) == [State.DELIVERED]
    assert machine.slept[0] == pytest.approx(USUAL_PACE.settle_s)


def test_a_retry_of_a_late_one_does_not_wait_out_its_backoff(
    server: TicketServer,
    entry: TicketEntry,
    database: sqlite3.Connection,
    push: Push,
    machine: TimeMachine,
    new_result: NewResult,
    put: Put,
) -> None:
    key = put(new_result(server.new_ticket()), entry)
    server.fail("refuse", status=503, headers={"Retry-After": "3600"})
    push(deadline_s=60)
    item = corrections.retry(database, key, settled_at=machine.now + 2)
    assert (item.next_at, item.attempts, item.refusals) == (machine.now + 2, 0, 0)
    assert states(push(deadline_s=60)) == [State.DELIVERED]


def test_a_number_is_corrected_freely_when_nothing_was_sent(
    server: TicketServer, entry: TicketEntry, database: sqlite3.Connection, push: Push, new_result: NewResult, put: Put
) -> None:
    """The old ticket forbids it, so nothing was done there and nothing has to be looked up."""
    wrong, right = server.new_ticket(), server.new_ticket()
    key = put(new_result(wrong), entry)
    server.fail("refuse", status=403)
    assert states(push()) == [State.PENDING]
    item = give(database, key, right, reason="wrong number")
    assert (item.state, item.first_sent_at, item.earlier_tickets) == (State.PENDING, None, [])
    assert states(push()) == [State.DELIVERED]
    assert len(server.tickets[right].comments) == 1


def test_every_earlier_ticket_is_looked_into(
    server: TicketServer, entry: TicketEntry, database: sqlite3.Connection, push: Push, new_result: NewResult, put: Put
) -> None:
    first, second, third = (server.new_ticket() for _number in range(3))
    key = put(new_result(first), entry)
    server.fail("refuse-after", status=413)  # refused for good, and yet there
    push()
    give(database, key, second, reason="wrong number")
    item = give(database, key, third, reason="wrong number")
    assert item.earlier_tickets == [first, second]
    (outcome,) = push()
    assert (outcome.state, outcome.ticket) == (State.DELIVERED, third)
    (told,) = push()
    assert (told.state, told.ticket) == (State.DELIVERED, first)
    assert [len(server.tickets[number].comments) for number in (first, second, third)] == [2, 0, 1]


def test_what_is_not_read_back_yet_is_not_sent_to_a_second_one(
    server: TicketServer, entry: TicketEntry, database: sqlite3.Connection, push: Push, new_result: NewResult, put: Put
) -> None:
    ticket = server.new_ticket()
    key = put(new_result(ticket), entry)
    server.fail("unauthorized", path="/attachments")
    assert states(push()) == [State.SENT]
    with pytest.raises(UsageError, match=f"is being sent to ticket {ticket}"):
        give(database, key, server.new_ticket(), reason="wrong number")
    assert states(push()) == [State.DELIVERED]


def test_dropping_keeps_the_row_and_the_reason(
    server: TicketServer, entry: TicketEntry, database: sqlite3.Connection, push: Push, new_result: NewResult, put: Put
) -> None:
    key = put(new_result("1"), entry)
    corrections.drop(database, key[:8], "order was cancelled")
    assert push() == []
    item = rows.find(database, key)
    assert (item.state, item.last_error) == (State.DROPPED, "order was cancelled")
    with pytest.raises(UsageError, match="is dropped"):
        corrections.drop(database, key, "again")
    with pytest.raises(UsageError, match="is dropped"):
        corrections.retry(database, key, settled_at=0.0)


def test_a_retry_of_what_was_sent_looks_it_up_first(
    server: TicketServer, entry: TicketEntry, database: sqlite3.Connection, push: Push, new_result: NewResult, put: Put
) -> None:
    ticket = server.new_ticket()
    key = put(new_result(ticket), entry)
    server.fail("refuse-after", status=413)  # refused for good, and yet there
    assert states(push()) == [State.DEAD]
    assert corrections.retry(database, key, settled_at=0.0).state == State.UNSURE
    assert states(push()) == [State.DELIVERED]
    assert len(server.tickets[ticket].comments) == 1
