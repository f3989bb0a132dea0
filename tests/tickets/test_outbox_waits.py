"""When the outbox tries again, and when it gives up: refusals, Retry-After, deadlines, a clock that is wrong."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from linetest.bench.ticket_server import TicketServer
from linetest.devices.station import TicketEntry
from linetest.store import outbox as rows
from linetest.store.outbox import State
from linetest.tickets.outbox import Outcome
from linetest.tickets.result import TicketResult

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
NewResult = Callable[..., TicketResult]
Put = Callable[..., str]
TimeMachine = Any  # the fixture of conftest.py
Push = Callable[..., list[Outcome]]


def states(outcomes: list[Outcome]) -> list[State]:
    return [outcome.state for outcome in outcomes]


def test_twelve_real_refusals_are_the_end(
    server: TicketServer, entry: TicketEntry, database: sqlite3.Connection, push: Push, new_result: NewResult, put: Put
) -> None:
    key = put(new_result(server.new_ticket()), entry)
    server.fail("refuse", times=500)
    (outcome,) = push(deadline_s=10**6)
    assert outcome.state == State.DEAD
    assert "500 Internal Server Error" in str(outcome.reason)
    assert sum(path.endswith("/comment") for _method, path in server.requests) == 12
    assert rows.find(database, key).refusals == 12


def test_lost_answers_are_never_the_end(
    server: TicketServer, entry: TicketEntry, push: Push, new_result: NewResult, put: Put
) -> None:
    put(new_result(server.new_ticket()), entry)
    server.fail("drop-request", times=20)
    assert states(push(deadline_s=10**6)) == [State.DELIVERED]


def test_another_4xx_is_the_end_at_once(
    server: TicketServer, entry: TicketEntry, push: Push, new_result: NewResult, put: Put
) -> None:
    put(new_result(server.new_ticket()), entry)
    put(new_result(server.new_ticket()), entry)
    server.fail("refuse", status=413)
    assert states(push()) == [State.DEAD, State.DELIVERED]


def test_retry_after_is_obeyed(
    server: TicketServer, entry: TicketEntry, push: Push, machine: TimeMachine, new_result: NewResult, put: Put
) -> None:
    put(new_result(server.new_ticket()), entry)
    server.fail("refuse", status=429, headers={"Retry-After": "120"})
    assert states(push()) == [State.DELIVERED]
    assert 120 <= machine.slept[0] < 121


def test_a_wait_beyond_the_deadline_is_left_for_later(
    server: TicketServer, entry: TicketEntry, push: Push, machine: TimeMachine, new_result: NewResult, put: Put
) -> None:
    put(new_result(server.new_ticket()), entry)
    server.fail("refuse", status=503, headers={"Retry-After": "3600"})
    (outcome,) = push(deadline_s=60)
    assert outcome.state == State.UNSURE
    assert outcome.next_at is not None
    assert machine.slept == []


def test_a_clock_that_was_set_back_does_not_keep_results_for_years(
    server: TicketServer, entry: TicketEntry, push: Push, machine: TimeMachine, new_result: NewResult, put: Put
) -> None:
    put(new_result(server.new_ticket()), entry)
    server.fail("drop-request")
    machine.now = 4_000_000_000.0
    assert states(push(deadline_s=2.5)) == [State.UNSURE]
    machine.now = 1_000_000_000.0
    assert states(push()) == [State.DELIVERED]
