"""Ticket systems that take nothing now, and why: noted when a push learns it, taken away when one gets through."""

import sqlite3
from typing import Literal, NamedTuple

from linetest.model.clock import now_text
from linetest.store.database import joined
from linetest.store.outbox import forget_reason

Kind = Literal["offline", "paused"]


class Hold(NamedTuple):
    """One ticket system that takes nothing."""

    dest: str
    kind: Kind
    """``offline``: it cannot be reached. ``paused``: it refuses us, and a person has to do something."""
    reason: str
    hint: str
    since: str
    """ISO 8601 with offset."""


def hold(database: sqlite3.Connection, dest: str, kind: Kind, reason: str, hint: str) -> None:
    """Note why a ticket system takes nothing; since when is kept where the kind stays the same."""
    with joined(database):
        database.execute(
            "INSERT INTO hold (dest, kind, reason, hint, since) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (dest) DO UPDATE SET kind = excluded.kind, reason = excluded.reason, hint = excluded.hint,"
            " since = CASE hold.kind WHEN excluded.kind THEN hold.since ELSE excluded.since END",
            (dest, kind, reason, hint, now_text()),
        )


def release(database: sqlite3.Connection, dest: str) -> None:
    """Note that a ticket system takes something again, and that what waits for it waits no more for that."""
    for one in holds(database):  # seldom any: a push that gets through writes nothing here
        if one.dest == dest:
            with joined(database):
                database.execute("DELETE FROM hold WHERE dest = ?", (dest,))
                forget_reason(database, dest, one.reason)


def holds(database: sqlite3.Connection) -> list[Hold]:
    """Return all ticket systems that take nothing."""
    return [Hold(*row) for row in database.execute("SELECT dest, kind, reason, hint, since FROM hold ORDER BY dest")]
