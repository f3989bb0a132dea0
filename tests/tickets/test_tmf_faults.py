"""A system with TM Forum's APIs that fails: nothing lost, nothing doubled, nothing followed."""

import sqlite3
from collections.abc import Callable
from typing import Any

import pytest

from linetest.devices.station import TicketEntry
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
    tmf_push: Push,
) -> None:
    ticket = tmf.new_ticket()
    key = put(new_result(ticket), tmf_entry)
    tmf.fail(kind, times=2, method=method, path="/serviceTest" if method == "POST" else f"/{ticket}", **more)
    (outcome,) = tmf_push()
    assert (outcome.state, outcome.reason) == (State.DELIVERED, None)
    assert arrived_once(tmf, ticket, key)


def test_the_time_that_the_system_asks_for_is_waited(
    tmf: Listening, tmf_entry: TicketEntry, new_result: NewResult, put: Put, tmf_push: Push
) -> None:
    put(new_result(tmf.new_ticket()), tmf_entry)
    tmf.fail("refuse", status=503, headers={"Retry-After": "120"}, path="/serviceTest")
    (outcome,) = tmf_push(deadline_s=5)
    assert outcome.state == State.UNSURE
    assert outcome.next_at is not None
    assert tmf.all("ServiceTest") == {}


def test_a_dripping_answer_does_not_hold_the_push(
    tmf: Listening,
    tmf_entry: TicketEntry,
    new_result: NewResult,
    put: Put,
    tmf_push: Push,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("linetest.tickets.answers.DEADLINE_S", 0.5)
    ticket = tmf.new_ticket()
    key = put(new_result(ticket), tmf_entry)
    tmf.fail("drip-body", path="/serviceTest")
    (outcome,) = tmf_push()
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
    tmf_push: Push,
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
    (outcome,) = tmf_push()
    assert outcome.state == State.DELIVERED
    assert arrived_once(tmf, ticket, key)


@pytest.mark.parametrize("place", ["http://169.254.169.254/latest", "file:///etc/passwd", "https://tmf.example.org/x"])
def test_a_redirect_to_elsewhere_is_not_followed(
    place: str, tmf: Listening, tmf_entry: TicketEntry, new_result: NewResult, put: Put, tmf_push: Push
) -> None:
    ticket = tmf.new_ticket()
    key = put(new_result(ticket), tmf_entry)
    tmf.fail("redirect", path="/serviceTest", headers={"Location": place})
    (outcome,) = tmf_push()
    assert outcome.state in (State.PENDING, State.UNSURE)
    assert tmf.token not in str(outcome.reason)
    (outcome,) = tmf_push()
    assert outcome.state == State.DELIVERED
    assert arrived_once(tmf, ticket, key)
