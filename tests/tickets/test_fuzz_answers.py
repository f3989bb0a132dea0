"""Answers of ticket systems with something wrong in them, wherever it is: a clear error, and nothing lost."""

import copy
import json
import os
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linetest.bench.ticket_desk import IS, TECHNICIAN, Desk
from linetest.bench.ticket_wire import Reply
from linetest.bench.tmf_desk import MAY_CHANGE, TmfDesk
from linetest.devices.station import TicketEntry
from linetest.errors import BadFile, LinetestError
from linetest.model.codes import Verdict
from linetest.store import outbox as rows
from linetest.store.database import connect, transaction
from linetest.store.outbox import State
from linetest.tickets import outbox, systems
from linetest.tickets.orders import values_of
from linetest.tickets.pace import Clock
from linetest.tickets.result import TicketResult
from linetest.tickets.system import FoundTicket
from linetest.transports.http import HttpTransport
from linetest.transports.http_answer import Answer

RIGHTS = TECHNICIAN | {f"{IS}tech1"}
TEXTS = st.one_of(
    st.text(max_size=30),
    st.integers(1, 4).map(lambda size: "x" * 10**size),
    st.sampled_from(["", "\x00", "\x1b[2J", "\ud800", "1970-01-01T00:00:00Z", "2026-13-40"]),
)
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS | st.integers(60, 1300).map(lambda bits: 2**bits),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
STATUSES = st.sampled_from([None, None, None, 200, 201, 204, 304, 400, 401, 403, 404, 409, 412, 418, 429, 500, 503])


class Wrong:
    """What is wrong with one answer."""

    def __init__(self, place: list[int], junk: Any, status: int | None, cut: int | None, deep: int) -> None:
        self.place, self.junk, self.status, self.cut, self.deep = place, junk, status, cut, deep

    def __repr__(self) -> str:
        return f"Wrong({self.place}, {str(self.junk)[:200]!r}, {self.status}, {self.cut}, {self.deep})"

    def text_of(self, document: Any) -> str:
        text = json.dumps(_replaced(copy.deepcopy(document), self.place, self.junk))
        if self.deep:
            text = '{"items":' + "[" * self.deep + "]" * self.deep + "}"
        return text if self.cut is None else text[: self.cut % (len(text) + 1)]


WRONGS = st.builds(
    Wrong,
    place=st.lists(st.integers(0, 9), max_size=6),
    junk=JUNK,
    status=STATUSES,
    cut=st.none() | st.none() | st.integers(0, 10_000),
    deep=st.sampled_from([0, 0, 0, 0, 0, 50, 100_000]),
)


def _replaced(document: Any, place: list[int], junk: Any) -> Any:
    """Put junk at a place inside of a document; each number chooses among what is there."""
    if not place or not isinstance(document, list | dict) or not document:
        return junk
    key = place[0] % len(document)
    name: Any = key if isinstance(document, list) else sorted(document)[key]
    document[name] = _replaced(document[name], place[1:], junk)
    return document


class Backend:
    """One of the simulated systems, asked without a wire; some of its answers go wrong."""

    def __init__(self, system: str, wrongs: list[Wrong | None]) -> None:
        self.system, self.wrongs = system, list(wrongs)
        self.desk = Desk() if system == "rt" else TmfDesk()
        self.entry = TicketEntry(
            system="rt" if system == "rt" else "tmf",
            url="http://127.0.0.1:9",
            queue="Field",
            technician="tech1",
            token="env:FUZZ_TOKEN",
        )

    def new_ticket(self) -> str:
        if isinstance(self.desk, Desk):
            return self.desk.new_ticket("x", fields={"Work Order": "WO-1", "Access": "epon", "Rates": "100/20"})
        work = {"workCharacteristic": [{"name": "access", "valueType": "string", "value": "adsl"}]}
        items = [{"id": "1", "action": "add", "work": work}]
        return "workOrder/" + self.desk.add("WorkOrder", {"externalId": "WO-1", "workOrderItem": items})

    def arrived(self, ticket: str, key: str) -> bool:
        if isinstance(self.desk, Desk):
            return self.desk.tickets[ticket].count(f"linetest-{key}.json") > 0
        note = self.desk.resources["WorkOrder"][ticket.partition("/")[2]].get("note", {})
        return key in note.get("text", "")

    def request(
        self, _http: Any, method: str, path: str = "", *, body: Any = None, params: Any = None, **_more: Any
    ) -> Answer:
        rights = RIGHTS if self.system == "rt" else MAY_CHANGE
        reply: Reply = self.desk.answer(method, urlsplit(path).path, dict(params or {}), copy.deepcopy(body), rights)
        wrong = self.wrongs.pop(0) if self.wrongs else None
        text = json.dumps(reply.document) if wrong is None else wrong.text_of(reply.document)
        status = reply.status if wrong is None or wrong.status is None else wrong.status
        headers = {name.lower(): value for name, value in reply.headers.items()}
        return Answer(status=status, headers=headers, text=text, skew_s=0.0)

    @contextmanager
    def asked(self) -> Iterator[None]:
        token = patch.dict(os.environ, {"FUZZ_TOKEN": "token"})
        with (
            token,
            patch.object(HttpTransport, "request", lambda http, *words, **more: self.request(http, *words, **more)),
        ):
            yield


def result(ticket: str) -> TicketResult:
    return TicketResult(
        key=str(uuid.uuid4()),
        ticket=ticket,
        order="WO-1",
        line="L1",
        work_type="install",
        access="adsl",
        verdict=Verdict.PASS,
        ticket_verdict=Verdict.PASS,
        rx_power_dbm=-18.2,
        tested_at="2026-11-22T19:00:00+08:00",
        simulated=False,
        comment="x",
        record={
            "id": "x",
            "started_at": "2026-11-22T19:00:00+08:00",
            "finished_at": "2026-11-22T19:00:00+08:00",
            "profile": {"name": "p", "sha256": "0"},
            "checks": [],
            "readings": [],
            "simulated": False,
        },
        final_status="resolved",
    )


@pytest.mark.slow
@settings(max_examples=15)
@given(st.sampled_from(["rt", "tmf"]), st.lists(st.none() | WRONGS, max_size=12))
def test_a_push_through_wrong_answers_loses_nothing(system: str, wrongs: list[Wrong | None]) -> None:
    back = Backend(system, wrongs)
    now = [1_800_000_000.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    clock = Clock(wall=lambda: now[0], monotonic=lambda: now[0], sleep=sleep)
    with tempfile.TemporaryDirectory() as home, closing(connect(Path(home))) as database, back.asked():
        connected = systems.connect(back.entry)
        ticket = back.new_ticket()
        sent = result(ticket)
        with transaction(database):
            rows.add(database, sent.item(connected.destination))
        item = rows.find(database, sent.key)
        for _time in range(len(wrongs) + 3):  # a wrong answer may end a whole push
            if item.state in rows.CLOSED:
                break
            outbox.push(database, connected, deadline_s=3600, clock=clock, connections=1)
            item = rows.find(database, sent.key)
            assert item.state != State.DELIVERED or back.arrived(ticket, sent.key)
            now[0] += 3600
        assert item.state == State.DELIVERED or (item.state == State.DEAD and item.last_error), item


@pytest.mark.slow
@settings(max_examples=15)
@given(st.sampled_from(["rt", "tmf"]), st.lists(st.none() | WRONGS, max_size=8))
def test_what_a_system_says_of_orders_is_read_or_refused(system: str, wrongs: list[Wrong | None]) -> None:
    back = Backend(system, wrongs)
    tickets = [back.new_ticket() for _number in range(2)]
    with back.asked():
        source, mapping = systems.order_source(back.entry)
        asks: list[Callable[[], Any]] = [
            lambda: source.orders(tickets, 60),
            lambda: [source.claim(tickets[0], 60)],
            lambda: systems.connect(back.entry).doctor(60),
            lambda: source.orders(tickets, 60),
        ]
        for ask in asks:
            with suppress(LinetestError):
                for one in ask():
                    if isinstance(one, FoundTicket):
                        assert len(one.ticket) <= 250
                        with suppress(BadFile):
                            values_of(mapping, one)
