"""An order and all that happened to it: the list of events is only added to."""

from datetime import date, datetime
from typing import Literal

import msgspec

from linetest.model.codes import Verdict
from linetest.model.order import Order
from linetest.words.text import _

EventKind = Literal[
    "booked",
    "called",
    "first-reply",
    "arrived",
    "consent",
    "tested",
    "done",
    "satisfaction",
    "signed",
    "replied",
    "sent",
    "returned",
    "redispatched",
    "escalated",
    "chaser",
    "delay",
    "mismatch",
    "call-back",
    "moved",
    "restored",
]
Channel = Literal["voice-platform", "wap", "web", "phone", "api"]
"""How a booking or a reply was made; `api` is linetest itself."""
Half = Literal["morning", "afternoon"]
Place = Literal["splitter", "port", "cabinet"]
"""Where a fault of many customers may lie."""
Side = Literal["home", "drop", "beyond"]
"""Where a fault is: in the customer's home, between it and the last box, or beyond that box."""


class Booking(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """An agreed time: a half day, as the service rules compare it, and the hours where they were agreed on."""

    day: date
    half: Half
    start: str | None = None
    """``HH:MM`` of the order's time zone."""
    end: str | None = None
    channel: Channel
    agreed: bool = True
    """The customer agreed; a time that nobody agreed to is no appointment."""
    call_id: str | None = None
    """The number of the call's recording."""
    coordinator: str | None = None
    """Who lets the technician in: of a hotel."""
    steps: str | None = None
    """In which order the rooms are done: of a hotel."""


class Mismatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What the resource data says, and what was found on the line."""

    what: Literal["port", "serial", "pair"]
    planned: str
    found: str


class Notice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What every department has to be told of a mass fault: the four fields of the service rules."""

    symptom: str
    extent: str
    work: str
    """The state of the work."""
    expected_end: datetime


class MassFault(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One fault that many customers have at one place."""

    id: str
    """A UUID: by it a ticket system knows that all that is told of it is about one fault."""
    order: str
    """The order under whose ticket it is told."""
    place: Place
    name: str
    orders: list[str]
    """All orders that it has brought, oldest first."""
    lines: list[str] = []
    tickets: list[str] = []


class Event(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One thing that happened to an order."""

    at: datetime
    """When it happened, with its time zone; not when it was noted."""
    kind: EventKind
    by: str | None = None
    """The technician's staff number or name."""
    line: str | None = None
    """Of an order with several lines."""
    booking: Booking | None = None
    channel: Channel | None = None
    reached: bool | None = None
    """The customer was really reached."""
    agreed: bool | None = None
    """The customer consents, is satisfied, or signed: what the kind of event asks."""
    reason: str | None = None
    """A code of the deadline profile, such as ``force-majeure`` or ``customer-absent``."""
    text: str | None = None
    """Words for the ticket; never a password."""
    record: str | None = None
    """The record's id that a test made, or that a reply rests on."""
    evidence_sha256: str | None = None
    """The record's own hash, which covers the hashes of all its files: it proves what a reply rests on."""
    verdict: Verdict | None = None
    """Of a test."""
    simulated: bool = False
    side: Side | None = None
    """Where the fault was."""
    remote: bool = False
    """The centre tested, not the technician on site."""
    mismatch: Mismatch | None = None
    notice: Notice | None = None
    mass: MassFault | None = None
    """What is escalated, or has ended with ``restored``."""

    def __post_init__(self) -> None:
        """Refuse a time that leaves its zone open, and a booking without one."""
        if self.at.tzinfo is None:
            raise ValueError(_("the time of an event needs its time zone"))
        if (self.kind == "booked") is not (self.booking is not None):
            raise ValueError(_("a booking and the event booked belong together"))


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One order with its events, in the order in which they happened."""

    order: Order
    events: list[Event]

    def first(self, kind: EventKind) -> Event | None:
        """Return the first event of a kind."""
        return next((event for event in self.events if event.kind == kind), None)

    def last(self, kind: EventKind) -> Event | None:
        """Return the last event of a kind."""
        return next((event for event in reversed(self.events) if event.kind == kind), None)
