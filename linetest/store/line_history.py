"""What the store knows of one line: its records over the years, of whatever order."""

import sqlite3

from linetest.model.record import Record
from linetest.store.records import read_record


def of_line(
    database: sqlite3.Connection, line: str, *, order: str | None = None, before: int | None = None, most: int = 50
) -> list[Record]:
    """Return the newest records of a line first: of one order, and before one place in the chain, where named."""
    found = database.execute(
        "SELECT id, body FROM record WHERE line = ? AND order_number IS ifnull(?, order_number)"
        " AND n < ifnull(?, n + 1) ORDER BY n DESC LIMIT ?",
        (line, order, before, most),
    )
    return [read_record(row["body"], row["id"]) for row in found]


def last_before(database: sqlite3.Connection, record: Record) -> Record | None:
    """Return the result of the same line that was kept before this one: real beside real, of the same kind."""
    if record.line is None or record.chain is None:
        return None
    earlier = of_line(database, record.line, before=record.chain.n)
    return next(
        (one for one in earlier if (one.kind, one.simulated) == (record.kind, record.simulated)),
        None,
    )
