"""The main job: every line of the orders tested, judged, kept, and handed to the outbox."""

import time
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from linetest.acceptance.events import note_result
from linetest.acceptance.measure import ROOMS, check_lines, check_profile, device_of, limits_of, unmeasured
from linetest.acceptance.onu_rows import add_onu_rows
from linetest.acceptance.plan import Job, Plan, lines_of
from linetest.acceptance.provision import provision_step
from linetest.acceptance.reconcile import ROOM as RECONCILE
from linetest.acceptance.reconcile import reconcile_step
from linetest.acceptance.records import build_record, evidence_files
from linetest.acceptance.service import point_to_move_to
from linetest.devices.station import Station
from linetest.errors import UsageError
from linetest.model.codes import Warn
from linetest.model.judge import worst
from linetest.model.order import Line, Order
from linetest.model.profile import LoadedProfile, Step
from linetest.model.reading import Measurement
from linetest.model.record import Record
from linetest.runs.steps import Done, Task, Tell, only_copy, run_task
from linetest.store import journal, outbox
from linetest.store.database import transaction
from linetest.store.opened import Store
from linetest.store.records import append, find, keep_evidence, latest_verdicts
from linetest.tickets.result import TicketResult, prepare
from linetest.tickets.systems import checked_mapping, destination, status_for
from linetest.words.text import _

if TYPE_CHECKING:
    from linetest.service.access import Point

DEADLINE_S = 900.0
"""Total time for the steps of one line: no step begins after it."""


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """A run, and all that its steps need."""

    store: Store
    run: str
    plan: Plan
    station: Station
    tell: Tell
    move: Callable[[Line], None]
    """Called when the person has to take the instrument to another line; returns when it is there."""
    replug: Callable[["Point"], None]
    """Called when the person has to plug the laptop in at another point of the line; returns when that is done."""


def check_plan(plan: Plan, station: Station, may_ask: bool) -> None:
    """Refuse, before anything is measured, what cannot work.

    Args:
        plan: the orders and their profiles.
        station: has to have the devices.
        may_ask: there is a person who can be asked to go to the next line.
    """
    if station.ticket is not None:
        checked_mapping(station.ticket)
    for job in plan.jobs:
        loaded = job.loaded()
        check_profile(loaded)
        for step in loaded.profile.step:
            for line in lines_of(plan, job):
                entry = device_of(step, station, line)
            check_lines(step, entry, job.order)
        _check_lines(job, lines_of(plan, job), loaded, may_ask)
        _check_points(loaded, station, may_ask)


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
            _("`linetest record list` shows its records, `linetest ticket push` sends what waits"),
        )
    return found.id, msgspec.json.decode(found.plan, type=Plan)


def carry_out(work: Work) -> list[Record]:
    """Do what is left of the run and return the records of all its lines.

    Each line's record and its row of the outbox are one transaction. After Ctrl-C or a crash the same call goes on.
    """
    database = work.store.database
    with only_copy(work.store, work.run):
        journal.set_state(database, work.run, "running")
        try:
            records = [record for job in work.plan.jobs for record in _do_order(work, job)]
        except BaseException:
            journal.set_state(database, work.run, "interrupted")
            raise
        journal.set_state(database, work.run, "finished")
    return records


def _check_lines(job: Job, lines: list[Line], loaded: LoadedProfile, may_ask: bool) -> None:
    """Refuse an order of many lines whose readings could be taken for one another's."""
    if len(job.order.line) == 1:
        return
    rooms = {step.room for step in loaded.profile.step}
    if "copper" in rooms and (unnamed := [line.id for line in lines if line.pair is None]):
        raise UsageError(
            _("order {number}: line {line} does not say which pair is its own").format(
                number=job.order.number, line=unnamed[0]
            ),
            _('write pair = "1" into each [[line]]'),
        )
    if len(lines) > 1 and not may_ask and any(ROOMS[room].at_the_line for room in rooms):
        raise UsageError(
            _("order {number} has {count} lines, and the instrument has to be taken from one to the next").format(
                number=job.order.number, count=len(lines)
            ),
            _("test one at a time: --line {line}").format(line=lines[0].id),
        )


def _check_points(loaded: LoadedProfile, station: Station, may_ask: bool) -> None:
    """Refuse a second point at the same port where nobody can be asked to plug the laptop in there."""
    moves = [step.title for step in loaded.profile.step if point_to_move_to(step, loaded, station) is not None]
    if moves and not may_ask:
        raise UsageError(
            _(
                "step {step}: the laptop has to be plugged in at another point, and there is no terminal to ask at"
            ).format(step=moves[0]),
            _("test one point at a time: linetest service check --point direct"),
        )


def _do_order(work: Work, job: Job) -> list[Record]:
    loaded = job.loaded()
    at_the_line = any(ROOMS[step.room].at_the_line for step in loaded.profile.step)
    records: list[Record] = []
    for line in lines_of(work.plan, job):
        kept = _kept_record(work, job.order, line)
        if kept is None:
            if records and at_the_line:
                work.move(line)
            kept = _do_line(work, job.order, line, loaded)
        records.append(kept)
    return records


def _do_line(work: Work, order: Order, line: Line, loaded: LoadedProfile) -> Record:
    ends_at = time.monotonic() + DEADLINE_S
    done: dict[str, Done[Measurement]] = {}
    for step in loaded.profile.step:
        earlier = [one.result for one in done.values()]
        task = _task(work, order, line, step, loaded, earlier)
        done[step.title] = run_task(work.store, work.run, task, Measurement, ends_at, work.tell)
    return _keep_line(work, order, line, loaded, done)


def _task(
    work: Work, order: Order, line: Line, step: Step, loaded: LoadedProfile, earlier: list[Measurement]
) -> Task[Measurement]:
    name = f"{line_name(order, line)} {step.title}"
    entry = device_of(step, work.station, line)
    limits = limits_of(step, loaded)

    def measure() -> Measurement:
        room = ROOMS[step.room]
        if (point := point_to_move_to(step, loaded, work.station)) is not None:
            work.replug(point)
        if room.measure is not None:
            measured = room.measure(entry, step, limits, line)
        elif step.room == RECONCILE:
            measured = reconcile_step(step, earlier)
        else:
            measured = _provision(work, order, line, loaded, name)
        if measured.trouble:
            work.tell(name, "error", measured.trouble)
        return measured

    def failed(reason: str) -> Measurement:
        return unmeasured(limits, reason, entry.name, entry.simulated)

    return Task(name, measure, failed)


def _provision(work: Work, order: Order, line: Line, loaded: LoadedProfile, name: str) -> Measurement:
    """Bring the line into service by the plan that was agreed to before the run began."""
    agreed = work.plan.agreed.get(line_name(order, line))
    return provision_step(
        work.store, order, line, work.station, loaded, agreed, lambda words: work.tell(name, "error", words)
    )


def _kept_record(work: Work, order: Order, line: Line) -> Record | None:
    """Return the record of a line that an earlier try of this run has finished."""
    name = line_name(order, line)
    for event in journal.events(work.store.database, work.run):
        if event.step == name and event.event == "recorded" and event.body is not None:
            return find(work.store.database, event.body.decode())
    return None


def _keep_line(
    work: Work, order: Order, line: Line, loaded: LoadedProfile, done: dict[str, Done[Measurement]]
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
        evidence=keep_evidence(work.store.home, evidence_files(measurements)),
    )
    database = work.store.database
    with transaction(database):
        record = append(database, record)
        add_onu_rows(database, record)
        ends = note_result(database, record, order, line)
        if work.station.ticket is not None and order.ticket is not None:
            result = _result(work, record, order, line, ends)
            outbox.add(database, result.item(destination(work.station.ticket)))
        journal.note(database, work.run, line_name(order, line), "recorded", record.id.encode())
    return record


def _result(work: Work, record: Record, order: Order, line: Line, ends: bool) -> TicketResult:
    """Return what the ticket gets: its status changes when the last line of the order has a result."""
    latest = latest_verdicts(work.store.database, order.number, record.simulated)
    verdict = worst([latest[one.id] for one in order.line if one.id in latest])
    complete = all(one.id in latest for one in order.line)
    assert work.station.ticket is not None
    status = status_for(work.station.ticket, verdict) if complete else None
    return prepare(record, order, line, status, verdict, ends=ends)


def line_name(order: Order, line: Line) -> str:
    """Return what the journal calls a line."""
    return f"{order.number} {line.id}"
