"""Talking to TM Forum's open APIs, version 4: one question, one decoded answer, its refusals as errors.

Of an answer only ids and attributes are used. A ``href`` is never followed and never sent on: where a resource lies
follows from the station's address, the path of its kind and its id.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec

from linetest.errors import Paused, Rejected, Unanswered
from linetest.secrets import Secret
from linetest.tickets.answers import TicketApi
from linetest.transports.http import HttpTransport
from linetest.transports.http_answer import Answer
from linetest.words.text import _

_LONGEST_ID = 200
_MOST_ALIKE = 20
_PAGE = 100
_MOST_LISTED = 2000


TICKET = "troubleTicket"
WORK_ORDER = "workOrder"


class Target(msgspec.Struct, frozen=True):
    """The resource that an order's ticket number names."""

    kind: str
    number: str

    @property
    def ticket(self) -> str:
        """Return it as the order writes it."""
        return self.number if self.kind == TICKET else f"{self.kind}/{self.number}"


def target_of(ticket: str) -> Target:
    """Return what a ticket number names: ``workOrder/17`` a work order of TMF697, ``17`` a trouble ticket of TMF621."""
    kind, slash, number = ticket.partition("/")
    return Target(WORK_ORDER, number) if slash and kind == WORK_ORDER else Target(TICKET, ticket)


class TmfRest(TicketApi):
    """The way to one system. `until` is always a moment of the monotonic clock."""

    def __init__(self, url: str, token: Secret | None, ca_file: Path | None, paths: Mapping[str, str]) -> None:
        """Name the server and the path of each kind of resource below it."""
        super().__init__(HttpTransport(url, token=token, ca_file=ca_file))
        self._paths = paths

    def path(self, kind: str) -> str:
        """Return where the resources of a kind lie."""
        if kind not in self._paths:
            raise Rejected(
                _("the mapping does not say where {kind} lies").format(kind=kind),
                _("write it into the table [path] of the mapping"),
            )
        return self._paths[kind]

    def peek(self, kind: str, until: float) -> Answer:
        """Ask for one resource of a kind, to learn whether there are any such here."""
        what = _("asking for {kind}").format(kind=kind)
        return self.ask("GET", self.path(kind), what, until, params={"limit": "1", "fields": "id"})

    def get(self, target: Target, until: float) -> dict[str, Any]:
        """Return a ticket.

        Raises:
            Rejected: there is none of that id.
        """
        path = f"{self.path(target.kind)}/{segment(target.number)}"
        return _object(self.ask_ticket(path, target.ticket, until).json())

    def find(self, kind: str, attribute: str, value: str, until: float) -> list[dict[str, Any]]:
        """Return the resources that have exactly that value, whole.

        Raises:
            Paused: the system lists others too, so it does not filter, and doubles could not be told.
        """
        what = _("looking for {value} among {kind}").format(value=value, kind=kind)
        query = {attribute: value, "limit": str(_MOST_ALIKE)}
        found = objects(self.ask("GET", self.path(kind), what, until, params=query).json())
        if any(one.get(attribute) != value for one in found):
            raise Paused(
                _("the ticket system does not filter {kind} by {attribute}").format(kind=kind, attribute=attribute),
                _("nothing is sent: it could not be told what has arrived already"),
            )
        return found

    def every(self, kind: str, query: Mapping[str, str], until: float) -> list[dict[str, Any]]:
        """Return all resources that a query names, page by page, and not without end."""
        found: list[dict[str, Any]] = []
        what = _("listing {kind}").format(kind=kind)
        while len(found) < _MOST_LISTED:
            page = {**query, "offset": str(len(found)), "limit": str(_PAGE)}
            more = objects(self.ask("GET", self.path(kind), what, until, params=page).json())
            seen = {str(one.get("id")) for one in found}
            fresh = [one for one in more if str(one.get("id")) not in seen]  # a system may know no offset
            found += fresh
            if len(more) < _PAGE or not fresh:
                break
        return found

    def create(self, kind: str, document: dict[str, Any], until: float) -> str:
        """Make a resource and return its id."""
        what = _("making {kind}").format(kind=kind)
        answer = self.ask("POST", self.path(kind), what, until, body=document)
        return number_of(_object(answer.json()))

    def change(self, kind: str, number: str, patch: dict[str, Any], until: float) -> None:
        """Merge a patch into a resource (RFC 7396): an array in it replaces the whole array."""
        what = _("changing {kind} {number}").format(kind=kind, number=number)
        self.ask("PATCH", f"{self.path(kind)}/{segment(number)}", what, until, body=patch)


def segment(number: str) -> str:
    """Return an id as one segment of a path; it comes from an order file or from the server and may be anything."""
    if number in ("", ".", "..") or len(number) > _LONGEST_ID or not number.isprintable():
        raise Rejected(
            _("{ticket!r} cannot be an id of the ticket system").format(ticket=number[:40]),
            _("correct the number with `linetest ticket move KEY NUMBER --reason TEXT`"),
        )
    return quote(number, safe="")


def number_of(document: dict[str, Any]) -> str:
    """Return the id in an answer."""
    number = document.get("id")
    if not isinstance(number, str) or not number:
        raise Unanswered(_("the ticket system's answer has no id"))
    segment(number)
    return number


def objects(value: Any) -> list[dict[str, Any]]:
    """Return the objects of a list in an answer."""
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise Unanswered(_("the ticket system's answer is not the list that was asked for"))
    return value


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Unanswered(_("the ticket system's answer is not the object that was asked for"))
    return value
