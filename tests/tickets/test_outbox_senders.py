"""Which results a push sends, and that one process at a time sends them."""

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from linetest.bench.ticket_server import TicketServer
from linetest.devices.station import TicketEntry
from linetest.errors import PushError
from linetest.store import outbox as rows
from linetest.store.database import connect, transaction
from linetest.store.outbox import State
from linetest.store.sender import sender
from linetest.tickets import systems
from linetest.tickets.outbox import Outcome
from linetest.tickets.result import TicketResult

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
NewResult = Callable[..., TicketResult]
Put = Callable[..., str]
TimeMachine = Any  # the fixture of conftest.py
Push = Callable[..., list[Outcome]]


def states(outcomes: list[Outcome]) -> list[State]:
    return [outcome.state for outcome in outcomes]


def test_only_named_results_and_what_is_before_them(
    server: TicketServer, entry: TicketEntry, push: Push, new_result: NewResult, put: Put
) -> None:
    one, other = server.new_ticket(), server.new_ticket()
    first, second, third = (put(new_result(one), entry) for _number in range(3))
    put(new_result(other), entry)
    assert [outcome.key for outcome in push(only={second})] == [first, second]
    assert server.tickets[one].count(f"linetest-{third}.json") == 0
    assert server.tickets[other].comments == []


def test_a_named_result_does_not_wait_for_strangers(
    server: TicketServer,
    entry: TicketEntry,
    database: sqlite3.Connection,
    push: Push,
    machine: TimeMachine,
    new_result: NewResult,
    put: Put,
) -> None:
    """An old result of another ticket is due in 40 s; the new one goes at once, and the push ends with it."""
    old = put(new_result(server.new_ticket()), entry)
    database.execute("UPDATE outbox SET next_at = ?", (machine.now + 40,))
    new = put(new_result(server.new_ticket()), entry)
    outcomes = push(only={new})
    assert [(outcome.key, outcome.state) for outcome in outcomes] == [(new, State.DELIVERED)]
    assert machine.slept == []
    assert rows.find(database, old).state == State.PENDING


@pytest.mark.parametrize(("deadline_s", "state"), [(60, State.DELIVERED), (30, State.PENDING)])
def test_a_named_result_waits_its_turn_in_its_own_ticket(
    deadline_s: float,
    state: State,
    server: TicketServer,
    entry: TicketEntry,
    database: sqlite3.Connection,
    push: Push,
    machine: TimeMachine,
    new_result: NewResult,
    put: Put,
) -> None:
    """An old result of the same ticket is due in 40 s: the order is kept, and the deadline too."""
    ticket = server.new_ticket()
    old = put(new_result(ticket), entry)
    database.execute("UPDATE outbox SET next_at = ?", (machine.now + 40,))
    new = put(new_result(ticket), entry)
    assert [(outcome.key, outcome.state) for outcome in push(deadline_s, only={new})] == [(old, state), (new, state)]
    assert machine.slept == ([] if state == State.PENDING else [pytest.approx(40)])


@pytest.mark.skipif(not BOOT_ID.exists(), reason="this system has no boot id under /proc")
def test_two_senders_at_once(
    private_home: Path, server: TicketServer, entry: TicketEntry, push: Push, new_result: NewResult, put: Put
) -> None:
    ticket = server.new_ticket()
    put(new_result(ticket), entry)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        with closing(connect(private_home)) as database, transaction(database):
            boot = BOOT_ID.read_text().strip()
            database.execute(
                "INSERT INTO sender VALUES (?, ?, 9e9)", (systems.destination(entry), f"{other.pid}@{boot}")
            )
        with pytest.raises(PushError, match=f"process {other.pid} is already sending") as caught:
            push()
        assert caught.value.exit_code == 3
        other.kill()
    assert states(push()) == [State.DELIVERED]  # a dead sender holds nothing
    assert len(server.tickets[ticket].comments) == 1


def test_the_lease_is_given_back(private_home: Path, database: sqlite3.Connection) -> None:
    with sender(database, "somewhere"):
        assert database.execute("SELECT count(*) FROM sender").fetchone()[0] == 1
    assert database.execute("SELECT count(*) FROM sender").fetchone()[0] == 0


def test_pushes_at_the_same_time_deliver_once(
    private_home: Path, server: TicketServer, entry: TicketEntry, new_result: NewResult, put: Put
) -> None:
    """Three processes are started at once; each result arrives once, whoever won."""
    worker = Path(__file__).with_name("push_worker.py")
    server.work_s = 0.1
    tickets = [server.new_ticket() for _number in range(2)]
    for ticket in tickets * 2:
        put(new_result(ticket, None), entry)
    where = [systems.destination(entry), server.url, "BENCH_TOKEN"]
    command = [sys.executable, str(worker), str(private_home), *where, "0.3", "-"]
    running = [subprocess.Popen(command, stderr=subprocess.DEVNULL) for _number in range(3)]
    assert 0 in [process.wait(60) for process in running]
    assert [len(server.tickets[ticket].comments) for ticket in tickets] == [2, 2]
