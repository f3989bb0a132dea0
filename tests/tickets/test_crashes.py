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

import msgspec
import pytest

from linetest.devices.station import TicketEntry
from linetest.model.codes import Verdict
from linetest.store import outbox as rows
from linetest.store.outbox import State
from linetest.tickets import outbox, systems
from linetest.tickets.mapping import mapping_of
from linetest.tickets.pace import USUAL_PACE, Pace
from linetest.tickets.payload import read_payload
from linetest.tickets.result import TicketResult
from tests.tickets.lossy_proxy import LossyProxy

WORKER = Path(__file__).with_name("push_worker.py")
STEPS = ("marked", "answered", "sent", "read-back", "delivered")
AFTER_A_CRASH = ("unsure", "looked-up", "pending")
FINISH_S = 900.0
FULL = os.environ.get("LINETEST_FULL") == "1"

RT = mapping_of(TicketEntry(system="rt"))
OURS = ("Result Id", "Line Id", "Verdict", "Rx Power dBm")
NewResult = Callable[..., TicketResult]
Put = Callable[..., str]
pytestmark = pytest.mark.skipif(os.name != "posix", reason="SIGKILL is a POSIX signal")


def start(home: Path, entry: Any, settle_s: float, last_step: str = "-") -> subprocess.Popen[bytes]:
    """Start a process that pushes."""
    token = entry.token.removeprefix("env:")
    arguments = [str(home), systems.destination(entry), entry.url, token, str(settle_s), last_step, entry.system]
    return subprocess.Popen([sys.executable, str(WORKER), *arguments])


def finish(database: sqlite3.Connection, entry: Any, settle_s: float) -> None:
    """Push what the killed processes left; a push ends when the answer to its first question is lost."""
    pace = Pace(settle_s=settle_s, gap_s=0.05, base_s=0.01)
    until = time.monotonic() + FINISH_S
    while rows.heads(database, systems.destination(entry)) and time.monotonic() < until:
        outbox.push(database, systems.connect(entry), deadline_s=until - time.monotonic(), pace=pace)
    left = [(item.state, item.last_error) for item in rows.items(database) if item.state != State.DELIVERED]
    assert left == []


REAL = "request-tracker"
REAL_STEPS = (*STEPS, *AFTER_A_CRASH) if FULL else ("answered",)
"""The real one is asked about the step at which a result is doubled when nobody looks; about all with LINETEST_FULL."""
KILLS = [
    *((system, step) for system in ("bench", "tmf") for step in (*STEPS, *AFTER_A_CRASH)),
    *(pytest.param(REAL, step, marks=pytest.mark.peer) for step in REAL_STEPS),
]


@pytest.mark.slow
@pytest.mark.parametrize(("any_back_end", "step"), KILLS, indirect=["any_back_end"])
def test_a_kill_at_each_step(
    request: pytest.FixtureRequest,
    step: str,
    any_back_end: Any,
    private_home: Path,
    database: sqlite3.Connection,
    new_result: NewResult,
    put: Put,
) -> None:
    settle_s = 2.0 if request.node.callspec.params["any_back_end"] == REAL else 0.2
    tickets = [any_back_end.new_ticket(), any_back_end.new_ticket()]
    keys = [put(new_result(ticket), any_back_end.entry) for ticket in tickets]
    if step in AFTER_A_CRASH:
        assert start(private_home, any_back_end.entry, settle_s, "marked").wait(60) == -signal.SIGKILL
    assert start(private_home, any_back_end.entry, settle_s, step).wait(60) == -signal.SIGKILL
    finish(database, any_back_end.entry, settle_s)
    for ticket, key in zip(tickets, keys, strict=True):
        assert any_back_end.files(ticket) == [f"linetest-{key}.json"]
        assert any_back_end.comments(ticket) == 1


class Work:
    """Results and events on their way to several tickets, and what the tickets have to hold in the end."""

    def __init__(self, back_end: Any, new_result: NewResult, put: Put, chance: random.Random) -> None:
        self.tickets = [str(back_end.new_ticket()) for _number in range(6)]
        self.count = 0
        self._chance = chance
        self._new_result = new_result
        self._put = put
        self._entry = back_end.entry

    def add(self, count: int) -> None:
        """Put results for random tickets into the outbox; most change a field, some the status."""
        for _number in range(count):
            self.count += 1
            verdict = self._chance.choice([Verdict.PASS, Verdict.FAIL])
            status = self._chance.choice([None, None, "open"])
            result = self._new_result(
                self._chance.choice(self.tickets), status, verdict=verdict, line=f"LINE-{self.count}"
            )
            self._put(result, self._entry)

    def judge(self, back_end: Any, database: sqlite3.Connection) -> str:
        """Count what is lost, doubled, or partly written and called delivered, by looking into the tickets."""
        lost = doubled = partly = 0
        for ticket in self.tickets:
            items = [item for item in rows.items(database) if item.ticket == ticket]
            results = [read_payload(item) for item in items]
            found = Counter(back_end.files(ticket))
            lost += sum(found[result.file_name] == 0 for result in results)
            doubled += sum(found.values()) - len(found) + abs(back_end.comments(ticket) - sum(found.values()))
            contents = back_end.contents(ticket)
            partly += sum(contents.get(result.file_name) != result.attachment().decode() for result in results)
            shown = back_end.show(ticket)
            last = {name: value for one in results for name, value in RT.document(one).items() if name in OURS}
            partly += sum(shown.get(name) != value for name, value in last.items())
            partly += any(result.final_status == "open" for result in results) and shown["Status"] != "open"
        return f"lost {lost}, doubled {doubled}, partly written {partly}"


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_kills_at_random_moments(
    back_end: Any,
    request: pytest.FixtureRequest,
    private_home: Path,
    database: sqlite3.Connection,
    new_result: NewResult,
    put: Put,
) -> None:
    """The sender is killed, 5 % of the answers are lost, and the server is killed and started again in between."""
    seed = int(os.environ.get("LINETEST_SEED", random.randrange(10**6)))
    chance = random.Random(seed)
    real = request.node.callspec.params["back_end"] == REAL
    results, kills_wanted = ((200, 60) if FULL else (40, 10)) if real else (12, 3)
    settle_s = USUAL_PACE.settle_s if real else 0.4
    if not real:
        request.getfixturevalue("server").work_s = 0.15  # a killed client does not stop the server
    work = Work(back_end, new_result, put, chance)
    restarts = sorted(chance.sample(range(kills_wanted), max(1, kills_wanted // 10)))
    kills = 0
    with LossyProxy(back_end.entry.url, 0.05, random.Random(seed + 1)) as proxy:
        entry = msgspec.structs.replace(back_end.entry, url=proxy.url, name=systems.destination(back_end.entry))
        while kills < kills_wanted:
            due = results * (kills + 1) // kills_wanted - work.count
            work.add(due if due > 0 else int(not rows.heads(database, systems.destination(entry))))
            process = start(private_home, entry, settle_s)
            try:
                process.wait(0.4 + chance.uniform(0.0, 2.0 if real else 0.6) + chance.choice([0, settle_s]))
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.wait()
                kills += 1
            if restarts and restarts[0] <= kills:
                restarts.pop(0)
                back_end.restart()
        finish(database, entry, settle_s)
        time.sleep(2.0 if real else 0.5)  # whatever a killed client left at work in the server
    said = work.judge(back_end, database)
    sys.stdout.write(
        f"LINETEST_SEED={seed} {request.node.callspec.params['back_end']}: {work.count} results, {kills} kills, "
        f"{proxy.lost} of {proxy.lost + proxy.passed} answers lost: {said}\n"
    )
    assert said == "lost 0, doubled 0, partly written 0", f"LINETEST_SEED={seed}"
