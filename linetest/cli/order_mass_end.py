"""Mass faults that end with what is noted now: the last of their orders was done."""

import sqlite3
from typing import TYPE_CHECKING, NamedTuple

from linetest.cli.order_sending import for_ticket

if TYPE_CHECKING:
    from linetest.devices.station import TicketEntry
    from linetest.model.case import Event, MassFault
    from linetest.model.deadlines import Deadlines
    from linetest.store.outbox import NewItem

_ENDS = ("done", "returned")


class Ended(NamedTuple):
    """A mass fault that has ended, and what its ticket is to get."""

    number: str
    """Of the order under which it was told."""
    mass: "MassFault"
    event: "Event"
    items: "list[NewItem]"


def ended_with(
    database: sqlite3.Connection, events: "list[Event]", entry: "TicketEntry | None", deadlines: "Deadlines"
) -> list[Ended]:
    """Return the mass faults that have ended now that `events` are noted, inside the caller's transaction."""
    from linetest.model.case import Event
    from linetest.store.orders import cases
    from linetest.workorders.mass import is_over, told_masses

    last = next((event for event in reversed(events) if event.kind in _ENDS), None)
    if last is None:
        return []
    kept = cases(database)
    found = []
    for told in told_masses(kept):
        case = next((one for one in kept if one.order.number == told.mass.order), None)
        if case is None or told.ended_at is not None or not is_over(told, kept):
            continue
        event = Event(at=last.at, kind="restored", by=last.by, mass=told.mass, notice=told.notice)
        found.append(Ended(case.order.number, told.mass, event, for_ticket(case, [event], entry, deadlines)))
    return found
