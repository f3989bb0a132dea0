"""Questions over HTTP and what their answers mean, the same for every ticket system that speaks HTTP."""

import time
from datetime import datetime
from typing import Any

from linetest.errors import Delayed, Forbidden, Paused, PushError, Rejected
from linetest.safe import safe_text
from linetest.tickets.payload import Payload
from linetest.transports.http import DEADLINE_S, HttpTransport
from linetest.transports.http_answer import Answer
from linetest.words.text import _

_MOST_WORDS = 200
# Request Tracker refuses with these words and 400, 403 or even 200.
_NO_RIGHT = ("permission denied", "no permission", "forbidden")


class TicketApi:
    """The way to one ticket system. `until` is always a moment of the monotonic clock."""

    def __init__(self, http: HttpTransport) -> None:
        """Take the transport with its address and token."""
        self.http = http

    def ask(self, method: str, path: str, what: str, until: float, **more: Any) -> Answer:
        """Return a 2xx answer; raise what any other one means. `what` says what is asked, for the error."""
        answer = self.http.request(method, path, deadline_s=_left_s(until), **more)
        if 200 <= answer.status < 300:
            return answer
        raise refusal(answer, what)

    def ask_ticket(self, path: str, ticket: str, until: float) -> Answer:
        """Return the answer that shows a ticket.

        Raises:
            Rejected: there is no such ticket.
        """
        answer = self.http.request("GET", path, deadline_s=_left_s(until))
        if answer.status == 404:
            raise Rejected(
                _("the ticket system has no ticket {ticket}").format(ticket=ticket),
                _("correct the number with `linetest ticket move KEY NUMBER --reason TEXT`"),
            )
        if not 200 <= answer.status < 300:
            raise refusal(answer, _("reading ticket {ticket}").format(ticket=ticket))
        return answer


def dicts(value: Any) -> list[dict[str, Any]]:
    """Return the objects in a list of an answer; nothing when it is no list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def said(payload: Payload, sent_at: datetime) -> str:
    """Return the text that a dispatcher reads, and when it was sent."""
    return "\n".join([payload.comment, _("Sent at {time}").format(time=sent_at.isoformat())])


def says_no_right(text: str) -> bool:
    """Return whether a ticket system's text says that a right is missing."""
    return any(words in text.lower() for words in _NO_RIGHT)


def refusal(answer: Answer, what: str) -> PushError:
    """Return the error that an answer outside of 2xx stands for; `what` says what was asked."""
    words = server_words(answer)
    said = (
        _("{what}: the ticket system answers {status} {words}")
        .format(what=what, status=answer.status, words=words)
        .rstrip()
    )
    if answer.status == 401:
        return Paused(said, _("the token is wrong or has expired: renew it where the station file says"))
    if answer.status == 403 or (answer.status == 400 and says_no_right(words)):
        return Forbidden(said, _("ask for the right, or check the ticket's number"))
    if answer.status in (408, 429) or answer.status >= 500:
        return Delayed(said, _("it is tried again by itself"), answer.retry_after_s())
    return Rejected(said, _("check the ticket's number; `linetest ticket doctor` checks the configuration"))


def server_words(answer: Answer) -> str:
    """Return a ticket system's own words in an answer, bounded and safe to show."""
    try:
        document: Any = answer.json()
    except PushError:
        document = answer.text
    text = answer.text
    if isinstance(document, dict):  # Request Tracker has a message, TM Forum a reason and perhaps a message
        text = document.get("message") or document.get("reason") or ""
    return safe_text(" ".join(str(text)[:_MOST_WORDS].split()))


def refuse_simulated(payload: Payload, http: HttpTransport) -> None:
    """Keep the bench's results away from real tickets: they go only to a ticket system on this computer.

    Raises:
        Rejected: the result is simulated and the system is elsewhere.
    """
    if payload.simulated and not http.is_local:
        raise Rejected(
            _("a result of simulated devices goes only to a ticket system on this computer or to a folder"),
            _("drop it, and measure the line with real devices"),
        )


def _left_s(until: float) -> float:
    return max(0.1, min(DEADLINE_S, until - time.monotonic()))
