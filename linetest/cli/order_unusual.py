"""What is told the leader: a fault that came back, and one that many customers have at one place."""

from datetime import datetime
from typing import TYPE_CHECKING

from linetest.words.text import N_, _

if TYPE_CHECKING:
    from linetest.model.case import Case
    from linetest.model.deadlines import Deadlines
    from linetest.workorders.faults import Mass

_PLACES = {"splitter": N_("splitter"), "port": N_("OLT port"), "cabinet": N_("cabinet")}


def unusual(case: "Case", kept: "list[Case]", deadlines: "Deadlines", now: datetime) -> list[str]:
    """Return what is unusual about one order, as sentences; nothing once it is told, or has ended."""
    from linetest.workorders.faults import earlier_faults, is_repeated, mass_faults
    from linetest.workorders.next_step import ENDED, next_step

    if next_step(case) in ENDED or any(event.kind == "escalated" for event in case.events):
        return []
    number = case.order.number
    found = []
    earlier = earlier_faults(case, kept, deadlines)
    if is_repeated(earlier, deadlines):
        found.append(
            _("the fault came back ({orders}): tell the leader: linetest order escalate {number}").format(
                orders=", ".join(earlier), number=number
            )
        )
    found += [mass_words(mass) for mass in mass_faults(kept, deadlines, now) if number in mass.orders]
    return found


def mass_words(mass: "Mass") -> str:
    """Return where many have a fault, and what is done about it."""
    return _("{count} faults at {place} {name} ({orders}): tell the leader at once, with the four fields").format(
        count=len(mass.orders), place=_(_PLACES[mass.place]), name=mass.name, orders=", ".join(mass.orders[:8])
    )
