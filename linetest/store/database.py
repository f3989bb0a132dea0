"""The one SQLite file: opening it, its tables, and transactions.

WAL with full sync: a commit that returned survives a crash of the program and a loss of power.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

import click

from linetest.errors import StoreError
from linetest.store.durable import sync_folder
from linetest.words.text import _

FILE_NAME = "linetest.sqlite3"
_BUSY_S = 10.0

_TABLES = """
CREATE TABLE record (
    n INTEGER PRIMARY KEY,            -- place in the chain, 1 upwards without a gap
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    verdict TEXT NOT NULL,
    order_number TEXT,
    line TEXT,
    finished_at TEXT NOT NULL,
    body BLOB NOT NULL                -- the canonical JSON that was hashed, byte for byte
) STRICT;
CREATE INDEX record_by_line ON record (line, n);
CREATE TABLE run (
    id TEXT PRIMARY KEY,
    started_at TEXT NOT NULL,
    state TEXT NOT NULL,              -- running | interrupted | finished
    plan BLOB NOT NULL                -- JSON: all that is needed to resume
) STRICT;
CREATE TABLE journal (
    seq INTEGER PRIMARY KEY,
    run TEXT NOT NULL REFERENCES run (id),
    step TEXT NOT NULL,
    event TEXT NOT NULL,              -- started | done | failed | interrupted | reopened | recorded
    at TEXT NOT NULL,
    body BLOB                         -- JSON: the result of a done step, the id of a record
) STRICT;
CREATE INDEX journal_by_run ON journal (run, seq);
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY,           -- order of sending within one ticket
    key TEXT NOT NULL UNIQUE,         -- id of the record, and the marker in the ticket system
    dest TEXT NOT NULL,
    ticket TEXT NOT NULL,
    kind TEXT NOT NULL,
    payload BLOB NOT NULL,
    payload_sha256 TEXT NOT NULL,
    state TEXT NOT NULL,              -- pending | sending | unsure | sent | partial | delivered | dead | dropped
    attempts INTEGER NOT NULL DEFAULT 0,  -- sends and repairs that came to nothing: the backoff grows with them
    refusals INTEGER NOT NULL DEFAULT 0,  -- those that the system really refused: these end in dead
    created_at TEXT NOT NULL,
    next_at REAL NOT NULL DEFAULT 0,  -- seconds since 1970
    sent_at TEXT,
    first_sent_at REAL,               -- seconds since 1970
    remote_ids TEXT,
    last_error TEXT,
    verified_at TEXT
) STRICT;
CREATE TABLE sender (
    dest TEXT PRIMARY KEY,            -- one process at a time sends to one ticket system
    owner TEXT NOT NULL,              -- process id and boot id
    until REAL NOT NULL               -- seconds since 1970
) STRICT;
CREATE INDEX outbox_waiting ON outbox (dest, state, ticket, id);
"""

_ORDERS = """
CREATE TABLE work_order (
    n INTEGER PRIMARY KEY,
    number TEXT NOT NULL,
    version INTEGER NOT NULL,         -- 1 upwards: an order that comes again changed is a new version
    source TEXT NOT NULL,             -- the file or the ticket system that it came from
    added_at TEXT NOT NULL,
    body BLOB NOT NULL,               -- JSON: the order, whole
    UNIQUE (number, version)
) STRICT;
CREATE TABLE order_event (
    n INTEGER PRIMARY KEY,            -- the order of noting; `at` in the body says when it happened
    number TEXT NOT NULL,
    noted_at TEXT NOT NULL,
    body BLOB NOT NULL                -- JSON: the event, whole
) STRICT;
CREATE INDEX order_event_by_number ON order_event (number, n);
CREATE TRIGGER work_order_stays BEFORE UPDATE ON work_order BEGIN SELECT RAISE(ABORT, 'only added to'); END;
CREATE TRIGGER work_order_is_kept BEFORE DELETE ON work_order BEGIN SELECT RAISE(ABORT, 'only added to'); END;
CREATE TRIGGER order_event_stays BEFORE UPDATE ON order_event BEGIN SELECT RAISE(ABORT, 'only added to'); END;
CREATE TRIGGER order_event_is_kept BEFORE DELETE ON order_event BEGIN SELECT RAISE(ABORT, 'only added to'); END;
"""
_ONU_READINGS = """
CREATE TABLE onu_reading (
    n INTEGER PRIMARY KEY,
    olt TEXT NOT NULL,                -- the station's name of it
    onu TEXT NOT NULL,                -- rack/slot/port:onu
    identity TEXT NOT NULL,           -- serial, else MAC; empty where the OLT told neither
    at_s REAL NOT NULL,               -- seconds since 1970
    at TEXT NOT NULL,                 -- the same with the offset of where it was read
    run_state TEXT NOT NULL,
    onu_rx_dbm REAL,                  -- NULL: not told or not asked for, as in all that follow
    onu_tx_dbm REAL,
    olt_rx_dbm REAL,
    temperature_c REAL,
    voltage_v REAL,
    bias_ma REAL,
    distance_m REAL,
    record TEXT,                      -- the id of the record that it was judged in
    simulated INTEGER NOT NULL
) STRICT;
CREATE INDEX onu_reading_by_time ON onu_reading (olt, at_s);
CREATE TRIGGER onu_reading_stays BEFORE UPDATE ON onu_reading BEGIN SELECT RAISE(ABORT, 'only added to'); END;
CREATE TRIGGER onu_reading_is_kept BEFORE DELETE ON onu_reading BEGIN SELECT RAISE(ABORT, 'only added to'); END;
"""
_HOLDS = """
CREATE TABLE hold (
    dest TEXT PRIMARY KEY,            -- a ticket system that takes nothing now
    kind TEXT NOT NULL,               -- offline | paused
    reason TEXT NOT NULL,             -- as a sentence
    hint TEXT NOT NULL,
    since TEXT NOT NULL
) STRICT;
CREATE TABLE move (
    n INTEGER PRIMARY KEY,
    key TEXT NOT NULL,                -- of a result that a person gave to another ticket
    at TEXT NOT NULL,
    by TEXT,
    from_ticket TEXT NOT NULL,
    to_ticket TEXT NOT NULL,
    to_order TEXT,                    -- NULL: the order stays
    reason TEXT NOT NULL
) STRICT;
CREATE TABLE payload (                -- apart from its row, which changes with every step
    key TEXT PRIMARY KEY,
    body BLOB NOT NULL
) STRICT;
INSERT INTO payload (key, body) SELECT key, payload FROM outbox;
CREATE TABLE outbox_without_payload (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    dest TEXT NOT NULL,
    ticket TEXT NOT NULL,
    kind TEXT NOT NULL,
    payload_sha256 TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    refusals INTEGER NOT NULL DEFAULT 0,
    created_at TEXT NOT NULL,
    next_at REAL NOT NULL DEFAULT 0,
    sent_at TEXT,
    first_sent_at REAL,
    remote_ids TEXT,
    last_error TEXT,
    verified_at TEXT
) STRICT;
INSERT INTO outbox_without_payload
    SELECT id, key, dest, ticket, kind, payload_sha256, state, attempts, refusals, created_at, next_at, sent_at,
    first_sent_at, remote_ids, last_error, verified_at FROM outbox;
DROP TABLE outbox;
ALTER TABLE outbox_without_payload RENAME TO outbox;
CREATE INDEX outbox_waiting ON outbox (dest, ticket, id) WHERE state NOT IN ('dead', 'delivered', 'dropped');
CREATE INDEX move_by_key ON move (key, n);
CREATE TRIGGER move_stays BEFORE UPDATE ON move BEGIN SELECT RAISE(ABORT, 'only added to'); END;
CREATE TRIGGER move_is_kept BEFORE DELETE ON move BEGIN SELECT RAISE(ABORT, 'only added to'); END;
"""
_TICKETS_SEEN = """
CREATE TABLE ticket_seen (
    dest TEXT NOT NULL,
    ticket TEXT NOT NULL,
    seen_at TEXT NOT NULL,
    body BLOB NOT NULL,               -- JSON: what the ticket said of its order when it was last read
    PRIMARY KEY (dest, ticket)
) STRICT;
"""
_VERSIONS = (_TABLES, _ORDERS, _ONU_READINGS, _HOLDS, _TICKETS_SEEN)
"""What each version of the data base adds to the one before it; a table that was released is not edited here."""


def home_folder() -> Path:
    """Return the folder of the data base and the evidence: $LINETEST_HOME, else the user's data folder."""
    if named := os.environ.get("LINETEST_HOME"):
        return Path(named)
    if os.name == "posix":
        return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "linetest"
    return Path(click.get_app_dir("linetest")) / "data"


def connect(home: Path) -> sqlite3.Connection:
    """Open the data base in `home`, making both when they are new."""
    path = home / FILE_NAME
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = not path.exists()
        database = sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None)
    except sqlite3.Error as error:
        raise store_error(error, path) from error
    except OSError as error:
        raise StoreError(
            _("{file}: {fault}").format(file=home, fault=error.strerror), _("name another folder in $LINETEST_HOME")
        ) from error
    try:
        database.row_factory = sqlite3.Row
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        database.execute("PRAGMA foreign_keys = ON")
        _make_tables(database)
        if fresh:
            sync_folder(home)
    except BaseException as error:
        database.close()
        if isinstance(error, sqlite3.Error):
            raise store_error(error, path) from error
        raise
    return database


@contextmanager
def transaction(database: sqlite3.Connection) -> Iterator[None]:
    """Run the block as one transaction that takes the write lock at once; any error undoes all of it."""
    try:
        database.execute("BEGIN IMMEDIATE")
        yield
        database.execute("COMMIT")
    except BaseException as error:
        if database.in_transaction:
            database.execute("ROLLBACK")
        if isinstance(error, sqlite3.OperationalError):
            raise store_error(error) from error
        raise


def joined(database: sqlite3.Connection) -> AbstractContextManager[None]:
    """Return the caller's transaction where there is one, else one of its own."""
    return nullcontext() if database.in_transaction else transaction(database)


def store_error(error: sqlite3.Error, path: Path | None = None) -> StoreError:
    """Return what SQLite complains of in our words."""
    said = str(error)
    if "readonly" in said or "unable to open" in said:
        hint = _("check the rights on the folder; $LINETEST_HOME names another one")
    elif "full" in said:
        hint = _("make room on the disk")
    elif "locked" in said:
        hint = _("another linetest is writing: wait until it has ended")
    else:
        hint = _("copy the folder away and start with another one in $LINETEST_HOME; `linetest doctor` checks this one")
    place = path or home_folder() / FILE_NAME
    return StoreError(_("{file}: the data base cannot be used: {fault}").format(file=place, fault=said), hint)


def _make_tables(database: sqlite3.Connection) -> None:
    """Bring the data base to this version, whichever it has."""
    (version,) = database.execute("PRAGMA user_version").fetchone()
    if version == len(_VERSIONS):
        return
    with transaction(database):  # another process may make them at the same moment
        (version,) = database.execute("PRAGMA user_version").fetchone()
        if version > len(_VERSIONS):
            raise StoreError(
                _("the data base was written by a newer linetest (version {found})").format(found=version),
                _("install that version or a newer one"),
            )
        for statements in _VERSIONS[version:]:
            for statement in statements.split(";\n"):
                database.execute(statement)
        database.execute(f"PRAGMA user_version = {len(_VERSIONS)}")
