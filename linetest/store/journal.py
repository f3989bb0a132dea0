"""The journal of runs: what was to be done, and what became of each step, written before and after."""

import sqlite3
import uuid
from typing import Any, NamedTuple

import msgspec

from linetest.errors import UsageError
from linetest.model.clock import now_text
from linetest.store.database import transaction
from linetest.words.text import _


class Event(NamedTuple):
    """One row of the journal."""

    step: str
    event: str
    at: str
    body: bytes | None


class Run(NamedTuple):
    """One run and the JSON of its plan."""

    id: str
    started_at: str
    state: str
    plan: bytes


_OF_KIND = "coalesce(json_extract(CAST(plan AS TEXT), '$.kind'), '') = ?"
"""Plans say what kind of run they are for; that of an acceptance, the first there was, says nothing."""


def begin(database: sqlite3.Connection, run: str, plan: Any) -> None:
    """Write a new run with all that is needed to resume it."""
    with transaction(database):
        database.execute(
            "INSERT INTO run (id, started_at, state, plan) VALUES (?, ?, 'running', ?)",
            (run, now_text(), msgspec.json.encode(plan)),
        )


def begin_new(database: sqlite3.Connection, plan: Any) -> str:
    """Write a new run and return its id."""
    run = str(uuid.uuid4())
    begin(database, run, plan)
    return run


def note(database: sqlite3.Connection, run: str, step: str, event: str, body: bytes | None = None) -> None:
    """Write one event, durable when this returns; inside a transaction it becomes durable with that."""
    database.execute(
        "INSERT INTO journal (run, step, event, at, body) VALUES (?, ?, ?, ?, ?)",
        (run, step, event, now_text(), body),
    )


def set_state(database: sqlite3.Connection, run: str, state: str) -> None:
    """Say whether the run is running, interrupted or finished."""
    database.execute("UPDATE run SET state = ? WHERE id = ?", (state, run))


def events(database: sqlite3.Connection, run: str) -> list[Event]:
    """Return the events of a run, oldest first."""
    found = database.execute("SELECT step, event, at, body FROM journal WHERE run = ? ORDER BY seq", (run,))
    return [Event(*row) for row in found]


def unfinished(database: sqlite3.Connection, kind: str = "") -> list[Run]:
    """Return the runs of that kind that did not come to their end, newest first."""
    found = database.execute(
        f"SELECT id, started_at, state, plan FROM run WHERE state != 'finished' AND {_OF_KIND} ORDER BY rowid DESC",
        (kind,),
    )
    return [Run(*row) for row in found]


def runs_of_line(database: sqlite3.Connection, kind: str, order: str, line: str) -> list[Run]:
    """Return the runs of that kind for one line of an order, newest first."""
    found = database.execute(
        f"SELECT id, started_at, state, plan FROM run WHERE {_OF_KIND}"
        " AND json_extract(CAST(plan AS TEXT), '$.order') = ? AND json_extract(CAST(plan AS TEXT), '$.line') = ?"
        " ORDER BY rowid DESC",
        (kind, order, line),
    )
    return [Run(*row) for row in found]


def find_run(database: sqlite3.Connection, wanted: str, kind: str = "") -> Run:
    """Return the run of that kind with that id, the beginning of an id, or ``last`` for the newest unfinished one."""
    if wanted == "last":
        found = unfinished(database, kind)[:1]
    else:
        rows = database.execute(
            f"SELECT id, started_at, state, plan FROM run WHERE substr(id, 1, ?) = ? AND {_OF_KIND} LIMIT 2",
            (len(wanted), wanted, kind),
        )
        found = [Run(*row) for row in rows]
    if len(found) == 1:
        return found[0]
    if wanted == "last":
        raise UsageError(
            _("no run was interrupted; there is nothing to resume"),
            _("`linetest record list` shows the records, `linetest ticket push` sends what waits"),
        )
    waiting = ", ".join(run.id[:8] for run in unfinished(database, kind)[:5]) or _("none")
    what = _("several runs begin with {id!r}") if found else _("there is no run {id!r}")
    raise UsageError(what.format(id=wanted), _("runs that can be resumed: {runs}").format(runs=waiting))
