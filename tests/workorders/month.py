"""A month of 300 made orders: November 2026 in China, with what the service rules say of every one of them.

The orders with a boundary in them are written by hand in `month_limits` and `month_counts`: what happened, what was
due when, whether it was kept, what is paid, and which indicator counts it. The rest are made here by a seeded
generator that first draws what is to happen and then writes the events. Nothing is computed by the product's rules.
"""

from datetime import date, datetime, timedelta, timezone
from typing import Any, NamedTuple, get_args

from linetest.model.case import Booking, Case, Event, EventKind, Half
from linetest.model.order import Customer, Line, Order, WorkType

CHINA = timezone(timedelta(hours=8))
NOW = datetime(2026, 12, 20, 12, tzinfo=CHINA)
"""When everybody looks back at the month."""

Counts = dict[str, tuple[int, int]]


class Row(NamedTuple):
    """One order and the expected answers."""

    case: Case
    what: str
    """What happened, and the rule in words."""
    clocks: dict[str, tuple[datetime, str]]
    """Clock to when it was due and what became of it: kept, broken, late (still open) or exempt."""
    paid: tuple[int, str] | None
    """Days late and yuan; None where nothing is owed."""
    counts: Counts
    """Indicator to what this order adds above and below the line: of K4 and K7 the seconds above."""
    left: dict[str, str]
    """Indicator to the reason why the order is left out of it."""


def at(text: str) -> datetime:
    """Return ``03 14:00:00`` of November, or ``10-31 23:59:59`` of another month, on Chinese clocks."""
    day, clock = text.split(" ")
    month_and_day = day if "-" in day else f"11-{day}"
    return datetime.fromisoformat(f"2026-{month_and_day}T{clock}+08:00")


def e(moment: str | datetime, kind: str, **fields: Any) -> Event:
    """Return an event."""
    assert kind in get_args(EventKind)
    return Event(at=at(moment) if isinstance(moment, str) else moment, kind=kind, **fields)  # type: ignore[arg-type]


def booked(moment: str | datetime, day: str, half: Half, *, agreed: bool = True, **fields: Any) -> Event:
    """Return a booking that was made at `moment` for a half day."""
    when = booking_day(day)
    fields.setdefault("channel", "voice-platform")
    return e(moment, "booked", booking=Booking(day=when, half=half, agreed=agreed, **fields))


def booking_day(day: str) -> date:
    """Return ``03`` of November or ``12-01``."""
    return at(f"{day} 12:00:00").date()


def row(
    number: str,
    work: WorkType,
    customer: str,
    what: str,
    received: str | datetime,
    *events: Event,
    counts: str = "",
    left: str = "",
    clocks: str = "",
    paid: tuple[int, str] | None = None,
    lines: tuple[str, ...] = (),
    team: str = "north",
    **fields: Any,
) -> Row:
    """Return a row; `counts` is ``K2 0/1, K4.install 3600/1``, `clocks` ``completion 03 14:00:00 kept``."""
    words = customer.split()
    fields = {
        key: at(value) if isinstance(value, str) and key.endswith("_at") else value for key, value in fields.items()
    }
    order = Order(
        number=number,
        work_type=work,
        access="ftth-gpon",
        team=team,
        customer=Customer(
            region="rural" if "rural" in words else "urban",
            vip="vip" in words,
            brand="brand" in words,
            hotel="hotel" in words,
        ),
        received_at=at(received) if isinstance(received, str) else received,
        line=[Line(id=name) for name in lines or (f"L-{number}",)],
        **fields,
    )
    case = Case(order=order, events=sorted(events, key=lambda event: event.at))
    return Row(case, what, _clocks(clocks), paid, _counts(counts), _pairs(left))


def _counts(text: str) -> Counts:
    found = {}
    for part in filter(None, text.split(", ")):
        name, share = part.split(" ")
        above, _slash, below = share.partition("/")
        found[name] = (int(above), int(below))
    return found


def _clocks(text: str) -> dict[str, tuple[datetime, str]]:
    found = {}
    for part in filter(None, text.split(", ")):
        clock, day, time, state = part.split(" ")
        found[clock] = (at(f"{day} {time}"), state)
    return found


def _pairs(text: str) -> dict[str, str]:
    return {part.split(" ")[0]: part.split(" ")[1] for part in filter(None, text.split(", "))}
