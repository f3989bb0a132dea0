"""A work order: one customer, one kind of line, one line or many."""

from datetime import datetime
from typing import Literal

import msgspec

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
    pair: str | None = None
    """The pair of the sweep that is this customer's; every pair is judged when absent."""


class Order(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One work order, as a person writes it in TOML or a ticket system hands it over."""

    number: str
    access: Access
    work_type: WorkType = "install"
    ticket: str | None = None
    customer: Customer = Customer()
    received_at: datetime | None = None
    line: list[Line]

    def __post_init__(self) -> None:
        """Refuse an order without lines or with one line twice, and a time that leaves its zone open."""
        if not self.number.strip():
            raise ValueError("an order needs its number")
        if not self.line:
            raise ValueError("an order needs at least one [[line]]")
        names = [line.id for line in self.line]
        if len(set(names)) != len(names):
            raise ValueError("two lines have the same id")
        if self.received_at is not None and self.received_at.tzinfo is None:
            raise ValueError("received_at needs its time zone, as in 2026-11-22T09:00:00+08:00")
