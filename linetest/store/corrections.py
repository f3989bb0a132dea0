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
    if order is None and ticket not in (*item.left_tickets, *item.earlier_tickets):  # else it goes back to what it was
        order = item.remote_ids.get("moved", {}).get("to_order")
    new = Move(item.key, now_text(), by, item.ticket, ticket, order, reason)
    ids, earlier, began = item.remote_ids, item.earlier_tickets, item.first_sent_at
    left = item.left_tickets
    if item.state == State.DELIVERED:
        ids, earlier, began = {}, [], None
        left = list(dict.fromkeys([*left, item.ticket]))
    elif began is not None:
        earlier = [*dict.fromkeys([*earlier, item.ticket])]
    earlier = [number for number in earlier if number != ticket]
    changes: dict[str, Any] = {"state": State.PENDING, "ticket": ticket, "next_at": 0.0, "first_sent_at": began}
    if began is not None or ticket in left:
        changes |= {"state": State.UNSURE, "next_at": settled_at}
    if item.state == State.DELIVERED:
        changes |= {"sent_at": None, "verified_at": None}
    ids = {**ids, "moved": new._asdict(), "earlier_tickets": earlier, "left_tickets": left}
    with transaction(database):
        note_move(database, new)
        for note in told(item, new):
            add(database, note)
        return change(database, item, remote_ids=ids, **changes, **_FRESH)


def _refuse_move(item: Item, ticket: str, order: str | None) -> None:
    """Refuse to move what cannot be, or need not be."""
    if item.state in (State.SENDING, State.SENT, State.PARTIAL):
        raise UsageError(
            _("the result {key} is being sent to ticket {ticket}").format(key=item.key, ticket=item.ticket),
            _("run `linetest ticket push` first: it finds out whether all of it arrived"),
        )
    if item.state == State.DROPPED:
        raise UsageError(_("the result {key} is dropped: it is sent to no ticket").format(key=item.key))
    if ticket == item.ticket and (order is None or item.state == State.DELIVERED):
        hint = _("correct it in the ticket system") if item.state == State.DELIVERED else ""
        raise UsageError(
            _("the result {key} is for ticket {ticket} already").format(key=item.key, ticket=ticket),
            hint or _("`linetest ticket retry` tries it again"),
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
