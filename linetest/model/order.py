"""A work order: one customer, one kind of line, one line or many."""

from datetime import datetime
from typing import Literal

import msgspec

from linetest.model.onu_service import OnuService
from linetest.words.text import _

WorkType = Literal["install", "move", "remove", "fault"]
Access = Literal["ftth-epon", "ftth-gpon", "adsl", "vdsl", "lan"]
FaultClass = Literal["last-drop", "cutover", "cable"]
"""Whose a fault is: the technician's own, the cutover team's, the cable crew's."""


class Customer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """The customer's classes; two independent attributes in the service documents, and the region."""

    region: Literal["urban", "rural"] | None = None
    vip: bool = False
    brand: bool = False
    hotel: bool = False
    """Many rooms behind one desk: a room has its own clock, and the desk alone moves an appointment."""


class Rates(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What the customer has contracted for."""

    down_mbps: float
    up_mbps: float

    def __post_init__(self) -> None:
        """Refuse rates that nobody can have contracted for."""
        if not (0.0 < self.down_mbps < 1e6 and 0.0 < self.up_mbps < 1e6):
            raise ValueError(_("contracted rates are above 0 and below a million Mbit/s"))


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
    account: str | None = None
    """The broadband account, for the label; its password stands in no order."""
    rates: Rates | None = None
    cabinet: str | None = None
    splitter: str | None = None


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
    """When the technician's side got it."""
    accepted_at: datetime | None = None
    """When the customer's wish was accepted in the CRM: the public promise runs from here."""
    plan_accepted_at: datetime | None = None
    """When a hotel accepted the plan of its network."""
    wired_resource: bool | None = None
    """A free pair or fibre is there; the public promise differs without one."""
    fault_class: FaultClass | None = None
    technician: str | None = None
    """The staff number of the one whose order it is."""
    address: str | None = None
    contact: str | None = None
    """The number to call. It stays in the store of this computer: no record and no ticket gets it."""
    summary: str | None = None
    """What the customer says, or what was ordered."""
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
        for key in ("received_at", "accepted_at", "plan_accepted_at"):
            moment: datetime | None = getattr(self, key)
            if moment is not None and moment.tzinfo is None:
                raise ValueError(_("{key} needs its time zone, as in 2026-11-22T09:00:00+08:00").format(key=key))
        if self.fault_class is not None and self.work_type != "fault":
            raise ValueError(_("only a fault has a fault_class"))
