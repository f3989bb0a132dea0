"""Talking to Request Tracker's REST2 interface: one question, one decoded answer, its refusals as errors."""

from pathlib import Path
from typing import Any
from urllib.parse import quote

from linetest.errors import PushError, Rejected, Unanswered, UsageError, nearest
from linetest.safe import safe_text
from linetest.secrets import Secret
from linetest.tickets.answers import TicketApi, dicts
from linetest.transports.http import HttpTransport
from linetest.transports.http_answer import Answer
from linetest.words.text import _

_BASE = "/REST/2.0"
_MOST_TEXTS = 20
_MOST_QUEUES = 100


class Rest2(TicketApi):
    """The way to one Request Tracker. `until` is always a moment of the monotonic clock."""

    def __init__(self, url: str, token: Secret | None, ca_file: Path | None) -> None:
        """Name the server; `url` is its web address, with or without ``/REST/2.0``."""
        base = url.rstrip("/").removesuffix(_BASE) + _BASE
        super().__init__(HttpTransport(base, token=token, scheme="token", ca_file=ca_file))

    def ticket(self, number: str, until: float) -> dict[str, Any]:
        """Return what the ticket shows.

        Raises:
            Rejected: there is no such ticket; only reading says so, commenting answers "Permission Denied".
        """
        return document(self.ask_ticket(ticket_path(number), number, until))

    def queue(self, name: str, until: float) -> dict[str, Any]:
        """Return what a queue shows.

        Raises:
            UsageError: there is none of that name, or the token may not see it; those that it may see are named.
        """
        try:
            return document(self.ask("GET", f"/queue/{quote(name, safe='')}", _("asking for the queue"), until))
        except Rejected as error:
            known = self._queues(until)
            raise UsageError(
                _("the queue {queue} is not there, or the token may not see it").format(queue=safe_text(name[:80])),
                _("there are: {names}").format(names=nearest(name, known)) if known else error.what,
            ) from error

    def _queues(self, until: float) -> list[str]:
        """Return the names of the queues that the token may see, of the first hundred."""
        params = {"fields": "Name", "per_page": str(_MOST_QUEUES)}
        answer = self.ask("GET", "/queues/all", _("asking for the queues"), until, params=params)
        return [safe_text(str(item["Name"])[:80]) for item in dicts(document(answer).get("items")) if item.get("Name")]


def ticket_path(number: str) -> str:
    """Return the path of a ticket; the number comes from an order file and may be anything."""
    if not (number.isascii() and number.isdigit()):
        raise Rejected(
            _("{ticket!r} is not a ticket number of Request Tracker").format(ticket=number[:40]),
            _("correct the number with `linetest ticket move KEY NUMBER --reason TEXT`"),
        )
    return f"/ticket/{number}"


def quoted(text: str) -> str:
    """Return `text` as a value of a search in TicketSQL."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def document(answer: Answer) -> dict[str, Any]:
    """Return the answer's JSON object."""
    found = answer.json()
    if not isinstance(found, dict):
        raise Unanswered(_("the ticket system's answer is not what Request Tracker sends"))
    return found


def texts(answer: Answer) -> list[str]:
    """Return the texts in which Request Tracker says what it did and what not."""
    try:
        said = answer.json()
    except PushError:
        return []
    return [safe_text(str(text)[:200]) for text in said[:_MOST_TEXTS]] if isinstance(said, list) else []
