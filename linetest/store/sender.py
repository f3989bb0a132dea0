"""One process at a time sends to one ticket system: a lease in the data base, with its owner and an end.

The owner is a process id and the boot id of the machine, so the lease of a killed process is free at once and nobody
waits for it to run out.
"""

import os
import platform
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from linetest.errors import AlreadySending
from linetest.store.database import transaction
from linetest.words.text import _

LEASE_S = 120.0
"""Longer than any one request; a sender renews it while it waits for answers."""
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@contextmanager
def sender(database: sqlite3.Connection, dest: str) -> Iterator[Callable[[], None]]:
    """Be the one sender to `dest` for the block, which gets a function that keeps the lease: call it often.

    Raises:
        AlreadySending: another process is sending; it is named. From the function: the lease ran out and another
            process has it, after the machine slept for instance.
    """
    _take(database, dest)
    taken_at = time.monotonic()

    def renew() -> None:
        nonlocal taken_at
        if time.monotonic() - taken_at > LEASE_S / 4:
            _take(database, dest)
            taken_at = time.monotonic()

    try:
        yield renew
    finally:
        with transaction(database):
            database.execute("DELETE FROM sender WHERE dest = ? AND owner = ?", (dest, _me()))


def _take(database: sqlite3.Connection, dest: str) -> None:
    with transaction(database):
        row = database.execute("SELECT owner, until FROM sender WHERE dest = ?", (dest,)).fetchone()
        if row is not None and row["owner"] != _me() and row["until"] > time.time() and _may_live(row["owner"]):
            raise AlreadySending(
                _("process {process} is already sending to {system}").format(
                    process=row["owner"].partition("@")[0], system=dest
                ),
                _("wait until it is done, then push again"),
            )
        database.execute(
            "INSERT INTO sender (dest, owner, until) VALUES (?, ?, ?)"
            " ON CONFLICT (dest) DO UPDATE SET owner = excluded.owner, until = excluded.until",
            (dest, _me(), time.time() + LEASE_S),
        )


def _me() -> str:
    return f"{os.getpid()}@{_boot()}"


def _boot() -> str:
    """Return the boot id where the system has one, else the machine's name."""
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return platform.node()


def _may_live(owner: str) -> bool:
    """Return False only when that process is surely gone."""
    process, _at, boot = owner.partition("@")
    if boot != _boot():
        return False
    if os.name != "posix":  # there, signal 0 would end the process; the lease runs out by itself
        return True
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
