"""What `linetest ticket` says of a row of the outbox, as JSON and as text, and of the station's ticket system."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from linetest.errors import UsageError
from linetest.words.text import _

if TYPE_CHECKING:
    from linetest.devices.station import TicketEntry
    from linetest.store.moves import Move
    from linetest.store.outbox import Item


def ticket_entry(station_file: Path | None) -> "TicketEntry":
    """Return the station's ticket system."""
    from linetest.devices.station import default_station_path, load_station

    station = load_station(station_file or default_station_path())
    if station.ticket is None:
        raise UsageError(
            _("{file}: there is no [ticket]").format(file=station.path),
            _('add one, for instance system = "folder" and path = "results"'),
        )
    return station.ticket


def outcome_of(item: Any) -> dict[str, Any]:
    """Return what --json says of a result or an event, the same in every command."""
    from linetest.tickets.result import KIND

    is_result = item.kind == KIND
    ids = {"record": item.key if is_result else None, "event": None if is_result else item.key}
    return {**ids, "ticket": item.ticket, "state": item.state}


def summary_of(item: "Item") -> dict[str, Any]:
    """Return a row without its payload; a token is in none of it."""
    return {
        **outcome_of(item),
        "system": item.dest,
        "attempts": item.attempts,
        "created_at": item.created_at,
        "sent_at": item.sent_at,
        "verified_at": item.verified_at,
        "late": bool(item.remote_ids.get("late")),
        "kept": item.remote_ids.get("kept", []),
        "reason": item.last_error,
    }


def shown_pairs(item: "Item") -> list[tuple[str, str]]:
    """Return how far a row has come, as names and values."""
    from linetest.cli.pushing import kept_words, state_words
    from linetest.model.values import moment_words

    late = _("; it came late, the ticket was closed") if item.remote_ids.get("late") else ""
    moments = {_("kept since"): item.created_at, _("sent"): item.sent_at, _("read back"): item.verified_at}
    return [
        (_("key"), item.key),
        (_("about"), subject_words(item)),
        (_("ticket"), _("{ticket} of {system}").format(ticket=item.ticket, system=item.dest)),
        (_("state"), state_words(item.state) + late),
        (_("why"), item.last_error or ""),
        *((name, moment_words(at)) for name, at in moments.items() if at is not None),
        (_("failed sends"), str(item.attempts) if item.attempts else ""),
        *(("!", kept_words(kept)) for kept in item.remote_ids.get("kept", [])),
    ]


def subject_words(item: "Item") -> str:
    """Return what a row of the outbox is about: the order, its line, and the verdict or what happened."""
    from linetest.cli.order_events import kind_words
    from linetest.errors import BadFile
    from linetest.model.sentences import verdict_words
    from linetest.tickets.payload import read_payload
    from linetest.tickets.result import TicketResult

    try:
        payload = read_payload(item)
    except BadFile:  # the next push says so
        return ""
    if isinstance(payload, TicketResult):
        return f"{payload.order} {payload.line}: {verdict_words(payload.verdict)}"
    place = f"{payload.order} {payload.event.line or ''}".rstrip()
    return f"{place}: {kind_words(payload.event.kind)}"


def move_words(move: "Move") -> str:
    """Return one line of a result's trace: when, from where to where, by whom, why."""
    line = _("{time}  moved from ticket {old} to ticket {new}").format(
        time=move.at[:16].replace("T", " "), old=move.from_ticket, new=move.to_ticket
    )
    if move.to_order:
        line += _(", order {number}").format(number=move.to_order)
    return line + _(", by {person}: {reason}").format(person=move.by or _("nobody named"), reason=move.reason)
