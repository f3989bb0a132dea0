"""The outbox against the simulated ticket system and its faults."""

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from linetest.bench.ticket_server import TicketServer
from linetest.devices.station import TicketEntry
from linetest.errors import Overtaken, PushError, Rejected, StoreError, UsageError
from linetest.store import corrections
from linetest.store import outbox as rows
from linetest.store.database import connect, transaction
from linetest.store.outbox import Item, State
from linetest.store.sender import sender
from linetest.tickets import outbox, systems
from linetest.tickets.outbox import Outcome
from linetest.tickets.pace import USUAL_PACE, Clock, Pace
from linetest.tickets.result import TicketResult
from linetest.tickets.rt import RequestTracker

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
NewResult = Callable[..., TicketResult]
Put = Callable[..., str]


class TimeMachine:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    @property
    def clock(self) -> Clock:
        return Clock(wall=lambda: self.now, monotonic=lambda: self.now, sleep=self.sleep)


@pytest.fixture
def machine() -> TimeMachine:
    return TimeMachine()


@pytest.fixture
def push(database: sqlite3.Connection, entry: TicketEntry, machine: TimeMachine) -> Callable[..., list[Outcome]]:
    """Return a function that pushes with a clock that costs no time."""

    def send(deadline_s: float = 3600, pace: Pace = USUAL_PACE, **more: object) -> list[Outcome]:
        system = systems.connect(entry)
        return outbox.push(database, system, deadline_s=deadline_s, clock=machine.clock, pace=pace, **more)  # type: ignore[arg-type]

    return send


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
    monkeypatch.setattr("linetest.tickets.rt_rest.DEADLINE_S", 0.5)
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


def test_a_forbidden_ticket_is_refused_when_others_go_through(
    server: TicketServer, entry: TicketEntry, push: Push, new_result: NewResult, put: Put
) -> None:
    put(new_result(server.new_ticket()), entry)
    put(new_result(server.new_ticket()), entry)
    server.fail("refuse", status=403)
    assert states(push()) == [State.DEAD, State.DELIVERED]


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


def at_a_second_terminal(home: Path, work: Callable[[sqlite3.Connection], object]) -> None:
    with closing(connect(home)) as database:
        work(database)


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
                private_home, lambda database: corrections.retry(database, key, ticket=right, settled_at=0.0)
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
    at_a_second_terminal(private_home, lambda other: corrections.retry(other, key, ticket="2", settled_at=0.0))
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
    item = corrections.retry(database, key, ticket=right, settled_at=0.0)
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
    corrections.retry(database, key, ticket=second, settled_at=0.0)
    item = corrections.retry(database, key, ticket=third, settled_at=0.0)
    assert item.earlier_tickets == [first, second]
    (outcome,) = push()
    assert (outcome.state, outcome.reason) == (
        State.DEAD,
        f"it has arrived in ticket {first}, where it was sent first",
    )
    assert [len(server.tickets[number].comments) for number in (first, second, third)] == [1, 0, 0]


def test_what_is_in_its_ticket_is_not_sent_to_a_second_one(
    server: TicketServer, entry: TicketEntry, database: sqlite3.Connection, push: Push, new_result: NewResult, put: Put
) -> None:
    ticket = server.new_ticket()
    key = put(new_result(ticket), entry)
    server.fail("unauthorized", path="/attachments")
    assert states(push()) == [State.SENT]
    with pytest.raises(UsageError, match=f"has arrived in ticket {ticket}"):
        corrections.retry(database, key, ticket=server.new_ticket(), settled_at=0.0)
    assert states(push()) == [State.DELIVERED]


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
    command = [sys.executable, str(worker), str(private_home), server.url, "BENCH_TOKEN", "0.3", "-"]
    running = [subprocess.Popen(command, stderr=subprocess.DEVNULL) for _number in range(3)]
    assert 0 in [process.wait(60) for process in running]
    assert [len(server.tickets[ticket].comments) for ticket in tickets] == [2, 2]


def test_a_changed_payload_is_not_sent(
    server: TicketServer, entry: TicketEntry, database: sqlite3.Connection, push: Push, new_result: NewResult, put: Put
) -> None:
    ticket = server.new_ticket()
    put(new_result(ticket), entry)
    database.execute("UPDATE outbox SET payload = CAST(replace(payload, 'LINE-1', 'LINE-2') AS BLOB)")
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
    elsewhere = RequestTracker("rt", url="http://192.0.2.1", queue="Field", token=None)
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
