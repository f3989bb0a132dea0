"""What a payload is besides a note on its ticket: a service test, an appointment, or a service problem.

Version 4 of TM Forum's APIs has no key against doubles. So each of these carries our id in an attribute that can be
filtered, and is looked for before it is made.
"""

from typing import Any

import msgspec

from linetest.model.case import MassFault, Notice
from linetest.tickets.event import TicketEvent
from linetest.tickets.mapping import Mapping
from linetest.tickets.payload import Payload
from linetest.tickets.result import TicketResult
from linetest.tickets.tmf_653 import KIND as SERVICE_TEST
from linetest.tickets.tmf_653 import service_test
from linetest.tickets.tmf_rest import TICKET, WORK_ORDER, Target, target_of

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
_ENDED = "closed"  # whoever opened it closes it: nobody else knows of it


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
        return _problem_part(payload, target, payload.event.notice)
    return None


def _problem_part(payload: TicketEvent, target: Target, notice: Notice) -> Part | None:
    """Return a mass fault: one service problem, whichever event tells of it; other orders of it only get a note."""
    event, mass = payload.event, payload.event.mass
    if mass is not None and mass.order != payload.order:
        return None
    marker = f"{MARKER}{mass.id if mass is not None else payload.key}"
    problem = _problem(payload, marker, target, notice)
    if mass is not None:
        problem |= _extent(mass, [target_of(ticket) for ticket in mass.tickets])
    at = event.at.isoformat()
    ended = {"status": _ENDED, "resolutionDate": at} if event.kind == "restored" else {}
    return Part(kind=PROBLEM, attribute="name", marker=marker, create=problem, then=ended)


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


def _extent(mass: MassFault, targets: list[Target]) -> dict[str, Any]:
    """Return whom and what a mass fault touches."""
    place = {"id": mass.name, "name": f"{mass.place} {mass.name}", "@referredType": "Resource"}
    tickets = [{"id": one.number, "@referredType": "TroubleTicket"} for one in targets if one.kind == TICKET]
    return {
        "affectedResource": [place],
        "affectedNumberOfServices": len(mass.lines),
        "affectedService": [{"id": line, "@referredType": "Service"} for line in mass.lines],
        "relatedEntity": [reference(one.kind, one.number) for one in targets],
        **({"troubleTicket": tickets} if tickets else {}),
    }


def _problem(payload: TicketEvent, marker: str, target: Target, notice: Notice) -> dict[str, Any]:
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
