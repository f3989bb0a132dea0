"""The published definitions of TM Forum, closed: what a request is held to that no table of ours has touched."""

import copy
import json
from pathlib import Path
from typing import Any

from jsonschema import Draft4Validator, Draft7Validator, FormatChecker

from tests.tickets.tmf_listening import Listening

SWAGGERS = {
    "ServiceTest": "TMF653-ServiceTest-v4.0.0.swagger.json",
    "TroubleTicket": "TMF621-TroubleTicket-v4.0.0.swagger.json",
    "Appointment": "TMF646-Appointment-v4.0.0.swagger.json",
    "ServiceProblem": "TMF656-ServiceProblem-v4.0.0.swagger.json",
}
WORK_ORDER = "TMF697-WorkOrder.bundled.schema.json"


def faults(folder: Path, name: str, document: dict[str, Any]) -> list[str]:
    """Return what is wrong with a document by the published definition `name`, unknown names included."""
    if name.startswith("WorkOrder"):
        definitions = _load(folder, WORK_ORDER)
        schema: dict[str, Any] = {"$ref": f"#/definitions/{name}", "definitions": definitions}
        found = [error.message for error in Draft7Validator(schema).iter_errors(document)]
        return [*found, *_unknown(document, name, definitions, name)]
    definitions = copy.deepcopy(_load(folder, SWAGGERS[name.partition("_")[0]]))
    for definition in definitions.values():
        if definition.get("type") == "object":
            definition["additionalProperties"] = False
    schema = {"$ref": f"#/definitions/{name}", "definitions": definitions}
    validator = Draft4Validator(schema, format_checker=FormatChecker())
    return [f"{'/'.join(map(str, error.path))}: {error.message}" for error in validator.iter_errors(document)]


def _load(folder: Path, file: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / file).read_text(encoding="utf-8"))["definitions"]
    return found


def _unknown(document: Any, name: str, definitions: dict[str, Any], place: str) -> list[str]:
    """Return the names that no branch of the definition has, at any depth."""
    if isinstance(document, list):
        return [fault for one in document for fault in _unknown(one, name, definitions, place)]
    if not isinstance(document, dict):
        return []
    known = _properties(name, definitions)
    if not known:  # a definition without names takes anything
        return []
    found = [f"{place}/{key}: unknown" for key in document if key not in known]
    for key, value in document.items():
        schema = known.get(key, {})
        inner = schema.get("$ref") or schema.get("items", {}).get("$ref")
        if inner:
            found += _unknown(value, inner.rpartition("/")[2], definitions, f"{place}/{key}")
    return found


def _properties(name: str, definitions: dict[str, Any]) -> dict[str, Any]:
    """Return the properties of a definition, those of its ``allOf`` included."""
    found: dict[str, Any] = {}
    for part in definitions[name].get("allOf", []):
        found |= _properties(part["$ref"].rpartition("/")[2], definitions)
    found |= definitions[name].get("properties", {})
    return found


def judge_all(folder: Path, tmf: Listening) -> int:
    """Hold all that was sent and all that is shown to the published definitions; return how much was sent."""
    for method, form, body in tmf.sent:
        if form == "WorkOrder":
            assert faults(folder, form, {"workOrderItem": [], **body}) == []
        else:
            assert faults(folder, f"{form}_{'Create' if method == 'POST' else 'Update'}", body) == []
    for form, resources in tmf.desk.resources.items():
        for document in resources.values():
            assert faults(folder, form, document) == []
    return len(tmf.sent)
