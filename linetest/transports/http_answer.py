"""The answer to an HTTP request: read whole but never without end, decoded, and its times understood."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpcore
import msgspec

from linetest.errors import Unanswered
from linetest.words.text import _

MOST_BYTES = 8 * 1024 * 1024
"""The longest answer that is read."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """A complete answer."""

    status: int
    headers: Mapping[str, str]
    """With lower-case names."""
    text: str
    skew_s: float | None
    """This machine's clock minus the server's, by its Date header; None where it sent none."""

    def json(self) -> Any:
        """Return the decoded body.

        Raises:
            Unanswered: it is not JSON; what was asked for may have been done all the same.
        """
        try:
            return msgspec.json.decode(self.text)
        except (msgspec.DecodeError, RecursionError) as error:
            raise Unanswered(
                _("the ticket system's answer ({status}) is not JSON: {fault}").format(status=self.status, fault=error),
                _("check that the address in the station file is the ticket system's"),
            ) from error

    def retry_after_s(self) -> float | None:
        """Return what Retry-After asks for, as seconds or as a date; None where it says nothing usable."""
        value = self.headers.get("retry-after", "").strip()
        if value.isascii() and value.isdigit():
            return float(value[:9])
        moment = _http_date(value)
        return None if moment is None else max(0.0, (moment - datetime.now(UTC)).total_seconds())


def read_answer(response: httpcore.Response, host: str, scrub: Callable[[str], str]) -> Answer:
    """Return the whole answer; `scrub` takes the token out of texts, `host` is for errors.

    Raises:
        Unanswered: it is too long, or compressed though that was not asked for.
    """
    chunks: list[bytes] = []
    size = 0
    for chunk in response.iter_stream():
        size += len(chunk)
        if size > MOST_BYTES:
            raise Unanswered(_("{host}: the answer is longer than {most} bytes").format(host=host, most=MOST_BYTES))
        chunks.append(chunk)
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
    if headers.get("content-encoding", "identity") != "identity":
        raise Unanswered(_("{host}: the answer is compressed, which was not asked for").format(host=host))
    date = _http_date(headers.get("date", ""))
    return Answer(
        status=response.status,
        headers={name: scrub(value) for name, value in headers.items()},
        text=scrub(b"".join(chunks).decode("utf-8", "replace")),
        skew_s=None if date is None else (datetime.now(UTC) - date).total_seconds(),
    )


def _http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError, OverflowError):
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
