"""What linetest can put into a field of a ticket system, and what it can take from one: the closed set of names.

A mapping (`mapping`) gives each field of a system one of these names. `SENT` says how a value is got from what is being
sent; a value that this result or event does not have is None, and its field is left alone. `TAKEN` are those of an
order that a ticket can tell.
"""

from collections.abc import Callable
from typing import Any, get_args

from linetest.model.codes import Verdict
from linetest.model.order import Access, FaultClass, WorkType
from linetest.tickets.event import TicketEvent
from linetest.tickets.payload import Payload
from linetest.tickets.result import MARK, TicketResult

NOTE = "note"
"""The text that a dispatcher reads."""
STATUS = "status"
"""The status that the ticket is to get."""
RATES = "line.rates"
"""``100/20``: what the customer has contracted for, down and up in Mbit/s."""
APPOINTMENT = "appointment"
"""``2026-11-23 09:00-10:30``, ``2026-11-23 09:00``, ``2026-11-23 am`` or ``pm``."""


def _result(value: Callable[[TicketResult], Any]) -> Callable[[Payload], Any]:
    return lambda payload: value(payload) if isinstance(payload, TicketResult) else None


def _event(value: Callable[[TicketEvent], Any]) -> Callable[[Payload], Any]:
    return lambda payload: value(payload) if isinstance(payload, TicketEvent) else None


def _done_at(payload: Payload) -> str | None:
    """Return when the work was done, as a person noted it or as the test that ended it says."""
    if isinstance(payload, TicketResult):
        return payload.done_at
    return payload.event.at.isoformat() if payload.event.kind == "done" else None


def _moment_of(kind: str) -> Callable[[Payload], str | None]:
    return _event(lambda sent: sent.event.at.isoformat() if sent.event.kind == kind else None)


SENT: dict[str, Callable[[Payload], Any]] = {
    "id": lambda payload: payload.key,
    "kind": lambda payload: payload.kind,
    "ticket": lambda payload: payload.ticket,
    "simulated": lambda payload: payload.simulated,
    NOTE: lambda payload: payload.comment,
    STATUS: lambda payload: payload.final_status,
    "happened_at": lambda payload: payload.happened_at,
    "order.number": lambda payload: payload.order,
    "order.work_type": lambda payload: payload.work_type,
    "order.access": lambda payload: payload.access,
    "order.verdict": _result(lambda result: result.ticket_verdict.value),
    "result.id": _result(lambda result: result.key),
    "result.line": _result(lambda result: result.line),
    "result.line_marked": _result(lambda result: f"{MARK} {result.line}" if result.simulated else result.line),
    "result.verdict": _result(lambda result: result.verdict.value),
    "result.rx_power_dbm": _result(lambda result: result.rx_power_dbm),
    "result.tested_at": _result(lambda result: result.tested_at),
    "result.record": _result(lambda result: result.record),
    "event.id": _event(lambda sent: sent.key),
    "event.kind": _event(lambda sent: sent.event.kind),
    "event.line": _event(lambda sent: sent.event.line),
    "event.by": _event(lambda sent: sent.event.by),
    "event.reason": _event(lambda sent: sent.event.reason),
    "event.text": _event(lambda sent: sent.event.text),
    "event.body": _event(lambda sent: sent.body()),
    APPOINTMENT: _event(lambda sent: sent.appointment),
    "appointment.starts_at": _event(lambda sent: sent.starts_at),
    "appointment.ends_at": _event(lambda sent: sent.ends_at),
    "visit.arrived_at": _moment_of("arrived"),
    "visit.done_at": _done_at,
    "visit.returned_at": _moment_of("returned"),
    "visit.side": _event(lambda sent: sent.event.side),
    "visit.returned_reason": _event(lambda sent: sent.event.reason if sent.event.kind == "returned" else None),
}
"""How each value is got from a result or an event."""

_OF_ORDER = (
    "number",
    "access",
    "work_type",
    "team",
    "received_at",
    "accepted_at",
    "plan_accepted_at",
    "wired_resource",
    "fault_class",
    "technician",
    "address",
    "contact",
    "summary",
)
_OF_CUSTOMER = ("region", "vip", "brand", "hotel")
_OF_LINE = ("id", "olt", "onu", "mac", "pair", "account", "rates", "cabinet", "splitter")
TAKEN = (
    *(f"order.{name}" for name in _OF_ORDER),
    *(f"customer.{name}" for name in _OF_CUSTOMER),
    *(f"line.{name}" for name in _OF_LINE),
    APPOINTMENT,
)
"""What a ticket can tell of an order; ``line.id`` may be several, the rest of ``line`` is that of the only one."""
INSTANTS = ("order.received_at", "order.accepted_at", "order.plan_accepted_at")
"""Those of `TAKEN` that are moments; they are compared in UTC."""
NAMES = tuple(dict.fromkeys((*SENT, *TAKEN)))

WORDS: dict[str, tuple[str, ...]] = {
    "order.work_type": get_args(WorkType),
    "order.access": get_args(Access),
    "order.fault_class": get_args(FaultClass),
    "order.verdict": tuple(verdict.value for verdict in Verdict),
    "result.verdict": tuple(verdict.value for verdict in Verdict),
    "customer.region": ("urban", "rural"),
}
"""The words of the values that have a closed set of them: what ``translate`` may name."""
