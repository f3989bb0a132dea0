"""The searches of the simulated ticket system: the part of TicketSQL with =, !=, AND, OR and brackets."""

import re
from collections.abc import Callable, Iterable

from linetest.bench.ticket_fields import Ticket

Test = Callable[[Ticket], bool]
_WORD = re.compile(
    r"\s*(?:(?P<sign>[()])|(?P<join>AND|OR)\b"
    r"|(?:CF\.\{(?P<custom>[^}]+)\}|(?P<field>[A-Za-z]+))\s*(?P<way>!?=)\s*(?:'(?P<text>(?:[^'\\]|\\.)*)'|(?P<number>\d+)))"
)


def search(query: str, tickets: Iterable[Ticket], user: str) -> list[Ticket] | None:
    """Return the tickets that a query finds, by their numbers; None when it cannot be understood."""
    words = _split(query)
    if words is None:
        return None
    try:
        test, rest = _any_of(words, user)
    except (IndexError, KeyError):
        return None
    return None if rest else sorted((ticket for ticket in tickets if test(ticket)), key=lambda ticket: ticket.id)


def _split(query: str) -> list[re.Match[str]] | None:
    words, place = [], 0
    query = query.rstrip()
    while place < len(query):
        match = _WORD.match(query, place)
        if match is None:
            return None
        words.append(match)
        place = match.end()
    return words


def _any_of(words: list[re.Match[str]], user: str) -> tuple[Test, list[re.Match[str]]]:
    tests = []
    while True:
        test, words = _all_of(words, user)
        tests.append(test)
        if not words or words[0]["join"] != "OR":
            return (lambda ticket: any(one(ticket) for one in tests)), words
        words = words[1:]


def _all_of(words: list[re.Match[str]], user: str) -> tuple[Test, list[re.Match[str]]]:
    tests = []
    while True:
        test, words = _one(words, user)
        tests.append(test)
        if not words or words[0]["join"] != "AND":
            return (lambda ticket: all(one(ticket) for one in tests)), words
        words = words[1:]


def _one(words: list[re.Match[str]], user: str) -> tuple[Test, list[re.Match[str]]]:
    word = words[0]
    if word["sign"] == "(":
        test, rest = _any_of(words[1:], user)
        if rest[0]["sign"] != ")":
            raise KeyError(word["sign"])
        return test, rest[1:]
    wanted = re.sub(r"\\(.)", r"\1", word["text"] or word["number"] or "").replace("__CurrentUser__", user)
    has = _has(word["custom"], word["field"], wanted)
    return (has if word["way"] == "=" else lambda ticket: not has(ticket)), words[1:]


def _has(custom: str | None, field: str | None, wanted: str) -> Test:
    if custom is not None:
        return lambda ticket: ticket.fields.get(custom) == wanted
    if field == "Filename":
        return lambda ticket: ticket.count(wanted) > 0
    attribute = {"Queue": "queue", "Status": "status", "Owner": "owner", "id": "id"}[str(field)]
    return lambda ticket: str(getattr(ticket, attribute)) == wanted
