"""What is set in a ticket and what stays: the conflict policy of each field, the same for every ticket system."""

from collections.abc import Collection
from collections.abc import Mapping as Shown
from datetime import datetime
from typing import Any

import msgspec

from linetest.safe import safe_text
from linetest.tickets.mapping import Compared, Field, Mapping, StatusRules
from linetest.tickets.payload import Payload
from linetest.tickets.result import TicketResult
from linetest.tickets.system import Difference
from linetest.tickets.values import STATUS

_LONGEST_SHOWN = 120


class Weighed(msgspec.Struct, frozen=True, kw_only=True):
    """What a ticket shows beside what it was to get."""

    differences: list[Difference]
    """To be repaired: it has to be so."""
    kept: list[Difference]
    """Left as the ticket has it, by the policy of the field, and told."""
    late: bool
    """The ticket was closed before: its status stays."""


def to_set(fields: Collection[Field], payload: Payload, shown: Shown[str, str | None]) -> dict[str, Any]:
    """Return the values to send by the names of the fields: all of ours, and of theirs what the ticket lacks."""
    wanted = {
        field.name: field.of(payload) for field in fields if field.conflict == "ours" or not shown.get(field.name)
    }
    return {name: value for name, value in wanted.items() if value is not None}


def weigh(fields: Collection[Field], payload: Payload, shown: Shown[str, str | None]) -> tuple[list[Difference], ...]:
    """Return the differences that have to go, and those that stay because the field is theirs."""
    ours: list[Difference] = []
    theirs: list[Difference] = []
    for field in fields:
        wanted, found = field.of(payload), shown.get(field.name)
        if wanted is None or same(str(wanted), found, field.compared):
            continue
        stays = field.conflict == "theirs" and bool(found)
        (theirs if stays else ours).append(Difference(field=field.name, wanted=str(wanted), found=shorten(found)))
    return ours, theirs


def status_to_set(rules: StatusRules, wanted: str | None, found: str) -> str | None:
    """Return the status to send: only one that may follow the present one."""
    return wanted if wanted is not None and rules.allows(found, wanted) else None


def weigh_ticket(mapping: Mapping, fields: Collection[Field], payload: Payload, shown: Shown[str, str]) -> Weighed:
    """Compare a ticket with what it was to get; `fields` are those of `mapping` that its system can read back."""
    differences, kept = weigh(fields, payload, shown)
    field = next((one for one in mapping.field if one.carries == STATUS), None)
    late = False
    if field is not None and mapping.status is not None:
        found, wanted = shown.get(field.name, ""), field.of(payload)
        late = is_late(mapping.status, payload, wanted, found)
        if wanted is not None and wanted != found and not late:
            other = Difference(field=field.name, wanted=wanted, found=shorten(found))
            (differences if mapping.status.allows(found, wanted) else kept).append(other)
    return Weighed(differences=differences, kept=kept, late=late)


def is_late(rules: StatusRules, payload: Payload, wanted: str | None, found: str) -> bool:
    """Tell whether the ticket was closed before this came; a note on a closed ticket is no late result."""
    return found in rules.closed and found != wanted and (wanted is not None or isinstance(payload, TicketResult))


def same(wanted: str, found: str | None, compared: Compared) -> bool:
    """Return whether two values mean the same: a system may show a number or a moment otherwise than it was sent."""
    if found is None or compared == "text":
        return wanted == found
    try:
        if compared == "number":
            return float(wanted) == float(found)
        return datetime.fromisoformat(wanted) == datetime.fromisoformat(found)
    except (ValueError, TypeError):
        return False


def shorten(value: Any) -> str | None:
    """Return a value of a ticket as a person may see it."""
    return None if value is None else safe_text(str(value)[:_LONGEST_SHOWN])
