"""Takes steps back, the last first: what this run may have done and what the OLT shows, and nothing else."""

from typing import NamedTuple

from linetest.devices.olt_provision_read import OltNow
from linetest.devices.olt_provision_text import Line
from linetest.errors import Clash, DeviceError
from linetest.provisioning.clashes import is_wanted, who
from linetest.provisioning.past import SAVE, Past, in_force, past_runs, unfinished
from linetest.provisioning.plan import Plan, state_of, undo_of_nothing, undo_plan
from linetest.provisioning.steps import Step
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
    typed,
)
from linetest.store import journal
from linetest.words.text import _


class Undoing(NamedTuple):
    """What is to be taken back."""

    run: str
    plan: Plan
    own: list[str]
    """Labels of the steps that this run may have done."""
    must_save: bool
    """The configuration was saved, or may have been, with these steps in it."""


def undo_order(work: Work) -> Outcome:
    """Take a finished run back, or one that was cut off.

    Raises:
        Clash: the ONU is bound, but not by a run of this computer; or somebody has added to it since.
        LinetestError: the OLT cannot be read, or the person does not agree.
    """
    with only_one(work):
        runs = past_runs(work.store, work.wanted.order, work.wanted.line)
        left, done = unfinished(runs), in_force(runs)
        earlier = left or done
        refuse_other_olt(work, earlier)
        now = read(work, earlier.plan.place if earlier is not None else work.wanted.place)
        if left is not None:
            work.tell(_("run {run} was cut off: it is taken back").format(run=left.run[:8]))
            undoing = undoing_of(left)
            return undo(work, undoing, agreed_to_undo(work, undoing, now, left.plan.hash))
        if done is None:
            return _nothing(work, now)
        plan = undo_plan(done.plan, work.wanted, now, done.plan.todo)
        if not plan.todo:
            return Outcome(None, plan)
        now = agreed_to_undo(work, Undoing("", done.plan, done.plan.todo, must_save=True), now, None)
        run = journal.begin_new(work.store.database, plan)
        return undo(work, Undoing(run, plan, plan.todo, must_save=True), now)


def agreed_to_undo(work: Work, undoing: Undoing, now: OltNow, earlier: str | None) -> OltNow:
    """Ask for what is to be taken back, and return the OLT as it is behind the question.

    Raises:
        Clash: somebody has changed the OLT while the question stood there.
        LinetestError: the person does not agree, or the OLT does not answer.
    """
    plan = undo_plan(undoing.plan, work.wanted, now, undoing.own)
    work.agree(plan, earlier)
    now = read(work, undoing.plan.place)
    refuse_moved(plan, undo_plan(undoing.plan, work.wanted, now, undoing.own))
    return now


def undoing_of(past: Past) -> Undoing:
    """Return what has to be taken back of a run that did not come to its end."""
    if past.plan.action == "undo":
        return Undoing(past.run, past.plan, past.plan.todo, must_save=True)
    own = [label for label in past.plan.todo if past.may_have_done(label)]
    return Undoing(past.run, past.plan, own, must_save=past.last(SAVE) is not None)


def undo(work: Work, undoing: Undoing, now: OltNow | None, why: str = "") -> Outcome:
    """Run the inverse steps, the last first, and look whether they have worked.

    Args:
        work: the OLT and the journal.
        undoing: what may be taken back.
        now: what the OLT has; None when that could not be read.
        why: what went wrong before.
    """
    for step in reversed(undoing.plan.steps):
        if now is None:
            return _unknown(work, undoing, why or _("the OLT does not answer"))
        if not _is_to_be_undone(work, undoing, step, now):
            continue
        try:
            _undo_step(work, undoing, step)
        except DeviceError as error:
            work.tell(error.what)
            now = read_again(work, undoing.plan.place)
            if now is not None and state_of(step, work.wanted, undoing.plan.place, now) == "done":
                return _unknown(work, undoing, error.what)
    now = read_again(work, undoing.plan.place) if undoing.own else now
    if now is None or _left(work, undoing, now):
        return _unknown(work, undoing, why or _("the OLT still shows what was to be taken back"))
    if undoing.must_save:
        try:
            apply_save(work, undoing.run, undoing.plan.place)
        except DeviceError as error:
            return _unknown(work, undoing, error.what)
    return Outcome("undone" if undoing.own else "refused", undoing.plan, undoing.run, why)


def _is_to_be_undone(work: Work, undoing: Undoing, step: Step, now: OltNow) -> bool:
    """Tell whether a step's inverse is to be sent: it is this run's, and the OLT shows it, or nothing does."""
    if step.inverse is None or step.label not in undoing.own:
        return False
    state = state_of(step, work.wanted, undoing.plan.place, now)
    return state == "done" or (state == "unproven" and bool(_left(work, undoing, now)))


def _undo_step(work: Work, undoing: Undoing, step: Step) -> None:
    assert step.inverse is not None
    label = f"undo {step.label}"
    work.tell(_("taking back: {command}").format(command=step.inverse.command))
    note(work, undoing.run, label, "started")
    line = Line(step.inverse.command, step.inverse.command)
    work.shell.apply_change(step.inverse.change, step.inverse.mode, line, places_of(undoing.plan.place))
    note(work, undoing.run, label, "done")


def _left(work: Work, undoing: Undoing, now: OltNow) -> list[Step]:
    """Return the steps of this run that the OLT still shows as done."""
    return [
        step
        for step in undoing.plan.steps
        if step.label in undoing.own and state_of(step, work.wanted, undoing.plan.place, now) == "done"
    ]


def _unknown(work: Work, undoing: Undoing, why: str) -> Outcome:
    """Return the outcome that leaves it to a person, with what to look at."""
    steps = [step for step in reversed(undoing.plan.steps) if step.label in undoing.own]
    looks = [
        _("{label}: is it there? It is taken back with: {command}").format(
            label=step.label,
            command=typed(step.inverse.mode, step.inverse.command, undoing.plan.place)
            if step.inverse
            else _("the inverse of an earlier step"),
        )
        for step in steps
    ]
    return Outcome("unknown", undoing.plan, undoing.run, why, tuple(looks))


def _nothing(work: Work, now: OltNow) -> Outcome:
    """Return that there is nothing to take back; refuse when there is something that this computer did not make."""
    rows = [row for row in now.bound if is_wanted(row, work.wanted)]
    if rows:
        raise Clash(
            _("{onu} is bound as {place}, but by no run that this computer knows of").format(
                onu=who(work.wanted), place=rows[0].state.onu
            ),
            _("undo it where it was made, or by hand: nothing is known of how it was before"),
        )
    return Outcome(None, undo_of_nothing(work.wanted))
