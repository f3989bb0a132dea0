"""What the outbox sends: a result or an event, told by the kind in its row."""

from typing import Any

import msgspec

from linetest.errors import BadFile
from linetest.safe import safe_text
from linetest.store.outbox import Item, NewItem
from linetest.tickets.event import EVENT_KIND, TicketEvent
from linetest.tickets.result import KIND, TicketResult
from linetest.words.text import _

Payload = TicketResult | TicketEvent
"""Both have: key, ticket, order, work_type, access, simulated, happened_at, comment, final_status, file_name,
attachment(), kind. `tickets.values` gives each of their values a name."""

_KINDS: dict[str, type[TicketResult] | type[TicketEvent]] = {KIND: TicketResult, EVENT_KIND: TicketEvent}


def read_payload(item: NewItem) -> Payload:
    """Return what a row of the outbox holds, for the ticket of the row, which a person may have corrected.

    Raises:
        BadFile: it is neither a result nor an event.
    """
    wanted = _KINDS.get(item.kind)
    if wanted is None:
        raise BadFile(
            _("{kind!r} is not a kind of thing that linetest sends").format(kind=item.kind[:40]),
            _("it was put there by another version: install the newer one"),
        )
    try:
        payload = msgspec.structs.replace(msgspec.json.decode(item.payload, type=wanted), ticket=item.ticket)
    except msgspec.DecodeError as error:
        raise BadFile(_("the kept result cannot be read: {fault}").format(fault=error)) from error
    moved = item.remote_ids.get("moved") if isinstance(item, Item) else None
    return payload if moved is None else _moved(payload, moved)


def _moved(payload: Payload, moved: dict[str, Any]) -> Payload:
    """Return what the new ticket is told of a result that a person moved there."""
    trace = _("Moved from ticket {old} at {time} by {person}: {reason}").format(
        old=moved["from_ticket"], time=moved["at"], person=moved["by"] or "-", reason=moved["reason"]
    )
    comment = f"{payload.comment}\n{safe_text(trace)}"
    return msgspec.structs.replace(payload, comment=comment, order=moved["to_order"] or payload.order)
