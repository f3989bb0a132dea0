"""The main job: every line of the orders tested, judged, kept, and handed to the outbox."""

import time
import uuid

import msgspec

from linetest.acceptance.measure import ROOMS, check_profile, device_of, limits_of, step_name, unmeasured
from linetest.acceptance.plan import Job, Plan
from linetest.acceptance.records import build_record, evidence_files
from linetest.devices.station import Station
from linetest.errors import UsageError
from linetest.model.codes import Verdict, Warn
from linetest.model.judge import worst
from linetest.model.order import Line, Order
from linetest.model.profile import LoadedProfile, Step
from linetest.model.reading import Measurement
from linetest.model.record import Record
from linetest.runs.steps import Done, Task, Tell, only_copy, run_task
from linetest.store import journal, outbox
from linetest.store.database import transaction
from linetest.store.opened import Store
from linetest.store.records import append, find, keep_evidence
from linetest.tickets.result import prepare
from linetest.tickets.systems import destination, status_for
from linetest.transports.address import is_simulated
from linetest.words.text import _

DEADLINE_S = 900.0
"""Total time for the steps of one run: no step begins after it."""


def check_plan(plan: Plan, station: Station) -> None:
    """Refuse, before anything is measured, what cannot work: unknown rooms and settings, missing devices and pairs."""
    for job in plan.jobs:
        loaded = job.loaded()
        check_profile(loaded)
        for step in loaded.profile.step:
            device_of(step, station)


def begin(store: Store, plan: Plan) -> str:
    """Write the plan into the journal and return the new run's id."""
    run = str(uuid.uuid4())
    journal.begin(store.database, run, plan)
    return run


def load_plan(store: Store, wanted: str) -> tuple[str, Plan]:
    """Return a run that is to be resumed, and its plan."""
    found = journal.find_run(store.database, wanted)
    if found.state == "finished":
        raise UsageError(
            _("run {run} has ended; there is nothing to resume").format(run=found.id[:8]),
            _("`linetest record list` shows its records"),
        )
    return found.id, msgspec.json.decode(found.plan, type=Plan)


def carry_out(
    store: Store, run: str, plan: Plan, station: Station, tell: Tell, deadline_s: float = DEADLINE_S
) -> list[Record]:
    """Do what is left of the run and return the records of all its lines.

    Each line's record and its row of the outbox are one transaction. After Ctrl-C or a crash the same call goes on.
    """
    ends_at = time.monotonic() + deadline_s
    records: list[Record] = []
    with only_copy(store, run):
        journal.set_state(store.database, run, "running")
        try:
            for job in plan.jobs:
                records += _do_order(store, run, job, station, tell, ends_at)
        except BaseException:
            journal.set_state(store.database, run, "interrupted")
            raise
        journal.set_state(store.database, run, "finished")
    return records


def _do_order(store: Store, run: str, job: Job, station: Station, tell: Tell, ends_at: float) -> list[Record]:
    loaded = job.loaded()
    records: list[Record] = []
    for line in job.order.line:
        kept = _kept_record(store, run, job.order, line)
        if kept is None:
            done = {
                step_name(step): run_task(
                    store, run, _task(job.order, line, step, loaded, station), Measurement, ends_at, tell
                )
                for step in loaded.profile.step
            }
            earlier = [record.verdict for record in records]
            kept = _keep_line(store, run, job.order, line, loaded, done, station, earlier)
        records.append(kept)
    return records


def _task(order: Order, line: Line, step: Step, loaded: LoadedProfile, station: Station) -> Task[Measurement]:
    entry = device_of(step, station)
    limits = limits_of(step, loaded)

    def work() -> Measurement:
        return ROOMS[step.room].measure(entry, step, limits, line)

    def failed(reason: str) -> Measurement:
        return unmeasured(limits, reason, entry.name, is_simulated(entry.address or ""))

    return Task(f"{order.number} {line.id} {step_name(step)}", work, failed)


def _kept_record(store: Store, run: str, order: Order, line: Line) -> Record | None:
    """Return the record of a line that an earlier try of this run has finished."""
    name = _line_name(order, line)
    for event in journal.events(store.database, run):
        if event.step == name and event.event == "recorded" and event.body is not None:
            return find(store.database, event.body.decode())
    return None


def _keep_line(
    store: Store,
    run: str,
    order: Order,
    line: Line,
    loaded: LoadedProfile,
    done: dict[str, Done[Measurement]],
    station: Station,
    earlier: list[Verdict],
) -> Record:
    """Judge a line and keep its record, its evidence and its row of the outbox."""
    measurements = [one.result for one in done.values()]
    steps = [msgspec.structs.replace(step, name=name) for name, one in done.items() for step in one.history]
    if any(step.state == "interrupted" for step in steps):
        measurements.append(Measurement(readings=[], warnings=[Warn.RESUMED]))
    record = build_record(
        "acceptance",
        measurements,
        loaded,
        started_at=steps[0].started_at,
        order=order,
        line=line,
        steps=steps,
        evidence=keep_evidence(store.home, evidence_files(measurements)),
    )
    last = line is order.line[-1]
    with transaction(store.database):
        record = append(store.database, record)
        if station.ticket is not None and order.ticket is not None:
            status = status_for(station.ticket, worst([*earlier, record.verdict])) if last else None
            result = prepare(record, order, line, status)
            outbox.add(store.database, result.item(destination(station.ticket)))
        journal.note(store.database, run, _line_name(order, line), "recorded", record.id.encode())
    return record


def _line_name(order: Order, line: Line) -> str:
    return f"{order.number} {line.id}"
