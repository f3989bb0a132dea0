"""What a technician has to do next for an order: a pure function of its events."""

from typing import Literal

from linetest.model.case import Case, Event
from linetest.model.codes import Verdict
from linetest.workorders.appointments import last_appointment
from linetest.workorders.moments import contacted_at, done_at, left_at, replied_at

Step = Literal[
    "call", "redispatch", "book", "arrive", "test", "mend", "done", "push", "returned", "handed-on", "finished"
]
ENDED: tuple[Step, ...] = ("returned", "handed-on", "finished")
"""Nothing is left to do."""


def next_step(case: Case) -> Step:
    """Return the next step; ``push`` is the completion reply that is not sent yet."""
    if left_at(case) is not None:
        return "returned" if case.last("returned") else "handed-on"
    if done_at(case) is not None:
        return "finished" if replied_at(case) is not None else "push"
    if case.order.fault_class in ("cutover", "cable"):
        return "redispatch" if contacted_at(case) else "call"
    if case.first("arrived") is None:
        if last_appointment(case) is None:
            return "book" if contacted_at(case) else "call"
        return "arrive"
    return _at_the_line(case)


def untested(case: Case) -> list[str]:
    """Return the lines without a passing last test on site."""
    return [line.id for line in case.order.line if last_verdict(case, line.id) is not Verdict.PASS]


def last_test(events: list[Event], line: str, remote: bool = False) -> Event | None:
    """Return the line's last test on site, or the last one from the centre; None without one."""
    tests = [event for event in events if event.kind == "tested" and event.line == line and event.remote is remote]
    return tests[-1] if tests else None


def last_verdict(case: Case, line: str) -> Verdict | None:
    """Return the verdict of the line's last test on site, or None."""
    test = last_test(case.events, line)
    return test.verdict if test else None


def _at_the_line(case: Case) -> Step:
    if case.order.work_type == "remove" or not untested(case):
        return "done"
    verdicts = [last_verdict(case, line.id) for line in case.order.line]
    return "mend" if any(verdict not in (None, Verdict.PASS) for verdict in verdicts) else "test"
