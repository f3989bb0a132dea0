"""An order as a technician's list shows it, and which orders are in it: pure functions."""

from datetime import datetime

import msgspec

from linetest.model.case import Case, Event
from linetest.model.deadlines import Deadlines
from linetest.workorders.appointments import kept, last_appointment
from linetest.workorders.deadlines import Due, dues, shown_due
from linetest.workorders.next_step import ENDED, Step, next_step


class Overview(msgspec.Struct, frozen=True, kw_only=True):
    """One order at one moment."""

    case: Case
    step: Step
    due: Due | None
    """The clock that is shown."""
    dues: list[Due]
    appointment: Event | None
    appointment_kept: bool | None


def overview(case: Case, deadlines: Deadlines, now: datetime) -> Overview:
    """Return how an order stands at `now`; later events have not happened yet."""
    case = msgspec.structs.replace(case, events=[event for event in case.events if event.at <= now])
    found = dues(case, deadlines, now)
    appointment = last_appointment(case)
    return Overview(
        case=case,
        step=next_step(case),
        due=shown_due(found, deadlines),
        dues=found,
        appointment=appointment,
        appointment_kept=kept(case, appointment, deadlines, now),
    )


def work_list(found: list[Overview], technician: str | None, everything: bool) -> list[Overview]:
    """Return a technician's orders, what is due first in front; those that have ended only with `everything`.

    An order that names no technician is everybody's, and to somebody who gives no name all orders are shown.
    """
    own = [
        one
        for one in found
        if everything
        or (one.step not in ENDED and (technician is None or one.case.order.technician in (None, technician)))
    ]
    return sorted(
        own, key=lambda one: (one.step in ENDED, one.due is None, one.due.due_at.timestamp() if one.due else 0)
    )
