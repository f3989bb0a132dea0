"""The walk through an agent's objects with GETBULK (RFC 3416, 4.2.3), apart from any wire."""

from collections.abc import Callable
from functools import lru_cache

from linetest.errors import BadReply, CommandRefused
from linetest.words.text import _

SnmpValue = int | bytes | str
"""An integer of any kind, an octet string or address as bytes, an OID as dotted text."""
Bulk = Callable[[str, int], list[tuple[str, SnmpValue | None]]]
"""Takes an OID and how many are wanted; returns the objects that follow, None as value where the agent has no more.

Raises `TooBig` when the agent cannot put as many into one answer.
"""

REPETITIONS = 25  # a gentle load: an OLT asks its ONUs for the optics when it is asked
MOST_ROWS = 200_000  # an OLT of 16 boards with 16 ports and 128 ONUs has 32,768 rows in a column


class TooBig(CommandRefused):
    """The answer does not fit into one message."""


def oid_key(oid: str) -> tuple[int, ...]:
    """Return an OID's numbers, which sort as the agent sorts; raises ValueError when it is no OID."""
    return tuple(map(int, oid.split(".")))


suffix_key = lru_cache(maxsize=1 << 15)(oid_key)
"""As `oid_key`, of an index: the same few thousand stand in every column of a table."""


def does_not_follow(place: str, before: str, oid: str) -> BadReply:
    """Return the error for a table that is out of order."""
    return BadReply(
        _("{place}: after {before} the device answers {oid}, which does not follow").format(
            place=place, before=before, oid=oid
        ),
        _("the device's software sorts its table wrongly; read it over its command line"),
    )


def walk_subtree(
    root: str, bulk: Bulk, place: str, before: list[tuple[str, SnmpValue]] | None = None
) -> list[tuple[str, SnmpValue]]:
    """Return all objects under `root`; `place` says in errors whose they are, `before` is what was read already.

    Raises:
        BadReply: An object does not follow the one before it, or there are more than `MOST_ROWS`.
        CommandRefused: Not even one object fits into an answer.
    """
    above = oid_key(root)
    rows = list(before or [])
    at = rows[-1][0] if rows else root
    last, repetitions = oid_key(at), REPETITIONS
    while len(rows) < MOST_ROWS:
        try:
            answer = bulk(at, repetitions)
        except TooBig:
            if repetitions == 1:
                raise
            repetitions //= 2
            continue
        if not answer:
            raise BadReply(_("{place}: an empty answer after {oid}").format(place=place, oid=at), _("read again"))
        for oid, value in answer:
            key = oid_key(oid)
            if value is None or (key > last and key[: len(above)] != above):
                return rows
            if key <= last:
                raise does_not_follow(place, at, oid)
            rows.append((oid, value))
            at, last = oid, key
    raise BadReply(
        _("{place}: more than {count} objects under {oid}").format(place=place, count=MOST_ROWS, oid=root),
        _("check that the driver fits the device"),
    )
