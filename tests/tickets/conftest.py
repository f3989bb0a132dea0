"""The two ticket systems that the same tests run against: the simulated one, and a real Request Tracker."""

import os
import shutil
import sqlite3
import subprocess
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from linetest.bench.ticket_server import TicketServer
from linetest.devices.station import TicketEntry
from linetest.model.codes import Verdict
from linetest.model.order import Line, Order
from linetest.model.reading import Reading
from linetest.model.record import Chain, Check, ProfileUsed, Record
from linetest.store import outbox as rows
from linetest.store.database import connect, transaction
from linetest.tickets import outbox, systems
from linetest.tickets.outbox import Outcome
from linetest.tickets.pace import USUAL_PACE, Clock, Pace
from linetest.tickets.result import TicketResult, prepare
from tests.tickets.back_ends import RT_UP, BackEnd, bench_back_end, real_back_end
from tests.tickets.tmf_listening import Listening, looks_into

QUICK = Pace(settle_s=0.05, gap_s=0.02, base_s=0.01, cap_s=0.05)


@pytest.fixture
def server() -> Iterator[TicketServer]:
    with TicketServer() as running:
        yield running


@pytest.fixture
def database(private_home: Path) -> Iterator[sqlite3.Connection]:
    with closing(connect(private_home)) as opened:
        yield opened


@pytest.fixture
def entry(server: TicketServer, monkeypatch: pytest.MonkeyPatch) -> TicketEntry:
    monkeypatch.setenv("BENCH_TOKEN", server.token)
    return TicketEntry(system="rt", url=server.url, queue="Field", token="env:BENCH_TOKEN")


@pytest.fixture
def new_record() -> Callable[..., Record]:
    """Return a function that makes a stored record of a light measurement."""

    def make(**changes: Any) -> Record:
        values: dict[str, Any] = {
            "id": str(uuid.uuid4()),
            "kind": "optical",
            "verdict": Verdict.PASS,
            "profile": ProfileUsed(name="ftth-light", sha256="0" * 64, text='name = "ftth-light"'),
            "software": "linetest 0.1.0",
            "chain": Chain(n=1, previous="0" * 64, sha256="a" * 64),
            "started_at": "2026-11-22T19:00:00+08:00",
            "finished_at": "2026-11-22T19:00:09+08:00",
            "order": "WO-1001",
            "line": "LINE-1",
            "operator": "Zhang San",
            "checks": [
                Check(
                    metric="optical.power_dbm",
                    verdict=Verdict.PASS,
                    value=-18.345,
                    unit="dBm",
                    limit={"min": -27.0, "source": "a test"},
                    where={"wavelength_nm": 1490},
                )
            ],
            "readings": [Reading(metric="optical.power_dbm", value=-18.345, unit="dBm")],
        }
        return Record(**{**values, **changes})

    return make


@pytest.fixture
def new_result(new_record: Callable[..., Record]) -> Callable[..., TicketResult]:
    """Return a function that makes a result for a ticket."""

    def make(
        ticket: str, final_status: str | None = "resolved", ticket_verdict: Verdict | None = None, **changes: Any
    ) -> TicketResult:
        line = Line(id=changes.get("line") or "LINE-1")
        order = Order(number="WO-1001", access="ftth-epon", work_type="fault", ticket=ticket, line=[line])
        record = new_record(**changes)
        return prepare(record, order, line, final_status, ticket_verdict or record.verdict)

    return make


@pytest.fixture
def put(database: sqlite3.Connection) -> Callable[..., str]:
    """Return a function that puts a result into the outbox for a ticket system, and returns its key."""

    def add(result: TicketResult, entry: TicketEntry) -> str:
        with transaction(database):
            rows.add(database, result.item(systems.destination(entry)))
        return result.key

    return add


@pytest.fixture(params=["bench", pytest.param("request-tracker", marks=pytest.mark.peer)])
def back_end(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> BackEnd:
    if request.param == "bench":
        return bench_back_end(request.getfixturevalue("server"), monkeypatch)
    return real_back_end(request.getfixturevalue("rt"), monkeypatch)


@pytest.fixture(scope="session")
def rt(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return the environment of a running Request Tracker; LINETEST_PEERS=required installs and starts it."""
    required = os.environ.get("LINETEST_PEERS") == "required"
    if shutil.which("bash") is None or (subprocess.run([RT_UP, "status"], check=False).returncode and not required):
        pytest.skip("no Request Tracker is running: tests/peers/rt-up installs and starts one")
    if required:
        with FileLock(tmp_path_factory.getbasetemp().parent / "rt-up.lock"):
            subprocess.run([RT_UP, "up"], check=True, stdout=subprocess.DEVNULL, timeout=600)
    shown = subprocess.run([RT_UP, "env"], check=True, capture_output=True, text=True).stdout
    return dict(line.split("=", 1) for line in shown.split())


@pytest.fixture
def tmf() -> Iterator[Listening]:
    with Listening() as running:
        yield running


@pytest.fixture
def tmf_entry(tmf: Listening, monkeypatch: pytest.MonkeyPatch) -> TicketEntry:
    monkeypatch.setenv("TMF_TOKEN", tmf.token)
    return TicketEntry(system="tmf", url=tmf.url, token="env:TMF_TOKEN")


@pytest.fixture(params=["bench", "tmf", pytest.param("request-tracker", marks=pytest.mark.peer)])
def any_back_end(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> BackEnd:
    """Return a ticket system of any kind: for what is the same in all of them."""
    if request.param == "bench":
        return bench_back_end(request.getfixturevalue("server"), monkeypatch)
    if request.param == "tmf":
        entry = request.getfixturevalue("tmf_entry")
        looks = looks_into(request.getfixturevalue("tmf"))
        return BackEnd(entry=entry, viewer=entry, administrator=entry, **looks)
    return real_back_end(request.getfixturevalue("rt"), monkeypatch)


@pytest.fixture
def quick() -> Pace:
    """Return waiting times for a server that answers at once."""
    return QUICK


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
    """Return a function that pushes with a clock that costs no time, over one connection: faults hit the first."""

    def send(deadline_s: float = 3600, pace: Pace = USUAL_PACE, connections: int = 1, **more: Any) -> list[Outcome]:
        system = systems.connect(entry)
        return outbox.push(
            database, system, deadline_s=deadline_s, clock=machine.clock, pace=pace, connections=connections, **more
        )

    return send


@pytest.fixture
def tmf_push(database: sqlite3.Connection, tmf_entry: TicketEntry) -> Callable[..., list[Outcome]]:
    """Return a function that pushes to TM Forum's system."""

    def send(deadline_s: float = 30, pace: Pace = QUICK, **more: Any) -> list[Outcome]:
        return outbox.push(database, systems.connect(tmf_entry), deadline_s=deadline_s, pace=pace, **more)

    return send
