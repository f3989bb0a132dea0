"""When an order's clocks were stopped: pure functions of its events."""

from collections.abc import Callable, Iterable
from datetime import datetime

from linetest.model.case import Case, Event, EventKind
from linetest.model.deadlines import End

_CONTACT: tuple[EventKind, ...] = ("first-reply", "called", "booked", "redispatched")


def contacted_at(case: Case) -> datetime | None:
    """Return when the customer was first really reached: a call without an answer is no reply, finished work is one."""
    reached = first_at(event for event in case.events if event.kind in _CONTACT and _reached(event))
    return min((moment for moment in (reached, done_at(case)) if moment is not None), default=None)


def redispatched_at(case: Case) -> datetime | None:
    """Return when the order was handed on, the customer reached."""
    return min((event.at for event in case.events if event.kind == "redispatched" and event.reached), default=None)


def done_at(case: Case) -> datetime | None:
    """Return when the work was done: of an order with many lines, on the last one of them."""
    return _of_all_lines(case, lambda line: first_at(_of_line(case, "done", line)))


def is_done(case: Case, line: str) -> bool:
    """Tell whether one line's work was reported done."""
    return bool(_of_line(case, "done", line))


def replied_at(case: Case) -> datetime | None:
    """Return when the completion reply reached the dispatch system, which is never before the work was done.

    That is the reply that a person noted, or the sending of the results: the last line's, of what `done` rests on.
    """
    done = done_at(case)
    if done is None:
        return None
    noted = first_at(event for event in case.events if event.kind == "replied" and event.at >= done)
    sent = _of_all_lines(case, lambda line: _sent_at(case, line))
    moments = [noted, None if sent is None else max(sent, done)]
    return min((moment for moment in moments if moment is not None), default=None)


def left_at(case: Case) -> datetime | None:
    """Return when the technician gave the order out of hand without doing it: returned, or handed on."""
    returned = case.last("returned")
    moments = [returned.at if returned else None, redispatched_at(case)]
    return min((moment for moment in moments if moment is not None), default=None)


def first_at(events: Iterable[Event]) -> datetime | None:
    """Return when the first of these events happened."""
    return min((event.at for event in events), default=None)


STOPPED: dict[End, Callable[[Case], datetime | None]] = {
    "contact": contacted_at,
    "redispatch": redispatched_at,
    "done": done_at,
    "reply": replied_at,
}
"""What each `ends` of a deadline means."""


def _reached(event: Event) -> bool:
    if event.kind == "booked":
        return event.booking is not None and event.booking.agreed
    return event.reached is True or (event.kind == "first-reply" and event.reached is None)


def _of_line(case: Case, kind: EventKind, line: str) -> list[Event]:
    """Return the events of a line; one that names no line is about all of them."""
    return [event for event in case.events if event.kind == kind and event.line in (None, line)]


def _of_all_lines(case: Case, moment: Callable[[str], datetime | None]) -> datetime | None:
    """Return the last of the lines' moments; None while one of them has none."""
    found = [moment(line.id) for line in case.order.line]
    known = [at for at in found if at is not None]
    return max(known) if len(known) == len(found) else None


def _sent_at(case: Case, line: str) -> datetime | None:
    """Return when the result was sent that the line's `done` rests on."""
    proofs: set[str | None] = {event.record for event in _of_line(case, "done", line) if event.record is not None}
    proofs |= {event.record for event in _of_line(case, "tested", line) if event.verdict == "pass"}
    return first_at(event for event in _of_line(case, "sent", line) if event.record in proofs)
