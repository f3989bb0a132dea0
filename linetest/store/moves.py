"""Results that a person gave to another ticket: the trace of it, which is only added to."""

import sqlite3
from typing import NamedTuple

from linetest.store.database import joined


class Move(NamedTuple):
    """One move of a result."""

    key: str
    at: str
    """ISO 8601 with offset."""
    by: str | None
    """The technician's staff number or name."""
    from_ticket: str
    to_ticket: str
    to_order: str | None
    """The number of the order that it is told under; None where that stays."""
    reason: str


def note_move(database: sqlite3.Connection, move: Move) -> None:
    """Add a move; inside of a transaction it becomes durable with that."""
    with joined(database):
        database.execute(
            "INSERT INTO move (key, at, by, from_ticket, to_ticket, to_order, reason) VALUES (?, ?, ?, ?, ?, ?, ?)",
            move,
        )


def moves_of(database: sqlite3.Connection, key: str) -> list[Move]:
    """Return the moves of a result, oldest first."""
    found = database.execute(
        "SELECT key, at, by, from_ticket, to_ticket, to_order, reason FROM move WHERE key = ? ORDER BY n", (key,)
    )
    return [Move(*row) for row in found]
