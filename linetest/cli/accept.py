"""`linetest accept`: the main job."""

from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click
from click.core import ParameterSource

from linetest.cli.accept_provision import with_agreement
from linetest.cli.accept_reports import write_reports
from linetest.cli.options import (
    PASSED,
    USAGE,
    exit_of,
    first_exit,
    json_option,
    may_ask,
    profile_option,
    say,
    standard_options,
    station_option,
)
from linetest.cli.outcome import exit_of_sending, print_run, say_unsent
from linetest.cli.pushing import hold_words, tell_stage
from linetest.errors import PushError, UsageError
from linetest.safe import safe_text
from linetest.words.text import _

if TYPE_CHECKING:
    from linetest.acceptance.plan import Plan
    from linetest.bench.run import Bench
    from linetest.devices.station import Station
    from linetest.model.order import Line
    from linetest.model.record import Record
    from linetest.service.access import Point
    from linetest.store.opened import Store
    from linetest.store.outbox import Item
    from linetest.tickets.system import TicketSystem

DEFAULT_SCENARIO = "all-good"
PUSH_S = 60.0
"""Total time for sending after the tests; what is not sent by then waits."""


class _Start(NamedTuple):
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
        "Example: linetest accept WO-1001\n\n"
        "On the bench: linetest accept --bench low-light\n\n"
        "After a crash: linetest accept --resume last"
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
@click.option("--line", metavar=_("LINE"), help=_("Test only this line of the order: one room of a hotel."))
@click.option(
    "--yes",
    "agreed",
    multiple=True,
    metavar=_("HASH"),
    help=_(
        "Agree to the plan for an OLT with this hash, where the profile brings lines into service. May be repeated."
    ),
)
@click.option("--push/--no-push", default=True, help=_("Send the result now, or leave it in the outbox."))
@click.option(
    "--report",
    "reports",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    metavar=_("FILE"),
    help=_(
        "Also write this report: .html, .xml (JUnit), .csv, .json or .txt. May be repeated; several lines are "
        "numbered: page-1.html, page-2.html."
    ),
)
@profile_option()
@station_option
@json_option
@standard_options
@click.pass_context
def command(
    context: click.Context, /, resume: str | None, as_json: bool, agreed: tuple[str, ...], **options: Any
) -> int:
    """Plan, do, send, print."""
    from linetest.acceptance.accept import Work, begin, carry_out, check_plan
    from linetest.reports.files import check_names
    from linetest.store.holds import holds
    from linetest.store.line_history import last_before
    from linetest.store.opened import open_store
    from linetest.tickets.systems import connect

    _check_usage(context)
    check_names(options["reports"])
    with ExitStack() as stack:
        store = stack.enter_context(open_store())
        start = _resumed(store, resume, stack) if resume else _planned(stack, **options)
        check_plan(start.plan, start.station, may_ask())
        if start.run is None:
            start = start._replace(plan=with_agreement(start.plan, start.station, agreed))
        # The token is asked for before the first measurement: nobody wants to learn after it that it is missing.
        system = connect(start.station.ticket) if start.station.ticket and start.plan.push else None
        run = start.run or begin(store, start.plan)
        work = Work(
            store=store, run=run, plan=start.plan, station=start.station, tell=_tell_step, move=_move, replug=_replug
        )
        try:
            records = carry_out(work)
        except BaseException:
            say(_("Run {run} is not finished: linetest accept --resume {run}").format(run=run[:8]))
            raise
        written, unwritten = write_reports(store, records, [Path(name) for name in start.plan.reports])
        ticket = start.station.ticket
        sent = _send(store, system, ticket.connections if ticket else 1, records)
        held = [one for one in holds(store.database) if system is not None and one.dest == system.destination]
        earlier = [last_before(store.database, record) for record in records]
    with suppress(BrokenPipeError):  # whoever reads may go away; what was measured keeps its exit code
        print_run(run, records, earlier, sent, written, as_json)
        say_unsent([job.order for job in start.plan.jobs], sent)
        for one in held:
            say(safe_text(hold_words(one)))
    codes = [*(exit_of(record.verdict) for record in records), *(exit_of_sending(item) for item in sent)]
    return first_exit([*codes, USAGE if unwritten else PASSED])


def _check_usage(context: click.Context) -> None:
    """Refuse options that exclude one another, so that none is silently ignored."""
    given = [
        name
        for name in context.params
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE and name != "as_json"
    ]
    whats = [name for name in given if name in ("order", "scenario", "resume")]
    if not whats:
        raise UsageError(
            _("what is to be tested is missing"),
            _("linetest accept ORDER, or linetest accept --bench, or linetest accept --resume RUN"),
        )
    allowed = {
        "order": {"order", "profile_name", "station_file", "reports", "push", "line", "agreed"},
        "scenario": {"scenario", "profile_name", "reports", "push", "line"},
        "resume": {"resume"},
    }[whats[-1]]
    if excess := [name for name in given if name not in allowed]:
        options = {parameter.name: parameter.get_error_hint(context) for parameter in context.command.params}
        raise UsageError(
            _("{one} and {other} exclude one another").format(one=options[excess[0]], other=options[whats[-1]]),
            _("leave one of them away; a resumed run has its plan already"),
        )


def _planned(
    stack: ExitStack,
    *,
    order: str | None,
    scenario: str | None,
    line: str | None,
    push: bool,
    reports: tuple[Path, ...],
    profile_name: str | None,
    station_file: Path | None,
) -> _Start:
    """Return a new run's plan from the options."""
    from linetest.acceptance.plan import Plan, find_order, job_for, load_order
    from linetest.devices.station import default_station_path, load_station

    shorten: Callable[[str], str] = str
    if scenario:
        bench = _start_bench(scenario, stack)
        station_path, orders = bench.station, [load_order(path) for path in bench.orders]
        profile_name, shorten = profile_name or bench.profile, bench.shorten
    else:
        station_path = station_file or default_station_path()
        orders = [find_order(order or "", station_path)]
    plan = Plan(
        jobs=[job_for(one, profile_name, shorten) for one in orders],
        station="" if scenario else str(station_path.absolute()),
        scenario=scenario,
        line=line,
        push=push,
        reports=[str(path.absolute()) for path in reports],
    )
    return _Start(None, plan, load_station(station_path))


def _resumed(store: "Store", wanted: str, stack: ExitStack) -> _Start:
    """Return what is left of an interrupted run; its bench is started again."""
    from linetest.acceptance.accept import load_plan
    from linetest.devices.station import load_station

    run, plan = load_plan(store, wanted)
    station_path = _start_bench(plan.scenario, stack).station if plan.scenario else Path(plan.station)
    return _Start(run, plan, load_station(station_path))


def _start_bench(scenario: str, stack: ExitStack) -> "Bench":
    from tempfile import TemporaryDirectory

    from linetest.bench.run import start

    folder = Path(stack.enter_context(TemporaryDirectory(prefix="linetest-bench-")))
    return stack.enter_context(start(scenario, folder))


def _tell_step(name: str, event: str, words: str) -> None:
    sentence = {
        "started": _("{step} ..."),
        "done": _("{step}: finished"),
        "failed": _("{step}: could not be done"),
        "kept": _("{step}: finished before the interruption"),
        "error": _("{step}: {words}"),
    }[event]
    say(safe_text(sentence.format(step=name, words=words)))


def _replug(point: "Point") -> None:
    """Wait until the laptop is plugged in at the other point."""
    question = {
        "direct": _("Take the customer's router off and plug the laptop in there, then press Enter"),
        "behind-cpe": _("Put the customer's router back and plug the laptop in behind it, then press Enter"),
    }[point]
    click.prompt(question, default="", show_default=False, prompt_suffix=" ", err=True)


def _move(line: "Line") -> None:
    """Wait until the person is at the next line."""
    question = _("Take the instrument to line {line}, then press Enter").format(line=safe_text(line.id))
    click.prompt(question, default="", show_default=False, prompt_suffix=" ", err=True)


def _send(store: "Store", system: "TicketSystem | None", connections: int, records: list["Record"]) -> list["Item"]:
    """Send what waits for the ticket system, unless the person said no; return this run's rows of the outbox."""
    from linetest.store import outbox
    from linetest.tickets.outbox import push

    own = {record.id for record in records}
    if system is not None:
        try:
            push(store.database, system, deadline_s=PUSH_S, only=own, tell=tell_stage, connections=connections)
        except PushError as error:  # another process is sending: the results are kept, and that one takes them along
            say(safe_text(error.what))
    return outbox.of_keys(store.database, own)
