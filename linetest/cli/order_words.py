"""The sentences about orders: the next step, a clock, what is left; and one line of the list."""

from datetime import datetime
from typing import TYPE_CHECKING

from linetest.safe import safe_text
from linetest.words.text import N_, _

if TYPE_CHECKING:
    from linetest.model.case import Booking
    from linetest.model.order import Order
    from linetest.workorders.deadlines import Due
    from linetest.workorders.overview import Overview

_STEPS = {
    "call": N_("call the customer"),
    "redispatch": N_("hand it on"),
    "book": N_("book a time"),
    "arrive": N_("go there"),
    "test": N_("test the line"),
    "mend": N_("mend, test again"),
    "done": N_("report it done"),
    "push": N_("send the reply"),
    "returned": N_("returned"),
    "handed-on": N_("handed on"),
    "finished": N_("finished"),
}
_COMMANDS = {
    "call": "linetest order note {order} called --reached",
    "redispatch": "linetest order escalate {order} --to {team} --reached",
    "book": "linetest order book {order} DAY am|pm",
    "arrive": "linetest order arrive {order}",
    "test": "linetest accept {order}",
    "mend": "linetest accept {order}",
    "done": "linetest order done {order}",
    "push": "linetest ticket push",
}
_CLOCKS = {
    "contact": N_("first reply"),
    "redispatch": N_("hand it on"),
    "completion": N_("work done"),
    "promise": N_("public promise"),
}
_STATES = {
    "open": N_("running"),
    "near": N_("soon"),
    "late": N_("LATE"),
    "kept": N_("kept"),
    "broken": N_("BROKEN"),
    "exempt": N_("exempt"),
}
_WORK = {"install": N_("install"), "move": N_("move"), "remove": N_("remove"), "fault": N_("fault")}
_ACCESS = {"ftth-epon": "FTTH EPON", "ftth-gpon": "FTTH GPON", "adsl": "ADSL", "vdsl": "VDSL", "lan": "LAN"}
MARKS = {"late": "!", "near": "*"}


def step_words(step: str) -> str:
    """Return what is to be done next."""
    return _(_STEPS[step])


def step_command(one: "Overview") -> str:
    """Return what to type for the next step, or nothing; of a hotel, for the next room."""
    from linetest.workorders.next_step import untested

    order = one.case.order
    team = "cable" if order.fault_class == "cable" else "cutover"
    command = _COMMANDS.get(one.step, "").format(order=order.number, team=team)
    room = next(iter(untested(one.case)), None) if len(order.line) > 1 else None
    return f"{command} --line {room}" if room and one.step in ("arrive", "test", "mend") else command


def clock_words(clock: str) -> str:
    """Return what a clock is about."""
    return _(_CLOCKS[clock])


def state_words(state: str) -> str:
    """Return how a clock stands."""
    return _(_STATES[state])


def work_words(order: "Order") -> str:
    """Return what kind of work on what kind of line an order is."""
    return f"{_(_WORK[order.work_type])} {_ACCESS[order.access]}"


def left_words(due: "Due | None") -> str:
    """Return what is left as hours and minutes, with a minus past the limit; seconds are never rounded away."""
    if due is None or due.left_s is None:
        return "-"
    minutes, sign = abs(due.left_s) // 60, "-" if due.left_s < 0 else ""
    return f"{sign}{minutes // 60}:{minutes % 60:02}"


def when_words(moment: datetime | None, now: datetime) -> str:
    """Return a moment in the zone of `now`: the time, with the day where it is another one."""
    if moment is None:
        return "-"
    local = moment.astimezone(now.tzinfo)
    return f"{local:%H:%M}" if local.date() == now.date() else f"{local:%m-%d %H:%M}"


def booking_words(booking: "Booking") -> str:
    """Return an agreed time: the day, the half day, and the hours where they were agreed on."""
    half = _("morning") if booking.half == "morning" else _("afternoon")
    hours = "–".join(part for part in (booking.start, booking.end) if part)
    return safe_text(" ".join(part for part in (f"{booking.day:%m-%d}", half, hours) if part))
