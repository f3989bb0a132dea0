"""What a ticket is to get of the events of an order: rows for the outbox, one for each event."""

import uuid
from typing import TYPE_CHECKING

from linetest.cli.order_events import event_sentence

if TYPE_CHECKING:
    from linetest.cli.order_write import Open
    from linetest.model.case import Event
    from linetest.store.outbox import NewItem


def for_ticket(order: "Open", events: list["Event"]) -> list["NewItem"]:
    """Return the rows for new events; none without a ticket system, or where the order has no ticket."""
    from linetest.tickets.event import prepare_event
    from linetest.tickets.systems import destination

    entry = order.ticket
    if entry is None or order.case.order.ticket is None:
        return []
    return [
        prepare_event(
            str(uuid.uuid4()), order.case.order, event, [event_sentence(event)], status, order.deadlines
        ).item(destination(entry))
        for event, status in zip(events, _statuses(order, events), strict=True)
    ]


def _statuses(order: "Open", events: list["Event"]) -> list[str | None]:
    """Return the status that the ticket gets after each event; `done` counts when the last line is done."""
    import msgspec

    from linetest.tickets.systems import status_after
    from linetest.workorders.moments import done_at

    assert order.ticket is not None
    found: list[str | None] = []
    for number, event in enumerate(events, start=1):
        case = msgspec.structs.replace(order.case, events=[*order.case.events, *events[:number]])
        open_lines = event.kind == "done" and done_at(case) is None
        found.append(None if open_lines else status_after(order.ticket, event.kind))
    return found
