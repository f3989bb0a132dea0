"""The steps that bring one result into its ticket: send, look up, read back, repair.

Each state is committed before the step that follows it. A result found in ``sending`` has an unknown fate: the
request of a dead process may still be at work in the server. So it is never sent again before two look-ups, a
settling time after it was found, have seen nothing. A small rest remains in every system that has no key of its own
for this: a server that works longer on one request than the settling time.

The steps are generators. What they yield is asked of the ticket system by a thread of `asking`; all else, and every
word to the data base, happens in the thread of the push. So there is one writer and one connection to the data base,
nothing is locked, and many results commit together: what a step wrote is on the disk before what it yields is asked.
"""

import sqlite3
from collections.abc import Callable, Generator
from functools import partial
from typing import Any, NamedTuple

import msgspec

from linetest.errors import BadFile, Delayed, Forbidden, Offline, Paused, PushError, Rejected, Unanswered
from linetest.model.clock import moment
from linetest.store import outbox as rows
from linetest.store.moves import Move
from linetest.store.outbox import Item, State
from linetest.tickets.asking import NotAsked
from linetest.tickets.moved import told_of_move
from linetest.tickets.pace import Clock, Pace, backoff_s, wait_s
from linetest.tickets.payload import Payload, read_payload
from linetest.tickets.system import Landed, TicketSystem
from linetest.words.text import _

Tell = Callable[[str, Item], None]


class Ask(NamedTuple):
    """What a step wants of the ticket system."""

    stage: str
    """Told when it has answered."""
    item: Item
    call: Callable[[float], Any]
    """Takes what is left of the deadline, in seconds."""


Steps = Generator[Ask, Any, Item]
"""Yields what is to be asked, is sent the answer, and returns the row as it is then."""


class Delivery:
    """One push at work: what every step needs. Any step raises `Overtaken` when another process was faster."""

    def __init__(self, database: sqlite3.Connection, system: TicketSystem, clock: Clock, pace: Pace) -> None:
        """Prepare."""
        self.sent_some = False
        """Whether the ticket system has taken anything."""
        self.ending = False
        """Whether no result takes a further step."""
        self.told: list[tuple[str, Item]] = []
        """The stages that were reached since the last commit, for whoever commits."""
        self._database = database
        self._system = system
        self._clock = clock
        self._pace = pace
        self._seen_nothing: set[str] = set()
        self._steps: dict[State, Callable[[Item, Payload], Steps]] = {
            State.PENDING: self._send,
            State.UNSURE: self._look_up,
            State.SENT: self._verify,
            State.PARTIAL: self._repair,
        }

    def has_step(self, item: Item) -> bool:
        """Return whether there is anything to do; not for what another process has closed or is sending."""
        return item.state in self._steps

    def steps(self, item: Item) -> Generator[Ask, Any, None]:
        """Take the steps that the states of a result ask for, until it is closed or has to wait.

        Raises:
            Offline: nothing can be sent now, to any ticket.
            Paused: likewise.
            Forbidden: a right is missing, for this ticket or for all of them.
        """
        try:
            result = read_payload(item)
            if not item.is_intact():
                raise BadFile(_("the kept result was changed on this computer"))
            while not self.ending and self.has_step(item) and not wait_s(item.next_at, self._clock.wall()):
                item = yield from self._steps[item.state](item, result)
        except NotAsked:
            return
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

    def bury(self, key: str, reason: str) -> Item:
        """Give a result up until a person decides, unless one has decided meanwhile."""
        item = rows.find(self._database, key)
        return item if item.state in rows.CLOSED else self._mark(item, State.DEAD, "dead", last_error=reason)

    def keep(self, key: str, reason: str) -> Item:
        """Leave a result as it is and say why."""
        item = rows.find(self._database, key)
        return item if item.state in rows.CLOSED else self._mark(item, item.state, "kept", last_error=reason)

    def _send(self, item: Item, result: Payload) -> Steps:
        """Mark, then send: the mark is on the disk before the first byte leaves."""
        now = self._clock.wall()
        before = item.first_sent_at
        item = self._mark(item, State.SENDING, "marked", first_sent_at=now if before is None else before)
        sent_at = moment(now)
        try:
            landed = yield Ask("answered", item, partial(self._system.send, result, sent_at))
        except (Unanswered, Delayed) as error:
            refused = isinstance(error, Delayed)
            settle_s = max(self._pace.settle_s, self._backoff_s(item, error) if refused else 0.0)
            return self._become_unsure(item, error.what, settle_s, refused=refused)
        except NotAsked:
            rows.mark(self._database, item, State.PENDING, first_sent_at=before)
            raise
        except (Offline, Paused, Forbidden) as error:  # nothing was done: no attempt
            rows.mark(self._database, item, State.PENDING, first_sent_at=before, last_error=error.what)
            raise
        self.sent_some = True
        changes = {"sent_at": sent_at.isoformat(), **_seen(item, landed), "last_error": None, "next_at": 0.0}
        return self._mark(item, State.SENT, "sent", **changes)

    def _look_up(self, item: Item, result: Payload) -> Steps:
        """Find out whether an unanswered send has arrived; nothing seen counts only the second time."""
        elsewhere, found = yield Ask("looked-up", item, partial(self._where, item, result))
        if elsewhere is not None:
            return self._leave(item, elsewhere)
        if found:
            sent_at = moment(item.first_sent_at or self._clock.wall()).isoformat()
            return self._mark(item, State.SENT, "sent", sent_at=sent_at, next_at=0.0)
        if item.key not in self._seen_nothing:
            self._seen_nothing.add(item.key)
            return rows.mark(self._database, item, State.UNSURE, next_at=self._clock.wall() + self._pace.gap_s)
        self._seen_nothing.discard(item.key)
        return self._not_there(item)

    def _leave(self, item: Item, ticket: str) -> Item:
        """Send on what had arrived in `ticket` before a person gave it to another one; `ticket` is told whose it is."""
        moved = item.remote_ids["moved"]
        as_sent = msgspec.structs.replace(item, state=State.DELIVERED, remote_ids={"left_tickets": item.left_tickets})
        notes = told_of_move(as_sent, Move(**moved)._replace(from_ticket=ticket))
        left = [*item.left_tickets, ticket]
        earlier = [one for one in item.earlier_tickets if one not in left]
        state, began = (State.UNSURE, item.first_sent_at) if earlier or item.ticket in left else (State.PENDING, None)
        ids = {"moved": moved, "earlier_tickets": earlier, "left_tickets": left}
        item = self._mark(item, state, "pending", first_sent_at=began, next_at=0.0, last_error=None, remote_ids=ids)
        for note in notes:
            rows.add(self._database, note)
        return item

    def _where(self, item: Item, result: Payload, left_s: float) -> tuple[str | None, bool]:
        """Ask in which earlier ticket the result has arrived, or whether it has in its own one."""
        for ticket in item.earlier_tickets:
            if self._arrived_in(ticket, result, left_s):
                return ticket, False
        return None, self._system.look_up(result, left_s)

    def _arrived_in(self, ticket: str, result: Payload, left_s: float) -> bool:
        """Look into a ticket that the result was sent to before its number was corrected; it need not be there."""
        try:
            return self._system.look_up(msgspec.structs.replace(result, ticket=ticket), left_s)
        except Forbidden:
            raise
        except Rejected:
            return False

    def _not_there(self, item: Item) -> Item:
        """Send again what has not arrived, unless it was refused too often."""
        if item.refusals >= self._pace.refusals:
            return self.bury(item.key, item.last_error or "")
        pause_s = self._backoff_s(item, None) if item.attempts > 1 else 0.0
        return self._mark(item, State.PENDING, "pending", next_at=self._clock.wall() + pause_s)

    def _verify(self, item: Item, result: Payload) -> Steps:
        """Read back what was sent: delivered when it is all there, else partial."""
        item, _landed = yield from self._compare(item, result)
        return item

    def _compare(self, item: Item, result: Payload) -> Generator[Ask, Any, tuple[Item, Landed]]:
        """Read back and note what was found."""
        landed: Landed = yield Ask("read-back", item, partial(self._system.read_back, result))
        if landed.differences:
            words = "; ".join(difference.words() for difference in landed.differences)
            if item.state == State.SENT:
                changes = {"last_error": words, **_seen(item, landed), "next_at": 0.0}
                item = self._mark(item, State.PARTIAL, "partial", **changes)
            return item, landed
        verified_at = moment(self._clock.wall()).isoformat()
        changes = {"verified_at": verified_at, "last_error": None, **_seen(item, landed)}
        return self._mark(item, State.DELIVERED, "delivered", **changes), landed

    def _repair(self, item: Item, result: Payload) -> Steps:
        """Set what differs, and compare again."""
        item, landed = yield from self._compare(item, result)
        if not landed.differences:
            return item
        try:
            texts = yield Ask("repaired", item, partial(self._system.repair, result, landed.differences))
        except Forbidden as error:
            texts = [error.what]
        item, landed = yield from self._compare(item, result)
        if not landed.differences:
            return item
        words = "; ".join([*(difference.words() for difference in landed.differences), *texts])
        return self._again(item.key, Delayed(words))

    def _become_unsure(self, item: Item, reason: str, pause_s: float, *, refused: bool = False) -> Item:
        return self._mark(
            item,
            State.UNSURE,
            "unsure",
            next_at=self._clock.wall() + pause_s,
            attempts=item.attempts + 1,
            refusals=item.refusals + refused,
            last_error=reason,
        )

    def _again(self, key: str, error: PushError) -> Item:
        """Try the same step later; a real refusal counts towards the end."""
        item = rows.find(self._database, key)
        refusals = item.refusals + isinstance(error, Delayed)
        if refusals >= self._pace.refusals:
            return self.bury(key, error.what)
        if item.state in rows.CLOSED:
            return item
        return self._mark(
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
        self.told.append((stage, item))
        return item


def _seen(item: Item, landed: Landed) -> dict[str, Any]:
    """Return the column in which the ticket system's own names and the lateness are kept."""
    late = {"late": True} if landed.late else {}
    kept = {"kept": msgspec.to_builtins(landed.kept)} if landed.kept else {}
    return {"remote_ids": {**item.remote_ids, **landed.remote_ids, **late, **kept}}
