"""The outbox: results that wait for the ticket system, one row each, in the same file as the records.

A row is added in the transaction that stores its record, and its state is committed before anything is sent::

    pending ──► sending ──► sent ──► delivered
                  │ crash,    └─► partial ──► delivered      the system took only some of it
                  ▼ no answer
                unsure ──► sent | pending                    after a look-up in the ticket system
    any of these ──► dead, with the reason                   nothing expires
    delivered ──► pending                                    a person gives it to another ticket

What a person does about a result, such as trying a dead one again, is in `corrections`.
"""

import hashlib
import sqlite3
from collections.abc import Collection
from enum import StrEnum
from typing import Any, Literal, NamedTuple

import msgspec

from linetest.errors import Overtaken, StoreError, UsageError, nearest
from linetest.model.clock import now_text
from linetest.store.database import joined
from linetest.words.text import _

_LONGEST_ERROR = 600


class State(StrEnum):
    """Where a result stands."""

    PENDING = "pending"
    SENDING = "sending"
    UNSURE = "unsure"
    SENT = "sent"
    PARTIAL = "partial"
    DELIVERED = "delivered"
    DEAD = "dead"
    DROPPED = "dropped"


ALLOWED: dict[State, frozenset[State]] = {
    State.PENDING: frozenset({State.PENDING, State.SENDING, State.DEAD, State.DROPPED}),
    State.SENDING: frozenset({State.SENT, State.UNSURE, State.PENDING, State.DEAD}),
    State.UNSURE: frozenset({State.UNSURE, State.SENT, State.PENDING, State.DEAD, State.DROPPED}),
    State.SENT: frozenset({State.SENT, State.PARTIAL, State.DELIVERED, State.DEAD, State.DROPPED}),
    State.PARTIAL: frozenset({State.PARTIAL, State.DELIVERED, State.DEAD, State.DROPPED}),
    State.DEAD: frozenset({State.PENDING, State.UNSURE, State.DROPPED}),
    State.DELIVERED: frozenset({State.PENDING, State.UNSURE}),
    State.DROPPED: frozenset(),
}
"""Which states may follow a state, whoever changes it: `mark` refuses the others."""
DONE = frozenset({State.DELIVERED, State.DROPPED})
"""States in which nothing is left to do; everything else is kept."""
CLOSED = DONE | {State.DEAD}
"""States that a push leaves alone."""
Which = Literal["all", "kept", "waiting"]
"""Of the rows: kept is what is not done, waiting is what a push takes up."""


def _except(states: Collection[State]) -> str:
    return "state NOT IN ('{}')".format("', '".join(sorted(states)))


_WHICH: dict[Which, str] = {"all": "true", "kept": _except(DONE), "waiting": _except(CLOSED)}
_WHOLE = "outbox.*, body AS payload FROM outbox JOIN payload USING (key)"
_HEAD = "id, key, ticket, state, next_at"


class NewItem(msgspec.Struct, frozen=True, kw_only=True):
    """A result as it enters the outbox."""

    key: str
    """The id of the record, and the marker in the ticket system."""
    dest: str
    """The ticket system's name for itself: `tickets.systems.destination`."""
    ticket: str
    kind: str
    """The format of `payload`."""
    payload: bytes


class Item(NewItem, frozen=True, kw_only=True):
    """A row of the outbox."""

    id: int
    payload_sha256: str
    state: State
    attempts: int
    refusals: int
    created_at: str
    next_at: float
    """Not before this moment, in seconds since 1970."""
    sent_at: str | None
    first_sent_at: float | None
    """When the first send began; None when nothing was ever sent."""
    remote_ids: dict[str, Any]
    """What the ticket system called its parts of it, what was seen there, and tickets it was meant for before."""
    last_error: str | None
    verified_at: str | None

    @property
    def left_tickets(self) -> list[str]:
        """Return the tickets that it had arrived in before a person gave it to another one."""
        return list(self.remote_ids.get("left_tickets", []))

    @property
    def earlier_tickets(self) -> list[str]:
        """Return the tickets that it may have been sent to before a person corrected the number."""
        return list(self.remote_ids.get("earlier_tickets", []))

    def is_intact(self) -> bool:
        """Return whether the payload is still what was put in."""
        return hashlib.sha256(self.payload).hexdigest() == self.payload_sha256


class Head(NamedTuple):
    """A waiting row, without its payload."""

    id: int
    key: str
    ticket: str
    state: State
    next_at: float


def add(database: sqlite3.Connection, item: NewItem) -> None:
    """Put a result into the outbox, inside the caller's transaction."""
    try:
        database.execute(
            "INSERT INTO outbox (key, dest, ticket, kind, payload_sha256, state, created_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                item.key,
                item.dest,
                item.ticket,
                item.kind,
                hashlib.sha256(item.payload).hexdigest(),
                State.PENDING,
                now_text(),
            ),
        )
        database.execute("INSERT INTO payload (key, body) VALUES (?, ?)", (item.key, item.payload))
    except sqlite3.IntegrityError as error:
        raise StoreError(_("the result {key} is in the outbox already").format(key=item.key)) from error


def mark(database: sqlite3.Connection, item: Item, state: State, **changes: Any) -> Item:
    """Commit a new state, and `changes` of other columns, and return the row as it is now.

    Raises:
        Overtaken: another process has changed the row since `item` was read.
        StoreError: no result goes from its state to that one.
    """
    if state not in ALLOWED[item.state]:
        raise StoreError(
            _("the result {key} cannot go from {old} to {new}").format(key=item.key, old=item.state, new=state)
        )
    return change(database, item, state=state, **changes)


def change(database: sqlite3.Connection, item: Item, **changes: Any) -> Item:
    """Commit `changes` of columns and return the row as it is now.

    Raises:
        Overtaken: another process has changed the row since `item` was read.
    """
    if changes.get("last_error"):
        changes["last_error"] = changes["last_error"][:_LONGEST_ERROR]
    columns = ", ".join(f"{column} = ?" for column in changes)
    values = [msgspec.json.encode(value).decode() if name == "remote_ids" else value for name, value in changes.items()]
    with joined(database):
        changed = database.execute(
            f"UPDATE outbox SET {columns} WHERE id = ? AND state = ? AND ticket = ?",
            (*values, item.id, item.state, item.ticket),
        )
        if changed.rowcount != 1:
            raise Overtaken(
                _("the result {key} was changed by another process").format(key=item.key),
                _("look at it with `linetest ticket show`"),
            )
    return msgspec.structs.replace(item, **changes)


def note_reason(database: sqlite3.Connection, dest: str, reason: str) -> None:
    """Say of all that waits to be sent to one ticket system why it is not being sent."""
    with joined(database):
        database.execute(
            "UPDATE outbox SET last_error = ? WHERE dest = ? AND state IN (?, ?)",
            (reason[:_LONGEST_ERROR], dest, State.PENDING, State.UNSURE),
        )


def forget_reason(database: sqlite3.Connection, dest: str, reason: str) -> None:
    """Take back what `note_reason` said: the ticket system takes something again."""
    with joined(database):
        database.execute(
            "UPDATE outbox SET last_error = NULL WHERE dest = ? AND last_error = ? AND state IN (?, ?)",
            (dest, reason[:_LONGEST_ERROR], State.PENDING, State.UNSURE),
        )


def find(database: sqlite3.Connection, key: str) -> Item:
    """Return the row of `key`, or of the one key that begins with it.

    Raises:
        UsageError: there is none, or more than one.
    """
    rows = database.execute(f"SELECT {_WHOLE} WHERE key = ?", (key,)).fetchall()
    if not rows and key:
        begins = f"SELECT {_WHOLE} WHERE substr(key, 1, ?) = ? LIMIT 2"
        rows = database.execute(begins, (len(key), key)).fetchall()
    if len(rows) != 1:
        known = [row["key"] for row in database.execute("SELECT key FROM outbox ORDER BY id DESC LIMIT 200")]
        what = _("more than one result in the outbox begins with {key}") if rows else _("no result {key} in the outbox")
        raise UsageError(
            what.format(key=key or "''"),
            _("there are: {names}").format(names=nearest(key, known)) if known else _("the outbox is empty"),
        )
    return _item(rows[0])


def items(database: sqlite3.Connection, *, dest: str | None = None, which: Which = "all") -> list[Item]:
    """Return the rows in the order of sending, of all ticket systems or of one."""
    found = database.execute(
        f"SELECT {_WHOLE} WHERE dest = ifnull(?, dest) AND {_WHICH[which]} ORDER BY outbox.id", (dest,)
    )
    return [_item(row) for row in found]


def of_keys(database: sqlite3.Connection, keys: Collection[str]) -> list[Item]:
    """Return the rows of those of `keys` that are there, in the order of sending."""
    found = [_item(row) for key in keys for row in database.execute(f"SELECT {_WHOLE} WHERE key = ?", (key,))]
    return sorted(found, key=lambda item: item.id)


def heads(database: sqlite3.Connection, dest: str) -> list[Head]:
    """Return all that waits for one ticket system, in the order of sending."""
    found = database.execute(f"SELECT {_HEAD} FROM outbox WHERE dest = ? AND {_WHICH['waiting']} ORDER BY id", (dest,))
    return [_head(row) for row in found]


def first(database: sqlite3.Connection, dest: str, ticket: str) -> Head | None:
    """Return what waits first for one ticket."""
    row = database.execute(
        f"SELECT {_HEAD} FROM outbox WHERE dest = ? AND ticket = ? AND {_WHICH['waiting']} ORDER BY id LIMIT 1",
        (dest, ticket),
    ).fetchone()
    return None if row is None else _head(row)


def _head(row: sqlite3.Row) -> Head:
    return Head(row["id"], row["key"], row["ticket"], State(row["state"]), row["next_at"])


def _item(row: sqlite3.Row) -> Item:
    values = dict(row)
    values["state"] = State(values["state"])
    values["remote_ids"] = msgspec.json.decode(values["remote_ids"]) if values["remote_ids"] else {}
    return Item(**values)
