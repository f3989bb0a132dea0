"""Where a value stands in a TM Forum document: paths such as ``serviceTest/characteristic/verdict``.

The first part is the kind of resource, the others go down. In a list the next part chooses: of characteristics the
one of that ``name``, of parties, places and entities the one of that ``role``; where a list is not chosen from, all its
entries count. What is chosen of characteristics is its value.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from linetest.tickets.mapping import Field, Mapping
from linetest.tickets.policy import shorten
from linetest.tickets.system import Difference

_NAMED = ("characteristic", "workCharacteristic")
_ROLED = ("relatedParty", "relatedEntity", "place")


def fields_of(mapping: Mapping, kind: str) -> list[Field]:
    """Return the fields of a mapping that lie in one kind of resource."""
    return [field for field in mapping.field if field.name.startswith(f"{kind}/")]


def steps(field: Field) -> list[str]:
    """Return the path of a field inside its resource."""
    return field.name.split("/")[1:]


def values_at(document: Any, path: Sequence[str]) -> list[str]:
    """Return what stands at a path as texts: several where a list lies on the way, none where nothing is there."""
    if not path:
        return [] if document is None or isinstance(document, list | dict) else [str(document)]
    step, *rest = path
    inner = document.get(step) if isinstance(document, dict) else None
    if not isinstance(inner, list):
        return values_at(inner, rest)
    entries = [entry for entry in inner if isinstance(entry, dict)]
    if rest and step in (*_NAMED, *_ROLED):
        key = "name" if step in _NAMED else "role"
        entries = [entry for entry in entries if entry.get(key) == rest[0]][:1]
        rest = [*(["value"] if step in _NAMED else []), *rest[1:]]
    return [text for entry in entries for text in values_at(entry, rest)]


def text_at(document: Any, path: Sequence[str]) -> str | None:
    """Return the first text that stands at a path; None when nothing does."""
    return next(iter(values_at(document, path)), None)


def put(document: dict[str, Any], path: Sequence[str], value: Any) -> None:
    """Set what stands at a path, making what lies between."""
    step, *rest = path
    if not rest:
        document[step] = value
    elif step in _NAMED:
        entries = [entry for entry in document.get(step, []) if entry.get("name") != rest[0]]
        document[step] = [*entries, characteristic(rest[0], value)]
    else:
        inner = document.get(step)
        document[step] = dict(inner) if isinstance(inner, dict) else {}
        put(document[step], rest, value)


def characteristic(name: str, value: Any) -> dict[str, Any]:
    """Return a characteristic of TM Forum: name and value are required, the type says how to read the value."""
    kinds = {bool: "boolean", int: "number", float: "number", str: "string"}
    return {"name": name, "valueType": kinds.get(type(value), "object"), "value": value}


def differences(place: str, wanted: dict[str, Any], found: dict[str, Any]) -> list[Difference]:
    """Return the attributes that a resource has otherwise than they were sent."""
    return [
        Difference(field=f"{place}/{name}", wanted=_shown(value) or "", found=_shown(found.get(name)))
        for name, value in wanted.items()
        if not holds(value, found.get(name))
    ]


def holds(wanted: Any, found: Any) -> bool:
    """Tell whether what was sent is there; a system may add to objects, and write a moment in another zone."""
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(holds(value, found.get(key)) for key, value in wanted.items())
    if isinstance(wanted, list):
        return (
            isinstance(found, list)
            and len(wanted) == len(found)
            and all(holds(one, other) for one, other in zip(wanted, found, strict=True))
        )
    if isinstance(wanted, str) and isinstance(found, str):
        return wanted == found or _same_moment(wanted, found)
    return bool(wanted == found) and isinstance(wanted, bool) is isinstance(found, bool)


def _same_moment(one: str, other: str) -> bool:
    try:
        return datetime.fromisoformat(one) == datetime.fromisoformat(other)
    except (ValueError, TypeError):
        return False


def _shown(value: Any) -> str | None:
    """Return a value in a difference."""
    if value is None:
        return None
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True, ensure_ascii=True)
    return shorten(text)
