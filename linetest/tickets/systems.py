"""The ticket systems that there are, and the one that a station names."""

from collections.abc import Callable
from pathlib import Path

from linetest.devices.station import TicketEntry
from linetest.errors import UsageError, nearest
from linetest.model.case import EventKind
from linetest.model.codes import Verdict
from linetest.secrets import Secret, read_secret
from linetest.tickets.mapping import Mapping, mapping_of
from linetest.tickets.system import OrderSource, TicketSystem
from linetest.words.text import _

UNCHANGED = "unchanged"
"""In a station's table of statuses: the ticket keeps its status."""


def destination(entry: TicketEntry) -> str:
    """Return the name of a station's ticket system in the outbox, without connecting to it."""
    return entry.name or " ".join(part for part in (entry.system, entry.url or entry.path, entry.queue) if part)


def status_for(entry: TicketEntry, verdict: Verdict) -> str | None:
    """Return the status that a verdict gives a ticket: by the station's table, else by the system's mapping.

    None leaves the status as it is. For an order of many lines the caller asks once, with the verdict of all.
    """
    table = entry.status
    named = {Verdict.PASS: table.pass_, Verdict.FAIL: table.fail, Verdict.INCONCLUSIVE: table.inconclusive}.get(verdict)
    rules = mapping_of(entry).status
    status = named or (rules.verdict.get(verdict.value, UNCHANGED) if rules is not None else UNCHANGED)
    return None if status == UNCHANGED else status


def status_after(entry: TicketEntry, kind: EventKind) -> str | None:
    """Return the status that an event of an order gives its ticket; None leaves the status as it is."""
    rules = mapping_of(entry).status
    return rules.event.get(kind) if rules is not None else None


def checked_mapping(entry: TicketEntry) -> Mapping:
    """Return the mapping of a station's ticket system, the statuses that the station names checked against it.

    Raises:
        FileError: the mapping cannot be read.
        UsageError: the station names a status that the mapping does not know.
    """
    found = mapping_of(entry)
    known = [*(found.status.known if found.status is not None else []), UNCHANGED]
    for status in (entry.status.pass_, entry.status.fail, entry.status.inconclusive):
        if status is not None and status not in known:
            raise UsageError(
                _("[ticket.status]: the mapping of {system} has no status {status!r}").format(
                    system=entry.system, status=status[:40]
                ),
                _('there are: {names}; mapping = "FILE" names another mapping').format(names=nearest(status, known)),
            )
    return found


def connect(entry: TicketEntry) -> TicketSystem:
    """Return the ticket system that a station names; nothing is sent yet.

    Raises:
        UsageError: its entry lacks something.
    """
    return _SYSTEMS[entry.system](entry)


def order_source(entry: TicketEntry) -> tuple[OrderSource, Mapping]:
    """Return the ticket system of a station as one that gives orders, and its mapping.

    Raises:
        UsageError: it gives none.
    """
    system = connect(entry)
    if not isinstance(system, OrderSource):
        raise UsageError(
            _("the ticket system {system} gives no orders").format(system=system.destination),
            _("take them from files: linetest order add FILE"),
        )
    return system, mapping_of(entry)


def _rt(entry: TicketEntry) -> TicketSystem:
    from linetest.tickets.rt import RequestTracker

    return RequestTracker(
        destination(entry),
        url=_needed(entry.url, "url"),
        queue=_needed(entry.queue, "queue"),
        token=_token(entry, needed=True),
        mapping=checked_mapping(entry),
        ca_file=_ca_file(entry),
    )


def _tmf(entry: TicketEntry) -> TicketSystem:
    from linetest.tickets.tmf import TmForum

    return TmForum(
        destination(entry),
        url=_needed(entry.url, "url"),
        token=_token(entry, needed=True),
        mapping=checked_mapping(entry),
        technician=entry.technician,
        ca_file=_ca_file(entry),
    )


def _webhook(entry: TicketEntry) -> TicketSystem:
    from linetest.tickets.webhook import Webhook

    return Webhook(
        destination(entry),
        url=_needed(entry.url, "url"),
        token=_token(entry, needed=False),
        mapping=checked_mapping(entry),
        ca_file=_ca_file(entry),
    )


def _folder(entry: TicketEntry) -> TicketSystem:
    from linetest.tickets.folder import Folder

    return Folder(destination(entry), path=Path(_needed(entry.path, "path")), mapping=checked_mapping(entry))


def _ca_file(entry: TicketEntry) -> Path | None:
    return None if entry.ca_file is None else Path(entry.ca_file).expanduser()


def _needed(value: str | None, name: str) -> str:
    if not value:
        raise UsageError(_("[ticket] {name} is missing").format(name=name), _("write it into the station file"))
    return value


def _token(entry: TicketEntry, *, needed: bool) -> Secret | None:
    if entry.token is None and not needed:
        return None
    return read_secret(_needed(entry.token, "token"), "[ticket] token")


_SYSTEMS: dict[str, Callable[[TicketEntry], TicketSystem]] = {
    "rt": _rt,
    "tmf": _tmf,
    "webhook": _webhook,
    "folder": _folder,
}
