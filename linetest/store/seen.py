"""What a ticket said when it was last read: against it is decided who has changed a field since."""

import sqlite3
from typing import Any

import msgspec

from linetest.errors import StoreError
from linetest.model.clock import now_text
from linetest.words.text import _


def last_seen(database: sqlite3.Connection, dest: str, ticket: str) -> dict[str, Any] | None:
    """Return the values of a ticket of that ticket system when it was last read; None when it never was."""
    row = database.execute("SELECT body FROM ticket_seen WHERE dest = ? AND ticket = ?", (dest, ticket)).fetchone()
    if row is None:
        return None
    try:
        return msgspec.json.decode(row["body"], type=dict[str, Any])
    except msgspec.DecodeError as error:
        raise StoreError(_("the kept orders cannot be read: {fault}").format(fault=error)) from error


def keep_seen(database: sqlite3.Connection, dest: str, ticket: str, values: dict[str, Any]) -> None:
    """Remember what a ticket says, inside the caller's transaction."""
    database.execute(
        "INSERT INTO ticket_seen (dest, ticket, seen_at, body) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (dest, ticket) DO UPDATE SET seen_at = excluded.seen_at, body = excluded.body",
        (dest, ticket, now_text(), msgspec.json.encode(values)),
    )
