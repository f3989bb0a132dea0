"""What `linetest provision` tells a person: the plan before anything is done, and how it ended."""

import click

from linetest.acceptance.provision import document_of
from linetest.cli.options import FAILED, INCONCLUSIVE, PASSED, print_json, say
from linetest.devices.olt_provision_shell import with_places
from linetest.provisioning.plan import Plan
from linetest.provisioning.steps import Inverse, Step
from linetest.provisioning.work import Outcome, places_of, typed
from linetest.safe import safe_text
from linetest.words.text import N_, _
from linetest.words.wrap import wrapped

SCHEMA = "linetest.provision/1"
_EXITS = {None: PASSED, "verified": PASSED, "undone": FAILED, "refused": FAILED, "unknown": INCONCLUSIVE}
_RISKS = {"changes": N_("changes the OLT"), "drops-service": N_("DROPS SERVICE")}
_WIDTH = 78


def print_plan(plan: Plan, *, to_stderr: bool = False) -> None:
    """Print the steps of a plan, numbered, with all that a person has to know before agreeing."""
    for text in _plan_lines(plan):
        click.echo(safe_text(text), err=to_stderr)


def print_document(
    plan: Plan, result: str | None, why: str = "", record: str | None = None, look_at: tuple[str, ...] = ()
) -> None:
    """Print the one JSON document; `look_at` is what a person has to look at where nobody knows the state."""
    print_json({"schema": SCHEMA, **document_of(plan, result, why), "look_at": look_at, "record": record})


def print_outcome(outcome: Outcome) -> None:
    """Say how it ended, and what is to be looked at where nobody knows."""
    click.echo(safe_text(_ending(outcome)))
    for look in outcome.look_at:
        click.echo(safe_text(f"  - {look}"))


def exit_of_outcome(action: str, outcome: Outcome) -> int:
    """Return the exit code: 0 verified, taken back as asked, or nothing to do; 1 refused or undone; 3 unknown."""
    if action == "undo" and outcome.result in ("undone", "refused"):  # also of a run to apply that was cut off
        return PASSED
    return _EXITS[outcome.result]


def tell(text: str) -> None:
    """Print progress on stderr."""
    say(safe_text(text))


def _plan_lines(plan: Plan) -> list[str]:
    steps = {step.label: step for step in plan.steps}
    where = _("{olt}, ONU {onu} ({who})").format(olt=plan.olt, onu=plan.onu, who=plan.who)
    if not plan.todo:
        return [_("Nothing to do: {where}").format(where=where), *_notes(plan)]
    title = _("To take back on {where}:") if plan.action == "undo" else _("To do on {where}:")
    labels = plan.todo[::-1] if plan.action == "undo" else plan.todo
    lines = [title.format(where=where)]
    for number, label in enumerate(labels, start=1):
        lines += (
            _inverse_lines(plan, number, steps[label])
            if plan.action == "undo"
            else _step_lines(plan, number, steps[label])
        )
    last = (
        _("Then the OLT is read again, and only then saved: {save}")
        if plan.action == "undo"
        else _("Then the ONU is verified, and only then saved: {save}; else all is taken back.")
    )
    return [*lines, last.format(save=plan.save), *_notes(plan), _("Hash of this plan: {hash}").format(hash=plan.hash)]


def _step_lines(plan: Plan, number: int, step: Step) -> list[str]:
    inverse = _inverse(plan, step.inverse) if step.inverse else _("goes with an earlier step")
    return [
        f"{number}. {step.label} ({_(_RISKS[step.risk])})",
        *_wrapped(_("command"), typed(step.mode, step.shown, plan.place)),
        *_wrapped(_("inverse"), inverse),
        *_wrapped(_("done when"), _success(plan, step)),
    ]


def _success(plan: Plan, step: Step) -> str:
    """Return how a person would see that the step is done."""
    reply = " ".join(with_places(step.change.example, places_of(plan.place)).split())
    says = _("the OLT answers: {reply}").format(reply=reply) if reply else _("the OLT says nothing")
    return says + _(", and its list shows it") if step.proof else says


def _inverse(plan: Plan, inverse: Inverse) -> str:
    return typed(inverse.mode, inverse.command, plan.place)


def _inverse_lines(plan: Plan, number: int, step: Step) -> list[str]:
    if step.inverse is None:
        return [f"{number}. {step.label}", *_wrapped(_("command"), _("goes with a later step"))]
    risk = _(_RISKS[step.inverse.change.risk])
    return [f"{number}. {step.label} ({risk})", *_wrapped(_("command"), _inverse(plan, step.inverse))]


def _wrapped(label: str, text: str) -> list[str]:
    head = f"   {label}: "
    return wrapped(text, _WIDTH, head, " " * 6)


def _notes(plan: Plan) -> list[str]:
    return [line for note in plan.notes for line in wrapped(note, _WIDTH, below="  ")]


def _ending(outcome: Outcome) -> str:
    plan = outcome.plan
    words = {
        None: _("Nothing to do."),
        "verified": _("{onu} is in service: verified and saved."),
        "undone": _("{onu}: taken back; the OLT is as it was before. {why}"),
        "refused": _("{onu}: nothing was done. {why}"),
        "unknown": _("{onu}: the state is NOT KNOWN. {why} Run the same command again, or look at {olt}:"),
    }[outcome.result]
    return words.format(onu=plan.onu, why=outcome.why, olt=plan.olt).strip()
