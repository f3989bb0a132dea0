"""TMF697: work orders that wait, as orders to be done, and taken by writing ourselves into their related parties.

Who the owner of the token is, version 4 cannot be asked: the station says it with ``technician`` in ``[ticket]``.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from linetest.errors import PushError, Rejected, UsageError
from linetest.safe import safe_text
from linetest.tickets.answers import dicts
from linetest.tickets.mapping import Field, Mapping
from linetest.tickets.system import FoundTicket
from linetest.tickets.tmf_fields import fields_of, steps, text_at, values_at
from linetest.tickets.tmf_parts import APPOINTMENT, MARKER
from linetest.tickets.tmf_rest import WORK_ORDER, Target, TmfRest, number_of, target_of
from linetest.tickets.values import APPOINTMENT as BOOKED
from linetest.tickets.values import STATUS
from linetest.words.text import _

_ROLE = "technician"


def waiting_orders(
    rest: TmfRest, mapping: Mapping, technician: str | None, tickets: Collection[str], until: float
) -> list[FoundTicket]:
    """Return the waiting work orders that are the technician's or nobody's, and those of these numbers, each once."""
    state = _state(mapping)
    waiting = mapping.status.waiting if mapping.status is not None else []
    documents: dict[str, dict[str, Any]] = {}
    for status in dict.fromkeys(state.translate.get(one, one) for one in waiting):
        for document in rest.every(WORK_ORDER, {steps(state)[0]: status}, until):
            if document.get(steps(state)[0]) == status and _owner(document) in (None, technician):
                documents[number_of(document)] = document
    found = [_found(rest, mapping, document, technician, until) for document in documents.values()]
    for ticket in tickets:
        target = target_of(ticket)
        if target.kind == WORK_ORDER and target.number not in documents:
            found += _known(rest, mapping, target, technician, until)
    return found


def take(rest: TmfRest, mapping: Mapping, technician: str | None, ticket: str, until: float) -> FoundTicket:
    """Take a work order that is nobody's, and read whose it is then.

    Raises:
        UsageError: the station does not say who we are.
        Rejected: it is no work order, or there is none of that number.
    """
    if technician is None:
        raise UsageError(
            _("[ticket] technician is missing"), _("write who you are in the ticket system into the station file")
        )
    target = target_of(ticket)
    if target.kind != WORK_ORDER:
        raise Rejected(_("ticket {ticket} is no work order, so it cannot be taken").format(ticket=ticket))
    document = rest.get(target, until)
    if _owner(document) is None:
        us = {"id": technician, "role": _ROLE, "@referredType": "Individual"}
        rest.change(WORK_ORDER, target.number, {"relatedParty": [*dicts(document.get("relatedParty")), us]}, until)
        document = rest.get(target, until)
    return _found(rest, mapping, document, technician, until)


def _known(rest: TmfRest, mapping: Mapping, target: Target, technician: str | None, until: float) -> list[FoundTicket]:
    """Return a work order that is here already; nothing where the system has it no more."""
    try:
        document = rest.get(target, until)
    except Rejected:
        return []
    return [_found(rest, mapping, document, technician, until)]


def _found(
    rest: TmfRest, mapping: Mapping, document: dict[str, Any], technician: str | None, until: float
) -> FoundTicket:
    owner = _owner(document)
    shown = {
        field.name: values_at(document, steps(field)) for field in fields_of(mapping, WORK_ORDER) if field.is_taken
    }
    booked = next((field for field in fields_of(mapping, WORK_ORDER) if field.carries == BOOKED), None)
    if booked is not None:
        shown[booked.name] = _booked(rest, document, until)
    return FoundTicket(
        ticket=Target(WORK_ORDER, number_of(document)).ticket,
        status=safe_text(_state(mapping).back(text_at(document, steps(_state(mapping))) or "")[:40]),
        owner=None if owner is None else safe_text(owner[:80]),
        mine=owner is not None and owner == technician,
        shown=shown,
    )


def _booked(rest: TmfRest, document: dict[str, Any], until: float) -> list[str]:
    """Return the appointment that a dispatcher has made; ours is known here, and one that cannot be read is none."""
    number = text_at(document, ["appointment", "id"])
    if number is None:
        return []
    try:
        appointment = rest.get(Target(APPOINTMENT, number), until)
    except PushError:  # the order is worth having without it
        return []
    if (text_at(appointment, ["externalId"]) or "").startswith(MARKER):
        return []
    return _span(*(text_at(appointment, ["validFor", name]) for name in ("startDateTime", "endDateTime")))


def _span(starts_at: str | None, ends_at: str | None) -> list[str]:
    """Return hours as linetest writes them, in the zone of the first; what is in UTC, in this computer's."""
    try:
        start, end = (datetime.fromisoformat(text or "") for text in (starts_at, ends_at))
        start = start if start.utcoffset() else start.astimezone()
        end = end.astimezone(start.tzinfo)
    except (ValueError, OverflowError):
        return []
    if end.date() != start.date() or end <= start:
        return [f"{start:%Y-%m-%d %H:%M}"]
    return [f"{start:%Y-%m-%d %H:%M}-{end:%H:%M}"]


def _owner(document: dict[str, Any]) -> str | None:
    """Return the technician of a work order; None when it is nobody's."""
    return text_at(document, ["relatedParty", _ROLE, "id"])


def _state(mapping: Mapping) -> Field:
    found = next((field for field in fields_of(mapping, WORK_ORDER) if field.carries == STATUS), None)
    if found is None:
        raise UsageError(_("the mapping does not say where the state of a work order stands"))
    return found
