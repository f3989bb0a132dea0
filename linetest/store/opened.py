"""The store as the other rooms hold it: the folder and the open data base."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

from linetest.store.database import connect, home_folder


class Store(NamedTuple):
    """An open store."""

    home: Path
    database: sqlite3.Connection


@contextmanager
def open_store(home: Path | None = None) -> Iterator[Store]:
    """Open the store in `home`, else in the user's folder, and close it at the end."""
    home = home or home_folder()
    with closing(connect(home)) as database:
        yield Store(home, database)
