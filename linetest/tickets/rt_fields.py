"""The fields of a ticket in Request Tracker: which are custom ones, and what a ticket shows of all of them."""

from typing import Any

from linetest.tickets.answers import dicts
from linetest.tickets.mapping import Field, Mapping

OWN = ("id", "Subject", "Status", "Owner", "Content", "Created", "LastUpdated", "Starts", "Started", "Due", "Resolved")
"""A ticket's own fields; every other name of a mapping is that of a custom field."""
_NO_DATE = "1970-01-01T00:00:00Z"
_NOBODY = "Nobody"


def custom_fields(mapping: Mapping) -> tuple[Field, ...]:
    """Return the fields of a mapping that are custom fields."""
    return tuple(field for field in mapping.field if field.name not in OWN)


def sent_fields(mapping: Mapping) -> tuple[Field, ...]:
    """Return the custom fields that linetest sets."""
    return tuple(field for field in custom_fields(mapping) if field.is_sent)


def shown_fields(ticket: dict[str, Any]) -> dict[str, str]:
    """Return what a ticket shows: the first value of each custom field, and its own fields that say something."""
    return {name: values[0] for name, values in shown_values(ticket).items()}


def shown_values(ticket: dict[str, Any]) -> dict[str, list[str]]:
    """Return all values of each field that has any."""
    found = {
        str(field.get("name")): [str(value) for value in field["values"]]
        for field in dicts(ticket.get("CustomFields"))
        if isinstance(field.get("values"), list) and field["values"]
    }
    for name in OWN:
        value = ticket.get(name)
        if isinstance(value, dict):  # a user
            value = value.get("id") if value.get("id") != _NOBODY else None
        if value is not None and value != _NO_DATE and not isinstance(value, list | dict):
            found[name] = [str(value)]
    return found
