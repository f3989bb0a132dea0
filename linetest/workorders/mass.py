"""Mass faults from being found to their end: what was told of each stands in the events of one of its orders."""

import uuid
from datetime import datetime

import msgspec

from linetest.model.case import Case, Event, MassFault, Notice
from linetest.model.deadlines import Deadlines
from linetest.workorders.faults import Mass, mass_faults, places_of
from linetest.workorders.moments import done_at, left_at, redispatched_at

_NAMES = uuid.UUID("6d9b7c1e-3f0a-5c43-9e0b-5a1f7d2c8e11")
"""Makes the id of a mass fault out of its place and its oldest order: who finds it twice finds the same one."""


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What was told of one mass fault."""

    mass: MassFault
    """As it was told last."""
    notice: Notice
    told_at: datetime
    """When it was told first."""
    by: str | None
    ended_at: datetime | None


class MassState(msgspec.Struct, frozen=True, kw_only=True):
    """A mass fault that is found, or told and not ended, or both."""

    found: Mass | None
    told: Told | None

    @property
    def mass(self) -> "Mass | MassFault":
        """Return it as it is now: as it is found, else as it was told last."""
        if self.found is not None:
            return self.found
        assert self.told is not None  # `mass_states` makes none of neither
        return self.told.mass

    @property
    def orders(self) -> list[str]:
        """Return all its orders, those that were told first."""
        told = self.told.mass.orders if self.told else []
        return list(dict.fromkeys([*told, *(self.found.orders if self.found else [])]))

    @property
    def untold(self) -> list[str]:
        """Return the orders that were received since it was told."""
        return self.orders[len(self.told.mass.orders) :] if self.told else []


def told_masses(cases: list[Case]) -> list[Told]:
    """Return all mass faults that were told, ended ones too, by the events of the order under which each is told."""
    found: dict[str, list[Event]] = {}
    for case in cases:
        for event in case.events:
            if event.mass is not None and event.mass.order == case.order.number and event.notice is not None:
                found.setdefault(event.mass.id, []).append(event)
    return [
        Told(
            mass=last.mass,
            notice=last.notice,
            told_at=of_one[0].at,
            by=of_one[0].by,
            ended_at=next((event.at for event in of_one if event.kind == "restored"), None),
        )
        for of_one in found.values()
        if (last := of_one[-1]).mass is not None and last.notice is not None
    ]


def mass_states(cases: list[Case], deadlines: Deadlines, now: datetime) -> list[MassState]:
    """Return the mass faults of the moment; orders of one that has ended make no new one."""
    told = told_masses(cases)
    over = {number for one in told if one.ended_at is not None for number in one.mass.orders}
    found = mass_faults([case for case in cases if case.order.number not in over], deadlines, now)
    states: list[MassState] = []
    for one in told:
        if one.ended_at is None:
            same = max(found, key=lambda mass: _likeness(one, mass), default=None)
            if same is not None and set(same.orders) & set(one.mass.orders):
                found.remove(same)
                states.append(MassState(found=same, told=one))
            else:
                states.append(MassState(found=None, told=one))
    return [*(MassState(found=mass, told=None) for mass in found), *states]


def _likeness(told: Told, mass: Mass) -> tuple[int, bool]:
    shared = len(set(told.mass.orders) & set(mass.orders))
    return shared, (told.mass.place, told.mass.name) == (mass.place, mass.name)


def described(state: MassState, cases: list[Case], order: str | None = None) -> MassFault:
    """Return a mass fault as it is to be told; `order` is whose ticket it is told in, when it is told first."""
    of = {case.order.number: case.order for case in cases}
    known = [of[number] for number in state.orders if number in of]
    first = next((one.number for one in known if one.ticket is not None), state.orders[0])
    oldest = state.orders[0]
    mass = state.mass
    return MassFault(
        id=state.told.mass.id if state.told else str(uuid.uuid5(_NAMES, f"{mass.place} {mass.name} {oldest}")),
        order=state.told.mass.order if state.told else order or first,
        place=mass.place,
        name=mass.name,
        orders=state.orders,
        lines=[line.id for one in known for line in one.line if (mass.place, mass.name) in places_of(line)],
        tickets=list(dict.fromkeys(one.ticket for one in known if one.ticket is not None)),
    )


def is_over(told: Told, cases: list[Case]) -> bool:
    """Tell whether a mass fault has ended: each of its orders has, and so have all faults at its place.

    An order that was handed on may be under work elsewhere: then a person says when it has ended.
    """
    place = (told.mass.place, told.mass.name)
    mine = [
        case
        for case in cases
        if case.order.number in told.mass.orders
        or (case.order.work_type == "fault" and any(place in places_of(line) for line in case.order.line))
    ]
    closed = [done_at(case) or left_at(case) for case in mine]
    its_own = [case for case in mine if case.order.number in told.mass.orders]
    handed_on = any(redispatched_at(case) is not None for case in its_own)
    return all(closed) and not handed_on and any(done_at(case) is not None for case in its_own)
