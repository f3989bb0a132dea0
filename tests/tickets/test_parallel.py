"""Many tickets at once: in order within each, none held up by another, whatever ends the push."""

import os
import pty
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from linetest.bench.ticket_server import TicketServer
from linetest.devices.station import TicketEntry
from linetest.store import outbox as rows
from linetest.store.outbox import State
from linetest.tickets import outbox, systems
from linetest.tickets.outbox import Outcome
from linetest.tickets.pace import Pace
from linetest.tickets.result import TicketResult
from tests.tickets.test_crashes import AFTER_A_CRASH, STEPS, finish, start

NewResult = Callable[..., TicketResult]
Put = Callable[..., str]
Push = Callable[..., list[Outcome]]
Filled = dict[str, list[str]]


@pytest.fixture
def filled(server: TicketServer, entry: TicketEntry, new_result: NewResult, put: Put) -> Filled:
    """Put three results for each of six tickets into the outbox; return the names of their files by ticket."""
    tickets = [server.new_ticket() for _number in range(6)]
    wanted: Filled = {ticket: [] for ticket in tickets}
    for ticket in tickets * 3:
        wanted[ticket].append(f"linetest-{put(new_result(ticket, None), entry)}.json")
    return wanted


@pytest.fixture
def station(tmp_path: Path, server: TicketServer, entry: TicketEntry) -> Path:
    path = tmp_path / "station.toml"
    path.write_text(
        f'name = "van"\n[ticket]\nsystem = "rt"\nurl = "{server.url}"\nqueue = "Field"\ntoken = "env:BENCH_TOKEN"\n'
    )
    return path


def arrived(server: TicketServer) -> Filled:
    return {number: [file.name for file in ticket.attachments] for number, ticket in server.tickets.items()}


def test_four_requests_are_under_way_at_once(
    server: TicketServer, filled: Filled, push: Push, monkeypatch: pytest.MonkeyPatch
) -> None:
    under_way, seen = set[int](), []
    work = server.work

    def count(*request: Any) -> Any:
        under_way.add(threading.get_ident())
        seen.append(len(under_way))
        time.sleep(0.05)
        under_way.discard(threading.get_ident())
        return work(*request)

    monkeypatch.setattr(server, "work", count)
    push(connections=4)
    assert arrived(server) == filled
    assert max(seen) == 4


@pytest.mark.parametrize("fault", ["drop-reply", "drop-request", "refuse-after", "half-reply"])
def test_the_order_in_each_ticket_is_kept_whatever_is_lost(
    fault: str, server: TicketServer, filled: Filled, push: Push
) -> None:
    server.fail(fault, times=7)
    assert {outcome.state for outcome in push(deadline_s=10**6, connections=4)} == {State.DELIVERED}
    assert arrived(server) == filled
    assert all(len(ticket.comments) == 3 for ticket in server.tickets.values())


def test_a_stuck_ticket_holds_up_no_other(server: TicketServer, filled: Filled, push: Push) -> None:
    stuck = next(iter(filled))
    server.fail("refuse", path=f"/{stuck}/comment", times=500, status=503, headers={"Retry-After": "30"})
    outcomes = push(deadline_s=100, connections=4)
    assert {outcome.state for outcome in outcomes if outcome.ticket != stuck} == {State.DELIVERED}
    assert arrived(server) == {**filled, stuck: []}
    waiting = [outcome for outcome in outcomes if outcome.ticket == stuck]
    assert [outcome.state for outcome in waiting[1:]] == [State.PENDING, State.PENDING]
    assert "503" in str(waiting[0].reason)


def test_what_no_thread_has_begun_at_the_deadline_is_taken_back(
    server: TicketServer, database: sqlite3.Connection, entry: TicketEntry, filled: Filled
) -> None:
    server.work_s = 0.6
    outbox.push(database, systems.connect(entry), deadline_s=1.5, connections=2)
    items = rows.items(database)
    assert {item.state for item in items} <= {State.PENDING, State.SENT, State.DELIVERED}
    assert [item for item in items if item.state == State.PENDING and (item.attempts or item.first_sent_at)] == []
    server.work_s = 0.0
    finish(database, entry, 0.05)
    assert arrived(server) == filled


@pytest.mark.slow
@pytest.mark.parametrize("step", [*STEPS, *AFTER_A_CRASH])
def test_a_kill_in_the_middle_of_many(
    step: str,
    server: TicketServer,
    entry: TicketEntry,
    filled: Filled,
    private_home: Path,
    database: sqlite3.Connection,
) -> None:
    """The process dies at the first, the third and the fifth time that the step comes."""
    for count in (1, 3, 5):
        if step in AFTER_A_CRASH:
            start(private_home, entry, 0.2, "marked:4").wait(60)
        assert start(private_home, entry, 0.2, f"{step}:{count}").wait(60) in (0, -signal.SIGKILL)
    finish(database, entry, 0.2)
    assert arrived(server) == filled
    assert all(len(ticket.comments) == 3 for ticket in server.tickets.values())


@pytest.mark.slow
def test_two_processes_of_which_one_dies(
    server: TicketServer, entry: TicketEntry, filled: Filled, private_home: Path, database: sqlite3.Connection
) -> None:
    server.work_s = 0.1
    first, second = start(private_home, entry, 0.2, "sent:3"), start(private_home, entry, 0.2)
    assert {first.wait(60), second.wait(60)} & {0, -signal.SIGKILL}
    server.work_s = 0.0
    time.sleep(0.3)  # what a killed process had asked for
    finish(database, entry, 0.2)
    assert arrived(server) == filled


@pytest.mark.slow
@pytest.mark.parametrize("presses", [1, 2])
def test_ctrl_c_leaves_everything_as_it_can_be_sent_later(
    presses: int, station: Path, server: TicketServer, entry: TicketEntry, filled: Filled, database: sqlite3.Connection
) -> None:
    """The first finishes what is under way; the second waits for nothing, and the next push looks it up."""
    server.work_s = 1.0
    command = [sys.executable, "-m", "linetest", "ticket", "push", "--station", str(station)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        while not any(path.endswith("/comment") for _method, path in list(server.requests)):
            time.sleep(0.02)
        for _press in range(presses):
            process.send_signal(signal.SIGINT)
            time.sleep(0.2)
        said = process.stderr.read()
        assert process.wait(30) == 4
    assert "is finished first; Ctrl-C again leaves it for the next push" in said
    assert "Traceback" not in said
    states = {item.state for item in rows.items(database)}
    if presses == 1:
        assert State.SENDING not in states
        assert State.PENDING in states
        begun = [path for _method, path in server.requests if path.endswith("/comment")]
        assert len([files for files in arrived(server).values() if files]) == len(begun) == said.count("finished first")
    server.work_s = 0.0
    time.sleep(1.0)  # the server works on what it was asked for
    outbox.push(database, systems.connect(entry), deadline_s=60, pace=Pace(settle_s=0.3, gap_s=0.1))
    assert {item.state for item in rows.items(database)} == {State.DELIVERED}
    assert arrived(server) == filled
    assert all(len(ticket.comments) == 3 for ticket in server.tickets.values())


def test_a_terminal_shows_one_line_that_changes(station: Path, server: TicketServer, filled: Filled) -> None:
    server.work_s = 0.1
    screen, terminal = pty.openpty()
    command = [sys.executable, "-m", "linetest", "ticket", "push", "--station", str(station)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=terminal, text=True, timeout=60, check=False)
    os.close(terminal)
    shown = b""
    while chunk := _read(screen):
        shown += chunk
    os.close(screen)
    assert done.returncode == 0
    lines = [line.strip() for line in re.split(r"[\r\n]+", shown.decode()) if line.strip()]
    assert re.fullmatch(r"\d+ of 18 delivered, \d+ a second", lines[0])
    assert max(map(len, lines)) < 80
    assert b"\x1b" not in shown
    assert done.stdout.count("delivered") == 18


def _read(screen: int) -> bytes:
    try:
        return os.read(screen, 65536)
    except OSError:  # the other end is closed
        return b""
