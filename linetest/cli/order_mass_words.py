"""A mass fault in words and as JSON: how it stands, and what would be sent of it."""

import hashlib
import shlex
from datetime import datetime
from typing import TYPE_CHECKING, Any

from linetest.cli.order_events import place_name
from linetest.cli.order_words import when_words
from linetest.words.text import _

if TYPE_CHECKING:
    from linetest.devices.station import TicketEntry
    from linetest.model.case import Case, Event
    from linetest.model.order import Order
    from linetest.workorders.mass import MassState


def state_lines(state: "MassState", kept: "list[Case]", now: datetime) -> tuple[str, list[tuple[str, str]]]:
    """Return a title, and names and values: its orders, what would be sent, and what was told."""
    from linetest.workorders.mass import described

    mass = described(state, kept)
    title = _("{place}: {count} faults").format(place=place_name(mass), count=len(mass.orders))
    pairs = [(_("orders"), ", ".join(mass.orders)), (_("lines"), ", ".join(mass.lines))]
    command = f"linetest order mass {shlex.quote(mass.name)}"
    if state.told is None:
        pairs += [
            (_("told"), _("nobody yet")),
            (_("ticket"), ", ".join(mass.tickets)),
            ("", f"{command} --symptom … --work … --until …"),
        ]
        return title, pairs
    told = state.told
    by = _(" by {who}").format(who=told.by) if told.by else ""
    pairs += [
        (_("told"), when_words(told.told_at, now) + by + _(", under order {number}").format(number=told.mass.order)),
        *_notice_pairs(told.notice, now),
    ]
    if state.untold:
        pairs += [(_("received since"), ", ".join(state.untold)), ("", command)]
    return title, pairs


def state_json(state: "MassState", kept: "list[Case]") -> dict[str, Any]:
    """Return how a mass fault stands."""
    from linetest.workorders.mass import described

    told = state.told
    return {
        "mass": described(state, kept),
        "told_at": told.told_at if told else None,
        "notice": told.notice if told else None,
        "untold": state.untold,
    }


def event_pairs(event: "Event", order: "Order", entry: "TicketEntry | None", now: datetime) -> list[tuple[str, str]]:
    """Return what would be sent, and where to."""
    from linetest.tickets.systems import destination

    mass, notice = event.mass, event.notice
    if mass is None or notice is None:
        raise ValueError(event.kind)
    if entry is None:
        where = _("no ticket system: it is noted here only")
    else:
        where = _("ticket {ticket} of {system}").format(ticket=order.ticket, system=destination(entry))
        if entry.system == "tmf":
            where += _(", and its service problem")
    ended = event.kind == "restored"
    follows = _("it has ended") if ended else _("its end is told when the last of these orders is done")
    return [
        (_("goes to"), where),
        (_("place"), place_name(mass)),
        (_("orders"), ", ".join(mass.orders)),
        (_("lines"), ", ".join(mass.lines)),
        *_notice_pairs(notice, now),
        (_("afterwards"), follows),
        (_("hash"), plan_hash(event)),
    ]


def plan_hash(event: "Event") -> str:
    """Return what names just this: everything but when it is told."""
    import msgspec

    body = {name: value for name, value in msgspec.to_builtins(event).items() if name != "at"}
    return hashlib.sha256(msgspec.json.encode(body, order="sorted")).hexdigest()[:12]


def _notice_pairs(notice: Any, now: datetime) -> list[tuple[str, str]]:
    return [
        (_("symptom"), notice.symptom),
        (_("extent"), notice.extent),
        (_("state of work"), notice.work),
        (_("expected end"), when_words(notice.expected_end, now)),
    ]
