"""The manners of Request Tracker that the adapter is built around: the simulated one has those of the real one.

Each test is asked of both, in plain HTTP, without the code under test.
"""

import os
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from typing import Any

import httpx
import pytest

COMMENT = {"Content": "said", "ContentType": "text/plain"}


@pytest.fixture
def ask(back_end: Any) -> Iterator[httpx.Client]:
    with closing(client_of(back_end.entry)) as client:
        yield client


def client_of(entry: Any) -> httpx.Client:
    token = os.environ[entry.token.removeprefix("env:")]
    head = {"Authorization": f"token {token}"}
    return httpx.Client(base_url=f"{entry.url}/REST/2.0", headers=head, timeout=30, trust_env=False)


def test_what_is_unknown_at_creation_is_dropped_in_silence(back_end: Any, ask: httpx.Client) -> None:
    fields = {"No Such Field": "x", "Verdict": "passed", "Rx Power dBm": "dark", "Line Id": "L1"}
    made = ask.post("/ticket", json={"Queue": "Field", "Subject": "x", "CustomFields": fields})
    assert made.status_code == 201
    number = made.json()["id"]
    assert isinstance(number, str)
    assert ask.get(f"/ticket/{number}").json()["id"] == int(number)
    assert back_end.show(number) == {"Line Id": "L1", "Status": "new"}
    refused = ask.post("/ticket", json={"Queue": "Nope", "Subject": "x"})
    assert (refused.status_code, refused.json()["message"]) == (
        403,
        "No permission to create tickets in the queue 'Nope'",
    )


def test_a_change_that_was_refused_is_a_200_with_texts_or_without(back_end: Any, ask: httpx.Client) -> None:
    path = f"/ticket/{back_end.new_ticket()}"
    ask.put(path, json={"CustomFields": {"Line Id": "L1"}})
    for body, said in (
        ({"Status": "nonsense"}, "isn't a valid status"),
        ({"CustomFields": {"No Such Field": "x"}}, ""),
        ({"CustomFields": {"Line Id": "L1"}}, ""),
        ({"CustomFields": {"Verdict": "passed"}}, "Invalid value for custom field"),
        ({"CustomFields": {"Rx Power dBm": "dark"}}, "Input must match [Number]"),
    ):
        answer = ask.put(path, json=body)
        assert answer.status_code == 200
        assert said in " ".join(answer.json())
        assert bool(said) is bool(answer.json()), body


def test_a_comment_with_bad_parts_is_half_done(back_end: Any, ask: httpx.Client) -> None:
    ticket = back_end.new_ticket()
    fields = {"No Such Field": "x", "Line Id": "L1"}
    answer = ask.post(f"/ticket/{ticket}/comment", json={**COMMENT, "CustomFields": fields, "Status": "nonsense"})
    assert answer.status_code == 201
    assert (back_end.comments(ticket), back_end.show(ticket)) == (1, {"Line Id": "L1", "Status": "new"})
    assert ask.post(f"/ticket/{ticket}/comment", json={"Content": "x"}).status_code == 400


def test_correspondence_reopens_a_ticket_and_a_comment_does_not(back_end: Any, ask: httpx.Client) -> None:
    ticket = back_end.new_ticket(status="resolved")
    assert ask.post(f"/ticket/{ticket}/comment", json=COMMENT).status_code == 201
    assert back_end.show(ticket)["Status"] == "resolved"
    assert ask.post(f"/ticket/{ticket}/correspond", json=COMMENT).status_code == 201
    assert back_end.show(ticket)["Status"] == "open"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("2026-11-22T11:00:00Z", "2026-11-22T00:00:00+00:00"),
        ("2026-11-22T19:00:00+08:00", "2026-11-22T11:00:00+00:00"),
        ("2026-11-22T11:00:00+00:00", "2026-11-22T11:00:00+00:00"),
        ("2026-11-22 11:00:00", "2026-11-22T11:00:00+00:00"),
    ],
)
def test_a_z_costs_the_time_of_day(sent: str, kept: str, back_end: Any, ask: httpx.Client) -> None:
    ticket = back_end.new_ticket()
    ask.put(f"/ticket/{ticket}", json={"CustomFields": {"Tested At": sent}})
    assert datetime.fromisoformat(back_end.show(ticket)["Tested At"]) == datetime.fromisoformat(kept)


def test_searches(back_end: Any, ask: httpx.Client) -> None:
    ticket = back_end.new_ticket()
    file = {"FileName": f"linetest-{ticket}-x.json", "FileType": "application/json", "FileContent": "e30="}
    assert ask.post(f"/ticket/{ticket}/comment", json={**COMMENT, "Attachments": [file]}).status_code == 201

    def found(query: str) -> list[str]:
        answer = ask.get("/tickets", params={"query": query})
        assert answer.status_code == 200
        return [item["id"] for item in answer.json()["items"]]

    assert found(f"Filename = 'linetest-{ticket}-x.json'") == [ticket]
    assert found(f"id = {ticket} AND (Status = 'open' OR Status = 'new') AND Owner = 'Nobody'") == [ticket]
    assert found(f"id = {ticket} AND Owner = '__CurrentUser__'") == []
    assert found("CF.{No Such Field} = 'x'") == []
    silent = ask.post("/tickets", json=[{"field": "id", "value": ticket}])
    assert (silent.status_code, silent.json()["count"]) == (200, 0)
    assert ask.get("/tickets", params={"query": "Status ="}).status_code == 400
    by_name = [{"field": "Filename", "value": file["FileName"]}]
    attached = ask.post(f"/ticket/{ticket}/attachments", json=by_name, params={"fields": "Filename"}).json()["items"]
    assert [item["Filename"] for item in attached] == [file["FileName"]]


def test_taking_answers_200_whether_it_was_given_or_not(back_end: Any, ask: httpx.Client) -> None:
    free, taken = back_end.new_ticket(), back_end.new_ticket()
    back_end.take_as_second(taken)
    for ticket, owner in ((free, "tech1"), (free, "tech1"), (taken, "tech2")):
        answer = ask.put(f"/ticket/{ticket}/take", json={})
        assert (answer.status_code, back_end.owner(ticket)) == (200, owner)


def test_who_may_not(back_end: Any, ask: httpx.Client) -> None:
    ticket = back_end.new_ticket()
    assert ask.get("/rt", headers={"Authorization": "token 1-28-dead"}).status_code == 401
    with closing(client_of(back_end.viewer)) as viewer:
        refused = viewer.post(f"/ticket/{ticket}/comment", json=COMMENT)
        assert (refused.status_code, refused.json()["message"]) == (400, "Permission Denied")
        changed = viewer.put(f"/ticket/{ticket}", json={"Status": "open"})
        assert (changed.status_code, changed.json()) == (200, [f"Ticket {ticket}: Permission Denied"])
    assert ask.post("/ticket/99999999/comment", json=COMMENT).status_code == 400
    assert ask.get("/ticket/99999999").status_code == 404
    assert ask.put(f"/ticket/{ticket}", content=b"{", headers={"Content-Type": "application/json"}).status_code == 400
