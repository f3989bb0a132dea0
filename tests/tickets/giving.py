"""A result given to another ticket, as `linetest ticket move` does it."""

import sqlite3

from linetest.store import corrections
from linetest.store.outbox import Item
from linetest.tickets.moved import told_of_move


def give(
    database: sqlite3.Connection,
    key: str,
    ticket: str,
    *,
    reason: str = "wrong number",
    by: str | None = None,
    order: str | None = None,
) -> Item:
    return corrections.move(database, key, ticket, settled_at=0.0, reason=reason, told=told_of_move, by=by, order=order)
