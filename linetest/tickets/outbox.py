"""Sending what waits: no result is lost and none is doubled, whatever breaks when.

Each state is committed before the step that follows it. A result found in ``sending`` has an unknown fate: the
request of a dead process may still be at work in the server. So it is never sent again before two look-ups, a
settling time after it was found, have seen nothing. A small rest remains in every system that has no key of its own
for this: a server that works longer on one request than the settling time.

Results of one ticket go in the order in which they were measured; a ticket that is stuck holds up no other.
"""

import sqlite3
from collections.abc import Callable, Collection
from typing import Any

import msgspec

from linetest.errors import (
    BadFile,
    Delayed,
    Forbidden,
    Offline,
    Paused,
    PushError,
    Rejected,
    Unanswered,
)
from linetest.store import outbox as rows
from linetest.store.outbox import Head, Item, State
from linetest.store.sender import renew, sender
from linetest.tickets.pace import REAL_TIME, USUAL_PACE, Clock, Pace, backoff_s, moment, wait_s
from linetest.tickets.result import TicketResult, read_payload
from linetest.tickets.systems import Landed, TicketSystem
from linetest.words.text import _

_SHORTEST_S = 1.0
"""Nothing new is begun when less of the deadline is left."""

Tell = Callable[[str, Item], None]


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """Where one result stands after a push."""

    key: str
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
        only: keys of results; theirs and what waits before them in the same tickets. None for everything.
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
        work = _Push(database, system, tell, clock, pace, clock.monotonic() + deadline_s)
        try:
            work.run({item.key for item in waiting})
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
    """One push at work: what every step needs."""

    def __init__(
        self,
        database: sqlite3.Connection,
        system: TicketSystem,
        tell: Tell,
        clock: Clock,
        pace: Pace,
        until: float,
    ) -> None:
        self.database = database
        self.system = system
        self.tell = tell
        self.clock = clock
        self.pace = pace
        self.until = until
        self.reason: str | None = None
        self.seen_nothing: set[str] = set()
        self.forbidden: dict[str, str] = {}
        self.sent_some = False

    def left_s(self) -> float:
        """Return what is left of the deadline, never zero."""
        return max(0.1, self.until - self.clock.monotonic())

    def stop(self, error: PushError) -> None:
        """Remember why nothing more can be sent, for the results too."""
        self.reason = error.what
        rows.note_reason(self.database, self.system.destination, error.what)

    def run(self, keys: Collection[str]) -> None:
        """Take one step after the other, the one that is due first, while the deadline lasts."""
        self._recover(keys)
        self.system.ping(self.left_s())
        while (head := self._next(keys)) is not None:
            pause_s = self._wait_s(head)
            if self.clock.monotonic() + pause_s + _SHORTEST_S > self.until:
                break
            if pause_s > 0:
                self.clock.sleep(pause_s)
            renew(self.database, self.system.destination)
            self._step(rows.find(self.database, head.key))
        self._bury_forbidden()

    def _recover(self, keys: Collection[str]) -> None:
        """Find what a dead process left in the middle of a request."""
        for key in keys:
            item = rows.find(self.database, key)
            if item.state == State.SENDING:
                self._become_unsure(item, _("a send was interrupted"), self.pace.settle_s)

    def _next(self, keys: Collection[str]) -> Head | None:
        """Return the result that is due first, of those that are first in their tickets."""
        free = (
            head
            for head in rows.heads(self.database, self.system.destination)
            if head.key in keys and head.key not in self.forbidden
        )
        return min(free, key=lambda head: (self._wait_s(head), head.id), default=None)

    def _wait_s(self, head: Head) -> float:
        return wait_s(head.next_at, self.clock.wall())

    def _step(self, item: Item) -> None:
        """Take the one step that the state of a result asks for."""
        try:
            result = read_payload(item.payload, item.ticket)
            if not item.is_intact():
                raise BadFile(_("the kept result was changed on this computer"))
            {
                State.PENDING: self._send,
                State.UNSURE: self._look_up,
                State.SENT: self._verify,
                State.PARTIAL: self._repair,
            }[item.state](item, result)
        except (Offline, Paused):
            raise
        except Forbidden as error:
            self.forbidden[item.key] = error.what
        except (Rejected, BadFile) as error:
            self._bury(rows.find(self.database, item.key), error.what)
        except (Delayed, Unanswered) as error:
            self._again(rows.find(self.database, item.key), error)

    def _send(self, item: Item, result: TicketResult) -> None:
        """Mark, then send: the mark is on the disk before the first byte leaves."""
        now = self.clock.wall()
        first = {} if item.first_sent_at is not None else {"first_sent_at": now}
        item = self._mark(item, State.SENDING, "marked", **first)
        sent_at = moment(now)
        try:
            landed = self.system.send(result, sent_at, self.left_s())
        except (Unanswered, Delayed) as error:
            refused = isinstance(error, Delayed)
            settle_s = max(self.pace.settle_s, self._backoff_s(item, error) if refused else 0.0)
            self._become_unsure(item, error.what, settle_s, refused=refused)
            return
        except (Offline, Paused, Forbidden) as error:  # nothing was done: no attempt
            rows.mark(self.database, item, State.PENDING, last_error=error.what)
            raise
        self.sent_some = True
        self.tell("answered", item)
        self._mark(
            item,
            State.SENT,
            "sent",
            sent_at=sent_at.isoformat(),
            **_seen(item, landed),
            last_error=None,
            next_at=0.0,
        )

    def _look_up(self, item: Item, result: TicketResult) -> None:
        """Find out whether an unanswered send has arrived; nothing seen counts only the second time."""
        found = self.system.look_up(result, self.left_s())
        self.tell("looked-up", item)
        if found:
            sent_at = moment(item.first_sent_at or self.clock.wall()).isoformat()
            self._mark(item, State.SENT, "sent", sent_at=sent_at, next_at=0.0)
        elif item.key in self.seen_nothing:
            self.seen_nothing.discard(item.key)
            if item.refusals >= self.pace.refusals:
                self._bury(item, item.last_error or "")
                return
            pause_s = self._backoff_s(item, None) if item.attempts > 1 else 0.0
            self._mark(item, State.PENDING, "pending", next_at=self.clock.wall() + pause_s)
        else:
            self.seen_nothing.add(item.key)
            rows.mark(self.database, item, State.UNSURE, next_at=self.clock.wall() + self.pace.gap_s)

    def _verify(self, item: Item, result: TicketResult) -> Landed:
        """Read back what was sent: delivered when it is all there, else partial."""
        landed = self.system.read_back(result, self.left_s())
        self.tell("read-back", item)
        if landed.differences:
            words = "; ".join(difference.words() for difference in landed.differences)
            if item.state == State.SENT:
                self._mark(item, State.PARTIAL, "partial", last_error=words, **_seen(item, landed), next_at=0.0)
            return landed
        verified_at = moment(self.clock.wall()).isoformat()
        changes = {"verified_at": verified_at, "last_error": None, **_seen(item, landed)}
        self._mark(item, State.DELIVERED, "delivered", **changes)
        return landed

    def _repair(self, item: Item, result: TicketResult) -> None:
        """Set what differs, and compare again."""
        differences = self._verify(item, result).differences
        if not differences:
            return
        try:
            texts = self.system.repair(result, differences, self.left_s())
        except Forbidden as error:
            texts = [error.what]
        self.tell("repaired", item)
        left = self._verify(item, result).differences
        if left:
            words = "; ".join([*(difference.words() for difference in left), *texts])
            self._again(item, Delayed(words))

    def _become_unsure(self, item: Item, reason: str, pause_s: float, *, refused: bool = False) -> None:
        self._mark(
            item,
            State.UNSURE,
            "unsure",
            next_at=self.clock.wall() + pause_s,
            attempts=item.attempts + 1,
            refusals=item.refusals + refused,
            last_error=reason,
        )

    def _again(self, item: Item, error: PushError) -> None:
        """Try the same step later; a real refusal counts towards the end."""
        refusals = item.refusals + isinstance(error, Delayed)
        if refusals >= self.pace.refusals:
            self._bury(item, error.what)
            return
        self._mark(
            item,
            item.state,
            "kept",
            next_at=self.clock.wall() + self._backoff_s(item, error),
            attempts=item.attempts + 1,
            refusals=refusals,
            last_error=error.what,
        )

    def _backoff_s(self, item: Item, error: PushError | None) -> float:
        return backoff_s(self.pace, item.attempts, error.retry_after_s if isinstance(error, Delayed) else None)

    def _bury(self, item: Item, reason: str) -> None:
        self._mark(item, State.DEAD, "dead", last_error=reason)

    def _bury_forbidden(self) -> None:
        """Tell one forbidden ticket from a destination that forbids everything.

        Where something else went through, the forbidden ones are refused for good. Where nothing did, the right is
        missing altogether: that pauses the destination and costs the results nothing.
        """
        for key, reason in self.forbidden.items():
            item = rows.find(self.database, key)
            if self.sent_some:
                self._bury(item, reason)
            else:
                self._mark(item, item.state, "kept", last_error=reason)

    def _mark(self, item: Item, state: State, stage: str, **changes: Any) -> Item:
        item = rows.mark(self.database, item, state, **changes)
        self.tell(stage, item)
        return item


def _seen(item: Item, landed: Landed) -> dict[str, Any]:
    """Return the column in which the ticket system's own names and the lateness are kept."""
    late = {"late": True} if landed.late else {}
    return {"remote_ids": {**item.remote_ids, **landed.remote_ids, **late}}


def _outcome(item: Item, stopped: str | None) -> Outcome:
    closed = item.state in rows.CLOSED
    due = item.next_at if not closed and stopped is None and item.next_at > 0 else None
    return Outcome(
        key=item.key,
        ticket=item.ticket,
        state=item.state,
        late=bool(item.remote_ids.get("late")),
        reason=item.last_error if closed or stopped is None else stopped,
        next_at=None if due is None else moment(due).isoformat(),
    )
