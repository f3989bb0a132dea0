"""What a ticket is told of a result that has arrived there, and that a person then gave to another ticket."""

import uuid
from datetime import datetime

from linetest.model.case import Event
from linetest.safe import safe_text
from linetest.store.moves import Move
from linetest.store.outbox import Item, NewItem, State
from linetest.tickets.event import TicketEvent
from linetest.tickets.payload import Payload, read_payload
from linetest.tickets.result import MARK, TicketResult
from linetest.words.text import _


def told_of_move(item: Item, move: Move) -> list[NewItem]:
    """Return what the outbox gets for a ticket that a result leaves where it is delivered, or comes back to.

    Nothing is taken out of a ticket: what the result has set there stays, and a person is told so. Of a result that has
    arrived nowhere no ticket is told.

    Raises:
        BadFile: the row cannot be read.
    """
    result = read_payload(item)
    belongs = _("It belongs to ticket {ticket}.").format(ticket=move.to_ticket)
    if move.to_order is not None:
        belongs = _("It belongs to order {number}, ticket {ticket}.").format(
            number=move.to_order, ticket=move.to_ticket
        )
    stays = _("What it has set in this ticket stays: correct it here.")
    has_arrived = item.state == State.DELIVERED
    notes = [_note(item, result, move, move.from_ticket, [belongs, stays])] if has_arrived else []
    if move.to_ticket in item.left_tickets:
        back = _("It was given to another ticket before, and belongs here after all.")
        notes.append(_note(item, result, move, move.to_ticket, [back]))
    return notes


def _note(item: Item, result: Payload, move: Move, ticket: str, words: list[str]) -> NewItem:
    """Return one note: an event of the order that the result was sent under."""
    key = str(uuid.uuid4())
    at = datetime.fromisoformat(move.at)
    mark = f"{MARK}: " + _("measured on simulated devices; it says nothing about the line")
    lines = [
        *([mark] if result.simulated else []),
        _("Order {number}").format(number=result.order),
        _("Result {key}").format(key=item.key),
        *words,
        _("Moved at {time} by {person}: {reason}").format(time=move.at, person=move.by or "-", reason=move.reason),
        "",
        _("Event {key}").format(key=key),
    ]
    event = Event(
        at=at,
        kind="moved",
        by=move.by,
        line=result.line if isinstance(result, TicketResult) else result.event.line,
        record=item.key,
        text=move.reason,
        simulated=result.simulated,
    )
    return TicketEvent(
        key=key,
        ticket=ticket,
        order=result.order,
        work_type=result.work_type,
        access=result.access,
        event=event,
        comment="\n".join(safe_text(line) for line in lines),
        final_status=None,
    ).item(item.dest)
