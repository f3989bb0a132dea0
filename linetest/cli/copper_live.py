"""`linetest copper check --meter`: two ends, or a whole binder end by end, measured now with a network analyser."""

import tempfile
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from linetest.cli.options import exit_of, may_ask, print_json, print_record, say
from linetest.errors import DeviceError, UsageError
from linetest.safe import safe_text
from linetest.words.text import N_, _

if TYPE_CHECKING:
    from linetest.acceptance.guided import Answer, GuidedPlan, Taken
    from linetest.copper.two_ports import Combination, Place
    from linetest.devices.station import DeviceEntry
    from linetest.model.profile import LoadedProfile
    from linetest.model.reading import Measurement
    from linetest.model.record import Record, StepDone
    from linetest.store.opened import Store

_PLACES = {"near": N_("pair {number}, near end"), "far": N_("pair {number}, far end")}
_ANSWERS: dict[str, "Answer"] = {"": "measure", "b": "back", "x": "leave-out"}


def check_live(
    loaded: "LoadedProfile",
    *,
    meter: str,
    station_file: Path | None,
    ports: str | None,
    pairs: int | None,
    folder: Path | None,
    as_json: bool,
) -> int:
    """Measure what the options say with the analyser, judge it and keep the record."""
    from linetest.devices.station import default_station_path, device_for, load_station

    station = (station_file or default_station_path()).absolute()
    entry = device_for(load_station(station), "copper-analyser", meter)
    if ports is not None:
        _refuse_pairs(pairs)
        return _check_two_ends(entry, loaded, _two_ends(ports), folder, as_json)
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
        return _guide(store, begin(store, plan), plan, as_json)


def resume_live(wanted: str, *, as_json: bool) -> int:
    """Go on with a guided measurement that was stopped."""
    from linetest.acceptance.guided import load_plan
    from linetest.store.opened import open_store

    _check_asked()
    with open_store() as store:
        run, plan = load_plan(store, wanted)
        return _guide(store, run, plan, as_json)


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


def _guide(store: "Store", run: str, plan: "GuidedPlan", as_json: bool) -> int:
    from linetest.acceptance.guided import Guide, carry_out, finish

    loaded = plan.loaded()
    ohm = _say_preface(plan, loaded)
    guide = Guide(ask=partial(_ask, ohm), taken=_say_taken, kept=_say_kept, trouble=_say_trouble)
    try:
        steps = carry_out(store, run, plan, guide)
        measured = _with_talks(_measure(Path(plan.folder), loaded, plan.meter), Path(plan.folder))
        record = _kept(measured, loaded, steps[0].started_at if steps else None, steps)
    except BaseException:
        say(_("Run {run} is not finished: linetest copper check --resume {run}").format(run=run[:8]))
        raise
    finish(store, run)
    return _told(record, as_json)


def _check_two_ends(
    entry: "DeviceEntry", loaded: "LoadedProfile", one: "Combination", folder: Path | None, as_json: bool
) -> int:
    """Measure between two ends; the file stays in the folder, if there is one."""
    from linetest.acceptance.guided import band_of, take
    from linetest.acceptance.measure import unmeasured
    from linetest.model.clock import now_text

    _say_reach(entry, loaded)
    started_at = now_text()
    with ExitStack() as stack:
        place = folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="linetest-sweep-")))
        try:
            taken = take(entry, one, band_of(loaded), place)
        except DeviceError as error:
            _say_trouble(error.what, error.reason, error.hint)
            limits = [limit for limit in loaded.profile.limit if limit.room == "copper"]
            measured = unmeasured(limits, error.reason, entry.name, entry.simulated)
        else:
            _say_taken(taken)
            measured = _measure(place / taken.name, loaded, entry.name)
        record = _kept(_with_talks(measured, place, one.name), loaded, started_at, None)
    return _told(record, as_json)


def _two_ends(ports: str) -> "Combination":
    """Return the two ends that --ports names."""
    from linetest.copper.two_ports import parse_combination

    return parse_combination(ports.split(","))


def _measure(path: Path, loaded: "LoadedProfile", device: str) -> "Measurement":
    """Return what a file or a folder of files holds, as for any other one, and by which device it was measured."""
    from linetest.acceptance.measure import read_by
    from linetest.cli.copper_check import measure_path
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


def _told(record: "Record", as_json: bool) -> int:
    if as_json:
        print_json(record)
    else:
        print_record(record)
    return exit_of(record.verdict)


def _say_preface(plan: "GuidedPlan", loaded: "LoadedProfile") -> float:
    """Say what the work is and what it takes; return what every end that has no lead is closed with, in ohm."""
    from linetest.acceptance.guided import band_of
    from linetest.devices.driver_file import load_driver
    from linetest.model.values import frequency_words

    entry, wanted = plan.entry(), band_of(loaded)
    analyser = load_driver(entry.driver).analyser
    ohm = analyser.reference_ohm if analyser else 100.0
    count = len(plan.combinations())
    say(
        _("{pairs} pairs, {count} cablings; both leads must reach both ends of the cable.").format(
            pairs=plan.pairs, count=count
        )
    )
    say(_("Each lead ends in a balun to {ohm:g} ohm.").format(ohm=ohm))
    low, high = frequency_words(wanted.start_hz), frequency_words(wanted.stop_hz)
    say(_("Calibrate the analyser behind the baluns, from {low} to {high}.").format(low=low, high=high))
    _say_reach(entry, loaded)
    return ohm


def _say_reach(entry: "DeviceEntry", loaded: "LoadedProfile") -> None:
    """Tell before the work that this analyser cannot reach the whole band, and what that means."""
    from linetest.acceptance.guided import band_of
    from linetest.copper.settings import settings_of
    from linetest.devices.driver_file import load_driver
    from linetest.model.values import frequency_words

    wanted, tolerance_hz = band_of(loaded), settings_of(loaded).edge_tolerance_hz
    analyser = load_driver(entry.driver).analyser
    if analyser is None:
        return
    if analyser.lowest_hz > wanted.start_hz + tolerance_hz or analyser.highest_hz < wanted.stop_hz - tolerance_hz:
        say(
            _("Note: {name} goes from {low} to {high}, which is not the whole band:").format(
                name=safe_text(entry.name),
                low=frequency_words(analyser.lowest_hz),
                high=frequency_words(analyser.highest_hz),
            )
        )
        say(_("it can find a pair that fails, and never pass one."))


def _ask(ohm: float, one: "Combination", before: "Combination | None", number: int, count: int) -> "Answer":
    """Say what to connect where, and wait until the person says that it is."""
    say("")
    say(_("Cabling {number} of {count}").format(number=number, count=count))
    for port, place in enumerate(one, start=1):
        moves = before is None or before[port - 1] != place
        words = _("port {port}: {place}").format(port=port, place=_place_words(place))
        say(f"  {words:<28}" + _("<- connect") if moves else f"  {words}")
    say("  " + _("all other ends: {ohm:g} ohm").format(ohm=ohm))
    question = _("Enter measures, x leaves this one out:")
    if number > 1:
        question = _("Enter measures, b repeats the one before, x leaves this one out:")
    while True:
        said = click.prompt(question, default="", show_default=False, prompt_suffix=" ", err=True)
        answer = _ANSWERS.get(said.strip().lower())
        if answer is not None and (answer != "back" or number > 1):
            return answer


def _place_words(place: "Place") -> str:
    return _(_PLACES[place.end]).format(number=place.pair)


def _say_taken(taken: "Taken") -> None:
    from linetest.model.values import frequency_words

    say(
        "  "
        + _("measured: {points} points from {first}, highest {gain:.1f} dB at {frequency}").format(
            points=taken.points,
            first=frequency_words(taken.first_hz),
            gain=taken.highest_db,
            frequency=frequency_words(taken.highest_hz),
        )
    )


def _say_kept(one: "Combination") -> None:
    say(_("{name}: measured before").format(name=one.name))


def _say_trouble(words: str, reason: str, hint: str = "") -> None:
    from linetest.model.sentences import reason_advice, reason_words

    say(safe_text(_("Not measured: {reason}: {words}").format(reason=reason_words(reason), words=words)))
    say(_("Try: {hint}").format(hint=safe_text(hint or reason_advice(reason))))
