"""An order that was changed here and in its ticket: decided field by field, and what clashed is told."""

from collections.abc import Mapping as Values
from datetime import UTC, datetime
from typing import Any

import msgspec

from linetest.errors import BadFile
from linetest.model.order import Order, Rates
from linetest.model.toml import convert
from linetest.tickets.mapping import Mapping
from linetest.tickets.values import APPOINTMENT, INSTANTS, RATES, TAKEN
from linetest.words.text import _

_NEEDED = ("order.number", "order.access", "line.id")
"""A ticket that says none of these takes none away."""


class Clashing(msgspec.Struct, frozen=True, kw_only=True):
    """A field that was changed on both sides, and whose value counts."""

    field: str
    """The ticket system's name of it."""
    here: Any
    there: Any
    kept: str
    """``ours`` or ``theirs``."""


class Merged(msgspec.Struct, frozen=True, kw_only=True):
    """An order as it is now."""

    order: Order
    appointment: str | None
    """The appointment that the ticket names and that counts; None where it is the one known here."""
    clashes: list[Clashing]


def values_here(order: Order, appointment: str | None) -> dict[str, Any]:
    """Return an order's values by the names of `values.TAKEN`; those of a line only where it is the only one."""
    document = msgspec.to_builtins(order)
    parts = {"order": document, "customer": document.get("customer", {}), "line": document["line"][0]}
    found = {name: parts[name.partition(".")[0]].get(name.partition(".")[2]) for name in TAKEN if "." in name}
    if len(document["line"]) > 1:
        found = {name: value for name, value in found.items() if not name.startswith("line.")}
    found["line.id"] = [line["id"] for line in document["line"]]
    found[APPOINTMENT] = appointment
    if found.get(RATES) is not None and order.line[0].rates is not None:
        found[RATES] = rates_text(order.line[0].rates)
    told = {name: value for name, value in found.items() if value is not None}
    return told | {name: _in_utc(told[name]) for name in INSTANTS if name in told}


def merge(
    mapping: Mapping,
    ticket: str,
    there: Values[str, Any],
    seen: Values[str, Any] | None,
    order: Order | None,
    appointment: str | None,
) -> Merged:
    """Return the order with what has changed in its ticket since it was last seen.

    What only one side has changed is taken from there. What both have changed differently goes by the field's policy.

    Args:
        mapping: with the policies.
        ticket: its number.
        there: what the ticket says now, from `orders.values_of`.
        seen: what it said when it was last read; None when it is new.
        order: the order as it is here, or None.
        appointment: the one that counts here.

    Raises:
        BadFile: the ticket does not say enough for an order, or its order belongs to another ticket.
    """
    if order is not None and order.ticket not in (None, ticket):
        raise BadFile(
            _("order {number} belongs to ticket {ticket} already").format(number=order.number, ticket=order.ticket),
            _("one of the two tickets names the wrong order"),
        )
    here = values_here(order, appointment) if order is not None else {}
    chosen = dict(here)
    clashes: list[Clashing] = []
    for field in {field.carries: field for field in mapping.taken}.values():
        name = field.carries
        ours, theirs = here.get(name), there.get(name)
        before = (seen or {}).get(name)
        if theirs in (ours, before) or (theirs is None and name in _NEEDED):
            continue
        if ours is not None and ours != before:
            kept = "ours" if field.conflict == "ours" else "theirs"
            clashes.append(Clashing(field=field.name, here=ours, there=theirs, kept=kept))
            if kept == "ours":
                continue
        chosen[name] = theirs
    if "order.access" not in chosen:
        name = next((field.name for field in mapping.taken if field.carries == "order.access"), "order.access")
        raise BadFile(_("{field} is empty").format(field=name), _("write it into the ticket"))
    moved = chosen.get(APPOINTMENT) if chosen.get(APPOINTMENT) != here.get(APPOINTMENT) else None
    return Merged(order=_order(order, ticket, chosen), appointment=moved, clashes=clashes)


def _order(old: Order | None, ticket: str, values: Values[str, Any]) -> Order:
    """Return the order with these values; what they do not name stays as it was."""
    document: dict[str, Any] = msgspec.to_builtins(old) if old is not None else {}
    document["ticket"] = ticket
    customer = document.setdefault("customer", {})
    kept = {line["id"]: line for line in document.get("line", [])}
    names = values.get("line.id") or list(kept) or [values.get("order.number", ticket)]
    document["line"] = [kept.get(name, {"id": name}) for name in dict.fromkeys(names)]
    parts = {"order": document, "customer": customer, "line": document["line"][0] if len(names) == 1 else {}}
    for name, value in values.items():
        if name in ("line.id", APPOINTMENT):
            continue
        if name == RATES and value is not None:
            down, _slash, up = value.partition("/")
            value = {"down_mbps": float(down), "up_mbps": float(up)}
        part, _dot, key = name.partition(".")
        parts[part][key] = value
    for part in parts.values():
        for key in [key for key, value in part.items() if value is None]:
            del part[key]
    return convert(document, Order, _("the order"))


def rates_text(rates: Rates) -> str:
    """Return contracted rates as one text."""
    return f"{rates.down_mbps:g}/{rates.up_mbps:g}"


def _in_utc(moment: str) -> str:
    """Return a moment as `orders.values_of` has it."""
    return datetime.fromisoformat(moment).astimezone(UTC).isoformat()
