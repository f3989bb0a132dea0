"""What a person does about a result in the outbox: try it again, give it to another ticket, or give it up."""

import sqlite3
from collections.abc import Callable
from typing import Any

from linetest.errors import UsageError
from linetest.model.clock import now_text
from linetest.store.database import transaction
from linetest.store.moves import Move, note_move
from linetest.store.outbox import ALLOWED, DONE, Item, NewItem, State, add, change, find, mark
from linetest.words.text import _

_FRESH = {"attempts": 0, "refusals": 0}


def retry(database: sqlite3.Connection, key: str, *, settled_at: float) -> Item:
    """Let the next push try this result without further delay; what may have been sent is looked up first.

    Args:
        database: the open store.
        key: of the result, or the beginning of it.
        settled_at: when a request that is lost by now has surely ended in the ticket system, in seconds since 1970;
            what may have been sent is not looked up before.

    Raises:
        UsageError: it is delivered or dropped.
        Overtaken: another process has changed it.
    """
    item = find(database, key)
    if item.state in DONE:
        raise UsageError(
            _("the result {key} is {state}: there is nothing to try again").format(key=item.key, state=item.state)
        )
    if item.state == State.SENDING:
        return item  # the next push finds out what became of it
    if item.state == State.DEAD and item.first_sent_at is not None:
        return change(database, item, state=State.UNSURE, next_at=settled_at, **_FRESH)
    if item.state == State.UNSURE:
        return change(database, item, next_at=min(item.next_at, settled_at), **_FRESH)
    state = State.PENDING if item.state == State.DEAD else item.state
    return change(database, item, state=state, next_at=0.0, **_FRESH)


def move(
    database: sqlite3.Connection,
    key: str,
    ticket: str,
    *,
    settled_at: float,
    reason: str,
    told: Callable[[Item, Move], list[NewItem]],
    by: str | None = None,
    order: str | None = None,
) -> Item:
    """Give a result to another ticket and keep the trace of it, in one transaction.

    What may have been sent is looked up before it is sent again, in each ticket that it may have been sent to: so a
    corrected number doubles nothing. What has arrived stays where it is; that ticket is told whose it is.

    Args:
        database: the open store.
        key: of the result, or the beginning of it.
        ticket: the right number.
        settled_at: as of `retry`.
        reason: why, in the person's words.
        told: makes what tickets are told of a result that had arrived in one.
        by: who.
        order: the number of the order that it is told under; None where that stays.

    Raises:
        UsageError: it is dropped, being sent or read back, or in that ticket already.
        Overtaken: another process has changed it.
    """
    item = find(database, key)
    _refuse_move(item, ticket, order)
    order = order or item.remote_ids.get("moved", {}).get("to_order")
    new = Move(item.key, now_text(), by, item.ticket, ticket, order, reason)
    changes: dict[str, Any] = {"state": State.PENDING, "ticket": ticket, "next_at": 0.0, **_FRESH}
    if item.state == State.DELIVERED:
        return _leave(database, item, new, changes, told, settled_at)
    ids = {**item.remote_ids, "moved": new._asdict()}
    if item.first_sent_at is not None:
        earlier = [number for number in dict.fromkeys([*item.earlier_tickets, item.ticket]) if number != ticket]
        ids["earlier_tickets"] = earlier
        changes |= {"state": State.UNSURE, "next_at": settled_at}
    with transaction(database):
        note_move(database, new)
        return change(database, item, remote_ids=ids, **changes)


def _leave(
    database: sqlite3.Connection,
    item: Item,
    new: Move,
    changes: dict[str, Any],
    told: Callable[[Item, Move], list[NewItem]],
    settled_at: float,
) -> Item:
    """Let a result that has arrived go to another ticket too; where it was before it is only looked up."""
    was_there = new.to_ticket in item.left_tickets
    left = list(dict.fromkeys([*item.left_tickets, item.ticket]))
    changes |= {"remote_ids": {"moved": new._asdict(), "left_tickets": left}, "verified_at": None}
    changes |= {"state": State.UNSURE, "next_at": settled_at} if was_there else {"first_sent_at": None, "sent_at": None}
    with transaction(database):
        note_move(database, new)
        for note in told(item, new):
            add(database, note)
        return change(database, item, **changes)


def _refuse_move(item: Item, ticket: str, order: str | None) -> None:
    """Refuse to move what cannot be, or need not be."""
    if item.state in (State.SENDING, State.SENT, State.PARTIAL):
        raise UsageError(
            _("the result {key} is being sent to ticket {ticket}").format(key=item.key, ticket=item.ticket),
            _("run `linetest ticket push` first: it finds out whether all of it arrived"),
        )
    if item.state == State.DROPPED:
        raise UsageError(_("the result {key} is dropped: it is sent to no ticket").format(key=item.key))
    if ticket == item.ticket and order is None:
        raise UsageError(
            _("the result {key} is for ticket {ticket} already").format(key=item.key, ticket=ticket),
            _("`linetest ticket retry` tries it again"),
        )


def drop(database: sqlite3.Connection, key: str, reason: str) -> Item:
    """Give a result up; the row stays, with the person's reason.

    Raises:
        UsageError: it is delivered, dropped already, or being sent.
    """
    item = find(database, key)
    if State.DROPPED not in ALLOWED[item.state]:
        raise UsageError(
            _("the result {key} is {state}: it cannot be dropped").format(key=item.key, state=item.state),
            _("run `linetest ticket push` first") if item.state == State.SENDING else "",
        )
    return mark(database, item, State.DROPPED, last_error=reason)
