"""A system with TM Forum's APIs that lies, is hostile, or is not fit: nothing made twice, nothing followed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from linetest.bench.ticket_wire import Reply
from linetest.devices.station import TicketEntry
from linetest.errors import Paused, PushError, Rejected
from linetest.tickets import systems
from linetest.tickets.outbox import Outcome
from linetest.tickets.pace import Pace
from linetest.tickets.result import TicketResult
from tests.tickets.tmf_listening import Listening

NewResult = Callable[..., TicketResult]
Put = Callable[..., str]
Push = Callable[..., list[Outcome]]
QUICK = Pace(settle_s=0.05, gap_s=0.02, base_s=0.01, cap_s=0.05)
TESTS = "/tmf-api/serviceTestManagement/v4/serviceTest"


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
    tmf: Listening, tmf_entry: TicketEntry, new_result: NewResult, put: Put, tmf_push: Push
) -> None:
    put(new_result(tmf.new_ticket()), tmf_entry)
    tmf_push()
    assert "href" not in str(tmf.sent)


def test_a_system_that_does_not_filter_gets_nothing(hostile: Any, new_result: NewResult) -> None:
    server, entry = hostile
    server.instead["GET", TESTS] = [{"id": "1", "name": "linetest-another"}]
    with pytest.raises(Paused, match="does not filter serviceTest by name"):
        systems.connect(entry).send(new_result(server.new_ticket()), None, 5)  # type: ignore[arg-type]


def test_a_test_that_is_there_twice_is_told_and_left_to_a_person(
    tmf: Listening, tmf_entry: TicketEntry, new_result: NewResult, put: Put, tmf_push: Push
) -> None:
    result = new_result(tmf.new_ticket())
    put(result, tmf_entry)
    tmf_push()
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
