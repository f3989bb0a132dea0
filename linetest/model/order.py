"""A work order: one customer, one kind of line, one line or many."""

from datetime import datetime
from typing import Literal

import msgspec

from linetest.model.onu_service import OnuService
from linetest.words.text import _

WorkType = Literal["install", "move", "remove", "fault"]
Access = Literal["ftth-epon", "ftth-gpon", "adsl", "vdsl", "lan"]


class Customer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """The customer's classes; two independent attributes in the service documents, and the region."""

    region: Literal["urban", "rural"] | None = None
    vip: bool = False
    brand: bool = False


class Line(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One line of an order: a room of a hotel, or the only one."""

    id: str
    olt: str | None = None
    onu: str | None = None
    mac: str | None = None
    """The MAC of this line's ONU in a capture; all ONUs are audited when absent."""
    pair: str | None = None
    """The pair of the sweep that is this customer's; every pair is judged when absent."""
    service: OnuService | None = None
    """What the line is to have on its OLT: `linetest provision` brings it there."""


class Order(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One work order, as a person writes it in TOML or a ticket system hands it over."""

    number: str
    access: Access
    work_type: WorkType = "install"
    team: str | None = None
    """Whose order it is, as the indicators count it."""
    ticket: str | None = None
    customer: Customer = Customer()
    received_at: datetime | None = None
    line: list[Line]

    def __post_init__(self) -> None:
        """Refuse an order without names or lines, with one line twice, or a time that leaves its zone open."""
        if not self.number.strip():
            raise ValueError(_("an order needs its number"))
        if self.ticket is not None and not self.ticket.strip():
            raise ValueError(_("ticket is empty: leave the key out for an order without a ticket"))
        if not self.line:
            raise ValueError(_("an order needs at least one [[line]]"))
        names = [line.id for line in self.line]
        if len(set(names)) != len(names):
            raise ValueError(_("two lines have the same id"))
        if not all(name.strip() for name in names):
            raise ValueError(_("a line needs its id"))
        if self.received_at is not None and self.received_at.tzinfo is None:
            raise ValueError(_("received_at needs its time zone, as in 2026-11-22T09:00:00+08:00"))
