"""`linetest order fetch` and `claim`: orders out of the ticket system into the store."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from linetest.cli.options import INCONCLUSIVE, PASSED, json_option, print_json, say, standard_options, station_option
from linetest.cli.order_options import DEADLINES, by_option, rules_and_time
from linetest.cli.order_show import print_pairs
from linetest.errors import BadFile, Clash, DeviceError, PushError, UsageError
from linetest.safe import safe_text
from linetest.words.text import N_, _

if TYPE_CHECKING:
    from linetest.model.case import Case
    from linetest.tickets.mapping import Mapping
    from linetest.tickets.merge import Clashing
    from linetest.tickets.system import FoundTicket

_DEADLINE_S = 120.0
_SAYS = {"new": N_("added"), "changed": N_("changed"), "same": N_("there already"), "ended": N_("ended there")}


class _Taken(NamedTuple):
    """What became of one ticket."""

    ticket: str
    number: str | None
    state: str
    """``new``, ``changed``, ``same``; ``ended``: closed in the ticket system; ``unreadable``."""
    status: str
    owner: str | None
    mine: bool
    clashes: "list[Clashing]"
    fault: str | None = None
    hint: str = ""


@click.command(
    "fetch",
    short_help=_("Take your orders, and those of nobody, from the ticket system."),
    help=_(
        "Take your orders, and those of nobody, from the ticket system, and bring those that are here up to date. What "
        "was changed both here and there is decided field by field and shown.\n\n"
        "Example: linetest order fetch"
    ),
)
@station_option
@by_option
@json_option
@standard_options
def fetch(station_file: Path | None, by: str | None, as_json: bool) -> int:
    """Search, read each ticket on its own, keep what can be read; exit 3 when the ticket system cannot be asked."""
    from linetest.cli.ticket_words import ticket_entry
    from linetest.store.opened import open_store
    from linetest.store.orders import cases
    from linetest.tickets.systems import order_source
    from linetest.workorders.next_step import ENDED, next_step

    source, mapping = order_source(ticket_entry(station_file))
    with open_store() as store:
        waiting = [case.order.ticket for case in cases(store.database) if next_step(case) not in ENDED]
        with _reading():
            found = source.orders([ticket for ticket in waiting if ticket is not None], _DEADLINE_S)
        taken = [_take(store.database, source.destination, mapping, ticket, by) for ticket in found]
        found_masses = _untold(store.database)
    code = _print(taken, as_json)
    print_pairs([("!", words) for words in found_masses], to_stderr=True)
    return code


@click.command(
    "claim",
    short_help=_("Make an order yours in the ticket system."),
    help=_(
        "Make an order yours in the ticket system, if it is nobody's, and bring it up to date here. ORDER is its "
        "number or the end of it; `linetest order fetch` shows what can be claimed.\n\n"
        "Example: linetest order claim 1003"
    ),
)
@click.argument("order")
@station_option
@by_option
@json_option
@standard_options
def claim(order: str, station_file: Path | None, by: str | None, as_json: bool) -> int:
    """Take the ticket, read whose it is, and say so."""
    from linetest.cli.ticket_words import ticket_entry
    from linetest.store.opened import open_store
    from linetest.store.orders import find_case
    from linetest.tickets.systems import order_source

    source, mapping = order_source(ticket_entry(station_file))
    with open_store() as store:
        wanted = find_case(store.database, order).order
        if wanted.ticket is None:
            raise UsageError(
                _("order {number} has no ticket to claim").format(number=wanted.number),
                _("`linetest order fetch` takes orders from the ticket system"),
            )
        with _reading():
            found = source.claim(wanted.ticket, _DEADLINE_S)
        taken = _take(store.database, source.destination, mapping, found, by)
    code = _print([taken], as_json)
    if not found.mine:
        raise Clash(
            _("order {number} is {owner}'s").format(number=wanted.number, owner=found.owner),
            _("the dispatcher can give it to you in the ticket system"),
        )
    return code


def _untold(database: sqlite3.Connection) -> list[str]:
    """Return the mass faults that nobody was told of yet, as sentences."""
    from linetest.cli.order_unusual import untold_masses
    from linetest.store.orders import cases

    return untold_masses(cases(database), *rules_and_time(DEADLINES, None))


@contextmanager
def _reading() -> Iterator[None]:
    """Refuse with exit 3 when the ticket system cannot be asked: nothing of ours waits for that."""
    try:
        yield
    except PushError as error:
        raise DeviceError(error.what, error.hint) from error


def _take(database: sqlite3.Connection, dest: str, mapping: "Mapping", found: "FoundTicket", by: str | None) -> _Taken:
    """Keep one order; a ticket that cannot be read is told of, and is no reason not to read the next one."""
    from linetest.store.database import transaction

    def taken(
        state: str, number: str | None, clashes: "list[Clashing]", fault: str | None = None, hint: str = ""
    ) -> _Taken:
        return _Taken(found.ticket, number, state, found.status, found.owner, found.mine, clashes, fault, hint)

    try:
        if found.fault is not None:
            raise BadFile(found.fault)
        with transaction(database):
            number, state, clashes = _merge(database, dest, mapping, found, by)
    except (BadFile, ValueError) as error:
        return taken("unreadable", None, [], str(error), getattr(error, "hint", ""))
    ended = mapping.status is not None and found.status in mapping.status.closed
    return taken("ended" if ended else state, number, clashes)


def _merge(
    database: sqlite3.Connection, dest: str, mapping: "Mapping", found: "FoundTicket", by: str | None
) -> "tuple[str, str, list[Clashing]]":
    """Bring an order up to date inside the caller's transaction; return its number, what changed, and what clashed."""
    from linetest.model.case import Event
    from linetest.model.clock import now
    from linetest.store import orders, seen
    from linetest.tickets.event import appointment_text
    from linetest.tickets.merge import merge
    from linetest.tickets.orders import booking_from, values_of
    from linetest.workorders.appointments import last_appointment

    values = values_of(mapping, found)
    if found.mine and by is not None:  # the ticket system may call its people otherwise
        values["order.technician"] = by
    case = _known(database, found.ticket, values)
    known = last_appointment(case) if case is not None else None
    here = appointment_text(known.booking) if known is not None and known.booking is not None else None
    before = _before(database, dest, mapping, found.ticket)
    merged = merge(mapping, found.ticket, values, before, case.order if case is not None else None, here)
    (state,) = orders.put(database, [merged.order], dest)
    if merged.appointment is not None:
        event = Event(
            at=now(),
            kind="booked",
            booking=booking_from(merged.appointment),
            reached=True,
            text=_("from ticket {ticket}").format(ticket=found.ticket),
        )
        orders.note(database, merged.order.number, [event])
        state = "changed" if state == "same" else state
    seen.keep_seen(database, dest, found.ticket, values)
    return merged.order.number, state, merged.clashes


def _before(database: sqlite3.Connection, dest: str, mapping: "Mapping", ticket: str) -> dict[str, Any] | None:
    """Return what the ticket said when it was last read, and what of ours it has got since; None when it is new."""
    from linetest.store import seen
    from linetest.tickets.payload import read_payload
    from linetest.tickets.values import SENT

    last = seen.last_seen(database, dest, ticket)
    got = seen.delivered_since(database, dest, ticket, last.at if last is not None else None)
    before = dict(last.values) if last is not None else {}
    for payload in map(read_payload, got):
        values = {name: SENT[name](payload) for name in mapping.shared}
        before |= {name: value for name, value in values.items() if value is not None}
    return before if last is not None or before else None


def _known(database: sqlite3.Connection, ticket: str, values: dict[str, Any]) -> "Case | None":
    """Return the order as it is here: that of the number which the ticket names, else the one of this ticket."""
    from linetest.store.orders import cases

    number = values.get("order.number")
    kept = cases(database, number)
    found = next((case for case in kept if number is not None or case.order.ticket == ticket), None)
    values.setdefault("order.number", found.order.number if found is not None else ticket)
    return found


def _print(taken: list[_Taken], as_json: bool) -> int:
    """Print a line for each ticket; exit 3 when one of them could not be read."""
    if as_json:
        print_json({"schema": "linetest.orders-fetched/1", "tickets": [one._asdict() for one in taken]})
    for one in taken if not as_json else []:
        click.echo(safe_text(_words(one)))
        if one.hint:
            click.echo(safe_text(f"  > {one.hint}"))
        for clash in one.clashes:
            words = _("{field}: here {here}, in the ticket {there}").format(
                field=clash.field, here=clash.here, there=clash.there
            )
            kept = _("kept as it is here") if clash.kept == "ours" else _("taken from the ticket")
            click.echo(safe_text(f"  ! {words}: {kept}"))
    if not taken:
        say(_("The ticket system has no order for you, and none that is nobody's."))
    return INCONCLUSIVE if any(one.state == "unreadable" for one in taken) else PASSED


def _words(one: _Taken) -> str:
    if one.state == "unreadable":
        return _("ticket {ticket}: not taken: {fault}").format(ticket=one.ticket, fault=one.fault)
    whose = _("yours") if one.mine else one.owner or _("nobody's")
    return _("{number}  ticket {ticket} {status}, {whose}: {state}").format(
        number=one.number, ticket=one.ticket, status=one.status, whose=whose, state=_(_SAYS[one.state])
    )
