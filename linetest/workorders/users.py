"""The file of installed users, which no order tells: strict TOML."""

from pathlib import Path

from linetest.catalog import read_text
from linetest.model.indicators import InstalledUsers, UsersFile
from linetest.model.toml import convert, convert_tables, parse_toml


def load_users(path: Path) -> list[InstalledUsers]:
    """Return the ``[[users]]`` of a file.

    Raises:
        FileError: it cannot be read.
        BadFile: naming the table, for what cannot be meant.
    """
    document = parse_toml(read_text(path), str(path))
    convert_tables(document, {"users": InstalledUsers}, str(path))
    return convert(document, UsersFile, str(path)).users
