"""The tables of a profile of kind ``deadlines``: limits in time, what exempts from them, and what is reminded of.

The service documents leave several questions open; each of them is a key here, and no answer stands in code.
"""

from datetime import timedelta, timezone
from decimal import Decimal
from typing import Literal

import msgspec

from linetest.model.order import FaultClass, WorkType
from linetest.words.text import _

Clock = Literal["contact", "redispatch", "completion", "promise"]
"""What a limit in time is about: the customer was reached, another team was told, the work is done, the public word."""
End = Literal["contact", "redispatch", "done", "reply"]
"""What stops a clock: see `linetest.workorders.moments`."""
Rounding = Literal["started-day", "whole-day", "share-of-day"]
"""How a part of a day late is paid: as a day, not at all, or by its share, rounded half up to a hundredth."""
Moment = Literal["receipt", "visit-soon", "same-day", "next-morning", "room", "room-late", "hotel-visit", "redispatch"]
"""When a person is reminded."""


class Deadline(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One ``[[deadline]]``: the first one that fits an order is its limit on that clock."""

    id: str
    clock: Clock
    work_type: list[WorkType]
    fault_class: FaultClass | None = None
    """Only for faults of this class; for every fault when absent."""
    vip: bool | None = None
    region: Literal["urban", "rural"] | None = None
    wired_resource: bool | None = None
    hours: Decimal
    starts: Literal["received", "accepted"] = "received"
    ends: End
    warn_hours: Decimal
    source: str
    source_read: bool = True

    def __post_init__(self) -> None:
        """Refuse a limit that no order can keep, and one that nobody said."""
        if self.hours <= 0 or not 0 <= self.warn_hours <= self.hours:
            raise ValueError(_("hours lies above zero, warn_hours between zero and hours"))
        if not self.source.strip():
            raise ValueError(_("a deadline needs its source"))


class Cause(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One ``[[reason]]``: a code that a delay, a return or a re-dispatch may have."""

    code: str
    title: str
    title_zh: str
    returns: bool = False
    """An order may be returned for it."""
    exempts: list[Clock] = []
    """These clocks do not count against anybody when it was reported."""
    in_time: bool = True
    """It exempts only when it was reported before the limit."""
    source: str


class Reminder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One ``[[reminder]]``: what a person is told, and how long before or after the moment."""

    id: str
    moment: Moment
    work_type: list[WorkType] = []
    """Only for these; for all when empty."""
    hotel: bool | None = None
    minutes: list[Decimal] = []
    """One number, or the first and the last one of a span: before a visit, or since a room was begun."""
    working_days: int | None = None
    title: str
    title_zh: str
    source: str

    def __post_init__(self) -> None:
        """Refuse a reminder that does not say how long."""
        if self.moment in ("visit-soon", "same-day", "room", "room-late") and not self.minutes:
            raise ValueError(_("a reminder of {moment} needs its minutes").format(moment=self.moment))
        if self.moment == "hotel-visit" and not 0 < (self.working_days or 0) < 100:
            raise ValueError(_("a reminder of {moment} needs its working_days").format(moment=self.moment))


class Compensation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """The ``[deadlines.compensation]`` for an install or a move that came late."""

    work_type: list[WorkType]
    clock: Clock
    """Past whose limit the days count."""
    per_day: Decimal
    currency: str
    rounding: Rounding
    source: str

    def __post_init__(self) -> None:
        """Refuse money below zero."""
        if self.per_day < 0:
            raise ValueError(_("per_day lies below zero"))


class HalfDays(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The ``[deadlines.appointment]``: by when of the booked day a half day counts as kept."""

    morning_until: str
    afternoon_until: str
    compared: Literal["arrived", "done"]
    """Which moment is held against it."""
    source: str

    def __post_init__(self) -> None:
        """Refuse what is no time of a day."""
        for text in (self.morning_until, self.afternoon_until):
            minutes_of(text)


class Templates(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The ``[deadlines.note]``: the literal texts for the assurance system, with their slots."""

    cutover: str
    cable: str
    source: str

    def __post_init__(self) -> None:
        """Refuse a slot that nothing fills."""
        for text, slots in ((self.cutover, ("cabinet", "team", "phone")), (self.cable, ("cable", "team", "phone"))):
            missing = [slot for slot in slots if text.count(f"{{{slot}}}") != 1]
            if missing or text.count("{") != len(slots) or text.count("}") != len(slots):
                raise ValueError(_("a note has these slots, each once: {slots}").format(slots=", ".join(slots)))


class Many(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The ``[deadlines.mass]``: how many faults on one splitter, port or cabinet are one large fault."""

    faults: int
    hours: Decimal
    """Received within so long of one another."""
    source: str


class Repeats(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The ``[deadlines.repeated]``: how many faults of one line go to the team leader."""

    faults: int
    days: int
    source: str


class Deadlines(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The table ``[deadlines]`` and all below it."""

    utc_offset: str
    """Of the orders' days and of all that is printed, such as ``+08:00``."""
    shown: Literal["completion", "promise", "earliest"]
    """Which clock is shown as due where both run."""
    supervision: str = ""
    hotline: str = ""
    deadline: list[Deadline]
    reason: list[Cause] = []
    reminder: list[Reminder] = []
    compensation: Compensation
    appointment: HalfDays
    note: Templates
    mass: Many
    repeated: Repeats

    def __post_init__(self) -> None:
        """Refuse a zone that is none, and two reasons of one name."""
        self.zone()
        codes = [reason.code for reason in self.reason]
        if len(set(codes)) != len(codes):
            raise ValueError(_("two reasons have the same code"))

    def zone(self) -> timezone:
        """Return the time zone that the days of this profile have."""
        sign, text = self.utc_offset[:1], self.utc_offset[1:]
        if sign not in ("+", "-"):
            raise ValueError(_("utc_offset is written as +08:00"))
        offset = timedelta(minutes=minutes_of(text))
        return timezone(offset if sign == "+" else -offset)


def minutes_of(text: str) -> int:
    """Return the minutes since midnight that ``HH:MM`` says; raises ValueError."""
    hours, colon, minutes = text.partition(":")
    if not (
        colon and len(hours) == len(minutes) == 2 and f"{hours}{minutes}".isascii() and (hours + minutes).isdigit()
    ):
        raise ValueError(_("{text!r} is no time of a day: write HH:MM").format(text=text))
    if int(hours) > 23 or int(minutes) > 59:
        raise ValueError(_("{text!r} is no time of a day: write HH:MM").format(text=text))
    return int(hours) * 60 + int(minutes)
