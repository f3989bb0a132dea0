"""`linetest pon sweep`: every ONU of many OLTs, judged, kept, and told as one summary."""

from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import click

from linetest.cli.options import (
    exit_of,
    first_exit,
    json_option,
    print_json,
    profile_option,
    say,
    standard_options,
    station_option,
)
from linetest.cli.progress import Progress
from linetest.errors import UsageError, nearest
from linetest.safe import safe_text
from linetest.words.text import _

if TYPE_CHECKING:
    from linetest.acceptance.sweep import SweepPlan
    from linetest.devices.station import DeviceEntry, Station
    from linetest.model.onu import Technology
    from linetest.model.profile import LoadedProfile
    from linetest.model.record import Record
    from linetest.model.sweep import OltOutcome
    from linetest.store.opened import Store

_WORKERS = 16
_OLT_DEADLINE_S = 300.0


@click.command(
    "sweep",
    help=_(
        "Read every ONU of many OLTs at once, judge and keep: OLTs by name, by a pattern such as 'north-*', or all of "
        "the station's. An OLT that does not answer stops no other. What was read is kept at once; --resume goes on "
        "with the others. The light of the ONUs is read with --optics only, where it could load the OLT. The exit "
        "code is that of the worst OLT.\n\n"
        "Example: linetest pon sweep 'north-*' --optics --csv north.csv"
    ),
)
@click.argument("olts", metavar=_("[OLT|PATTERN]..."), nargs=-1)
@click.option(
    "--optics", is_flag=True, help=_("Also read the light of every ONU: an OLT may have to ask each of them.")
)
@click.option(
    "--in-flight",
    type=click.IntRange(1, 8),
    help=_("Questions on their way to one OLT at a time; else as the station or the driver says, else 1."),
)
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    default=_WORKERS,
    show_default=True,
    help=_("OLTs read at a time."),
)
@click.option(
    "--olt-deadline",
    "olt_deadline_s",
    type=click.FloatRange(1.0),
    default=_OLT_DEADLINE_S,
    show_default=True,
    metavar=_("SECONDS"),
    help=_("For each OLT."),
)
@click.option("--deadline", "deadline_s", type=click.FloatRange(1.0), metavar=_("SECONDS"), help=_("For all of it."))
@click.option(
    "--csv",
    "table",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar=_("FILE"),
    help=_("Also write one row for each ONU."),
)
@click.option(
    "--resume",
    "resumed",
    metavar=_("RUN|last"),
    help=_("Go on with a stopped sweep: its OLTs, its options."),
)
@profile_option()
@station_option
@json_option
@standard_options
def sweep(
    olts: tuple[str, ...],
    optics: bool,
    in_flight: int | None,
    workers: int,
    olt_deadline_s: float,
    deadline_s: float | None,
    table: Path | None,
    resumed: str | None,
    profile_name: str | None,
    station_file: Path | None,
    as_json: bool,
) -> int:
    """Read, judge and keep; then say how many are well and which are the worst."""
    from linetest.acceptance.sweep import SweepPlan
    from linetest.devices.station import default_station_path, load_station
    from linetest.reports.files import check_names
    from linetest.reports.onu_sweep import render_sweep, sweep_document
    from linetest.store.opened import open_store

    if table is not None:
        check_names([table])
    if resumed is not None and olts:
        raise UsageError(_("--resume goes on with the OLTs of its run"), _("leave the names of the OLTs out"))
    with open_store() as store:
        if resumed is not None:
            run, plan = _stopped_run(store, resumed)
            station = load_station(Path(plan.station))
        else:
            station = load_station(station_file or default_station_path())
            plan = SweepPlan(
                station=str(Path(station.path).resolve()),
                olts=_named(station, olts),
                profile=profile_name,
                optics=optics,
                in_flight=in_flight,
                workers=workers,
                olt_deadline_s=olt_deadline_s,
                deadline_s=deadline_s,
            )
            run = ""
        run, outcomes = _swept(store, run, plan, station)
        if table is not None:
            _write_csv(store, table, outcomes)
    if as_json:
        print_json(sweep_document(run, outcomes))
    else:
        click.echo(render_sweep(outcomes))
    return first_exit([exit_of(one.verdict) for one in outcomes])


def _swept(store: "Store", run: str, plan: "SweepPlan", station: "Station") -> tuple[str, list["OltOutcome"]]:
    """Do what is left of the plan; return the run and the outcomes of all its OLTs in the order of their names."""
    from linetest.acceptance import sweep as sweeps
    from linetest.runs.steps import only_copy
    from linetest.store import journal

    profiles = _profiles(plan.profile)
    run = run or journal.begin_new(store.database, plan)
    with only_copy(store, run):
        done = sweeps.outcomes_of(store, run)
        entries = {name: _entry(station, name) for name in plan.olts if name not in done}
        progress = Progress(len(plan.olts), len(done), _("{done} of {total} OLTs"))
        journal.set_state(store.database, run, "running")
        try:
            for outcome in sweeps.sweep(store, run, plan, entries, profiles):
                done[outcome.olt] = outcome
                progress.step(safe_text(outcome.fault))
        except BaseException:
            journal.set_state(store.database, run, "interrupted")
            progress.end()
            say(
                _("{done} of {total} OLTs are kept; go on with: linetest pon sweep --resume {run}").format(
                    done=len(done), total=len(plan.olts), run=run[:8]
                )
            )
            raise
        journal.set_state(store.database, run, "finished")
        progress.end()
    return run, [done[name] for name in plan.olts]


def _stopped_run(store: "Store", wanted: str) -> tuple[str, "SweepPlan"]:
    import msgspec

    from linetest.acceptance.sweep import KIND, SweepPlan
    from linetest.store.journal import find_run

    found = find_run(store.database, wanted, KIND)
    return found.id, msgspec.json.decode(found.plan, type=SweepPlan)


def _named(station: "Station", wanted: tuple[str, ...]) -> list[str]:
    """Return the OLTs that are named, by pattern or not, each once; all where none is."""
    from linetest.devices.driver_file import load_driver

    known = [name for name, entry in station.device.items() if load_driver(entry.driver).kind == "olt"]
    if not known:
        raise UsageError(
            _("{file}: there is no OLT").format(file=station.path), _("add a table [device.NAME] with driver and snmp")
        )
    found: dict[str, None] = {}
    for pattern in wanted or ("*",):
        fitting = [name for name in known if name == pattern or fnmatchcase(name, pattern)]
        if not fitting:
            raise UsageError(
                _("{file}: no OLT is called {name!r}; there is: {names}").format(
                    file=station.path, name=pattern, names=nearest(pattern, known)
                )
            )
        found |= dict.fromkeys(fitting)
    return list(found)


def _entry(station: "Station", name: str) -> "DeviceEntry":
    from linetest.devices.station import device_for

    return device_for(station, "olt", name)


def _profiles(name: str | None) -> "Callable[[Technology], LoadedProfile]":
    """Return what finds the profile of a technology; the person's own is read before anything is asked."""
    from linetest.cli.pon_profiles import PROFILES, onu_profile

    if name is not None:
        chosen = onu_profile(name)
        return lambda _technology: chosen
    return cache(lambda technology: onu_profile(PROFILES[technology]))


def _write_csv(store: "Store", path: Path, outcomes: list["OltOutcome"]) -> None:
    from linetest.reports.files import write_report
    from linetest.reports.onu_sweep_csv import sweep_csv
    from linetest.store.records import find

    def records() -> Iterator[tuple[str, "Record"]]:
        for one in outcomes:
            yield one.olt, find(store.database, one.record)

    write_report(path, sweep_csv(records()))
