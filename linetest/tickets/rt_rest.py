"""Talking to Request Tracker's REST2 interface: one question, one decoded answer, its refusals as errors."""

import time
from pathlib import Path
from typing import Any

from linetest.errors import PushError, Rejected, Unanswered
from linetest.safe import safe_text
from linetest.secrets import Secret
from linetest.tickets.answers import refusal
from linetest.transports.http import DEADLINE_S, HttpTransport
from linetest.transports.http_answer import Answer
from linetest.words.text import _

_BASE = "/REST/2.0"
_MOST_TEXTS = 20


class Rest2:
    """The way to one Request Tracker. `until` is always a moment of the monotonic clock."""

    def __init__(self, url: str, token: Secret | None, ca_file: Path | None) -> None:
        """Name the server; `url` is its web address, with or without ``/REST/2.0``."""
        base = url.rstrip("/").removesuffix(_BASE) + _BASE
        self.http = HttpTransport(base, token=token, scheme="token", ca_file=ca_file)

    def ask(self, method: str, path: str, what: str, until: float, **more: Any) -> Answer:
        """Return a 2xx answer; raise what any other one means. `what` says what is asked, for the error."""
        answer = self.http.request(method, path, deadline_s=_left_s(until), **more)
        if 200 <= answer.status < 300:
            return answer
        raise refusal(answer, what)

    def ticket(self, number: str, until: float) -> dict[str, Any]:
        """Return what the ticket shows.

        Raises:
            Rejected: there is no such ticket; only reading says so, commenting answers "Permission Denied".
        """
        answer = self.http.request("GET", ticket_path(number), deadline_s=_left_s(until))
        if answer.status == 404:
            raise Rejected(
                _("the ticket system has no ticket {ticket}").format(ticket=number),
                _("correct the number with `linetest ticket move KEY NUMBER --reason TEXT`"),
            )
        if not 200 <= answer.status < 300:
            raise refusal(answer, _("reading ticket {ticket}").format(ticket=number))
        return document(answer)


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


def dicts(value: Any) -> list[dict[str, Any]]:
    """Return the objects in a list of an answer; nothing when it is no list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def texts(answer: Answer) -> list[str]:
    """Return the texts in which Request Tracker says what it did and what not."""
    try:
        said = answer.json()
    except PushError:
        return []
    return [safe_text(str(text)[:200]) for text in said[:_MOST_TEXTS]] if isinstance(said, list) else []


def _left_s(until: float) -> float:
    return max(0.1, min(DEADLINE_S, until - time.monotonic()))
