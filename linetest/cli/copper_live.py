"""`linetest copper check --meter`: two ends, or a whole binder end by end, measured now with a network analyser."""

import tempfile
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from linetest.cli.copper_guide import ask, say_kept, say_preface, say_reach, say_taken, say_trouble
from linetest.cli.options import USAGE, exit_of, may_ask, print_json, print_record, say
from linetest.cli.outputs import write_asked
from linetest.errors import DeviceError, UsageError
from linetest.words.text import _

if TYPE_CHECKING:
    from linetest.acceptance.guided import GuidedPlan
    from linetest.copper.two_ports import Combination
    from linetest.devices.station import DeviceEntry
    from linetest.model.profile import LoadedProfile
    from linetest.model.reading import Measurement
    from linetest.model.record import Record
    from linetest.model.step import StepDone
    from linetest.store.opened import Store


def check_live(
    loaded: "LoadedProfile",
    *,
    meter: str,
    station_file: Path | None,
    ports: str | None,
    pairs: int | None,
    folder: Path | None,
    report: Path | None,
    as_json: bool,
) -> int:
    """Measure what the options say with the analyser, judge it and keep the record."""
    from linetest.devices.station import default_station_path, device_for, load_station

    station = (station_file or default_station_path()).absolute()
    entry = device_for(load_station(station), "copper-analyser", meter)
    if ports is not None:
        _refuse_pairs(pairs)
        return _check_two_ends(entry, loaded, _two_ends(ports), folder, report, as_json)
    _check_asked()
    if pairs is None or folder is None:
        raise UsageError(
            _("the option {option} is missing").format(option="--pairs" if pairs is None else "--folder"),
            f"linetest copper check --meter {meter} --pairs 4 --folder binder",
        )
    from linetest.acceptance.guided import GuidedPlan, begin
    from linetest.store.opened import open_store

    plan = GuidedPlan(
        station=str(station),
        meter=meter,
        pairs=pairs,
        folder=str(folder.absolute()),
        profile_path=loaded.path,
        profile_text=loaded.text,
    )
    _check_empty(folder)
    with open_store() as store:
        return _guide(store, begin(store, plan), plan, report, as_json)


def resume_live(wanted: str, *, report: Path | None, as_json: bool) -> int:
    """Go on with a guided measurement that was stopped."""
    from linetest.acceptance.guided import load_plan
    from linetest.store.opened import open_store

    _check_asked()
    with open_store() as store:
        run, plan = load_plan(store, wanted)
        return _guide(store, run, plan, report, as_json)


def _refuse_pairs(pairs: int | None) -> None:
    if pairs is not None:
        raise UsageError(
            _("{one} and {other} exclude one another").format(one="--ports", other="--pairs"),
            _("--ports measures one cabling, --pairs a whole binder"),
        )


def _check_asked() -> None:
    if not may_ask():
        raise UsageError(
            _("there is no terminal to ask at: the option --ports is missing"),
            _("one cabling at a time: --ports PAIR1_NEAR,PAIR2_NEAR --folder FOLDER; then copper check FOLDER"),
        )


def _check_empty(folder: Path) -> None:
    """Refuse a folder with other sweeps: they would become pairs of this binder."""
    if any(folder.glob("*")):
        raise UsageError(
            _("{folder}: there are files in it").format(folder=folder),
            _("name a new folder; a run that was stopped goes on with --resume last"),
        )


def _guide(store: "Store", run: str, plan: "GuidedPlan", report: Path | None, as_json: bool) -> int:
    from linetest.acceptance.guided import Guide, carry_out, finish

    loaded = plan.loaded()
    ohm = say_preface(plan, loaded)
    guide = Guide(ask=partial(ask, ohm), taken=say_taken, kept=say_kept, trouble=say_trouble)
    try:
        steps = carry_out(store, run, plan, guide)
        measured = _with_talks(_measure(Path(plan.folder), loaded, plan.meter), Path(plan.folder))
        record = _kept(measured, loaded, steps[0].started_at if steps else None, steps)
    except BaseException:
        say(_("Run {run} is not finished: linetest copper check --resume {run}").format(run=run[:8]))
        raise
    finish(store, run)
    return _told(record, report, as_json)


def _check_two_ends(
    entry: "DeviceEntry",
    loaded: "LoadedProfile",
    one: "Combination",
    folder: Path | None,
    report: Path | None,
    as_json: bool,
) -> int:
    """Measure between two ends; the file stays in the folder, if there is one."""
    from linetest.acceptance.guided import band_of, take
    from linetest.acceptance.measure import unmeasured
    from linetest.model.clock import now_text

    say_reach(entry, loaded)
    started_at = now_text()
    with ExitStack() as stack:
        place = folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="linetest-sweep-")))
        try:
            taken = take(entry, one, band_of(loaded), place)
        except DeviceError as error:
            say_trouble(error.what, error.reason, error.hint)
            limits = [limit for limit in loaded.profile.limit if limit.room == "copper"]
            measured = unmeasured(limits, error.reason, entry.name, entry.simulated)
        else:
            say_taken(taken)
            if folder is not None:
                say(_("Kept in {folder}; linetest copper check {folder} judges all in it.").format(folder=folder))
            measured = _measure(place / taken.name, loaded, entry.name)
        record = _kept(_with_talks(measured, place, one.name), loaded, started_at, None)
    return _told(record, report, as_json)


def _two_ends(ports: str) -> "Combination":
    """Return the two ends that --ports names."""
    from linetest.copper.two_ports import parse_combination

    return parse_combination(ports.split(","))


def _measure(path: Path, loaded: "LoadedProfile", device: str) -> "Measurement":
    """Return what a file or a folder of files holds, as for any other one, and by which device it was measured."""
    from linetest.acceptance.measure import read_by
    from linetest.cli.copper_measure import measure_path
    from linetest.copper.sweep import SweepOptions

    return read_by(measure_path(path, SweepOptions(), loaded), device)


def _with_talks(measured: "Measurement", folder: Path, name: str = "*") -> "Measurement":
    """Return the measurement with the talks with the analyser as evidence too."""
    import msgspec

    from linetest.acceptance.guided import transcripts

    return msgspec.structs.replace(measured, evidence=[*measured.evidence, *transcripts(folder, name)])


def _kept(
    measured: "Measurement", loaded: "LoadedProfile", started_at: str | None, steps: "list[StepDone] | None"
) -> "Record":
    from linetest.acceptance.single import judge_and_keep

    return judge_and_keep(measured, loaded, "copper", started_at=started_at, steps=steps)


def _told(record: "Record", report: Path | None, as_json: bool) -> int:
    if as_json:
        print_json(record)
    else:
        print_record(record)
    return exit_of(record.verdict) if write_asked(record, report) else USAGE
