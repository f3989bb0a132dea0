"""Sending what waits: no result is lost and none is doubled, whatever breaks when.

Results of one ticket go in the order in which they were measured; a ticket that is stuck holds up no other. What
another process changes during a push, a person at a second terminal for instance, is left for the next push.
"""

import sqlite3
from collections.abc import Callable, Collection

import msgspec

from linetest.errors import Forbidden, Overtaken, PushError
from linetest.model.clock import moment
from linetest.store import outbox as rows
from linetest.store.outbox import Head, Item, State
from linetest.store.sender import renew, sender
from linetest.tickets.delivery import Delivery, Tell
from linetest.tickets.pace import REAL_TIME, USUAL_PACE, Clock, Pace, wait_s
from linetest.tickets.systems import TicketSystem

_SHORTEST_S = 1.0
"""Nothing new is begun when less of the deadline is left."""


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
    next_at: str | None
    """Not tried again before this moment, ISO 8601 with offset."""


def push(
    database: sqlite3.Connection,
    system: TicketSystem,
    *,
    deadline_s: float,
    only: Collection[str] | None = None,
    tell: Tell = lambda _stage, _item: None,
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
            ``dead``, ``kept``.
        clock: the time.
        pace: the waiting times.

    Returns:
        What became of each result that was waiting, in the order of the outbox.

    Raises:
        PushError: another process is sending.
        StoreError: the data base cannot be written.
    """
    waiting = _tickets_of(rows.items(database, dest=system.destination, closed=False), only)
    if not waiting:
        return []
    with sender(database, system.destination):
        until = clock.monotonic() + deadline_s
        delivery = Delivery(database, system, tell, clock, pace, until)
        work = _Push(database, system, delivery, clock, until)
        try:
            work.run([item.key for item in waiting])
        except PushError as error:  # Offline, Paused and a ping that fails: nothing more can be sent now
            work.stop(error)
    return [_outcome(rows.find(database, item.key), work.reason) for item in waiting]


def _tickets_of(waiting: list[Item], only: Collection[str] | None) -> list[Item]:
    """Return those of `waiting` up to the last wanted one of each ticket."""
    if only is None:
        return waiting
    last = {item.ticket: item.id for item in waiting if item.key in only}
    return [item for item in waiting if item.id <= last.get(item.ticket, -1)]


class _Push:
    """The order in which the results of one push take their steps."""

    def __init__(
        self, database: sqlite3.Connection, system: TicketSystem, delivery: Delivery, clock: Clock, until: float
    ) -> None:
        self.database = database
        self.system = system
        self.delivery = delivery
        self.clock = clock
        self.until = until
        self.reason: str | None = None
        self.overtaken: set[str] = set()
        self.forbidden: dict[str, str] = {}

    def stop(self, error: PushError) -> None:
        """Remember why nothing more can be sent, for the results too."""
        self.reason = error.what
        rows.note_reason(self.database, self.system.destination, error.what)

    def run(self, keys: Collection[str]) -> None:
        """Take one step after the other, the one that is due first, while the deadline lasts."""
        for key in keys:
            self._apart(key, self.delivery.recover)
        self.system.ping(self.delivery.left_s())
        while (head := self._next(keys)) is not None:
            pause_s = self._wait_s(head)
            if self.clock.monotonic() + pause_s + _SHORTEST_S > self.until:
                break
            if pause_s > 0:
                self.clock.sleep(pause_s)
            renew(self.database, self.system.destination)
            self._apart(head.key, self._step)
        for key in self.forbidden:
            self._apart(key, self._answer_forbidden)

    def _apart(self, key: str, work: Callable[[Item], None]) -> None:
        """Do something with one result as it is now; one that another process has changed is left alone."""
        try:
            work(rows.find(self.database, key))
        except Overtaken:
            self.overtaken.add(key)

    def _next(self, keys: Collection[str]) -> Head | None:
        """Return the result that is due first, of those that are first in their tickets."""
        free = (
            head
            for head in rows.heads(self.database, self.system.destination)
            if head.key in keys and head.key not in self.forbidden and head.key not in self.overtaken
        )
        return min(free, key=lambda head: (self._wait_s(head), head.id), default=None)

    def _wait_s(self, head: Head) -> float:
        return wait_s(head.next_at, self.clock.wall())

    def _step(self, item: Item) -> None:
        if not self.delivery.has_step(item):  # closed or marked by another process since it was looked for
            self.overtaken.add(item.key)
            return
        try:
            self.delivery.step(item)
        except Forbidden as error:
            self.forbidden[item.key] = error.what

    def _answer_forbidden(self, item: Item) -> None:
        """Tell one forbidden ticket from a destination that forbids everything.

        Where something else went through, the forbidden ones are refused for good. Where nothing did, the right is
        missing altogether: that pauses the destination and costs the results nothing.
        """
        end = self.delivery.bury if self.delivery.sent_some else self.delivery.keep
        end(item.key, self.forbidden[item.key])


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
        next_at=None if due is None else moment(due).isoformat(),
    )
