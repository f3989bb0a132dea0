"""The steps that bring one result into its ticket: send, look up, read back, repair.

Each state is committed before the step that follows it. A result found in ``sending`` has an unknown fate: the
request of a dead process may still be at work in the server. So it is never sent again before two look-ups, a
settling time after it was found, have seen nothing. A small rest remains in every system that has no key of its own
for this: a server that works longer on one request than the settling time.
"""

import sqlite3
from collections.abc import Callable
from typing import Any

import msgspec

from linetest.errors import BadFile, Delayed, Forbidden, Offline, Paused, PushError, Rejected, Unanswered
from linetest.model.clock import moment
from linetest.store import outbox as rows
from linetest.store.outbox import Item, State
from linetest.tickets.pace import Clock, Pace, backoff_s
from linetest.tickets.payload import Payload, read_payload
from linetest.tickets.systems import Landed, TicketSystem
from linetest.words.text import _

Tell = Callable[[str, Item], None]


class Delivery:
    """One push at work: what every step needs. Any step raises `Overtaken` when another process was faster."""

    def __init__(
        self, database: sqlite3.Connection, system: TicketSystem, tell: Tell, clock: Clock, pace: Pace, until: float
    ) -> None:
        """Prepare; `until` is a moment of the monotonic clock."""
        self.sent_some = False
        """Whether the ticket system has taken anything."""
        self._database = database
        self._system = system
        self._tell = tell
        self._clock = clock
        self._pace = pace
        self._until = until
        self._seen_nothing: set[str] = set()
        self._steps: dict[State, Callable[[Item, Payload], object]] = {
            State.PENDING: self._send,
            State.UNSURE: self._look_up,
            State.SENT: self._verify,
            State.PARTIAL: self._repair,
        }

    def left_s(self) -> float:
        """Return what is left of the deadline, never zero."""
        return max(0.1, self._until - self._clock.monotonic())

    def has_step(self, item: Item) -> bool:
        """Return whether there is anything to do; not for what another process has closed or is sending."""
        return item.state in self._steps

    def step(self, item: Item) -> None:
        """Take the one step that the state of a result asks for.

        Raises:
            Offline: nothing can be sent now, to any ticket.
            Paused: likewise.
            Forbidden: a right is missing, for this ticket or for all of them.
        """
        try:
            result = read_payload(item)
            if not item.is_intact():
                raise BadFile(_("the kept result was changed on this computer"))
            self._steps[item.state](item, result)
        except (Offline, Paused, Forbidden):
            raise
        except (Rejected, BadFile) as error:
            self.bury(item.key, error.what)
        except (Delayed, Unanswered) as error:
            self._again(item.key, error)

    def recover(self, item: Item) -> None:
        """Find what a dead process left in the middle of a request."""
        if item.state == State.SENDING:
            self._become_unsure(item, _("a send was interrupted"), self._pace.settle_s)

    def bury(self, key: str, reason: str) -> None:
        """Give a result up until a person decides, unless one has decided meanwhile."""
        item = rows.find(self._database, key)
        if item.state not in rows.CLOSED:
            self._mark(item, State.DEAD, "dead", last_error=reason)

    def keep(self, key: str, reason: str) -> None:
        """Leave a result as it is and say why."""
        item = rows.find(self._database, key)
        if item.state not in rows.CLOSED:
            self._mark(item, item.state, "kept", last_error=reason)

    def _send(self, item: Item, result: Payload) -> None:
        """Mark, then send: the mark is on the disk before the first byte leaves."""
        now = self._clock.wall()
        before = item.first_sent_at
        item = self._mark(item, State.SENDING, "marked", first_sent_at=now if before is None else before)
        sent_at = moment(now)
        try:
            landed = self._system.send(result, sent_at, self.left_s())
        except (Unanswered, Delayed) as error:
            refused = isinstance(error, Delayed)
            settle_s = max(self._pace.settle_s, self._backoff_s(item, error) if refused else 0.0)
            self._become_unsure(item, error.what, settle_s, refused=refused)
            return
        except (Offline, Paused, Forbidden) as error:  # nothing was done: no attempt
            rows.mark(self._database, item, State.PENDING, first_sent_at=before, last_error=error.what)
            raise
        self.sent_some = True
        self._tell("answered", item)
        self._mark(
            item,
            State.SENT,
            "sent",
            sent_at=sent_at.isoformat(),
            **_seen(item, landed),
            last_error=None,
            next_at=0.0,
        )

    def _look_up(self, item: Item, result: Payload) -> None:
        """Find out whether an unanswered send has arrived; nothing seen counts only the second time."""
        elsewhere = next((ticket for ticket in item.earlier_tickets if self._arrived_in(ticket, result)), None)
        found = elsewhere is None and self._system.look_up(result, self.left_s())
        self._tell("looked-up", item)
        if elsewhere is not None:
            self.bury(
                item.key, _("it has arrived in ticket {ticket}, where it was sent first").format(ticket=elsewhere)
            )
        elif found:
            sent_at = moment(item.first_sent_at or self._clock.wall()).isoformat()
            self._mark(item, State.SENT, "sent", sent_at=sent_at, next_at=0.0)
        elif item.key not in self._seen_nothing:
            self._seen_nothing.add(item.key)
            rows.mark(self._database, item, State.UNSURE, next_at=self._clock.wall() + self._pace.gap_s)
        else:
            self._seen_nothing.discard(item.key)
            self._not_there(item)

    def _arrived_in(self, ticket: str, result: Payload) -> bool:
        """Look into a ticket that the result was sent to before its number was corrected; it need not be there."""
        try:
            return self._system.look_up(msgspec.structs.replace(result, ticket=ticket), self.left_s())
        except Forbidden:
            raise
        except Rejected:
            return False

    def _not_there(self, item: Item) -> None:
        """Send again what has not arrived, unless it was refused too often."""
        if item.refusals >= self._pace.refusals:
            self.bury(item.key, item.last_error or "")
            return
        pause_s = self._backoff_s(item, None) if item.attempts > 1 else 0.0
        self._mark(item, State.PENDING, "pending", next_at=self._clock.wall() + pause_s)

    def _verify(self, item: Item, result: Payload) -> Landed:
        """Read back what was sent: delivered when it is all there, else partial."""
        landed = self._system.read_back(result, self.left_s())
        self._tell("read-back", item)
        if landed.differences:
            words = "; ".join(difference.words() for difference in landed.differences)
            if item.state == State.SENT:
                self._mark(item, State.PARTIAL, "partial", last_error=words, **_seen(item, landed), next_at=0.0)
            return landed
        verified_at = moment(self._clock.wall()).isoformat()
        changes = {"verified_at": verified_at, "last_error": None, **_seen(item, landed)}
        self._mark(item, State.DELIVERED, "delivered", **changes)
        return landed

    def _repair(self, item: Item, result: Payload) -> None:
        """Set what differs, and compare again."""
        differences = self._verify(item, result).differences
        if not differences:
            return
        try:
            texts = self._system.repair(result, differences, self.left_s())
        except Forbidden as error:
            texts = [error.what]
        self._tell("repaired", item)
        left = self._verify(item, result).differences
        if left:
            words = "; ".join([*(difference.words() for difference in left), *texts])
            self._again(item.key, Delayed(words))

    def _become_unsure(self, item: Item, reason: str, pause_s: float, *, refused: bool = False) -> None:
        self._mark(
            item,
            State.UNSURE,
            "unsure",
            next_at=self._clock.wall() + pause_s,
            attempts=item.attempts + 1,
            refusals=item.refusals + refused,
            last_error=reason,
        )

    def _again(self, key: str, error: PushError) -> None:
        """Try the same step later; a real refusal counts towards the end."""
        item = rows.find(self._database, key)
        refusals = item.refusals + isinstance(error, Delayed)
        if refusals >= self._pace.refusals:
            self.bury(key, error.what)
        elif item.state not in rows.CLOSED:
            self._mark(
                item,
                item.state,
                "kept",
                next_at=self._clock.wall() + self._backoff_s(item, error),
                attempts=item.attempts + 1,
                refusals=refusals,
                last_error=error.what,
            )

    def _backoff_s(self, item: Item, error: PushError | None) -> float:
        return backoff_s(self._pace, item.attempts, error.retry_after_s if isinstance(error, Delayed) else None)

    def _mark(self, item: Item, state: State, stage: str, **changes: Any) -> Item:
        item = rows.mark(self._database, item, state, **changes)
        self._tell(stage, item)
        return item


def _seen(item: Item, landed: Landed) -> dict[str, Any]:
    """Return the column in which the ticket system's own names and the lateness are kept."""
    late = {"late": True} if landed.late else {}
    kept = {"kept": msgspec.to_builtins(landed.kept)} if landed.kept else {}
    return {"remote_ids": {**item.remote_ids, **landed.remote_ids, **late, **kept}}
