"""A result that a person gives to another ticket: it keeps its trace, and is in one ticket only."""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from linetest.bench.ticket_server import TicketServer
from linetest.devices.station import TicketEntry
from linetest.errors import UsageError
from linetest.model.record import Record
from linetest.store import outbox as rows
from linetest.store.database import transaction
from linetest.store.moves import moves_of
from linetest.store.outbox import State
from linetest.store.records import append
from linetest.tickets import systems
from linetest.tickets.outbox import Outcome
from linetest.tickets.payload import read_payload
from linetest.tickets.result import TicketResult
from tests.tickets.giving import give

Call = Callable[..., CompletedProcess[str]]
NewRecord = Callable[..., Record]
NewResult = Callable[..., TicketResult]
Put = Callable[..., str]
Push = Callable[..., list[Outcome]]


def test_the_new_ticket_is_told_and_the_trace_is_kept(
    server: TicketServer, entry: TicketEntry, database: sqlite3.Connection, push: Push, new_result: NewResult, put: Put
) -> None:
    first, second, third = (server.new_ticket() for _number in range(3))
    key = put(new_result(first), entry)
    give(database, key, second, reason="one digit was wrong", by="4711")
    give(database, key, third, reason="tested next door", by="4711", order="WO-2002")
    assert [outcome.state for outcome in push()] == [State.DELIVERED]
    assert [len(server.tickets[number].comments) for number in (first, second, third)] == [0, 0, 1]
    (comment,) = server.tickets[third].comments
    assert f"Moved from ticket {second} at" in comment
    assert "by 4711: tested next door" in comment
    assert server.tickets[third].fields["Work Order"] == "WO-2002"
    trace = [(one.from_ticket, one.to_ticket, one.to_order, one.by, one.reason) for one in moves_of(database, key)]
    assert trace == [
        (first, second, None, "4711", "one digit was wrong"),
        (second, third, "WO-2002", "4711", "tested next door"),
    ]


def test_the_trace_cannot_be_changed(
    entry: TicketEntry, database: sqlite3.Connection, new_result: NewResult, put: Put
) -> None:
    key = put(new_result("1"), entry)
    give(database, key, "2")
    for statement in ("UPDATE move SET reason = 'x'", "DELETE FROM move"):
        with pytest.raises(sqlite3.IntegrityError, match="only added to"):
            database.execute(statement)


def test_what_had_landed_in_the_first_ticket_is_not_doubled(
    server: TicketServer, entry: TicketEntry, database: sqlite3.Connection, push: Push, new_result: NewResult, put: Put
) -> None:
    first, second = server.new_ticket(), server.new_ticket()
    key = put(new_result(first), entry)
    server.fail("drop-reply")
    assert [outcome.state for outcome in push(deadline_s=1.5)] == [State.UNSURE]
    give(database, key, second)
    assert [outcome.state for outcome in [*push(), *push()]] == [State.DELIVERED, State.DELIVERED]
    assert [len(server.tickets[number].comments) for number in (first, second)] == [2, 1]
    assert len(moves_of(database, key)) == 1


def test_what_is_delivered_leaves_a_trace_in_both_tickets(
    server: TicketServer, entry: TicketEntry, database: sqlite3.Connection, push: Push, new_result: NewResult, put: Put
) -> None:
    old, new = server.new_ticket(), server.new_ticket()
    key = put(new_result(old), entry)
    push()
    item = give(database, key, new, reason="tested next door", by="4711", order="WO-2002")
    assert (item.state, item.ticket, item.sent_at) == (State.PENDING, new, None)
    assert [(one.state, one.ticket) for one in push()] == [(State.DELIVERED, new), (State.DELIVERED, old)]
    result, told = server.tickets[old].comments
    assert key in result
    assert f"Result {key}\nIt belongs to order WO-2002, ticket {new}.\n" in told
    assert "by 4711: tested next door" in told
    (comment,) = server.tickets[new].comments
    assert f"Moved from ticket {old} at" in comment
    assert server.tickets[new].fields["Work Order"] == "WO-2002"
    assert [file.name for file in server.tickets[new].attachments] == [f"linetest-{key}.json"]
    assert push() == []


@pytest.mark.parametrize("kind", ["drop-reply", "drop-request", "refuse-after", "half-reply"])
def test_what_is_moved_after_delivery_is_sent_once_whatever_breaks(
    kind: str,
    server: TicketServer,
    entry: TicketEntry,
    database: sqlite3.Connection,
    push: Push,
    new_result: NewResult,
    put: Put,
) -> None:
    old, new = server.new_ticket(), server.new_ticket()
    key = put(new_result(old), entry)
    push()
    give(database, key, new)
    server.fail(kind, times=2, path="/comment")
    push()
    assert [len(server.tickets[number].comments) for number in (old, new)] == [2, 1]
    assert {item.state for item in rows.items(database)} == {State.DELIVERED}


def test_what_comes_back_before_it_was_sent_elsewhere_is_not_sent_again(
    server: TicketServer, entry: TicketEntry, database: sqlite3.Connection, push: Push, new_result: NewResult, put: Put
) -> None:
    old, new = server.new_ticket(), server.new_ticket()
    key = put(new_result(old), entry)
    push()
    give(database, key, new)
    assert give(database, key, old).state == State.UNSURE
    push()
    assert [len(server.tickets[ticket].comments) for ticket in (old, new)] == [3, 0]
    assert [file.name for file in server.tickets[old].attachments].count(f"linetest-{key}.json") == 1
    assert rows.find(database, key).state == State.DELIVERED


def test_what_comes_back_to_its_ticket_is_not_sent_there_again(
    server: TicketServer, entry: TicketEntry, database: sqlite3.Connection, push: Push, new_result: NewResult, put: Put
) -> None:
    old, new = server.new_ticket(), server.new_ticket()
    key = put(new_result(old), entry)
    for ticket in (new, old):
        push()
        give(database, key, ticket)
    push()
    for ticket in (old, new):
        assert [file.name for file in server.tickets[ticket].attachments].count(f"linetest-{key}.json") == 1
    assert "belongs here after all" in server.tickets[old].comments[-1]
    assert rows.find(database, key).state == State.DELIVERED


@pytest.mark.parametrize("state", [State.SENT, State.PARTIAL, State.SENDING, State.DROPPED])
def test_what_cannot_be_moved_leaves_no_trace(
    state: State, entry: TicketEntry, database: sqlite3.Connection, new_result: NewResult, put: Put
) -> None:
    key = put(new_result("1"), entry)
    database.execute("UPDATE outbox SET state = ?", (state,))
    with pytest.raises(UsageError):
        give(database, key, "2")
    assert (moves_of(database, key), rows.find(database, key).ticket) == ([], "1")


def test_the_same_ticket_is_no_move(
    entry: TicketEntry, database: sqlite3.Connection, new_result: NewResult, put: Put
) -> None:
    key = put(new_result("1"), entry)
    with pytest.raises(UsageError, match="is for ticket 1 already"):
        give(database, key, "1")


def test_an_escape_in_a_reason_does_not_reach_the_ticket(
    entry: TicketEntry, database: sqlite3.Connection, new_result: NewResult, put: Put
) -> None:
    key = put(new_result("1"), entry)
    give(database, key, "2", reason="\x1b[2Jgone")
    assert "\x1b" not in read_payload(rows.find(database, key)).comment


def test_the_commands_show_the_trace(
    call: Call,
    entry: TicketEntry,
    database: sqlite3.Connection,
    new_record: NewRecord,
    new_result: NewResult,
    private_home: Path,
) -> None:
    record = new_record(chain=None)
    with transaction(database):
        append(database, record)
        rows.add(database, new_result("17", id=record.id).item(systems.destination(entry)))
    answer = call("ticket", "move", record.id[:8], "18", "--reason", "tested next door", "--by", "4711")
    assert answer.returncode == 0
    assert "moved from ticket 17 to ticket 18, by 4711: tested next door" in answer.stdout
    for command in ("ticket", "record"):
        shown = call(command, "show", record.id[:8])
        assert "moved from ticket 17 to ticket 18, by 4711: tested next door" in shown.stdout
    moves = json.loads(call("ticket", "show", record.id[:8], "--json").stdout)["moves"]
    assert [(one["from_ticket"], one["to_ticket"], one["by"]) for one in moves] == [("17", "18", "4711")]
    assert call("ticket", "move", record.id[:8], "19", "--reason", " ").returncode == 2
    assert call("ticket", "move", record.id[:8], "19").returncode == 2
