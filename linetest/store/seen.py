"""What a ticket said when it was last read: against it is decided who has changed a field since."""

import sqlite3
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from linetest.errors import StoreError
from linetest.model.clock import now_text
from linetest.store.outbox import Item, State, of_keys
from linetest.words.text import _


class Seen(NamedTuple):
    """A ticket when it was last read."""

    values: dict[str, Any]
    at: datetime


def last_seen(database: sqlite3.Connection, dest: str, ticket: str) -> Seen | None:
    """Return what a ticket of that ticket system said when it was last read; None when it never was."""
    row = database.execute(
        "SELECT body, seen_at FROM ticket_seen WHERE dest = ? AND ticket = ?", (dest, ticket)
    ).fetchone()
    if row is None:
        return None
    try:
        return Seen(msgspec.json.decode(row["body"], type=dict[str, Any]), datetime.fromisoformat(row["seen_at"]))
    except msgspec.DecodeError as error:
        raise StoreError(_("the kept orders cannot be read: {fault}").format(fault=error)) from error


def delivered_since(database: sqlite3.Connection, dest: str, ticket: str, since: datetime | None) -> list[Item]:
    """Return what a ticket has got from here since that moment, or ever, in the order of sending."""
    found = database.execute(
        "SELECT key, verified_at FROM outbox WHERE dest = ? AND ticket = ? AND state = ? AND verified_at IS NOT NULL",
        (dest, ticket, State.DELIVERED),
    )
    keys = [row["key"] for row in found if since is None or datetime.fromisoformat(row["verified_at"]) >= since]
    return of_keys(database, keys)


def keep_seen(database: sqlite3.Connection, dest: str, ticket: str, values: dict[str, Any]) -> None:
    """Remember what a ticket says, inside the caller's transaction."""
    database.execute(
        "INSERT INTO ticket_seen (dest, ticket, seen_at, body) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (dest, ticket) DO UPDATE SET seen_at = excluded.seen_at, body = excluded.body",
        (dest, ticket, now_text(), msgspec.json.encode(values)),
    )
