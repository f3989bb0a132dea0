"""Mass faults from being found to their end: one for one fault, whatever grows, ends or comes again."""

from datetime import datetime, timedelta, timezone
from typing import Any

import msgspec
import pytest

from linetest.model.case import Case, Event, EventKind, MassFault, Notice
from linetest.model.deadlines import Deadlines
from linetest.model.order import Line, Order
from linetest.workorders.mass import MassState, described, is_over, mass_states, told_masses
from linetest.workorders.rules import load_deadlines

NOW = datetime(2026, 3, 2, 9, tzinfo=timezone(timedelta(hours=8)))
NOTICE = Notice(symptom="no light", extent="3 faults", work="crew on the way", expected_end=NOW + timedelta(hours=3))


@pytest.fixture
def rules() -> Deadlines:
    return load_deadlines("deadlines-cn")


def fault(number: int, **line: Any) -> Case:
    places = {"splitter": "S7", "cabinet": "J12", "olt": "olt7", "onu": f"0/1/0:{number}", **line}
    order = Order(
        number=f"WO-{number}",
        access="ftth-epon",
        work_type="fault",
        ticket=str(10 + number),
        received_at=NOW - timedelta(minutes=60 - number),
        line=[Line(id=f"L{number}", **places)],
    )
    return Case(order=order, events=[])


def noted(cases: list[Case], number: int, kind: EventKind, **more: Any) -> list[Case]:
    event = Event(at=NOW, kind=kind, **more)
    return [
        msgspec.structs.replace(case, events=[*case.events, event]) if case.order.number == f"WO-{number}" else case
        for case in cases
    ]


def told(cases: list[Case], rules: Deadlines, kind: EventKind = "escalated") -> list[Case]:
    mass = described(mass_states(cases, rules, NOW)[0], cases)
    return noted(cases, int(mass.order[3:]), kind, mass=mass, notice=NOTICE)


def state_of(cases: list[Case], rules: Deadlines) -> MassState:
    (state,) = mass_states(cases, rules, NOW)
    return state


def test_orders_that_share_three_places_are_one_mass_fault_at_the_narrowest(rules: Deadlines) -> None:
    state = state_of([fault(number) for number in (1, 2, 3)], rules)
    assert (state.mass.place, state.mass.name, state.orders) == ("splitter", "S7", ["WO-1", "WO-2", "WO-3"])


def test_it_is_at_the_place_that_all_of_them_share(rules: Deadlines) -> None:
    cases = [fault(1), fault(2), fault(3), fault(4, splitter="S8")]
    state = state_of(cases, rules)
    assert (state.mass.place, state.mass.name, len(state.orders)) == ("port", "olt7 0/1/0", 4)


def test_what_is_told_names_all_that_it_touches(rules: Deadlines) -> None:
    cases = [fault(number) for number in (1, 2, 3)]
    mass = described(state_of(cases, rules), cases)
    assert mass == MassFault(
        id=mass.id,
        order="WO-1",
        place="splitter",
        name="S7",
        orders=["WO-1", "WO-2", "WO-3"],
        lines=["L1", "L2", "L3"],
        tickets=["11", "12", "13"],
    )
    assert described(state_of(cases[::-1], rules), cases).id == mass.id  # who finds it again finds the same one


def test_it_is_told_once_and_grows(rules: Deadlines) -> None:
    cases = told([fault(number) for number in (1, 2, 3)], rules)
    assert (state_of(cases, rules).told is not None, state_of(cases, rules).untold) == (True, [])
    wider = [*cases, fault(4, splitter="S8")]
    state = state_of(wider, rules)
    assert (state.mass.place, state.untold) == ("port", ["WO-4"])
    assert described(state, wider).id == told_masses(cases)[0].mass.id
    (one,) = told_masses(told(wider, rules))
    assert (one.mass.place, one.told_at) == ("port", NOW)


def test_two_that_overlap_are_told_apart(rules: Deadlines) -> None:
    here = [fault(number, cabinet=None, olt=None) for number in (1, 2, 3)]
    there = [fault(number, splitter=None, olt=None) for number in (4, 5)]
    cases = told(here, rules)
    cases = [*cases[:2], msgspec.structs.replace(fault(3, olt=None), events=cases[2].events), *there]
    found = {state.mass.name: state.told is not None for state in mass_states(cases, rules, NOW)}
    assert found == {"S7": True, "J12": False}


def test_it_ends_with_the_last_of_its_orders(rules: Deadlines) -> None:
    cases = told([fault(number) for number in (1, 2, 3)], rules)
    for number, over in ((1, False), (2, False), (3, True)):
        cases = noted(cases, number, "done")
        assert is_over(told_masses(cases)[0], cases) is over
    late = [*cases, fault(4)]  # received at its place meanwhile
    assert not is_over(told_masses(late)[0], late)
    assert is_over(told_masses(late)[0], noted(late, 4, "returned"))


def test_what_was_handed_on_or_only_returned_is_no_end(rules: Deadlines) -> None:
    cases = told([fault(number) for number in (1, 2, 3)], rules)
    returned = noted(noted(noted(cases, 1, "returned"), 2, "returned"), 3, "returned")
    assert not is_over(told_masses(returned)[0], returned)
    handed = noted(noted(noted(cases, 1, "done"), 2, "done"), 3, "redispatched", reached=True)
    assert not is_over(told_masses(handed)[0], handed)


def test_one_that_has_ended_is_not_found_again_and_the_next_one_is_another(rules: Deadlines) -> None:
    cases = told([fault(number) for number in (1, 2, 3)], rules)
    first = told_masses(cases)[0].mass
    ended = noted(cases, 1, "restored", mass=first, notice=NOTICE)
    assert mass_states(ended, rules, NOW) == []  # its orders are still open
    again = [*ended, *(fault(number) for number in (4, 5, 6))]
    state = state_of(again, rules)
    assert (state.told, state.orders) == (None, ["WO-4", "WO-5", "WO-6"])
    assert described(state, again).id != first.id
