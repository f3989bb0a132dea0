"""Faults that are not one customer's alone: those that came back, and those of many at one place. Pure functions."""

from datetime import datetime, timedelta

import msgspec

from linetest.model.case import Case, Place
from linetest.model.deadlines import Deadlines
from linetest.model.onu_id import find_onu_id
from linetest.model.order import Line
from linetest.workorders.deadlines import hours
from linetest.workorders.moments import done_at, left_at

_NARROWEST: tuple[Place, ...] = ("splitter", "port", "cabinet")


class Mass(msgspec.Struct, frozen=True, kw_only=True):
    """Faults at one place, received shortly after one another and not mended yet."""

    place: Place
    name: str
    orders: list[str]


def earlier_faults(case: Case, cases: list[Case], deadlines: Deadlines) -> list[str]:
    """Return the orders of earlier faults of this one's lines that were mended before it was reported.

    Reports of one fault before it was mended are no repetition.
    """
    order = case.order
    if order.work_type != "fault" or order.received_at is None:
        return []
    since = order.received_at - timedelta(days=deadlines.repeated.days)
    lines = {line.id for line in order.line}
    found = []
    for other in cases:
        done = done_at(other)
        if other.order.number == order.number or other.order.work_type != "fault" or done is None:
            continue
        if since <= done <= order.received_at and lines & {line.id for line in other.order.line}:
            found.append(other.order.number)
    return found


def is_repeated(earlier: list[str], deadlines: Deadlines) -> bool:
    """Tell whether a fault with so many earlier ones goes to the team leader."""
    return len(earlier) >= deadlines.repeated.faults


def mass_faults(cases: list[Case], deadlines: Deadlines, now: datetime) -> list[Mass]:
    """Return the places where many open faults were received within the profile's hours.

    Orders that share several places are one mass fault: at the place that has them all, the narrowest of these.
    """
    places: dict[tuple[Place, str], list[tuple[datetime, str]]] = {}
    for case in cases:
        order = case.order
        if order.work_type != "fault" or order.received_at is None:
            continue
        if order.received_at.replace(microsecond=0) > now:  # a ticket system tells parts of a second, our clock none
            continue
        if done_at(case) is not None or left_at(case) is not None:
            continue
        for place in {place for line in order.line for place in places_of(line)}:
            places.setdefault(place, []).append((order.received_at, order.number))
    found = [
        Mass(place=kind, name=name, orders=orders)
        for (kind, name), received in sorted(places.items())
        if (orders := _together(received, hours(deadlines.mass.hours), deadlines.mass.faults))
    ]
    return sorted(_distinct(found), key=lambda mass: (mass.place, mass.name))


def _distinct(found: list[Mass]) -> list[Mass]:
    """Return those whose orders are not all at another place too; of places with the same orders the narrowest."""
    kept: list[Mass] = []
    for mass in sorted(found, key=lambda one: (-len(one.orders), _NARROWEST.index(one.place))):
        if not any(set(mass.orders) <= set(other.orders) for other in kept):
            kept.append(mass)
    return kept


def places_of(line: Line) -> list[tuple[Place, str]]:
    """Return the places that a line shares with others."""
    found: list[tuple[Place, str]] = []
    if line.splitter:
        found.append(("splitter", line.splitter))
    if line.cabinet:
        found.append(("cabinet", line.cabinet))
    onu = find_onu_id(line.onu) if line.onu else None
    if line.olt and onu is not None:
        found.append(("port", f"{line.olt} {onu.rack}/{onu.slot}/{onu.port}"))
    return found


def _together(received: list[tuple[datetime, str]], span: timedelta, wanted: int) -> list[str]:
    """Return the orders that lie with enough others within `span`, oldest first."""
    received = sorted(received)
    found: dict[str, None] = {}
    for begins, _number in received:
        near = [number for at, number in received if begins <= at <= begins + span]
        if len(near) >= wanted:
            found.update(dict.fromkeys(near))
    return list(found)
