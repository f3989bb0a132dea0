"""Sending what waits: no result is lost and none is doubled, whatever breaks when.

Results of one ticket go in the order in which they were measured; a ticket that is stuck holds up no other. What
another process changes during a push, a person at a second terminal for instance, is left for the next push.
"""

import sqlite3
from collections.abc import Collection

import msgspec

from linetest.model.clock import moment
from linetest.store import outbox as rows
from linetest.store.outbox import Head, Item, State
from linetest.store.sender import sender
from linetest.tickets.delivery import Delivery, Tell
from linetest.tickets.pace import REAL_TIME, USUAL_PACE, Clock, Pace
from linetest.tickets.parallel import Parallel
from linetest.tickets.system import TicketSystem


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """Where one result stands after a push."""

    key: str
    kind: str
    """The format of what was sent: a result's or an event's."""
    ticket: str
    state: State
    late: bool
    """The ticket was closed already when the result came."""
    reason: str | None
    """Why it is not delivered, as a sentence."""
    clock_skew_s: float | None
    """This computer's clock minus the ticket system's, when it was sent."""
    next_at: str | None
    """Not tried again before this moment, ISO 8601 with offset."""


def push(
    database: sqlite3.Connection,
    system: TicketSystem,
    *,
    deadline_s: float,
    only: Collection[str] | None = None,
    tell: Tell = lambda _stage, _item: None,
    connections: int = 4,
    clock: Clock = REAL_TIME,
    pace: Pace = USUAL_PACE,
) -> list[Outcome]:
    """Send what waits for one ticket system, within one total deadline.

    Args:
        database: the open store.
        system: from `systems.connect`.
        deadline_s: for all of it; what is not done by then waits for the next push.
        only: keys of results; theirs and what waits before them in the same tickets. None for everything. The push
            ends when these are delivered, refused or held up, and waits for no other result.
        tell: called at each named step with the row as it is then: ``marked``, ``answered``, ``sent``,
            ``unsure``, ``looked-up``, ``pending``, ``read-back``, ``partial``, ``repaired``, ``delivered``,
            ``dead``, ``kept``; ``stopping`` for what is still under way when the person stops it.
        connections: how many requests are under way at once, each for another ticket.
        clock: the time.
        pace: the waiting times.

    Returns:
        What became of each result that was waiting, in the order of the outbox.

    Raises:
        PushError: another process is sending.
        StoreError: the data base cannot be written.
    """
    waiting = _tickets_of(rows.heads(database, system.destination), only)
    if not waiting:
        return []
    delivery = Delivery(database, system, clock, pace)
    work = Parallel(database, system, delivery, tell, clock, clock.monotonic() + deadline_s)
    with sender(database, system.destination) as renew:
        work.run(waiting, connections, renew)
    return [_outcome(rows.find(database, head.key), work.reason) for head in waiting]


def _tickets_of(waiting: list[Head], only: Collection[str] | None) -> list[Head]:
    """Return those of `waiting` up to the last wanted one of each ticket."""
    if only is None:
        return waiting
    last = {head.ticket: head.id for head in waiting if head.key in only}
    return [head for head in waiting if head.id <= last.get(head.ticket, -1)]


def _outcome(item: Item, stopped: str | None) -> Outcome:
    closed = item.state in rows.CLOSED
    due = item.next_at if not closed and stopped is None and item.next_at > 0 else None
    return Outcome(
        key=item.key,
        kind=item.kind,
        ticket=item.ticket,
        state=item.state,
        late=bool(item.remote_ids.get("late")),
        reason=item.last_error if closed or stopped is None else stopped,
        clock_skew_s=item.remote_ids.get("clock_skew_s"),
        next_at=None if due is None else moment(due).isoformat(),
    )
