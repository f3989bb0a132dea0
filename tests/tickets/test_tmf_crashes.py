"""A push to TM Forum's system that is killed, with answers lost on the way: counted in the system itself."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from linetest.model.codes import Verdict
from linetest.store import outbox as rows
from linetest.tickets import systems
from linetest.tickets.payload import read_payload
from linetest.tickets.result import TicketResult
from tests.tickets.lossy_proxy import LossyProxy
from tests.tickets.test_crashes import finish, start
from tests.tickets.tmf_listening import Listening

FULL = os.environ.get("LINETEST_FULL") == "1"
SETTLE_S = 0.5
pytestmark = pytest.mark.skipif(os.name != "posix", reason="SIGKILL is a POSIX signal")


def judge(tmf: Listening, items: list[Any]) -> str:
    """Count what is lost, doubled or incomplete, by looking into the system."""
    lost = doubled = partly = 0
    tests = list(tmf.all("ServiceTest").values())
    for item in items:
        result = read_payload(item)
        mine = [test for test in tests if test["name"] == f"linetest-{result.key}"]
        shown = tmf.all("TroubleTicket")[result.ticket]
        notes = [note for note in shown.get("note", []) if result.key in note["text"]]
        files = [one for one in shown.get("attachment", []) if one["name"] == result.file_name]
        lost += not mine or not notes or not files
        doubled += len(mine) > 1 or len(notes) > 1 or len(files) > 1
        links = {link["id"] for link in shown.get("relatedEntity", [])}
        partly += not all(test["id"] in links for test in mine)
    statuses = [ticket["status"] for ticket in tmf.all("TroubleTicket").values()]
    partly += sum(status != "inProgress" for status in statuses)
    return f"lost {lost}, doubled {doubled}, partly written {partly}"


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_kills_at_random_moments(
    tmf: Listening,
    tmf_entry: Any,
    private_home: Path,
    database: sqlite3.Connection,
    new_result: Callable[..., TicketResult],
    put: Callable[..., str],
) -> None:
    """The sender is killed and 5 % of the answers are lost, the half of a step included."""
    seed = int(os.environ.get("LINETEST_SEED", random.randrange(10**6)))
    chance = random.Random(seed)
    results, kills_wanted = (60, 20) if FULL else (9, 3)
    tmf.work_s = 0.1  # a killed client does not stop the server
    tickets = [tmf.new_ticket() for _number in range(3)]
    for number in range(results):
        put(new_result(tickets[number % 3], "inProgress", verdict=Verdict.FAIL, line=f"LINE-{number}"), tmf_entry)
    kills = 0
    with LossyProxy(tmf.url, 0.05, random.Random(seed + 1)) as proxy:
        entry = msgspec.structs.replace(tmf_entry, url=proxy.url, name=systems.destination(tmf_entry))
        while kills < kills_wanted and rows.heads(database, systems.destination(entry)):
            process = start(private_home, entry, SETTLE_S)
            try:
                process.wait(1.0 + chance.uniform(0.0, 1.5))
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.wait()
                kills += 1
        finish(database, entry, SETTLE_S)
        time.sleep(0.5)  # whatever a killed client left at work in the server
    said = judge(tmf, rows.items(database))
    sys.stdout.write(f"LINETEST_SEED={seed} tmf: {results} results, {kills} kills, {proxy.lost} answers lost: {said}\n")
    assert said == "lost 0, doubled 0, partly written 0", f"LINETEST_SEED={seed}"
