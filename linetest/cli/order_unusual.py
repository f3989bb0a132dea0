"""What is told the leader: a fault that came back, and one that many customers have at one place."""

import shlex
from datetime import datetime
from typing import TYPE_CHECKING

from linetest.cli.order_events import mass_name
from linetest.cli.order_words import when_words
from linetest.words.text import _

if TYPE_CHECKING:
    from linetest.model.case import Case
    from linetest.model.deadlines import Deadlines
    from linetest.workorders.mass import MassState


def unusual(case: "Case", kept: "list[Case]", deadlines: "Deadlines", now: datetime) -> list[str]:
    """Return what is unusual about one order, as sentences; nothing once it has ended."""
    from linetest.workorders.faults import earlier_faults, is_repeated
    from linetest.workorders.mass import mass_states
    from linetest.workorders.next_step import ENDED, next_step

    if next_step(case) in ENDED:
        return []
    number = case.order.number
    escalated = any(event.kind == "escalated" for event in case.events)
    found = []
    earlier = earlier_faults(case, kept, deadlines)
    if is_repeated(earlier, deadlines) and not escalated:
        found.append(
            _("the fault came back ({orders}): tell the leader: linetest order escalate {number}").format(
                orders=", ".join(earlier), number=number
            )
        )
    states = [state for state in mass_states(kept, deadlines, now) if number in state.orders]
    return found + [mass_words(state, now) for state in states if state.told is not None or not escalated]


def untold_masses(kept: "list[Case]", deadlines: "Deadlines", now: datetime) -> list[str]:
    """Return the mass faults that nobody was told of yet, as sentences."""
    from linetest.workorders.mass import mass_states

    return [mass_words(state, now) for state in mass_states(kept, deadlines, now) if state.told is None]


def mass_words(state: "MassState", now: datetime) -> str:
    """Return where many have a fault, and whether it was told."""
    count, name = len(state.orders), mass_name(state.mass)
    if state.told is None:
        return _("{count} faults at {mass}: tell the leader at once: linetest order mass {name}").format(
            count=count, mass=name, name=shlex.quote(state.mass.name)
        )
    words = _("part of the mass fault at {mass}, told {time}").format(
        mass=name, time=when_words(state.told.told_at, now)
    )
    if state.untold:
        words += _("; received since: {orders}").format(orders=", ".join(state.untold[:8]))
    return words
