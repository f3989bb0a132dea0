"""What an HTTP answer means for the outbox, the same for every ticket system that speaks HTTP."""

from typing import Any

from linetest.errors import Delayed, Forbidden, Paused, PushError, Rejected
from linetest.safe import safe_text
from linetest.tickets.payload import Payload
from linetest.transports.http import HttpTransport
from linetest.transports.http_answer import Answer
from linetest.words.text import _

_MOST_WORDS = 200
# Request Tracker refuses with these words and 400, 403 or even 200.
_NO_RIGHT = ("permission denied", "no permission", "forbidden")


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
