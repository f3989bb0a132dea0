"""What the journal says of earlier runs for the same line of an order."""

from typing import Literal, NamedTuple

import msgspec

from linetest.provisioning.plan import Plan
from linetest.store import journal
from linetest.store.opened import Store

Result = Literal["verified", "undone", "refused", "unknown"]
"""How a run ended: in the wanted state, in the old one, in the old one because nothing was done, or nobody knows."""
RESULT, VERIFY, SAVE = "result", "verify", "save"
"""Names in the journal beside the labels of the steps."""


class Past(NamedTuple):
    """One earlier run."""

    run: str
    plan: Plan
    is_finished: bool
    events: list[journal.Event]

    @property
    def result(self) -> Result | None:
        """Return how it ended; None when it did not, or was killed before that could be written."""
        ended = [event for event in self.events if event.step == RESULT and event.body is not None]
        return msgspec.json.decode(ended[-1].body or b"", type=Result) if ended else None

    def last(self, label: str) -> str | None:
        """Return the last event of a step; None for one that was never begun."""
        return next((event.event for event in reversed(self.events) if event.step == label), None)

    def may_have_done(self, label: str) -> bool:
        """Tell whether the step may have taken effect by this run: it was sent, and not refused."""
        return self.last(label) in ("started", "done", "interrupted")


def past_runs(store: Store, order: str, line: str) -> list[Past]:
    """Return the runs for that line, newest first."""
    return [
        Past(
            run=found.id,
            plan=msgspec.json.decode(found.plan, type=Plan),
            is_finished=found.state == "finished",
            events=journal.events(store.database, found.id),
        )
        for found in journal.runs_of_line(store.database, "provision", order, line)
    ]


def unfinished(runs: list[Past]) -> Past | None:
    """Return the run that was killed, cut off or left in an unknown state; the newest of them."""
    return next((past for past in runs if not past.is_finished), None)


def in_force(runs: list[Past]) -> Past | None:
    """Return the run whose services are in force; None when there is none, or it was taken back."""
    for past in runs:
        if past.result == "verified":
            return past
        if past.result == "undone" and past.plan.action == "undo":
            return None
    return None
