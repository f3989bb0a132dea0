"""TOML that people write, read strictly, with errors that say where."""

import tomllib
from typing import Any, TypeVar

import msgspec

from linetest.errors import BadFile
from linetest.words.text import _

T = TypeVar("T")


def parse_toml(text: str, name: str) -> dict[str, Any]:
    """Return the tables of `text`; `name` is the file's name for the error."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadFile(_("{file}: not valid TOML: {fault}").format(file=name, fault=error)) from error


def convert(value: Any, wanted: type[T], place: str) -> T:
    """Return `value` as the type `wanted`; `place` says which table of which file it stood in."""
    try:
        return msgspec.convert(value, wanted)
    except (msgspec.ValidationError, ValueError) as error:
        raise BadFile(f"{place}: {str(error).replace(' - at `$', ' at `')}") from error


def convert_tables(document: dict[str, Any], lists: dict[str, type[Any]], name: str) -> None:
    """Check each ``[[table]]`` of `document` on its own, so that an error names the table by its number.

    msgspec says which field is wrong, but not in which entry of a list a person should look.
    """
    for table, wanted in lists.items():
        for number, entry in enumerate(document.get(table) or [], start=1):
            convert(entry, wanted, f"{name}: [[{table}]] {number}")
