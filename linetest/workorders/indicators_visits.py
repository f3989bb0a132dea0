"""K1 satisfaction, K2 returns, K3 and K5 appointments: customer's service documents, [K]."""

from collections.abc import Callable

from linetest.model.case import Case, Event
from linetest.model.order import WorkType
from linetest.model.tally import LeftOut, Span, Tally
from linetest.workorders.appointments import ends_at, first_appointment, kept, last_appointment
from linetest.workorders.counted import Rules, cases_of, received, share

_SERVED: tuple[WorkType, ...] = ("install", "move", "fault")
_ALL: tuple[WorkType, ...] = ("install", "move", "remove", "fault")


def satisfied_at_call_back(cases: list[Case], span: Span, rules: Rules) -> Tally:
    """Return K1: satisfied install, move and repair orders of those whose call-back in the span reached the customer.

    Of several call-backs the last one that reached him counts.
    """
    yes: list[bool] = []
    left: list[LeftOut] = []
    for case in cases_of(cases, span, _SERVED):
        calls = [event for event in case.events if event.kind == "call-back" and span.holds(event.at)]
        reached = [event for event in calls if event.reached or (event.reached is None and event.agreed is not None)]
        if reached:
            _answer(case, reached[-1], yes, left)
        elif calls:
            left.append(LeftOut(case.order.number, "not-reached"))
    return share(yes, left)


def satisfied_on_site(cases: list[Case], span: Span, rules: Rules) -> Tally:
    """Return the satisfaction that [L] names in K10, as the technician asked for it after the work."""
    yes: list[bool] = []
    left: list[LeftOut] = []
    for case in cases_of(cases, span, _SERVED):
        asked = [event for event in case.events if event.kind == "satisfaction" and span.holds(event.at)]
        if asked:
            _answer(case, asked[-1], yes, left)
    return share(yes, left)


def returned_orders(cases: list[Case], span: Span, rules: Rules) -> Tally:
    """Return K2: of the install and move orders received in the span those that were sent back, whenever that was."""
    return share([case.first("returned") is not None for case in received(cases, span, ("install", "move"))], [])


def first_appointments(cases: list[Case], span: Span, rules: Rules) -> Tally:
    """Return K3: orders served at the first agreed time, of those whose first agreed day lies in the span."""
    return _appointments(cases, span, rules, first_appointment)


def kept_appointments(cases: list[Case], span: Span, rules: Rules) -> Tally:
    """Return K5: orders served at the last agreed time, of those whose last agreed day lies in the span."""
    return _appointments(cases, span, rules, last_appointment)


def _appointments(cases: list[Case], span: Span, rules: Rules, which: Callable[[Case], Event | None]) -> Tally:
    yes: list[bool] = []
    left: list[LeftOut] = []
    for case in cases_of(cases, span, _ALL):
        appointment = which(case)
        if appointment is None:
            if any(_ends_in(span, event, rules) for event in case.events):
                left.append(LeftOut(case.order.number, "not-agreed"))
        elif _ends_in(span, appointment, rules):
            came = kept(case, appointment, rules.deadlines, span.now)
            if came is None:
                left.append(LeftOut(case.order.number, "not-due"))
            else:
                yes.append(came)
    return share(yes, left)


def _ends_in(span: Span, event: Event, rules: Rules) -> bool:
    return event.booking is not None and span.holds(ends_at(event.booking, rules.deadlines))


def _answer(case: Case, event: Event, yes: list[bool], left: list[LeftOut]) -> None:
    if event.agreed is None:
        left.append(LeftOut(case.order.number, "no-answer"))
    else:
        yes.append(event.agreed)
