"""`linetest accept`: the main job."""

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from linetest.cli.options import (
    KEPT,
    PASSED,
    exit_of,
    first_exit,
    json_option,
    print_json,
    print_record,
    profile_option,
    say,
    standard_options,
    station_option,
)
from linetest.cli.pushing import tell_stage
from linetest.errors import PushError, UsageError
from linetest.safe import safe_file_name, safe_text
from linetest.words.text import _

if TYPE_CHECKING:
    from linetest.acceptance.plan import Plan
    from linetest.devices.station import Station
    from linetest.model.record import Record
    from linetest.store.opened import Store
    from linetest.store.outbox import Item
    from linetest.tickets.systems import TicketSystem

DEFAULT_SCENARIO = "all-good"
PUSH_S = 60.0
"""Total time for sending after the tests; what is not sent by then waits."""


class _Work(NamedTuple):
    """What the options come down to."""

    run: str | None
    """The run to resume; None for a new one."""
    plan: "Plan"
    station: "Station"


@click.command(
    short_help=_("The main job: test the lines of an order, keep the record, update the ticket."),
    help=_(
        "Test every line of a work order, judge the readings, keep the record and update the ticket. "
        "ORDER is a file or the number of one. A result that cannot be sent waits in the outbox.\n\n"
        "Examples: linetest accept WO-1001   |   linetest accept --bench low-light   |   linetest accept --resume last"
    ),
)
@click.argument("order", required=False)
@click.option(
    "--bench",
    "scenario",
    is_flag=False,
    flag_value=DEFAULT_SCENARIO,
    metavar=_("[SCENARIO]"),
    help=_("Run on simulated devices; `linetest bench scenarios` lists the scenarios."),
)
@click.option("--resume", metavar=_("RUN"), help=_("Go on with a run that was interrupted; `last` is the newest."))
@click.option("--push/--no-push", default=True, help=_("Send the result now, or leave it in the outbox."))
@click.option(
    "--report",
    "reports",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    metavar=_("FILE"),
    help=_("Also write this report: .html, .xml (JUnit), .csv, .json or .txt. May be repeated."),
)
@profile_option()
@station_option
@json_option
@standard_options
def command(
    order: str | None,
    scenario: str | None,
    resume: str | None,
    push: bool,
    reports: tuple[Path, ...],
    profile_name: str | None,
    station_file: Path | None,
    as_json: bool,
) -> int:
    """Plan, do, print."""
    from linetest.acceptance.accept import begin, carry_out, check_plan
    from linetest.reports.files import check_names
    from linetest.store.opened import open_store
    from linetest.tickets.systems import connect

    _check_usage(order, scenario, resume)
    check_names(reports)
    with ExitStack() as stack:
        store = stack.enter_context(open_store())
        if resume:
            work = _resumed(store, resume, stack)
        else:
            work = _planned(order, scenario, push, reports, profile_name, station_file, stack)
        check_plan(work.plan, work.station)
        # The token is asked for before the first measurement: nobody wants to learn after it that it is missing.
        system = connect(work.station.ticket) if work.station.ticket and work.plan.push else None
        run = work.run or begin(store, work.plan)
        try:
            records = carry_out(store, run, work.plan, work.station, _tell_step)
        except BaseException:
            say(_("Run {run} is not finished: linetest accept --resume {run}").format(run=run[:8]))
            raise
        written = _write_reports(store, records, [Path(name) for name in work.plan.reports])
        sent = _send(store, system, records)
    _print_results(run, records, sent, written, as_json)
    kept = KEPT if any(item.state != "delivered" for item in sent) else PASSED
    return first_exit([*(exit_of(record.verdict) for record in records), kept])


def _check_usage(order: str | None, scenario: str | None, resume: str | None) -> None:
    given = [name for name, value in (("ORDER", order), ("--bench", scenario), ("--resume", resume)) if value]
    if len(given) == 1:
        return
    what = _("what is to be tested is missing") if not given else _("{names} exclude one another")
    raise UsageError(
        what.format(names=", ".join(given)),
        _("linetest accept ORDER, or linetest accept --bench, or --resume RUN"),
    )


def _planned(
    order: str | None,
    scenario: str | None,
    push: bool,
    reports: tuple[Path, ...],
    profile_name: str | None,
    station_file: Path | None,
    stack: ExitStack,
) -> _Work:
    """Return a new run's plan from the options."""
    from linetest.acceptance.plan import Plan, find_order, job_for, load_order
    from linetest.devices.station import default_station_path, load_station

    if scenario:
        station_path, orders = _start_bench(scenario, stack)
    else:
        station_path = station_file or default_station_path()
        orders = [find_order(order or "", station_path)]
    plan = Plan(
        jobs=[job_for(load_order(path), profile_name) for path in orders],
        station="" if scenario else str(station_path.absolute()),
        scenario=scenario,
        push=push,
        reports=[str(path.absolute()) for path in reports],
    )
    return _Work(None, plan, load_station(station_path))


def _resumed(store: "Store", wanted: str, stack: ExitStack) -> _Work:
    """Return what is left of an interrupted run; its bench is started again."""
    from linetest.acceptance.accept import load_plan
    from linetest.devices.station import load_station

    run, plan = load_plan(store, wanted)
    station_path = _start_bench(plan.scenario, stack)[0] if plan.scenario else Path(plan.station)
    return _Work(run, plan, load_station(station_path))


def _start_bench(scenario: str, stack: ExitStack) -> tuple[Path, list[Path]]:
    from tempfile import TemporaryDirectory

    from linetest.bench.run import start

    folder = Path(stack.enter_context(TemporaryDirectory(prefix="linetest-bench-")))
    bench = stack.enter_context(start(scenario, folder))
    return bench.station, bench.orders


def _tell_step(name: str, event: str, words: str) -> None:
    sentence = {
        "started": _("{step} ..."),
        "done": _("{step}: measured"),
        "failed": _("{step}: could not be measured"),
        "kept": _("{step}: measured before the interruption"),
        "error": _("{step}: {words}"),
    }[event]
    say(safe_text(sentence.format(step=name, words=words)))


def _write_reports(store: "Store", records: list["Record"], wanted: list[Path]) -> list[Path]:
    """Write each record's page into the data folder, and the reports that the person asked for."""
    from linetest.reports.files import render_for_path, write_report

    written: list[Path] = []
    for number, record in enumerate(records, start=1):
        page = f"{safe_file_name(f'{record.order}-{record.line}')}-{record.id[:8]}.html"
        own = [path if len(records) == 1 else path.with_stem(f"{path.stem}-{number}") for path in wanted]
        for path in (store.home / "reports" / page, *own):
            write_report(path, render_for_path(record, path))
            written.append(path)
    return written


def _send(store: "Store", system: "TicketSystem | None", records: list["Record"]) -> list["Item"]:
    """Send what waits for the ticket system, unless the person said no; return this run's rows of the outbox."""
    from linetest.store import outbox
    from linetest.tickets.outbox import push

    if system is not None:
        try:
            push(store.database, system, deadline_s=PUSH_S, tell=tell_stage)
        except PushError as error:  # another process is sending: the results are kept, and that one takes them along
            say(safe_text(error.what))
    own = {record.id for record in records}
    return [item for item in outbox.items(store.database) if item.key in own]


def _print_results(run: str, records: list["Record"], sent: list["Item"], written: list[Path], as_json: bool) -> None:

    if as_json:
        print_json(
            {
                "schema": "linetest.run/1",
                "run": run,
                "records": records,
                "push": [{"record": item.key, "ticket": item.ticket, "state": item.state} for item in sent],
                "reports": [str(path) for path in written],
            }
        )
        return
    for record in records:
        print_record(record)
        click.echo()
    for path in written:
        click.echo(_("Report: {file}").format(file=path))
    for item in sent:
        click.echo(safe_text(_ticket_words(item)))
    if not sent:
        click.echo(_("No ticket: the order names none, or the station has no [ticket]; the records are kept."))


def _ticket_words(item: "Item") -> str:
    if item.state == "delivered":
        late = _(" (the ticket was closed already; its status was left alone)") if item.remote_ids.get("late") else ""
        return _("Ticket {ticket}: updated and read back").format(ticket=item.ticket) + late
    if item.state == "dead":
        return _("Ticket {ticket}: refused: {reason}; see `linetest ticket show {key}`").format(
            ticket=item.ticket, reason=item.last_error, key=item.key[:8]
        )
    reason = item.last_error or _("not sent yet")
    return _("Ticket {ticket}: kept in the outbox: {reason}; send it with `linetest ticket push`").format(
        ticket=item.ticket, reason=reason
    )
