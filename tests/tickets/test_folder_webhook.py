"""The two ticket systems without an adapter of their own: a folder and a web address."""

import http.server
import json
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from linetest.devices.station import TicketEntry
from linetest.store.outbox import State
from linetest.tickets import outbox, systems
from linetest.tickets.pace import Pace
from linetest.tickets.result import TicketResult

NewResult = Callable[..., TicketResult]
Put = Callable[..., str]


class Receiver(http.server.BaseHTTPRequestHandler):
    """Knows a repeated key, and answers what the test wants."""

    got: dict[str, dict[str, object]]
    heads: list[dict[str, str]]
    answers: list[int]

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.heads.append(dict(self.headers.items()))
        status = self.answers.pop(0) if self.answers else 204
        if status == 0 or status < 300:
            self.got[self.headers["Idempotency-Key"]] = body
        if status:
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()
        else:
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def receiver() -> Iterator[tuple[str, type[Receiver]]]:
    handler = type("Handler", (Receiver,), {"got": {}, "heads": [], "answers": []})
    with http.server.HTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/results", handler
        server.shutdown()
        thread.join()


def test_a_webhook_gets_the_payload_with_its_key(
    receiver: tuple[str, type[Receiver]],
    database: sqlite3.Connection,
    new_result: NewResult,
    put: Put,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    url, handler = receiver
    monkeypatch.setenv("HOOK", "canary")
    entry = TicketEntry(system="webhook", url=url, token="env:HOOK")
    key = put(new_result("WO/17 a"), entry)
    (outcome,) = outbox.push(database, systems.connect(entry), deadline_s=10)
    assert outcome.state == State.DELIVERED
    body = handler.got[key]
    assert (body["key"], body["ticket"], body["final_status"]) == (key, "WO/17 a", "resolved")
    assert {"tested_at", "sent_at"} <= set(body)
    assert handler.heads[0]["Authorization"] == "Bearer canary"
    assert "canary" not in json.dumps(body)


def test_a_webhook_that_does_not_answer_gets_the_same_key_again(
    receiver: tuple[str, type[Receiver]], database: sqlite3.Connection, new_result: NewResult, put: Put
) -> None:
    url, handler = receiver
    entry = TicketEntry(system="webhook", url=url)
    key = put(new_result("17"), entry)
    handler.answers = [0, 503]
    quick = Pace(settle_s=0.01, gap_s=0.01, base_s=0.01)
    (outcome,) = outbox.push(database, systems.connect(entry), deadline_s=10, pace=quick)
    assert outcome.state == State.DELIVERED
    assert [head["Idempotency-Key"] for head in handler.heads] == [key] * 3
    assert list(handler.got) == [key]


@pytest.mark.parametrize("status", [400, 404, 409])
def test_a_webhook_that_refuses(
    status: int, receiver: tuple[str, type[Receiver]], database: sqlite3.Connection, new_result: NewResult, put: Put
) -> None:
    url, handler = receiver
    entry = TicketEntry(system="webhook", url=url)
    put(new_result("17"), entry)
    handler.answers = [status]
    (outcome,) = outbox.push(database, systems.connect(entry), deadline_s=10)
    assert outcome.state == State.DEAD
    assert str(status) in str(outcome.reason)


def test_a_folder_gets_one_file(tmp_path: Path, database: sqlite3.Connection, new_result: NewResult, put: Put) -> None:
    (tmp_path / "share").mkdir()
    entry = TicketEntry(system="folder", path=str(tmp_path / "share"))
    key = put(new_result("../../17", simulated=True), entry)
    system = systems.connect(entry)
    assert [finding.state for finding in system.doctor(5)] == ["ok"]
    (outcome,) = outbox.push(database, system, deadline_s=10)
    assert outcome.state == State.DELIVERED
    (file,) = (tmp_path / "share").iterdir()
    assert file.name == f"linetest-{key}.json"
    assert json.loads(file.read_text())["record"]["id"] == key


def test_a_share_that_is_not_there_keeps_the_result(
    tmp_path: Path, database: sqlite3.Connection, new_result: NewResult, put: Put
) -> None:
    entry = TicketEntry(system="folder", path=str(tmp_path / "share"))
    put(new_result("17"), entry)
    system = systems.connect(entry)
    (outcome,) = outbox.push(database, system, deadline_s=10)
    assert outcome.state == State.PENDING
    assert "this folder is not there" in str(outcome.reason)
    assert [finding.state for finding in system.doctor(5)] == ["wrong"]
    (tmp_path / "share").mkdir()
    (outcome,) = outbox.push(database, system, deadline_s=10)
    assert outcome.state == State.DELIVERED


def test_a_file_that_was_changed_is_written_again(
    tmp_path: Path, database: sqlite3.Connection, new_result: NewResult, put: Put
) -> None:
    entry = TicketEntry(system="folder", path=str(tmp_path))
    key = put(new_result("17"), entry)
    file = tmp_path / f"linetest-{key}.json"

    def spoil(stage: str, _item: object) -> None:
        if stage == "sent":
            file.write_text("half")

    (outcome,) = outbox.push(database, systems.connect(entry), deadline_s=10, tell=spoil)
    assert outcome.state == State.DELIVERED
    assert json.loads(file.read_text())["key"] == key
