"""Bends: light of a longer wavelength leaves a bent fibre sooner, so one wavelength alone cannot tell a bend."""

import msgspec

from linetest.otdr.event import Analysis, Event, EventKind
from linetest.otdr.matching import COVERAGE, combine, match_places, tolerance_m
from linetest.otdr.trace import Acquisition


def name_macrobends(
    longer: Acquisition, at_longer: Analysis, shorter: Acquisition, at_shorter: Analysis, macrobend_db: float
) -> Analysis:
    """Return the analysis at the longer wavelength with its bends called bends.

    A bend is an event without reflection whose loss exceeds that of the same place at the shorter wavelength by more
    than `macrobend_db` and by twice the uncertainty of both. A place without any event at the shorter wavelength has
    no loss there; it has to lie inside of what that trace shows, and not beside an event that could hide it.
    Both traces are of the same fibre and direction.
    """
    within_m = tolerance_m(longer, shorter, None if at_longer.end_m is None else at_longer.end_m - at_longer.start_m)
    others = [event for event in at_shorter.events if event.kind is not EventKind.GHOST]
    matched = match_places([e.distance_m for e in at_longer.events], [e.distance_m for e in others], within_m)
    events = []
    for number, event in enumerate(at_longer.events):
        other = others[matched[number]] if number in matched else None
        seen = other is not None or _shown(at_shorter, others, event.distance_m, within_m)
        bent = event.kind is EventKind.NON_REFLECTIVE and seen and _grows(event, other, macrobend_db)
        events.append(msgspec.structs.replace(event, kind=EventKind.MACROBEND) if bent else event)
    return msgspec.structs.replace(at_longer, events=events)


def _shown(analysis: Analysis, events: list[Event], distance_m: float, within_m: float) -> bool:
    """Tell whether the trace would show an event there: inside of the link, and not beside another event."""
    end_m = analysis.end_m if analysis.end_m is not None else max((e.distance_m for e in events), default=0.0)
    hidden = any(abs(event.distance_m - distance_m) <= within_m for event in events)
    return analysis.start_m < distance_m < end_m and not hidden


def _grows(event: Event, other: Event | None, macrobend_db: float) -> bool:
    """Tell whether the loss grows with the wavelength; an unseen event is as uncertain as the seen one."""
    if other is not None and other.kind is not EventKind.NON_REFLECTIVE:
        return False
    shorter_db = 0.0 if other is None else other.loss_db
    if event.loss_db is None or shorter_db is None:
        return False
    uncertain_db = combine(event.loss_u_db or 0.0, (event if other is None else other).loss_u_db or 0.0) or 0.0
    return event.loss_db - shorter_db > max(macrobend_db, COVERAGE * uncertain_db)
