"""Brings an order's line into service: agreed, journalled, verified, and only then saved; else taken back.

Every step is noted before and after it. Whatever was not expected stops the work: the OLT is read again, and what this
run may have done is taken back. A run that was killed is taken up by the next start, which reads the OLT first.
"""

import re

from linetest.devices.olt_provision_read import OltNow, read_bound
from linetest.devices.olt_provision_text import Line
from linetest.errors import Clash, CommandRefused, DeviceError, UsageError
from linetest.model.onu_id import parse_onu_id
from linetest.provisioning.clashes import is_wanted
from linetest.provisioning.past import VERIFY, Past, past_runs, unfinished
from linetest.provisioning.plan import Plan, plan_for, state_of, with_todo
from linetest.provisioning.steps import Built, Step, build
from linetest.provisioning.undo import agreed_to_undo, undo, undoing_of
from linetest.provisioning.verify import Verified, verify
from linetest.provisioning.work import (
    Outcome,
    Work,
    apply_save,
    note,
    only_one,
    places_of,
    read,
    read_again,
    refuse_moved,
    refuse_other_olt,
)
from linetest.store import journal
from linetest.words.text import _


class _Taken(CommandRefused):
    """Somebody else has taken the number, or the ONU, since the plan was made."""


def apply_order(work: Work) -> Outcome:
    """Do what the order wants and the OLT has not; take up a run that was cut off.

    Raises:
        Clash: what the order wants is another's.
        LinetestError: nothing was changed: the OLT cannot be read, or the person does not agree.
    """
    with only_one(work):
        left = unfinished(past_runs(work.store, work.wanted.order, work.wanted.line))
        refuse_other_olt(work, left)
        if left is not None:
            return _apply_rest(work, left, read(work, left.plan.place))
        planned = plan_for(work.wanted, work.shell)
        if not planned.plan.todo:
            return Outcome(None, planned.plan)
        work.agree(planned.plan, None)
        refuse_moved(planned.plan, plan_for(work.wanted, work.shell).plan)
        run = journal.begin_new(work.store.database, planned.plan)
        return _apply_plan(work, run, planned.plan, planned.lines)


def _apply_plan(work: Work, run: str, plan: Plan, lines: dict[str, Line]) -> Outcome:
    """Do the steps, verify, save; on anything else take back."""
    by_label = {step.label: step for step in plan.steps}
    try:
        for label in plan.todo:
            _apply_step(work, run, plan, by_label[label], lines[label])
    except DeviceError as error:
        work.tell(error.what)
        return _undo_run(work, run, error)
    note(work, run, VERIFY, "started")
    seen = verify(work.wanted, work.shell, plan.place, work.loaded, work.tell)
    if seen.faults:
        note(work, run, VERIFY, "failed")
        outcome = _undo_run(work, run, DeviceError("; ".join(seen.faults)))
        return outcome._replace(measurement=seen.measurement)
    note(work, run, VERIFY, "done")
    return _apply_save_at_last(work, run, plan, seen)


def _apply_step(work: Work, run: str, plan: Plan, step: Step, line: Line) -> None:
    """Do one step; what became of it stands in the journal before anything else happens."""
    work.tell(step.shown)
    if step.proof == "bound":
        _refuse_taken(work, plan)
    note(work, run, step.label, "started")
    try:
        work.shell.apply_change(step.change, step.mode, line, places_of(plan.place))
    except CommandRefused as error:
        note(work, run, step.label, "failed")
        if step.change.taken and re.search(step.change.taken, error.what):
            raise _Taken(error.what, _("somebody else was faster: plan again"), reason=error.reason) from error
        raise
    except BaseException:
        note(work, run, step.label, "interrupted")
        raise
    note(work, run, step.label, "done")


def _refuse_taken(work: Work, plan: Plan) -> None:
    """Read once more, right before binding: another technician may have been there since the plan."""
    for row in read_bound(work.wanted.driver, work.wanted.provision, work.shell, plan.place):
        if parse_onu_id(row.state.onu) == plan.place or is_wanted(row, work.wanted):
            raise _Taken(
                _("{onu} has been bound meanwhile, to {other}").format(
                    onu=row.state.onu, other=row.state.serial or row.state.mac or row.state.loid or "?"
                ),
                _("somebody else was faster: plan again"),
            )


def _apply_save_at_last(work: Work, run: str, plan: Plan, seen: Verified) -> Outcome:
    """Save; when the answer is lost, look whether all is still there, and save once more."""
    try:
        apply_save(work, run, plan.place)
    except CommandRefused as error:
        return _undo_run(work, run, error)._replace(measurement=seen.measurement)
    except DeviceError as error:
        work.tell(error.what)
        now = read_again(work, plan.place)
        if now is not None and not _are_all_there(work, plan, now):
            return _undo_run(work, run, error)._replace(measurement=seen.measurement)
        try:
            apply_save(work, run, plan.place)
        except DeviceError as again:
            looks = (_("is the configuration saved? It is saved with: {command}").format(command=plan.save),)
            return Outcome("unknown", plan, run, again.what, looks, seen.measurement)
    return Outcome("verified", plan, run, measurement=seen.measurement)


def _are_all_there(work: Work, plan: Plan, now: OltNow) -> bool:
    return all(state_of(step, work.wanted, plan.place, now) != "open" for step in plan.steps)


def _undo_run(work: Work, run: str, why: DeviceError) -> Outcome:
    """Take back what this run may have done."""
    past = _past(work, run)
    now = read_again(work, past.plan.place)
    outcome = undo(work, undoing_of(past), now, why.what)
    refused = [label for label in past.plan.todo if past.last(label) == "failed"]
    if now is None or isinstance(why, _Taken) or outcome.result not in ("undone", "refused"):
        return outcome
    strange = [
        step.label
        for step in past.plan.steps
        if step.label in refused and state_of(step, work.wanted, past.plan.place, now) == "done"
    ]
    if not strange:
        return outcome
    looks = tuple(_("{label}: refused, and there all the same").format(label=label) for label in strange)
    return outcome._replace(result="unknown", look_at=looks)


def _past(work: Work, run: str) -> Past:
    return next(past for past in past_runs(work.store, work.wanted.order, work.wanted.line) if past.run == run)


def _apply_rest(work: Work, left: Past, now: OltNow) -> Outcome:
    """Finish a run that was cut off, where the OLT allows it; else take it back. Either is said, and agreed to."""
    if left.plan.action == "apply":
        built = _built_again(work, left)
        todo = _open_steps(work, left, now) if built is not None else None
        if built is not None and todo is not None:
            work.tell(_("run {run} was cut off: it is finished now").format(run=left.run[:8]))
            plan = with_todo(left.plan, todo, work.wanted)
            if todo:
                work.agree(plan, left.plan.hash)
                todo_now = _open_steps(work, left, read(work, left.plan.place))
                refuse_moved(plan, with_todo(left.plan, todo_now or [], work.wanted))
            return _apply_plan(work, left.run, plan, built.lines)
    work.tell(_("run {run} was cut off: it is taken back now").format(run=left.run[:8]))
    undoing = undoing_of(left)
    now = agreed_to_undo(work, undoing, now, left.plan.hash)
    return undo(work, undoing, now, _("the run was cut off, and cannot be finished as it was planned"))


def _built_again(work: Work, left: Past) -> Built | None:
    """Return the run's steps with their lines, None when the order or the driver has changed since."""
    numbers = [step.flow.number for step in left.plan.steps if step.flow is not None]
    if len(numbers) != len(work.wanted.service.port):
        return None
    try:
        built = build(work.wanted, left.plan.place, numbers)
    except (UsageError, Clash):
        return None
    return built if built.steps == left.plan.steps else None


def _open_steps(work: Work, left: Past, now: OltNow) -> list[str] | None:
    """Return the labels that are left to be done, None when the run cannot be finished as it was planned."""
    place = left.plan.place
    states = {step.label: state_of(step, work.wanted, place, now) for step in left.plan.steps}
    must_bind = any(step.proof == "bound" and states[step.label] == "open" for step in left.plan.steps)
    taken = any(parse_onu_id(row.state.onu) == place or is_wanted(row, work.wanted) for row in now.bound)
    if must_bind and taken:
        return None
    todo: list[str] = []
    for step in left.plan.steps:
        if states[step.label] == "open":
            if step.flow is not None and any(row.number == step.flow.number for row in now.service_ports):
                return None
            todo.append(step.label)
        elif states[step.label] == "unproven" and (must_bind or left.last(step.label) != "done"):
            if not must_bind and left.may_have_done(step.label) and not step.repeat:
                return None
            todo.append(step.label)
    return todo
