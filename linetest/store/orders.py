"""Work orders as they were given, every version of them, and what happened to each: a list that is only added to.

The data base itself refuses to change or delete what stands here. An event is on the disk when `note` returns. When a
result was sent is not noted a second time: the outbox knows it, and `cases` tells it as the event ``sent``.
"""

import sqlite3
from collections.abc import Iterable
from contextlib import nullcontext
from datetime import datetime
from typing import Literal, NamedTuple, TypeVar

import msgspec

from linetest.errors import StoreError, UsageError, nearest
from linetest.model.case import Case, Event
from linetest.model.clock import now_text
from linetest.model.order import Order
from linetest.store.database import transaction
from linetest.words.text import _

T = TypeVar("T")
Put = Literal["new", "same", "changed"]


class Version(NamedTuple):
    """One version of an order and where it came from."""

    version: int
    source: str
    added_at: str
    order: Order


def put(database: sqlite3.Connection, orders: Iterable[Order], source: str) -> list[Put]:
    """Keep orders, all or none; one that is there already becomes a new version where it has changed.

    Inside of a transaction they become durable with that.
    """
    with nullcontext() if database.in_transaction else transaction(database):
        return [_put(database, order, source) for order in orders]


def _put(database: sqlite3.Connection, order: Order, source: str) -> Put:
    body = msgspec.json.encode(order)
    last = database.execute(
        "SELECT version, body FROM work_order WHERE number = ? ORDER BY version DESC LIMIT 1", (order.number,)
    ).fetchone()
    if last is not None and _order(last["body"]) == order:
        return "same"
    database.execute(
        "INSERT INTO work_order (number, version, source, added_at, body) VALUES (?, ?, ?, ?, ?)",
        (order.number, last["version"] + 1 if last else 1, source, now_text(), body),
    )
    return "changed" if last else "new"


def note(database: sqlite3.Connection, number: str, events: Iterable[Event]) -> None:
    """Add events to an order, all or none; inside of a transaction they become durable with that."""
    if not database.in_transaction:
        with transaction(database):
            note(database, number, events)
        return
    for event in events:
        database.execute(
            "INSERT INTO order_event (number, noted_at, body) VALUES (?, ?, ?)",
            (number, now_text(), msgspec.json.encode(event)),
        )


def knows(database: sqlite3.Connection, number: str) -> bool:
    """Tell whether an order of exactly this number is kept."""
    return database.execute("SELECT 1 FROM work_order WHERE number = ? LIMIT 1", (number,)).fetchone() is not None


def find_number(database: sqlite3.Connection, wanted: str) -> str:
    """Return the number of the order with that number, or the only one whose number ends so.

    Raises:
        UsageError: there is none, or more than one.
    """
    ending = ending_in(database, wanted)
    if len(ending) == 1:
        return ending[0]
    if ending:
        raise UsageError(
            _("several orders end in {wanted!r}: {names}").format(wanted=wanted, names=", ".join(ending[:8])),
            _("name more of the number"),
        )
    known = [row["number"] for row in database.execute("SELECT DISTINCT number FROM work_order ORDER BY number")]
    raise UsageError(
        _("there is no order {wanted!r} here").format(wanted=wanted),
        _("there are: {names}").format(names=nearest(wanted, known)) if known else _("linetest order add FILE"),
    )


def ending_in(database: sqlite3.Connection, wanted: str) -> list[str]:
    """Return the numbers of the orders that end so; the one of exactly that number alone, when there is one."""
    if knows(database, wanted):
        return [wanted]
    found = database.execute(
        "SELECT DISTINCT number FROM work_order WHERE ? != '' AND substr(number, -length(?)) = ? ORDER BY number",
        (wanted, wanted, wanted),
    )
    return [str(row["number"]) for row in found]


def find_case(database: sqlite3.Connection, wanted: str) -> Case:
    """Return the order that `wanted` names, as `find_number`, with its events."""
    (case,) = cases(database, find_number(database, wanted))
    return case


def cases(database: sqlite3.Connection, number: str | None = None) -> list[Case]:
    """Return the newest version of every order, or of one, with all its events in the order in which they happened."""
    events: dict[str, list[Event]] = {}
    for row in database.execute(
        "SELECT number, body FROM order_event WHERE number = ifnull(?, number) ORDER BY n", (number,)
    ):
        events.setdefault(row["number"], []).append(_decode(row["body"], Event))
    for name, event in _sent(database, number):
        events.setdefault(name, []).append(event)
    found = database.execute(
        "SELECT body FROM work_order JOIN"
        " (SELECT number, max(version) AS version, min(n) AS first FROM work_order GROUP BY number)"
        " USING (number, version) WHERE number = ifnull(?, number) ORDER BY first",
        (number,),
    )
    orders = [_order(row["body"]) for row in found]
    return [
        Case(order=order, events=sorted(events.get(order.number, []), key=lambda event: event.at)) for order in orders
    ]


def versions(database: sqlite3.Connection, number: str) -> list[Version]:
    """Return all versions of an order, oldest first."""
    found = database.execute(
        "SELECT version, source, added_at, body FROM work_order WHERE number = ? ORDER BY version", (number,)
    )
    return [Version(row["version"], row["source"], row["added_at"], _order(row["body"])) for row in found]


def _sent(database: sqlite3.Connection, number: str | None) -> list[tuple[str, Event]]:
    """Return what the outbox knows of results of orders that have been sent."""
    found = database.execute(
        "SELECT record.order_number AS number, record.line, record.id, outbox.sent_at,"
        " json_extract(CAST(record.body AS TEXT), '$.chain.sha256') AS sha256"
        " FROM outbox JOIN record ON record.id = outbox.key"
        " WHERE outbox.sent_at IS NOT NULL AND record.order_number = ifnull(?, record.order_number) ORDER BY outbox.id",
        (number,),
    )
    return [
        (
            row["number"],
            Event(
                at=datetime.fromisoformat(row["sent_at"]),
                kind="sent",
                line=row["line"],
                channel="api",
                record=row["id"],
                evidence_sha256=row["sha256"],
            ),
        )
        for row in found
    ]


def _order(body: bytes) -> Order:
    return _decode(body, Order)


def _decode(body: bytes, wanted: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=wanted)
    except msgspec.DecodeError as error:
        raise StoreError(_("the kept orders cannot be read: {fault}").format(fault=error)) from error
