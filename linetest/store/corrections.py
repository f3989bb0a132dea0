"""What a person does about a result in the outbox: try it again, correct its ticket number, or give it up."""

import sqlite3

from linetest.errors import UsageError
from linetest.store.outbox import ALLOWED, DONE, Item, State, change, find, mark
from linetest.words.text import _

_FRESH = {"attempts": 0, "refusals": 0}


def retry(database: sqlite3.Connection, key: str, *, settled_at: float, ticket: str | None = None) -> Item:
    """Let the next push try this result without further delay, in another ticket when one is given.

    What may have been sent is looked up before it is sent again, in each ticket that it may have been sent to: so
    neither a retry nor a corrected number doubles it.

    Args:
        database: the open store.
        key: of the result, or the beginning of it.
        settled_at: when a request that is lost by now has surely ended in the ticket system, in seconds since 1970;
            what may have been sent is not looked up before.
        ticket: the right number, where the first one was wrong.

    Raises:
        UsageError: it is delivered or dropped; or it is in its ticket, or being sent, and was to go to another one.
        Overtaken: another process has changed it.
    """
    item = find(database, key)
    if item.state in DONE:
        raise UsageError(
            _("the result {key} is {state}: there is nothing to try again").format(key=item.key, state=item.state)
        )
    if ticket is not None and ticket != item.ticket:
        return _readdress(database, item, ticket, settled_at)
    if item.state == State.SENDING:
        return item  # the next push finds out what became of it
    if item.state == State.DEAD and item.first_sent_at is not None:
        return change(database, item, state=State.UNSURE, next_at=settled_at, **_FRESH)
    if item.state == State.UNSURE:
        return change(database, item, next_at=min(item.next_at, settled_at), **_FRESH)
    state = State.PENDING if item.state == State.DEAD else item.state
    return change(database, item, state=state, next_at=0.0, **_FRESH)


def _readdress(database: sqlite3.Connection, item: Item, ticket: str, settled_at: float) -> Item:
    """Send a result to another ticket; where it may have been sent to the old one, that is looked into first."""
    if item.state == State.SENDING:
        raise UsageError(
            _("the result {key} is being sent to ticket {ticket}").format(key=item.key, ticket=item.ticket),
            _("run `linetest ticket push` first: it finds out whether it arrived"),
        )
    if item.state in (State.SENT, State.PARTIAL):
        raise UsageError(
            _("the result {key} has arrived in ticket {ticket}: it is not sent to a second one").format(
                key=item.key, ticket=item.ticket
            ),
            _("correct it in the ticket system, and drop it here with `linetest ticket drop`"),
        )
    if item.first_sent_at is None:
        return change(database, item, state=State.PENDING, ticket=ticket, next_at=0.0, **_FRESH)
    earlier = [number for number in dict.fromkeys([*item.earlier_tickets, item.ticket]) if number != ticket]
    return change(
        database,
        item,
        state=State.UNSURE,
        ticket=ticket,
        next_at=settled_at,
        remote_ids={**item.remote_ids, "earlier_tickets": earlier},
        **_FRESH,
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
