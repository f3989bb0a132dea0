"""The simulated TM Forum system's tables say what the published definitions say, and it holds requests to them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from linetest.bench import tmf_tables, tmf_tables_work
from linetest.bench.tmf_forms import fault, form, values

FILES = (
    "TMF621-TroubleTicket-v4.0.0.swagger.json",
    "TMF653-ServiceTest-v4.0.0.swagger.json",
    "TMF646-Appointment-v4.0.0.swagger.json",
    "TMF656-ServiceProblem-v4.0.0.swagger.json",
    "TMF697-WorkOrder.bundled.schema.json",
)
RESOURCES = ("TroubleTicket", "ServiceTest", "Appointment", "ServiceProblem", "WorkOrder")
ROOTS = {f"{name}{use}" for name in RESOURCES for use in ("", "_Create", "_Update")}
FORMATS = {"date-time": "moment", "uri": "uri", "base64": "base64"}


def definitions(folder: Path, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / name).read_text(encoding="utf-8"))["definitions"]
    return found


def kind_of(schema: dict[str, Any], known: dict[str, Any]) -> tuple[str, bool]:
    """Return what the tables call the kind of an attribute, and whether it is a list."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        if "enum" in known[name]:
            return f"={name}", False
        return ("any" if name == "Any" else name), False
    if schema["type"] == "array":
        return kind_of(schema["items"], known)[0], True
    if schema["type"] == "string":
        return FORMATS.get(schema.get("format", ""), ""), False
    return schema["type"], False


def flat(name: str, known: dict[str, Any]) -> dict[str, tuple[bool, str, bool]]:
    """Return all attributes of a definition, those of its ``allOf`` included."""
    schema = known[name]
    found: dict[str, tuple[bool, str, bool]] = {}
    for part in schema.get("allOf", []):
        found |= flat(part["$ref"].rpartition("/")[2], known)
    found |= {key: (False, *kind_of(one, known)) for key, one in schema.get("properties", {}).items()}
    return {
        key: (required or key in schema.get("required", []), kind, many)
        for key, (required, kind, many) in found.items()
    }


def reached(known: dict[str, Any]) -> set[str]:
    """Return the definitions that what is sent and shown is made of."""
    todo = [name for name in known if name in ROOTS]
    found: set[str] = set()
    while todo:
        name = todo.pop()
        found.add(name)
        kinds = {kind for _required, kind, _many in flat(name, known).values()}
        todo += [kind for kind in kinds if kind in known and kind not in found]
    return found


@pytest.mark.parametrize("file", FILES)
def test_the_tables_are_the_published_definitions(file: str, shared_data: Callable[[str], Path]) -> None:
    known = definitions(shared_data("tmf"), file)
    compared = reached(known)
    assert len(compared) > 10
    for name in compared:
        assert {key: tuple(one) for key, one in form(name).items()} == flat(name, known), name
        for _required, kind, _many in form(name).values():
            if kind.startswith("="):
                assert values(kind[1:]) == known[kind[1:]]["enum"]


def test_no_form_of_the_tables_is_made_up(shared_data: Callable[[str], Path]) -> None:
    published = {name for file in FILES for name in reached(definitions(shared_data("tmf"), file))}
    assert {*tmf_tables.FORMS, *tmf_tables_work.FORMS} == published


TICKET = {"description": "no sync", "severity": "minor", "ticketType": "line fault"}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, None),
        ({"status": "inProgress", "note": [{"text": "x", "date": "2026-11-22T19:00:00+08:00"}]}, None),
        ({"staus": "inProgress"}, "staus: TroubleTicket_Create has no such attribute"),
        ({"status": "Pending"}, "status: not one of acknowledged"),
        ({"note": {"text": "x"}}, "note: not an array"),
        ({"note": [{"txt": "x"}]}, "note[0].txt: Note has no such attribute"),
        ({"note": [{"date": "2026-11-22T24:00:00Z"}]}, "note[0].date: not moment"),
        ({"note": [{"date": "2026-11-22"}]}, "note[0].date: not moment"),
        ({"relatedEntity": [{"id": "1", "role": "test"}]}, "relatedEntity[0].@referredType: missing"),
        ({"attachment": [{"content": "not base64!"}]}, "attachment[0].content: not base64"),
        ({"attachment": [{"size": {"amount": "3"}}]}, "attachment[0].size.amount: not number"),
        ({"attachment": [{"url": "a b"}]}, "attachment[0].url: not uri"),
        ({"severity": None}, "severity: not text"),
    ],
)
def test_a_document_is_held_to_its_form(changed: dict[str, Any], said: str | None) -> None:
    found = fault({**TICKET, **changed}, "TroubleTicket_Create")
    assert found is None if said is None else str(found).startswith(said)


def test_what_is_required_is_missed() -> None:
    assert fault({"description": "x", "severity": "minor"}, "TroubleTicket_Create") == "ticketType: missing"
    assert fault([], "TroubleTicket_Create") == "TroubleTicket_Create: not an object"


def test_nesting_has_an_end() -> None:
    item: dict[str, Any] = {"id": "1"}
    for _level in range(40):
        item = {"workOrderItem": [item]}
    assert "nested too deeply" in str(fault(item, "WorkOrder"))
