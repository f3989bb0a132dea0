"""Orders out of Request Tracker: its tickets searched page by page, and taken."""

from collections.abc import Collection, Iterator
from typing import Any

from linetest.errors import Forbidden, Rejected, Unanswered
from linetest.safe import safe_text
from linetest.tickets.answers import dicts
from linetest.tickets.mapping import StatusRules
from linetest.tickets.rt_fields import shown_values
from linetest.tickets.rt_rest import Rest2, document, quoted, texts, ticket_path
from linetest.tickets.system import FoundTicket
from linetest.words.text import _

_PAGE = 20
"""Tickets in one answer: few, so that one with endless fields makes no answer longer than what is read."""
_MOST_PAGES = 100
_MOST_NUMBERS = 50
"""Ticket numbers in one question."""
_MINE = "Owner = '__CurrentUser__'"
_FIELDS = "Subject,Status,Owner,Created,LastUpdated,Starts,Started,Due,Resolved,CustomFields"


def search_orders(
    rest: Rest2, queue: str, rules: StatusRules, tickets: Collection[str], until: float
) -> list[FoundTicket]:
    """Return the waiting tickets of the queue that are mine or nobody's, and those of these numbers, each once.

    Raises:
        UsageError: there is no such queue; a search in it finds nothing, and no error.
    """
    waiting = " OR ".join(f"Status = {quoted(status)}" for status in rules.waiting)
    where = f"Queue = {quoted(queue)} AND ({waiting})"
    found = {one.ticket: one for one in _search(rest, f"{where} AND {_MINE}", True, until)}
    found |= {one.ticket: one for one in _search(rest, f"{where} AND Owner = 'Nobody'", False, until)}
    if not found:
        rest.queue(queue, until)
    missing = [ticket for ticket in tickets if ticket not in found and ticket.isascii() and ticket.isdigit()]
    for first in range(0, len(missing), _MOST_NUMBERS):
        ids = " OR ".join(f"id = {ticket}" for ticket in missing[first : first + _MOST_NUMBERS])
        for more, mine in ((_MINE, True), ("Owner != '__CurrentUser__'", False)):
            found |= {one.ticket: one for one in _search(rest, f"({ids}) AND {more}", mine, until)}
    return list(found.values())


def take(rest: Rest2, ticket: str, until: float) -> FoundTicket:
    """Take a ticket and read whose it is then: the answer is 200 whether it was given or not.

    Raises:
        Forbidden: the right OwnTicket is missing.
        Rejected: there is no such ticket.
    """
    rest.ticket(ticket, until)  # an unknown one is named in clear words
    what = _("taking ticket {ticket}").format(ticket=ticket)
    said = texts(rest.ask("PUT", f"{ticket_path(ticket)}/take", what, until, body={}))
    for more, mine in ((_MINE, True), ("Owner != '__CurrentUser__'", False)):
        for found in _search(rest, f"id = {ticket} AND {more}", mine, until):
            if not mine and found.owner is None:
                raise Forbidden(f"{what}: {'; '.join(said)}", _("ask for the right OwnTicket"))
            return found
    raise Rejected(f"{what}: {'; '.join(said)}")


def _search(rest: Rest2, query: str, mine: bool, until: float) -> Iterator[FoundTicket]:
    """Yield what a search finds; a page that cannot be read is asked for ticket by ticket."""
    for page in range(1, _MOST_PAGES + 1):
        try:
            items = _page(rest, query, page, _PAGE, until)
        except Unanswered:
            yield from _one_by_one(rest, query, range((page - 1) * _PAGE + 1, page * _PAGE + 1), mine, until)
            items = _page(rest, query, page, _PAGE, until, fields="Status")
        else:
            yield from (_found(item, mine) for item in items)
        if len(items) < _PAGE:
            return


def _one_by_one(rest: Rest2, query: str, places: range, mine: bool, until: float) -> Iterator[FoundTicket]:
    for place in places:
        try:
            items = _page(rest, query, place, 1, until)
        except Unanswered as error:
            (number,) = _page(rest, query, place, 1, until, fields="Status")[:1] or [{}]
            yield _found({"id": number.get("id")}, mine, fault=error.what)
        else:
            yield from (_found(item, mine) for item in items)


def _page(rest: Rest2, query: str, page: int, size: int, until: float, fields: str = _FIELDS) -> list[dict[str, Any]]:
    answer = rest.ask(
        "GET",
        "/tickets",
        _("searching orders"),
        until,
        params={
            "query": query,
            "fields": fields,
            "page": str(page),
            "per_page": str(size),
            "orderby": "id",
            "order": "ASC",
        },
    )
    return dicts(document(answer).get("items"))


def _found(item: dict[str, Any], mine: bool, fault: str | None = None) -> FoundTicket:
    shown = shown_values(item)
    return FoundTicket(
        ticket=safe_text(str(item.get("id"))[:40]),
        status=safe_text(shown.get("Status", [""])[0][:40]),
        owner=safe_text(shown["Owner"][0][:80]) if "Owner" in shown else None,
        mine=mine,
        shown=shown,
        fault=fault,
    )
