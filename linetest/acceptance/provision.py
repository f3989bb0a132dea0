"""One line brought into service or taken back, and the record of it: what was planned, done and verified."""

from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec

from linetest.acceptance.records import build_record, evidence_files
from linetest.devices.olt_provision_shell import ProvisionShell
from linetest.devices.station import Station
from linetest.errors import Clash, DeviceError
from linetest.model.clock import now_text
from linetest.model.codes import Reason
from linetest.model.order import Line, Order
from linetest.model.profile import LoadedProfile
from linetest.model.reading import EvidenceFile, Measurement, Reading
from linetest.model.record import Record
from linetest.model.step import StepDone
from linetest.provisioning.apply import apply_order
from linetest.provisioning.past import RESULT
from linetest.provisioning.plan import Plan, plan_for
from linetest.provisioning.undo import undo_order
from linetest.provisioning.wanted import Wanted, wanted_of
from linetest.provisioning.work import Outcome, Work, typed
from linetest.runs.steps import history_of
from linetest.safe import safe_file_name
from linetest.store import journal
from linetest.store.database import transaction
from linetest.store.opened import Store
from linetest.store.records import append, keep_evidence
from linetest.words.text import _

Tell = Callable[[str], None]

ACTIONS = {"apply": apply_order, "undo": undo_order}
_ENDED = ("verified", "undone", "refused")
_AS_PLANNED = {
    ("apply", "verified"): 1.0,
    ("apply", "undone"): 0.0,
    ("apply", "refused"): 0.0,
    ("apply", None): 1.0,
    ("undo", "undone"): 1.0,
}


class Provisioned(NamedTuple):
    """What came of it."""

    outcome: Outcome
    record: Record | None
    """None when nothing was begun."""
    measurement: Measurement


class Hands(NamedTuple):
    """The person: who hears what happens, and agrees to a plan or raises."""

    tell: Callable[[str], None]
    agree: Callable[[Plan, str | None], None]


def provision_line(
    store: Store, order: Order, line: Line, station: Station, loaded: LoadedProfile, action: str, hands: Hands
) -> Provisioned:
    """Apply or undo what the line is to have, and keep the record.

    Raises:
        LinetestError: nothing was changed; the reason is in it.
    """
    started_at = now_text()
    wanted = wanted_of(order, line, station, with_secrets=action == "apply")
    with ProvisionShell(wanted.entry, wanted.driver, wanted.masks) as shell:
        work = Work(store, wanted, shell, loaded, hands.tell, hands.agree)
        outcome = ACTIONS[action](work)
        shell.close()
    measurement = measured(wanted, outcome, shell.said)
    if outcome.run is None:
        return Provisioned(outcome, None, measurement)
    record = build_record(
        "provision",
        [measurement],
        loaded,
        started_at=started_at,
        order=order,
        line=line,
        steps=_history(store, outcome.run),
        evidence=keep_evidence(store.home, evidence_files([measurement])),
    )
    with transaction(store.database):
        record = append(store.database, record)
        journal.note(store.database, outcome.run, RESULT, "done", msgspec.json.encode(outcome.result))
        journal.note(store.database, outcome.run, f"{order.number} {line.id}", "recorded", record.id.encode())
        state = "finished" if outcome.result in _ENDED else "interrupted"
        journal.set_state(store.database, outcome.run, state)
    return Provisioned(outcome, record, measurement)


def plan_line(order: Order, line: Line, station: Station) -> Plan:
    """Read the OLT and return what is to be done on it for the line; nothing is changed. Raises `LinetestError`."""
    wanted = wanted_of(order, line, station, with_secrets=True)
    with ProvisionShell(wanted.entry, wanted.driver, wanted.masks) as shell:
        return plan_for(wanted, shell).plan


def provision_step(
    store: Store, order: Order, line: Line, station: Station, loaded: LoadedProfile, agreed: str | None, tell: Tell
) -> Measurement:
    """Bring a line into service as a step of its acceptance; `agreed` is the hash of the plan that was shown before.

    The ONU's readings are left to the acceptance's own steps: here is only whether the OLT is as planned.

    Raises:
        DeviceError: the plan is another one now, or the OLT refuses or does not answer.
    """

    def agree(plan: Plan, earlier: str | None) -> None:
        if agreed is None or agreed not in (plan.hash, earlier):
            raise DeviceError(
                _("the OLT has changed since the plan was agreed to: the plan is {hash} now").format(hash=plan.hash),
                _("accept it again: the new plan is shown before"),
                reason=Reason.REFUSED,
            )

    try:
        done = provision_line(store, order, line, station, loaded, "apply", Hands(tell, agree))
    except Clash as error:
        raise DeviceError(error.what, error.hint, reason=Reason.REFUSED) from error
    readings = [reading for reading in done.measurement.readings if reading.metric.startswith("provision.")]
    details = {"provision": done.measurement.details["provision"]}
    return msgspec.structs.replace(done.measurement, readings=readings, details=details, trouble=done.outcome.why)


def measured(wanted: Wanted, outcome: Outcome, said: list[str]) -> Measurement:
    """Return the readings of a run, with what was planned, and the masked transcript as evidence."""
    value = _AS_PLANNED.get((outcome.plan.action, outcome.result))
    as_planned = Reading(
        metric="provision.as_planned_count",
        value=value,
        unit="",
        where={"onu": outcome.plan.onu},
        reason=None if value is not None else Reason.NOT_DECIDABLE,
        device=wanted.entry.name,
    )
    seen = outcome.measurement or Measurement(readings=[])
    transcript = EvidenceFile(
        name=f"{safe_file_name(wanted.entry.name)}-provision.txt",
        media_type="text/plain",
        body="".join(said).encode(),
    )
    readings = [msgspec.structs.replace(reading, device=wanted.entry.name) for reading in seen.readings]
    return Measurement(
        readings=[as_planned, *readings],
        details={**seen.details, "provision": document_of(outcome.plan, outcome.result, outcome.why)},
        evidence=[transcript],
        simulated=wanted.entry.simulated,
    )


def document_of(plan: Plan, result: str | None, why: str = "") -> dict[str, Any]:
    """Return a plan, and how it ended, as the JSON that scripts and records get."""
    return {
        "action": plan.action,
        "result": result,
        "why": why or None,
        "olt": plan.olt,
        "driver": plan.driver,
        "onu": plan.onu,
        "identity": plan.who,
        "hash": plan.hash,
        "steps": [
            {
                "step": step.label,
                "todo": step.label in plan.todo,
                "command": step.shown,
                "typed": typed(step.mode, step.shown, plan.place),
                "inverse": step.inverse.command if step.inverse else None,
                "risk": step.inverse.change.risk if plan.action == "undo" and step.inverse else step.risk,
                "success": step.change.success,
                "proof": step.proof,
            }
            for step in plan.steps
        ],
        "save": plan.save,
        "notes": plan.notes,
    }


def _history(store: Store, run: str) -> list[StepDone]:
    events = journal.events(store.database, run)
    labels = list(dict.fromkeys(event.step for event in events if event.step != RESULT))
    return [done for label in labels for done in history_of(label, [one for one in events if one.step == label])]
