"""The two ticket systems that the same tests run against: the simulated one, and a real Request Tracker."""

import os
import shutil
import sqlite3
import subprocess
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import httpx
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
from tests.tickets.tmf_listening import Listening, looks_into

RT_UP = Path(__file__).parents[1] / "peers" / "rt-up"
QUICK = Pace(settle_s=0.05, gap_s=0.02, base_s=0.01, cap_s=0.05)


class BackEnd(NamedTuple):
    """A ticket system, and how a test looks at it without the code under test."""

    entry: TicketEntry
    viewer: TicketEntry
    """The same with a token that may only look."""
    administrator: TicketEntry
    new_ticket: Callable[..., str]
    """``status`` -> number."""
    show: Callable[[str], dict[str, str]]
    """Number -> custom fields that have a value, and Status."""
    files: Callable[[str], list[str]]
    """Number -> names of all attachments that have one."""
    contents: Callable[[str], dict[str, str]]
    """Number -> what the attachments hold, by their names."""
    restart: Callable[[], None]
    """Kill the server and start it again."""
    comments: Callable[[str], int]
    change: Callable[[str, dict[str, Any]], None]
    """Number, what to set: as an administrator."""
    owner: Callable[[str], str]
    take_as_second: Callable[[str], None]
    """Number: another technician takes it."""


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
        return _bench(request.getfixturevalue("server"), monkeypatch)
    return _real(request.getfixturevalue("rt"), monkeypatch)


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
        return _bench(request.getfixturevalue("server"), monkeypatch)
    if request.param == "tmf":
        entry = request.getfixturevalue("tmf_entry")
        looks = looks_into(request.getfixturevalue("tmf"))
        return BackEnd(entry=entry, viewer=entry, administrator=entry, **looks)
    return _real(request.getfixturevalue("rt"), monkeypatch)


def _entry(url: str, name: str) -> TicketEntry:
    return TicketEntry(system="rt", url=url, queue="Field", token=f"env:{name}")


def _bench(server: TicketServer, monkeypatch: pytest.MonkeyPatch) -> BackEnd:
    for name, token in (("T", server.token), ("V", server.viewer_token), ("A", server.admin_token)):
        monkeypatch.setenv(f"BENCH_{name}", token)

    def change(number: str, body: dict[str, Any]) -> None:
        ticket = server.tickets[number]
        for name, value in body.get("CustomFields", {}).items():
            ticket.fields[name] = "\n".join(value) if isinstance(value, list) else value
        ticket.status = body.get("Status", ticket.status)

    def restart() -> None:
        server.stop()
        server.start()

    def take_as_second(number: str) -> None:
        server.tickets[number].owner = "tech2"

    return BackEnd(
        contents=lambda number: {file.name: file.content.decode() for file in server.tickets[number].attachments},
        restart=restart,
        owner=lambda number: server.tickets[number].owner,
        take_as_second=take_as_second,
        entry=_entry(server.url, "BENCH_T"),
        viewer=_entry(server.url, "BENCH_V"),
        administrator=_entry(server.url, "BENCH_A"),
        new_ticket=lambda status="new": server.new_ticket(status=status),
        show=lambda number: {**server.tickets[number].fields, "Status": server.tickets[number].status},
        files=lambda number: [file.name for file in server.tickets[number].attachments],
        comments=lambda number: len(server.tickets[number].comments),
        change=change,
    )


def _real(rt: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> BackEnd:
    for name, value in rt.items():
        monkeypatch.setenv(name, value)
    client = httpx.Client(
        base_url=rt["RT_REST2"], headers={"Authorization": f"token {rt['RT_TOKEN_ROOT']}"}, timeout=30, trust_env=False
    )

    def new_ticket(status: str = "new") -> str:
        made = client.post("/ticket", json={"Queue": "Field", "Subject": "a line to test"})
        number = str(made.raise_for_status().json()["id"])
        change(number, {"Status": status})  # a new ticket cannot be a rejected one
        return number

    def show(number: str) -> dict[str, str]:
        ticket = client.get(f"/ticket/{number}").raise_for_status().json()
        fields = {field["name"]: field["values"][0] for field in ticket["CustomFields"] if field["values"]}
        return {**fields, "Status": ticket["Status"]}

    def files(number: str) -> list[str]:
        return [item["Filename"] for item in _pages(client, f"/ticket/{number}/attachments", "Filename")]

    def contents(number: str) -> dict[str, str]:
        found = _pages(client, f"/ticket/{number}/attachments", "Filename,Content")
        return {item["Filename"]: item["Content"] for item in found}

    def comments(number: str) -> int:
        return sum(item["Type"] == "Comment" for item in _pages(client, f"/ticket/{number}/history", "Type"))

    def change(number: str, body: dict[str, Any]) -> None:
        client.put(f"/ticket/{number}", json=body).raise_for_status()

    return BackEnd(
        contents=contents,
        restart=_restart_rt,
        owner=partial(_owner, client),
        take_as_second=partial(_take, client, rt["RT_TOKEN_TECH2"]),
        entry=_entry(rt["RT_URL"], "RT_TOKEN"),
        viewer=_entry(rt["RT_URL"], "RT_TOKEN_VIEWER"),
        administrator=_entry(rt["RT_URL"], "RT_TOKEN_ROOT"),
        new_ticket=new_ticket,
        show=show,
        files=files,
        comments=comments,
        change=change,
    )


def _pages(client: httpx.Client, path: str, fields: str) -> list[dict[str, Any]]:
    """Return all items of a list that have the first of the fields."""
    found: list[dict[str, Any]] = []
    for page in range(1, 100):
        query: dict[str, str | int] = {"fields": fields, "per_page": 100, "page": page}
        items = client.get(path, params=query).raise_for_status().json()["items"]
        found += [item for item in items if item[fields.partition(",")[0]]]
        if len(items) < 100:
            break
    return found


def _restart_rt() -> None:
    """Kill the real server in the middle of whatever it does, and start it again."""
    for command in ("kill", "up"):
        subprocess.run([RT_UP, command], check=True, stdout=subprocess.DEVNULL, timeout=120)


def _owner(client: httpx.Client, number: str) -> str:
    return str(client.get(f"/ticket/{number}").raise_for_status().json()["Owner"]["id"])


def _take(client: httpx.Client, token: str, number: str) -> None:
    head = {"Authorization": f"token {token}"}
    client.put(f"/ticket/{number}/take", json={}, headers=head).raise_for_status()


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
