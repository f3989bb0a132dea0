"""The clocks of an order: every limit of the service documents at its boundary."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from linetest.model.case import Booking, Case, Event
from linetest.model.codes import Verdict
from linetest.model.deadlines import Deadlines
from linetest.model.order import Customer, Line, Order
from linetest.workorders.deadlines import Due, dues, shown_due
from linetest.workorders.rules import load_deadlines

CHINA = timezone(timedelta(hours=8))
START = datetime(2026, 2, 27, 23, 30, tzinfo=CHINA)  # a Friday night, one day before the month ends
SECOND = timedelta(seconds=1)


@pytest.fixture
def rules() -> Deadlines:
    return load_deadlines("deadlines-cn")


def order(**changes: Any) -> Order:
    given: dict[str, Any] = {
        "number": "WO-1",
        "access": "adsl",
        "work_type": "fault",
        "received_at": START,
        "line": [Line(id="L1")],
    }
    return Order(**{**given, **changes})


def due_of(found: list[Due], clock: str) -> Due:
    return next(due for due in found if due.clock == clock)


VIP, URBAN, RURAL = Customer(vip=True, region="rural"), Customer(region="urban"), Customer(region="rural")
DONE = {"kind": "done"}


@pytest.mark.parametrize(
    ("clock", "wanted_hours", "changes", "end"),
    [
        ("contact", 8, {}, {"kind": "first-reply"}),
        ("contact", 8, {"fault_class": "last-drop"}, {"kind": "called", "reached": True}),
        ("redispatch", 4, {"fault_class": "cutover"}, {"kind": "redispatched", "reached": True}),
        ("completion", 24, {"customer": VIP}, DONE),
        ("completion", 24, {"customer": URBAN}, DONE),
        ("completion", 24, {}, DONE),
        ("completion", 48, {"customer": RURAL}, DONE),
        ("completion", 48, {"work_type": "install", "customer": VIP}, DONE),
        ("completion", 48, {"work_type": "move", "customer": URBAN}, DONE),
        ("completion", 72, {"work_type": "install", "customer": RURAL}, DONE),
        ("completion", 72, {"work_type": "move", "customer": RURAL}, DONE),
    ],
)
def test_a_limit_is_kept_to_the_second_and_broken_after_it(
    rules: Deadlines, clock: str, wanted_hours: int, changes: dict[str, Any], end: dict[str, Any]
) -> None:
    limit = START + timedelta(hours=wanted_hours)  # clock hours: a night, a weekend and the month's end lie in it
    for at, state in ((limit, "kept"), (limit + SECOND, "broken")):
        case = Case(order=order(**changes), events=[Event(at=at, **end)])
        found = due_of(dues(case, rules, limit + timedelta(days=30)), clock)
        assert (found.due_at, found.stopped_at, found.state, found.left_s) == (limit, at, state, None)


@pytest.mark.parametrize(
    ("resource", "wanted"), [(True, timedelta(hours=48)), (None, timedelta(hours=48)), (False, timedelta(days=15))]
)
def test_the_promise_runs_from_acceptance_to_the_completion_reply(
    rules: Deadlines, resource: bool | None, wanted: timedelta
) -> None:
    accepted = START - timedelta(hours=5)
    limit = accepted + wanted
    job = order(work_type="install", wired_resource=resource, accepted_at=accepted, customer=URBAN)
    tested = Event(at=limit - timedelta(hours=3), kind="tested", line="L1", record="r1", verdict=Verdict.PASS)
    done = Event(at=limit - timedelta(hours=2), kind="done", record="r1")
    for sent_at, state in ((limit, "kept"), (limit + SECOND, "broken")):
        sent = Event(at=sent_at, kind="sent", line="L1", record="r1")
        found = due_of(dues(Case(order=job, events=[tested, done, sent]), rules, limit + wanted), "promise")
        assert (found.due_at, found.stopped_at, found.state) == (limit, sent_at, state)
    unsent = due_of(dues(Case(order=job, events=[tested, done]), rules, limit + SECOND), "promise")
    assert unsent.state == "late"  # done and tested in time, and still in the outbox


def test_a_result_that_went_out_before_the_work_was_done_does_not_stop_the_promise_early(rules: Deadlines) -> None:
    job = order(work_type="install", accepted_at=START)
    events = [
        Event(at=START + timedelta(hours=1), kind="tested", line="L1", record="r1", verdict=Verdict.PASS),
        Event(at=START + timedelta(hours=1), kind="sent", line="L1", record="r1"),
        Event(at=START + timedelta(hours=2), kind="done", record="r1"),
    ]
    found = due_of(dues(Case(order=job, events=events), rules, START + timedelta(hours=3)), "promise")
    assert found.stopped_at == START + timedelta(hours=2)


def test_the_states_of_a_running_clock_at_their_boundaries(rules: Deadlines) -> None:
    limit, warn = START + timedelta(hours=8), timedelta(hours=2)
    for now, state, left_s in (
        (START, "open", 8 * 3600),
        (limit - warn - SECOND, "open", 7201),
        (limit - warn, "near", 7200),
        (limit, "near", 0),
        (limit + SECOND, "late", -1),
    ):
        found = due_of(dues(Case(order=order(), events=[]), rules, now), "contact")
        assert (found.state, found.left_s) == (state, left_s)


def test_a_moment_is_the_same_in_every_time_zone(rules: Deadlines) -> None:
    limit = (START + timedelta(hours=8)).astimezone(UTC)
    case = Case(order=order(), events=[Event(at=limit, kind="first-reply")])
    assert due_of(dues(case, rules, limit.astimezone(timezone(timedelta(hours=-5)))), "contact").state == "kept"


def test_a_call_that_nobody_answers_is_no_reply(rules: Deadlines) -> None:
    booking = Booking(day=START.date(), half="morning", channel="phone", agreed=False)
    events = [
        Event(at=START, kind="called", reached=False),
        Event(at=START, kind="called"),
        Event(at=START, kind="redispatched", reached=False),
        Event(at=START, kind="booked", booking=booking),
    ]
    found = dues(Case(order=order(fault_class="cutover"), events=events), rules, START + timedelta(hours=9))
    assert [due.state for due in found if due.clock in ("contact", "redispatch")] == ["late", "late"]


@pytest.mark.parametrize(
    ("reason", "after", "clock", "state"),
    [
        ("customer-absent", timedelta(), "completion", "exempt"),
        ("customer-absent", SECOND, "completion", "late"),
        ("customer-absent", timedelta(), "promise", "late"),
        ("force-majeure", timedelta(hours=5), "completion", "exempt"),
        ("force-majeure", timedelta(hours=5), "promise", "exempt"),
        ("wrong-order", timedelta(), "completion", "late"),
    ],
)
def test_a_reported_reason_exempts_from_its_clocks_only(
    rules: Deadlines, reason: str, after: timedelta, clock: str, state: str
) -> None:
    limit = START + timedelta(hours=48)
    job = order(work_type="install", customer=URBAN, accepted_at=START)
    case = Case(order=job, events=[Event(at=limit + after, kind="delay", reason=reason)])
    assert due_of(dues(case, rules, limit + timedelta(days=1)), clock).state == state


def test_a_reason_takes_nothing_from_an_order_that_was_done_in_time(rules: Deadlines) -> None:
    events = [Event(at=START, kind="delay", reason="force-majeure"), Event(at=START + SECOND, kind="done")]
    assert due_of(dues(Case(order=order(), events=events), rules, START + SECOND), "completion").state == "kept"


def test_what_the_order_does_not_say_is_not_late(rules: Deadlines) -> None:
    assert dues(Case(order=order(received_at=None), events=[]), rules, START) == []
    assert dues(Case(order=order(work_type="remove"), events=[]), rules, START + timedelta(days=99)) == []


def test_what_happens_later_has_not_happened_yet(rules: Deadlines) -> None:
    case = Case(order=order(), events=[Event(at=START + timedelta(hours=1), kind="done")])
    assert due_of(dues(case, rules, START), "completion").stopped_at is None


def test_many_lines_are_done_with_the_last_one(rules: Deadlines) -> None:
    job = order(line=[Line(id="101"), Line(id="102")])
    first = Event(at=START + SECOND, kind="done", line="101")
    last = Event(at=START + 2 * SECOND, kind="done", line="102")
    now = START + timedelta(hours=1)
    assert due_of(dues(Case(order=job, events=[first]), rules, now), "completion").stopped_at is None
    assert due_of(dues(Case(order=job, events=[first, last]), rules, now), "completion").stopped_at == last.at


def test_which_clock_is_shown_is_the_profiles(rules: Deadlines) -> None:
    import msgspec

    job = order(work_type="install", customer=RURAL, accepted_at=START)
    found = dues(Case(order=job, events=[]), rules, START)
    shown = {}
    for which in ("earliest", "completion", "promise"):
        due = shown_due(found, msgspec.structs.replace(rules, shown=which))
        shown[which] = due.id if due else None
    assert shown == {"earliest": "T11", "completion": "T10-RURAL", "promise": "T11"}
