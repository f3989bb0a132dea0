"""The custom fields of a ticket in Request Tracker: what goes where, and how it is compared afterwards."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal

import msgspec

from linetest.safe import safe_text
from linetest.tickets.result import MARK, TicketResult
from linetest.tickets.rt_rest import dicts
from linetest.tickets.systems import Difference

_WORK_TYPES = {"fault": "repair"}
_ACCESS = {"ftth-epon": "epon", "ftth-gpon": "gpon"}
_LONGEST_SHOWN = 120


class Field(msgspec.Struct, frozen=True):
    """One custom field of the ticket."""

    name: str
    value: Callable[[TicketResult], str | None]
    """None leaves the field as it is."""
    compared: Literal["text", "number", "instant"] = "text"
    values: tuple[str, ...] = ()
    """What may be sent into a field of type Select."""


def _marked(text: str, result: TicketResult) -> str:
    return f"{MARK} {text}" if result.simulated else text


# A ticket has one of each, an order may have many lines: Verdict is the order's, like the ticket's status; Result Id,
# Line Id, Rx Power and Tested At are together those of the newest result. Each line has a comment of its own.
FIELDS = (
    Field("Result Id", lambda result: result.key),
    Field("Work Order", lambda result: _marked(result.order, result)),
    Field("Line Id", lambda result: _marked(result.line, result)),
    Field(
        "Work Type",
        lambda result: _WORK_TYPES.get(result.work_type, result.work_type),
        values=("install", "move", "remove", "repair"),
    ),
    Field(
        "Access",
        lambda result: _ACCESS.get(result.access, result.access),
        values=("adsl", "epon", "gpon", "lan", "vdsl"),
    ),
    Field("Verdict", lambda result: result.ticket_verdict.value, values=("fail", "inconclusive", "pass")),
    Field(
        "Rx Power dBm",
        lambda result: None if result.rx_power_dbm is None else f"{result.rx_power_dbm:.2f}",
        "number",
    ),
    Field("Tested At", lambda result: result.tested_at, "instant"),
)


def wanted_fields(result: TicketResult) -> dict[str, str]:
    """Return the custom fields to set; a field without a value is left alone."""
    return {field.name: value for field in FIELDS if (value := field.value(result))}


def field_differences(result: TicketResult, ticket: dict[str, Any]) -> list[Difference]:
    """Return the custom fields that the ticket shows otherwise than they were sent."""
    shown = custom_fields(ticket)
    return [
        Difference(field=field.name, wanted=value, found=shorten(shown.get(field.name)))
        for field in FIELDS
        if (value := field.value(result)) and not _same(value, shown.get(field.name), field.compared)
    ]


def custom_fields(ticket: dict[str, Any]) -> dict[str, str]:
    """Return the first value of each custom field that has one."""
    return {
        str(field.get("name")): str(field["values"][0])
        for field in dicts(ticket.get("CustomFields"))
        if isinstance(field.get("values"), list) and field["values"]
    }


def shorten(value: Any) -> str | None:
    """Return a value of the ticket as a person may see it."""
    return None if value is None else safe_text(str(value)[:_LONGEST_SHOWN])


def _same(wanted: str, found: str | None, compared: str) -> bool:
    """Return whether two values mean the same; Request Tracker shows times in UTC."""
    if found is None or compared == "text":
        return wanted == found
    try:
        if compared == "number":
            return float(wanted) == float(found)
        return datetime.fromisoformat(wanted) == datetime.fromisoformat(found)
    except (ValueError, TypeError):
        return False
