"""A document held to a form of `tmf_tables`: every name known, every required one there, every value of its kind."""

import base64
import binascii
import re
from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from linetest.bench import tmf_tables, tmf_tables_work

_DEEPEST = 12
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")
_URI = re.compile(r"[^\s<>\"{}|\\^`\x00-\x1f]*")


class Name(NamedTuple):
    """One name of a form."""

    required: bool
    kind: str
    """A form, ``=`` and the name of some values, or a key of `KINDS`."""
    many: bool


@cache
def form(name: str) -> dict[str, Name]:
    """Return the names of a form."""
    text = tmf_tables.FORMS.get(name) or tmf_tables_work.FORMS[name]
    return _names(text)


def values(name: str) -> list[str]:
    """Return the values that a kind ``=name`` has."""
    return (tmf_tables.VALUES.get(name) or tmf_tables_work.VALUES[name]).split()


def fault(document: Any, name: str, place: str = "", depth: int = 0) -> str | None:
    """Return the first thing that is wrong with a document, and where; None when it fits the form `name`."""
    if not isinstance(document, dict):
        return f"{place or name}: not an object"
    if depth > _DEEPEST:
        return f"{place}: nested too deeply"
    known = form(name)
    for key, value in document.items():
        here = f"{place}.{key}".lstrip(".")
        if key not in known:
            return f"{here[:80]}: {name} has no such attribute"
        wrong = _value_fault(value, known[key], here, depth)
        if wrong is not None:
            return wrong
    missing = [key for key, one in known.items() if one.required and key not in document]
    return f"{place}.{missing[0]}: missing".lstrip(".") if missing else None


def _names(text: str) -> dict[str, Name]:
    found: dict[str, Name] = {}
    for word in text.split():
        if word in tmf_tables.SHARED:
            found |= _names(tmf_tables.SHARED[word])
            continue
        name, _colon, kind = word.partition(":")
        found[name.removesuffix("!")] = Name(name.endswith("!"), kind.removesuffix("*"), kind.endswith("*"))
    return found


def _value_fault(value: Any, wanted: Name, place: str, depth: int) -> str | None:
    if not wanted.many:
        return _one_fault(value, wanted.kind, place, depth)
    if not isinstance(value, list):
        return f"{place}: not an array"
    faults = (_one_fault(one, wanted.kind, f"{place}[{number}]", depth) for number, one in enumerate(value))
    return next((wrong for wrong in faults if wrong is not None), None)


def _one_fault(value: Any, kind: str, place: str, depth: int) -> str | None:
    if kind.startswith("="):
        allowed = values(kind[1:])
        return None if value in allowed else f"{place}: not one of {', '.join(allowed)}"
    if kind in KINDS:
        return None if KINDS[kind](value) else f"{place}: not {kind or 'text'}"
    return fault(value, kind, place, depth + 1)


def _is_moment(value: Any) -> bool:
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        return False
    try:
        datetime.fromisoformat(value.upper())
    except ValueError:
        return False
    return True


def _is_base64(value: Any) -> bool:
    try:
        base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError, TypeError):
        return False
    return isinstance(value, str)


KINDS: dict[str, Callable[[Any], bool]] = {
    "": lambda value: isinstance(value, str),
    "moment": _is_moment,
    "uri": lambda value: isinstance(value, str) and _URI.fullmatch(value) is not None,
    "base64": _is_base64,
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "any": lambda _value: True,
}
