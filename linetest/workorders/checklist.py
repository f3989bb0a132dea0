"""How far the stages of a check-list are: a pure function of an order's events and its records."""

from typing import Literal

import msgspec

from linetest.model.case import Case, Event
from linetest.model.checklist import Stage
from linetest.model.codes import Verdict
from linetest.model.judge import overall
from linetest.model.record import Check, Record

State = Literal["open", "done", "failed"]


class StageState(msgspec.Struct, frozen=True, kw_only=True):
    """One stage of one line."""

    stage: Stage
    state: State
    verdict: Verdict | None = None
    """Of the stage's own checks in its newest record."""
    record: str | None = None
    at: str | None = None


def stage_states(stages: list[Stage], case: Case, line: str, records: list[Record]) -> list[StageState]:
    """Return the stages of a line in their order.

    Args:
        stages: of the profile. A check belongs to the first stage that names its metric.
        case: its events tell of stages that no test shows.
        line: which of the order's lines.
        records: the line's records of this order, newest first.
    """
    found = []
    taken: tuple[str, ...] = ()
    for stage in stages:
        if stage.metrics:
            found.append(_tested(stage, taken, records))
            taken += tuple(stage.metrics)
        else:
            found.append(_happened(stage, case, line))
    return found


def _tested(stage: Stage, taken: tuple[str, ...], records: list[Record]) -> StageState:
    for record in records:
        checks = [check for check in record.checks if _belongs(check, stage, taken)]
        if checks:
            verdict = overall(checks)
            state: State = "done" if verdict is Verdict.PASS else "failed"
            return StageState(stage=stage, state=state, verdict=verdict, record=record.id, at=record.finished_at)
    return StageState(stage=stage, state="open")


def _belongs(check: Check, stage: Stage, taken: tuple[str, ...]) -> bool:
    return check.metric.startswith(tuple(stage.metrics)) and not (taken and check.metric.startswith(taken))


def _happened(stage: Stage, case: Case, line: str) -> StageState:
    events: list[Event] = [event for event in case.events if event.kind == stage.event and event.line in (None, line)]
    if not events or events[-1].reached is False:
        return StageState(stage=stage, state="open")
    return StageState(stage=stage, state="done", record=events[-1].record, at=events[-1].at.isoformat())
