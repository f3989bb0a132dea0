"""What a payload is besides a note on its ticket: a service test, an appointment, or a service problem.

Version 4 of TM Forum's APIs has no key against doubles. So each of these carries our id in an attribute that can be
filtered, and is looked for before it is made.
"""

from typing import Any

import msgspec

from linetest.tickets.event import TicketEvent
from linetest.tickets.mapping import Mapping
from linetest.tickets.payload import Payload
from linetest.tickets.result import TicketResult
from linetest.tickets.tmf_653 import KIND as SERVICE_TEST
from linetest.tickets.tmf_653 import service_test
from linetest.tickets.tmf_rest import TICKET, WORK_ORDER, Target

APPOINTMENT = "appointment"
PROBLEM = "serviceProblem"
_TYPES = {
    TICKET: "TroubleTicket",
    WORK_ORDER: "WorkOrder",
    SERVICE_TEST: "ServiceTest",
    APPOINTMENT: "Appointment",
    PROBLEM: "ServiceProblem",
}
KINDS = tuple(_TYPES)
"""The kinds of resource that linetest reads or writes: TMF621, 697, 653, 646, 656."""
MARKER = "linetest-"
"""Begins every name that is looked for; our id follows."""
_MASS_FAULT = "mass fault"
_HIGHEST = 1


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A resource that is made for one payload."""

    kind: str
    attribute: str
    """Where our id stands."""
    marker: str
    create: dict[str, Any]
    then: dict[str, Any] = {}
    """Set by a second request, because the form for making it has no place for it."""

    @property
    def whole(self) -> dict[str, Any]:
        """Return all that it is to have."""
        return {**self.create, **self.then}


def reference(kind: str, number: str, name: str = "") -> dict[str, Any]:
    """Return a related entity that names a resource; its role is its kind."""
    named = {"name": name} if name else {}
    return {"id": number, **named, "role": kind, "@referredType": _TYPES[kind]}


def part_of(payload: Payload, target: Target, mapping: Mapping) -> Part | None:
    """Return what is made for a payload; None where the note on the ticket says it all."""
    marker = f"{MARKER}{payload.key}"
    if isinstance(payload, TicketResult):
        test = service_test(payload, marker, mapping, with_record=target.kind == WORK_ORDER)
        return Part(kind=SERVICE_TEST, attribute="name", marker=marker, create=test)
    if payload.starts_at is not None and payload.ends_at is not None:
        return _appointment(payload, payload.starts_at, payload.ends_at, marker, target)
    if payload.event.notice is not None:
        return Part(
            kind=PROBLEM,
            attribute="name",
            marker=marker,
            create=_problem(payload, marker, target, payload.event.notice),
        )
    return None


def _appointment(payload: TicketEvent, starts_at: str, ends_at: str, marker: str, target: Target) -> Part:
    """Return a booking: it is confirmed, since the customer agreed; TMF646 takes no status when it is made."""
    valid = {"startDateTime": starts_at, "endDateTime": ends_at}
    create = {
        "externalId": marker,
        "category": payload.work_type,
        "description": payload.comment,
        "validFor": valid,
        "relatedEntity": [reference(target.kind, target.number)],
    }
    then = {"validFor": valid, "status": "confirmed"}
    return Part(kind=APPOINTMENT, attribute="externalId", marker=marker, create=create, then=then)


def _problem(payload: TicketEvent, marker: str, target: Target, notice: Any) -> dict[str, Any]:
    """Return a mass fault: what every department is told of it, in the words of who reported it."""
    event = payload.event
    problem = {
        "name": marker,
        "category": _MASS_FAULT,
        "priority": _HIGHEST,
        "reason": notice.symptom,
        "description": payload.comment,
        "originatorParty": {"id": event.by or "linetest", "role": "originator", "@referredType": "Individual"},
        "impactPattern": {"description": notice.extent},
        "statusChangeReason": notice.work,
        "relatedEntity": [reference(target.kind, target.number)],
    }
    if event.line is not None:
        problem["affectedService"] = [{"id": event.line, "@referredType": "Service"}]
    if target.kind == TICKET:
        problem["troubleTicket"] = [{"id": target.number, "@referredType": "TroubleTicket"}]
    return problem
