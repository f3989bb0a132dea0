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
    profile_option,
    say,
    standard_options,
    station_option,
)
from linetest.errors import UsageError
from linetest.safe import safe_file_name, safe_text
from linetest.words.text import _

if TYPE_CHECKING:
    from linetest.acceptance.plan import Plan
    from linetest.devices.station import Station
    from linetest.model.record import Record
    from linetest.store.opened import Store
    from linetest.tickets.outbox import Outcome

DEFAULT_SCENARIO = "all-good"


class _Work(NamedTuple):
    """What the options come down to."""

    run: str | None
    """The run to resume; None for a new one."""
    plan: "Plan"
    station: "Station"


@click.command(
    short_help=_("The main job: test the lines of an order, keep the record, update the ticket."),
    help=_(
        "Test every line of a work order, judge the readings, keep the record and update the ticket. ORDER is a file or "
        "the number of one. A result that cannot be sent waits in the outbox.\n\n"
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

    _check_usage(order, scenario, resume)
    check_names(reports)
    with ExitStack() as stack:
        store = stack.enter_context(open_store())
        if resume:
            work = _resumed(store, resume, stack)
        else:
            work = _planned(order, scenario, push, reports, profile_name, station_file, stack)
        check_plan(work.plan, work.station)
        run = work.run or begin(store, work.plan)
        try:
            records = carry_out(store, run, work.plan, work.station, _tell_step)
        except BaseException:
            say(_("Run {run} is not finished: linetest accept --resume {run}").format(run=run[:8]))
            raise
        written = _write_reports(store, records, [Path(name) for name in work.plan.reports])
        outcomes = _push(store, work, records)
    _print_results(run, records, outcomes, written, as_json)
    waiting = any(outcome.state != "delivered" for outcome in outcomes)
    return first_exit([*(exit_of(record.verdict) for record in records), KEPT if waiting else PASSED])


def _check_usage(order: str | None, scenario: str | None, resume: str | None) -> None:
    given = [name for name, value in (("ORDER", order), ("--bench", scenario), ("--resume", resume)) if value]
    if len(given) == 1:
        return
    what = _("what is to be tested is missing") if not given else _("{names} exclude one another")
    raise UsageError(
        what.format(names=", ".join(given)), _("linetest accept ORDER, or linetest accept --bench, or --resume RUN")
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


def _push(store: "Store", work: _Work, records: list["Record"]) -> list["Outcome"]:
    """Send what waits, unless the person said no; return what became of this run's results."""
    raise NotImplementedError


def _print_results(
    run: str, records: list["Record"], outcomes: list["Outcome"], written: list[Path], as_json: bool
) -> None:
    from linetest.reports.text import render_text

    if as_json:
        push = [{"record": one.key, "ticket": one.ticket, "state": one.state} for one in outcomes]
        print_json(
            {
                "schema": "linetest.run/1",
                "run": run,
                "records": records,
                "push": push,
                "reports": [str(path) for path in written],
            }
        )
        return
    for record in records:
        click.echo(render_text(record))
        click.echo()
    for path in written:
        click.echo(_("Report: {file}").format(file=path))
