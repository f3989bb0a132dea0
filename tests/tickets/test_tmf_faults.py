"""A system with TM Forum's APIs that fails, lies or is hostile: nothing lost, nothing doubled, nothing followed."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from linetest.bench.ticket_wire import Reply
from linetest.devices.station import TicketEntry
from linetest.errors import Paused, PushError, Rejected
from linetest.store import outbox as rows
from linetest.store.outbox import State
from linetest.tickets import outbox, systems
from linetest.tickets.outbox import Outcome
from linetest.tickets.pace import Pace
from linetest.tickets.result import TicketResult
from tests.tickets.tmf_listening import Listening

NewResult = Callable[..., TicketResult]
Put = Callable[..., str]
Push = Callable[..., list[Outcome]]
QUICK = Pace(settle_s=0.05, gap_s=0.02, base_s=0.01, cap_s=0.05)
TESTS = "/tmf-api/serviceTestManagement/v4/serviceTest"


@pytest.fixture
def push_tmf(database: sqlite3.Connection, tmf_entry: TicketEntry) -> Push:
    def send(deadline_s: float = 15, pace: Pace = QUICK) -> list[Outcome]:
        return outbox.push(database, systems.connect(tmf_entry), deadline_s=deadline_s, pace=pace)

    return send


def arrived_once(tmf: Listening, ticket: str, key: str) -> bool:
    (test,) = tmf.all("ServiceTest").values()
    shown = tmf.all("TroubleTicket")[ticket]
    counts = [len(shown[name]) for name in ("note", "attachment", "relatedEntity")]
    return (
        test["name"] == f"linetest-{key}"
        and counts == [1, 1, 1]
        and shown["relatedEntity"][0]["id"] == test["id"]
        and shown["status"] == "resolved"
    )


@pytest.mark.parametrize("method", ["POST", "PATCH"])
@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("drop-request", {}),
        ("drop-reply", {}),
        ("half-reply", {}),
        ("late-work", {"delay_s": 0.03}),
        ("refuse", {"status": 500}),
        ("refuse", {"status": 503, "headers": {"Retry-After": "0"}}),
        ("refuse", {"status": 429}),
        ("refuse-after", {"status": 502}),
    ],
)
def test_a_failing_step_is_completed_and_never_doubled(
    method: str,
    kind: str,
    more: dict[str, Any],
    tmf: Listening,
    tmf_entry: TicketEntry,
    new_result: NewResult,
    put: Put,
    push_tmf: Push,
) -> None:
    ticket = tmf.new_ticket()
    key = put(new_result(ticket), tmf_entry)
    tmf.fail(kind, times=2, method=method, path="/serviceTest" if method == "POST" else f"/{ticket}", **more)
    (outcome,) = push_tmf()
    assert (outcome.state, outcome.reason) == (State.DELIVERED, None)
    assert arrived_once(tmf, ticket, key)


def test_the_time_that_the_system_asks_for_is_waited(
    tmf: Listening, tmf_entry: TicketEntry, new_result: NewResult, put: Put, push_tmf: Push
) -> None:
    put(new_result(tmf.new_ticket()), tmf_entry)
    tmf.fail("refuse", status=503, headers={"Retry-After": "120"}, path="/serviceTest")
    (outcome,) = push_tmf(deadline_s=5)
    assert outcome.state == State.UNSURE
    assert outcome.next_at is not None
    assert tmf.all("ServiceTest") == {}


def test_a_dripping_answer_does_not_hold_the_push(
    tmf: Listening,
    tmf_entry: TicketEntry,
    new_result: NewResult,
    put: Put,
    push_tmf: Push,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("linetest.tickets.tmf_rest.DEADLINE_S", 0.5)
    ticket = tmf.new_ticket()
    key = put(new_result(ticket), tmf_entry)
    tmf.fail("drip-body", path="/serviceTest")
    (outcome,) = push_tmf()
    assert outcome.state == State.DELIVERED
    assert arrived_once(tmf, ticket, key)


def test_an_expired_token_pauses_the_destination(
    tmf: Listening,
    tmf_entry: TicketEntry,
    new_result: NewResult,
    put: Put,
    database: sqlite3.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ticket = tmf.new_ticket()
    keys = [put(new_result(ticket), tmf_entry) for _number in range(2)]
    monkeypatch.setenv("TMF_TOKEN", "expired-0815")
    outcomes = outbox.push(database, systems.connect(tmf_entry), deadline_s=15, pace=QUICK)
    assert [(outcome.state, outcome.next_at) for outcome in outcomes] == [(State.PENDING, None)] * 2
    assert all("401" in str(outcome.reason) and "0815" not in str(outcome.reason) for outcome in outcomes)
    assert [rows.find(database, key).attempts for key in keys] == [0, 0]


def test_a_token_that_may_only_look_pauses_and_costs_nothing(
    tmf: Listening,
    tmf_entry: TicketEntry,
    new_result: NewResult,
    put: Put,
    push_tmf: Push,
    database: sqlite3.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ticket = tmf.new_ticket()
    key = put(new_result(ticket), tmf_entry)
    with monkeypatch.context() as patch:
        patch.setenv("TMF_TOKEN", tmf.viewer_token)
        (outcome,) = outbox.push(database, systems.connect(tmf_entry), deadline_s=15, pace=QUICK)
    assert outcome.state == State.PENDING
    assert "this token may only look" in str(outcome.reason)
    assert rows.find(database, key).attempts == 0
    (outcome,) = push_tmf()
    assert outcome.state == State.DELIVERED
    assert arrived_once(tmf, ticket, key)


@pytest.mark.parametrize("place", ["http://169.254.169.254/latest", "file:///etc/passwd", "https://tmf.example.org/x"])
def test_a_redirect_to_elsewhere_is_not_followed(
    place: str, tmf: Listening, tmf_entry: TicketEntry, new_result: NewResult, put: Put, push_tmf: Push
) -> None:
    ticket = tmf.new_ticket()
    key = put(new_result(ticket), tmf_entry)
    tmf.fail("redirect", path="/serviceTest", headers={"Location": place})
    (outcome,) = push_tmf()
    assert outcome.state in (State.PENDING, State.UNSURE)
    assert tmf.token not in str(outcome.reason)
    (outcome,) = push_tmf()
    assert outcome.state == State.DELIVERED
    assert arrived_once(tmf, ticket, key)


class Answering(Listening):
    """The same, with one answer that a test has chosen."""

    def __init__(self) -> None:
        super().__init__()
        self.instead: dict[tuple[str, str], Any] = {}

    def answer(self, method: str, path: str, query: dict[str, str], body: Any, rights: frozenset[str]) -> Reply:
        reply = super().answer(method, path, query, body, rights)
        if (method, path) in self.instead:
            return reply._replace(document=self.instead[method, path])
        return reply


@pytest.fixture
def hostile(tmf_entry: TicketEntry, monkeypatch: pytest.MonkeyPatch) -> Any:
    with Answering() as running:
        monkeypatch.setenv("TMF_TOKEN", running.token)
        yield running, msgspec.structs.replace(tmf_entry, url=running.url)


@pytest.mark.parametrize(
    "document",
    [
        None,
        17,
        "text",
        {},
        {"id": "1"},
        [1, 2],
        [[]],
        [{"name": ["x"]}],
        [{"name": "somebody else's"}],
        {"items": []},
        [{}] * 5000,
    ],
)
def test_a_list_that_is_none_is_refused_and_nothing_is_made(document: Any, hostile: Any, new_result: NewResult) -> None:
    server, entry = hostile
    server.instead["GET", TESTS] = document
    result = new_result(server.new_ticket())
    with pytest.raises(PushError):
        systems.connect(entry).send(result, None, 5)  # type: ignore[arg-type]
    assert server.sent == []


@pytest.mark.parametrize(
    "number", [None, 17, "", ".", "..", ["1"], {"id": "1"}, "x" * 300, "1\r\nX-Evil: 1", "\x1b[31m", "\u202e"]
)
def test_an_id_that_is_none_goes_into_no_path(number: Any, hostile: Any, new_result: NewResult) -> None:
    server, entry = hostile
    server.instead["POST", TESTS] = {"id": number, "href": "javascript:alert(1)"}
    result = new_result(server.new_ticket())
    with pytest.raises(PushError):
        systems.connect(entry).send(result, None, 5)  # type: ignore[arg-type]
    assert [method for method, _form, _body in server.sent] == ["POST"]


@pytest.mark.parametrize(
    ("ticket", "asked"),
    [
        ("../../serviceTest", "/tmf-api/troubleTicket/v4/troubleTicket/../../serviceTest"),
        ("17/../18", "/tmf-api/troubleTicket/v4/troubleTicket/17/../18"),
        ("17?x=1#y", "/tmf-api/troubleTicket/v4/troubleTicket/17?x=1#y"),
        ("workOrder/../troubleTicket", "/tmf-api/workOrderManagement/v4/workOrder/../troubleTicket"),
    ],
)
def test_a_number_stays_one_segment_of_the_path(
    ticket: str, asked: str, tmf: Listening, tmf_entry: TicketEntry, new_result: NewResult
) -> None:
    """The server takes the escapes away and finds the number as it was written: as one name that nothing has."""
    tmf.new_ticket()
    with pytest.raises(Rejected, match="has no ticket"):
        systems.connect(tmf_entry).send(new_result(ticket), None, 5)  # type: ignore[arg-type]
    assert tmf.requests == [("GET", asked)]


@pytest.mark.parametrize("ticket", ["workOrder/", "..", ".", "a\nb"])
def test_a_number_that_cannot_be_one_is_refused_before_anything_is_asked(
    ticket: str, tmf: Listening, tmf_entry: TicketEntry, new_result: NewResult
) -> None:
    with pytest.raises(Rejected, match="cannot be an id"):
        systems.connect(tmf_entry).send(new_result(ticket), None, 5)  # type: ignore[arg-type]
    assert tmf.requests == []


@pytest.mark.parametrize("value", [None, 3, "x", {}, [3], [None], [{"text": 3}], [{"name": {}, "content": 3}]])
def test_a_ticket_of_wrong_types_is_read_as_one_without_our_parts(
    value: Any, hostile: Any, new_result: NewResult
) -> None:
    server, entry = hostile
    ticket = server.new_ticket()
    path = f"/tmf-api/troubleTicket/v4/troubleTicket/{ticket}"
    names = ("note", "attachment", "relatedEntity", "status", "externalId")
    server.instead["GET", path] = {"id": ticket, **dict.fromkeys(names, value)}
    result = new_result(ticket)
    system = systems.connect(entry)
    assert system.look_up(result, 5) is False
    missing = {one.field for one in system.read_back(result, 5).differences}
    assert {"note", "attachment", "serviceTest"} <= missing


def test_an_answer_without_end_is_not_read(hostile: Any, new_result: NewResult) -> None:
    server, entry = hostile
    ticket = server.new_ticket()
    path = f"/tmf-api/troubleTicket/v4/troubleTicket/{ticket}"
    server.instead["GET", path] = {"id": ticket, "note": [{"text": "x" * (9 * 1024 * 1024)}]}
    with pytest.raises(PushError, match="longer than"):
        systems.connect(entry).look_up(new_result(ticket), 10)


def test_no_href_of_the_system_is_sent_back(
    tmf: Listening, tmf_entry: TicketEntry, new_result: NewResult, put: Put, push_tmf: Push
) -> None:
    put(new_result(tmf.new_ticket()), tmf_entry)
    push_tmf()
    assert "href" not in str(tmf.sent)


def test_a_system_that_does_not_filter_gets_nothing(hostile: Any, new_result: NewResult) -> None:
    server, entry = hostile
    server.instead["GET", TESTS] = [{"id": "1", "name": "linetest-another"}]
    with pytest.raises(Paused, match="does not filter serviceTest by name"):
        systems.connect(entry).send(new_result(server.new_ticket()), None, 5)  # type: ignore[arg-type]


def test_a_test_that_is_there_twice_is_told_and_left_to_a_person(
    tmf: Listening, tmf_entry: TicketEntry, new_result: NewResult, put: Put, push_tmf: Push
) -> None:
    result = new_result(tmf.new_ticket())
    put(result, tmf_entry)
    push_tmf()
    (test,) = tmf.all("ServiceTest").values()
    tmf.desk.resources["ServiceTest"]["900"] = {**test, "id": "900"}
    system = systems.connect(tmf_entry)
    differences = system.read_back(result, 5).differences
    assert [(one.field, one.found) for one in differences] == [("serviceTest", "2")]
    assert system.repair(result, differences, 5) == [f"serviceTest linetest-{result.key} is there 2 times"]


class TestDoctor:
    """What is right and wrong before the first result."""

    def test_all_is_in_place(self, tmf: Listening, tmf_entry: TicketEntry) -> None:
        findings = systems.connect(tmf_entry).doctor(10)
        assert [finding.state for finding in findings] == ["ok"] * 6 + ["unknown"]
        assert findings[0].what == "troubleTicket answers"
        assert tmf.sent == []

    def test_a_system_that_does_not_filter(self, hostile: Any) -> None:
        server, entry = hostile
        server.instead["GET", TESTS] = [{"id": "1", "name": "linetest-another"}]
        wrong = [one.what for one in systems.connect(entry).doctor(10) if one.state == "wrong"]
        assert wrong == ["the ticket system does not filter serviceTest by name"]

    def test_an_api_that_is_not_there(self, tmf_entry: TicketEntry, tmp_path: Path) -> None:
        shipped = Path(systems.__file__).with_name("mappings") / "tmf.toml"
        text = shipped.read_text(encoding="utf-8").replace("/tmf-api/appointment/v4", "/nowhere")
        (tmp_path / "own.toml").write_text(text, encoding="utf-8")
        entry = msgspec.structs.replace(tmf_entry, mapping=str(tmp_path / "own.toml"))
        (unknown,) = [one for one in systems.connect(entry).doctor(10) if one.hint]
        assert (unknown.state, unknown.hint) == ("unknown", "without it no appointments are sent")
        assert "404" in unknown.what
