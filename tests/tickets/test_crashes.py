"""A push that is killed: nothing is lost and nothing is doubled, counted in the ticket system."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from linetest.store import outbox as rows
from linetest.store.outbox import State
from linetest.tickets import outbox, systems
from linetest.tickets.pace import Pace
from linetest.tickets.result import TicketResult

WORKER = Path(__file__).with_name("push_worker.py")
STEPS = ("marked", "answered", "sent", "read-back", "delivered")
AFTER_A_CRASH = ("unsure", "looked-up", "pending")
FULL = os.environ.get("LINETEST_FULL") == "1"

NewResult = Callable[..., TicketResult]
Put = Callable[..., str]
pytestmark = pytest.mark.skipif(os.name != "posix", reason="SIGKILL is a POSIX signal")


def start(home: Path, entry: Any, settle_s: float, last_step: str = "-") -> subprocess.Popen[bytes]:
    """Start a process that pushes."""
    token = entry.token.removeprefix("env:")
    arguments = [str(home), entry.url, token, str(settle_s), last_step]
    return subprocess.Popen([sys.executable, str(WORKER), *arguments])


def finish(database: sqlite3.Connection, entry: Any, settle_s: float) -> None:
    """Push what the killed processes left."""
    pace = Pace(settle_s=settle_s, gap_s=0.05, base_s=0.01)
    outbox.push(database, systems.connect(entry), deadline_s=120, pace=pace)
    assert {item.state for item in rows.items(database)} == {State.DELIVERED}


@pytest.mark.slow
@pytest.mark.parametrize("step", [*STEPS, *AFTER_A_CRASH])
def test_a_kill_at_each_step(
    step: str, back_end: Any, private_home: Path, database: sqlite3.Connection, new_result: NewResult, put: Put
) -> None:
    settle_s = 2.0 if "8880" in str(back_end.entry.url) else 0.2
    tickets = [back_end.new_ticket(), back_end.new_ticket()]
    keys = [put(new_result(ticket), back_end.entry) for ticket in tickets]
    if step in AFTER_A_CRASH:
        assert start(private_home, back_end.entry, settle_s, "marked").wait(60) == -signal.SIGKILL
    assert start(private_home, back_end.entry, settle_s, step).wait(60) == -signal.SIGKILL
    finish(database, back_end.entry, settle_s)
    for ticket, key in zip(tickets, keys, strict=True):
        assert back_end.files(ticket) == [f"linetest-{key}.json"]
        assert back_end.comments(ticket) == 1


def test_kills_at_random_moments(
    back_end: Any,
    request: pytest.FixtureRequest,
    private_home: Path,
    database: sqlite3.Connection,
    new_result: NewResult,
    put: Put,
) -> None:
    seed = int(os.environ.get("LINETEST_SEED", random.randrange(10**6)))
    sys.stdout.write(f"LINETEST_SEED={seed}\n")
    chance = random.Random(seed)
    real = request.node.callspec.params["back_end"] == "request-tracker"
    settle_s = 2.0 if real else 0.4
    if not real:
        request.getfixturevalue("server").work_s = 0.15  # a killed client does not stop the server
    kills_wanted = 20 if FULL else 2
    tickets = [back_end.new_ticket() for _number in range(3)]
    wanted: list[tuple[str, str]] = []

    kills = 0
    while kills < kills_wanted:
        for ticket in tickets if not rows.items(database, which="waiting") else ():
            wanted += [(ticket, put(new_result(ticket, None), back_end.entry)) for _number in range(2)]
        process = start(private_home, back_end.entry, settle_s)
        try:
            process.wait(chance.uniform(0.4, 1.2) + chance.choice([0, settle_s]))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            kills += 1
    finish(database, back_end.entry, settle_s)
    time.sleep(0.5 if not real else 2.0)  # whatever a killed client left at work in the server

    found = Counter((ticket, name) for ticket in tickets for name in back_end.files(ticket))
    expected = Counter((ticket, f"linetest-{key}.json") for ticket, key in wanted)
    lost, doubled = sum((expected - found).values()), sum((found - expected).values())
    sys.stdout.write(f"{len(wanted)} results, {kills} kills: lost {lost}, doubled {doubled}\n")
    assert found == expected
