"""TOML that people write, read strictly, with errors that say where and what was meant."""

import re
import tomllib
from typing import Any, Literal, TypeVar, get_args, get_origin

import msgspec

from linetest.errors import BadFile, nearest
from linetest.words.text import _

T = TypeVar("T")
_LONGEST_FAULT = 200  # characters of a complaint that quotes the file
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<key>[^`]*)`(?: - at `(?P<path>[^`]*)`)?")
_MISSING = re.compile(r"Object missing required field `(?P<key>[^`]*)`(?: - at `(?P<path>[^`]*)`)?")
_TYPE = re.compile(r"Expected `(?P<wanted>[^`]*)`, got `(?P<found>[^`]*)`(?: - at `(?P<path>[^`]*)`)?")
_CHOICE = re.compile(r"Invalid enum value (?P<found>.*?)(?: - at `(?P<path>[^`]*)`)?")
_PLACE = re.compile(r" - at `\$(?P<path>[^`]*)`$")


def parse_toml(text: str, name: str) -> dict[str, Any]:
    """Return the tables of `text`; `name` is the file's name for the error."""
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, ValueError, RecursionError) as error:  # numbers and nesting without end
        raise BadFile(
            _("{file}: not valid TOML: {fault}").format(file=name, fault=str(error)[:_LONGEST_FAULT]),
            _("texts stand in quotes, times and numbers do not; a table is [name], one of many [[name]]"),
        ) from error


def convert(value: Any, wanted: type[T], place: str) -> T:
    """Return `value` as the type `wanted`; `place` says which table of which file it stood in."""
    try:
        return msgspec.convert(value, wanted)
    except (msgspec.ValidationError, ValueError) as error:
        what, hint = _explain(str(error)[: 2 * _LONGEST_FAULT], wanted)
        raise BadFile(f"{place}: {what}", hint or _("`--help` and the README show such a file")) from error


def convert_tables(document: dict[str, Any], lists: dict[str, type[Any]], name: str) -> None:
    """Check each ``[[table]]`` of `document` on its own, so that an error names the table by its number.

    msgspec says which field is wrong, but not in which entry of a list a person should look.
    """
    for table, wanted in lists.items():
        entries = document.get(table)
        for number, entry in enumerate(entries if isinstance(entries, list) else [], start=1):
            convert(entry, wanted, f"{name}: [[{table}]] {number}")


def _explain(fault: str, wanted: type[Any]) -> tuple[str, str]:
    """Return msgspec's complaint in our words, and what to try."""
    if found := _UNKNOWN.fullmatch(fault):
        names = nearest(found["key"], _keys(wanted)) if found["path"] in (None, "$") else ""
        hint = _("there are: {names}").format(names=names) if names else ""
        return _("there is no key {key!r}").format(key=_key(found)), hint
    if found := _MISSING.fullmatch(fault):
        return _("the key {key!r} is missing").format(key=_key(found)), _("add it")
    if found := _TYPE.fullmatch(fault):
        return _("{key}: {wanted} is wanted, not {found}").format(
            key=_path(found["path"]), wanted=found["wanted"], found=found["found"]
        ), ""
    if found := _CHOICE.fullmatch(fault):
        key = _path(found["path"])
        choices = ", ".join(_choices(wanted, key))
        what = _("{key}: {found} is not one of the words that can stand there").format(key=key, found=found["found"])
        return what, _("there are: {names}").format(names=choices) if choices else ""
    return _PLACE.sub(lambda place: f" ({place['path'].lstrip('.')})" if place["path"] else "", fault), ""


def _path(path: str | None) -> str:
    return (path or "").removeprefix("$").lstrip(".")


def _key(found: re.Match[str]) -> str:
    before = _path(found["path"])
    return f"{before}.{found['key']}" if before else found["key"]


def _keys(wanted: type[Any]) -> list[str]:
    return list(wanted.__struct_encode_fields__) if hasattr(wanted, "__struct_encode_fields__") else []


def _choices(wanted: type[Any], key: str) -> list[str]:
    """Return the words that a field of fixed words takes."""
    for field in msgspec.structs.fields(wanted) if _keys(wanted) else ():
        if field.encode_name == key:
            kinds = [field.type, *get_args(field.type)]
            return [str(word) for kind in kinds if get_origin(kind) is Literal for word in get_args(kind)]
    return []
