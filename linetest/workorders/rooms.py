"""The rooms of a hotel: how long each one takes, and whether its guest consented. Pure functions."""

from datetime import datetime, timedelta

import msgspec

from linetest.model.case import Case


class Room(msgspec.Struct, frozen=True, kw_only=True):
    """One room that the technician has entered."""

    line: str
    begun_at: datetime
    ended_at: datetime | None
    elapsed: timedelta
    """Up to the end, or up to the moment that was asked for."""
    consented: bool


def rooms(case: Case, now: datetime) -> list[Room]:
    """Return the rooms that were begun, in the order of the work; a room ends when it is done."""
    found = []
    for line in case.order.line:
        own = [event for event in case.events if event.line == line.id and event.at <= now]
        begun_at = next((event.at for event in own if event.kind == "arrived"), None)
        if begun_at is None:
            continue
        ended_at = next((event.at for event in own if event.kind == "done" and event.at >= begun_at), None)
        found.append(
            Room(
                line=line.id,
                begun_at=begun_at,
                ended_at=ended_at,
                elapsed=(ended_at or now) - begun_at,
                consented=any(event.kind == "consent" and event.agreed is not False for event in own),
            )
        )
    return sorted(found, key=lambda room: room.begun_at)
