"""What a ticket is to get of the events of an order: rows for the outbox, one for each event."""

import uuid
from typing import TYPE_CHECKING

from linetest.cli.order_events import event_sentence

if TYPE_CHECKING:
    from linetest.devices.station import TicketEntry
    from linetest.model.case import Case, Event
    from linetest.model.deadlines import Deadlines
    from linetest.store.outbox import NewItem


def for_ticket(
    case: "Case", events: list["Event"], entry: "TicketEntry | None", deadlines: "Deadlines"
) -> list["NewItem"]:
    """Return the rows for new events; none without a ticket system, or where the order has no ticket."""
    from linetest.tickets.event import prepare_event
    from linetest.tickets.systems import destination

    if entry is None or case.order.ticket is None:
        return []
    return [
        prepare_event(_key(case, event), case.order, event, [event_sentence(event)], status, deadlines).item(
            destination(entry)
        )
        for event, status in zip(events, _statuses(case, events, entry), strict=True)
    ]


def _key(case: "Case", event: "Event") -> str:
    """Return a new UUID; of a mass fault that is told first its own, so that two processes cannot both tell it."""
    mass = event.mass
    if mass is None or mass.order != case.order.number:
        return str(uuid.uuid4())
    known = any(one.mass is not None and one.mass.id == mass.id for one in case.events)
    return str(uuid.uuid4()) if known else mass.id


def _statuses(case: "Case", events: list["Event"], entry: "TicketEntry") -> list[str | None]:
    """Return the status that the ticket gets after each event; `done` counts when the last line is done."""
    import msgspec

    from linetest.tickets.systems import status_after
    from linetest.workorders.moments import done_at

    found: list[str | None] = []
    for number, event in enumerate(events, start=1):
        until_then = msgspec.structs.replace(case, events=[*case.events, *events[:number]])
        open_lines = event.kind == "done" and done_at(until_then) is None
        found.append(None if open_lines else status_after(entry, event.kind))
    return found
