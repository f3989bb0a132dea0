"""A binder measured by hand: a person moves the two leads of an analyser from end to end, and each sweep is kept.

Every cabling is a step of a run: noted before and after, so that a run that was stopped or killed goes on where it was.
Its sweep is a Touchstone file in the folder of the run, its talk a transcript beside it.
"""

import hashlib
import math
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import msgspec

from linetest.catalog import read_profile
from linetest.copper.files import load_body, read_sweep
from linetest.copper.settings import settings_of
from linetest.copper.sweep import SweepOptions
from linetest.copper.two_ports import Combination, combinations, two_port_file, wanted_band
from linetest.devices.copper_analyser import CopperAnalyser, Span
from linetest.devices.driver_file import load_driver
from linetest.devices.station import DeviceEntry, device_for, load_station
from linetest.errors import BadFile, DeviceError, UsageError
from linetest.model.codes import Reason
from linetest.model.profile import LoadedProfile
from linetest.model.reading import EvidenceFile
from linetest.model.step import StepDone
from linetest.runs.steps import Task, kept_result, only_copy, reopen, run_task
from linetest.store import journal
from linetest.store.durable import write_durably
from linetest.store.opened import Store
from linetest.words.text import _

KIND = "guided-sweep"
_TRANSCRIPTS = "transcripts"

Answer = Literal["measure", "back", "leave-out"]
"""What the person says at a cabling: it is connected; the one before again; go on without it."""


class GuidedPlan(msgspec.Struct, frozen=True, kw_only=True):
    """All that a resumed run needs."""

    kind: str = KIND
    station: str
    """Path of the station file: it is read again, for after a pause a port may have another name."""
    meter: str
    """The analyser's name in it."""
    pairs: int
    folder: str
    profile_path: str
    profile_text: str

    def loaded(self) -> LoadedProfile:
        """Return the profile as it was when the run began."""
        return read_profile(self.profile_text, self.profile_path)

    def entry(self) -> DeviceEntry:
        """Return the analyser; raises `UsageError` or `FileError` when the station has none of that name."""
        return device_for(load_station(Path(self.station)), "copper-analyser", self.meter)

    def combinations(self) -> list[Combination]:
        """Return all cablings."""
        return combinations(self.pairs, settings_of(self.loaded()).ends)


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What was measured at one cabling."""

    name: str
    """Of the file."""
    sha256: str
    points: int
    highest_db: float
    """The largest gain between the two ends."""
    highest_hz: float
    first_hz: float
    """Where the analyser really began."""


class Cabled(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one cabling: what was measured, or the `Reason` why nothing was."""

    taken: Taken | None = None
    reason: str | None = None


class Guide(msgspec.Struct, frozen=True, kw_only=True):
    """How a run talks to the person."""

    ask: Callable[[Combination, Combination | None, int, int], Answer]
    """Called with a cabling, the one that is connected, its number and how many there are.

    Returns when the leads are there."""
    taken: Callable[[Taken], None]
    kept: Callable[[Combination], None]
    """Called for a cabling that an earlier try of the run has measured."""
    trouble: Callable[[str, str], None]
    """Called with what went wrong in words and its reason; the person is asked for the same cabling again."""


def band_of(loaded: LoadedProfile) -> Span:
    """Return what the profile wants to be swept."""
    return Span(*wanted_band(loaded.profile.limit, settings_of(loaded)))


def begin(store: Store, plan: GuidedPlan) -> str:
    """Write the plan into the journal and return the new run's id."""
    run = str(uuid.uuid4())
    journal.begin(store.database, run, plan)
    return run


def load_plan(store: Store, wanted: str) -> tuple[str, GuidedPlan]:
    """Return a run that is to be resumed, and its plan."""
    found = journal.find_run(store.database, wanted, KIND)
    if found.state == "finished":
        raise UsageError(
            _("run {run} has ended; there is nothing to resume").format(run=found.id[:8]),
            _("`linetest record list` shows the records, `linetest copper check FOLDER` judges its folder again"),
        )
    return found.id, msgspec.json.decode(found.plan, type=GuidedPlan)


def finish(store: Store, run: str) -> None:
    """Note that the run is done: its record is kept."""
    journal.set_state(store.database, run, "finished")


def carry_out(store: Store, run: str, plan: GuidedPlan, guide: Guide) -> list[StepDone]:
    """Do what is left of the run; return what became of each try of each cabling.

    After Ctrl-C or a crash the same call goes on.
    """
    meter = plan.entry()
    with only_copy(store, run):
        journal.set_state(store.database, run, "running")
        try:
            return _walk(store, run, plan, meter, guide)
        except BaseException:
            journal.set_state(store.database, run, "interrupted")
            raise


def transcripts(folder: Path, name: str = "*") -> list[EvidenceFile]:
    """Return the talks with the analyser that are kept beside the sweeps in a folder: all, or that of one cabling."""
    return [
        EvidenceFile(name=path.name, media_type="application/jsonl", body=load_body(path))
        for path in sorted((folder / _TRANSCRIPTS).glob(f"{name}.jsonl"))
    ]


def take(meter: DeviceEntry, one: Combination, wanted: Span, folder: Path) -> Taken:
    """Sweep between the two ends that are connected now, and keep file and transcript in the folder.

    Raises:
        DeviceError: with the reason; the transcript is kept all the same.
    """
    driver = load_driver(meter.driver)
    analyser = CopperAnalyser(meter, driver)
    name = f"{one.name}.s2p"
    try:
        swept = analyser.sweep(wanted)
    finally:
        write_durably(folder / _TRANSCRIPTS / f"{one.name}.jsonl", analyser.transcript().body)
    body = two_port_file(
        (one.one.label, one.two.label),
        swept.frequency_hz,
        {str(parameter): values for parameter, values in swept.s.items()},
        analyser.analyser.reference_ohm,
        comments=[f"{driver.make} {driver.model}", analyser.identity, "balanced, behind baluns"],
        simulated=analyser.simulated,
    )
    try:
        read_sweep(name, body, SweepOptions())  # a file that nobody can read is found out now, not after the last one
    except BadFile as error:
        raise DeviceError(
            error.what, _("calibrate the analyser behind its baluns; measure again"), reason=Reason.OUT_OF_WINDOW
        ) from error
    write_durably(folder / name, body)
    highest, at_hz = max((abs(value), hz) for value, hz in zip(swept.s["S21"], swept.frequency_hz, strict=True))
    return Taken(
        name=name,
        sha256=hashlib.sha256(body).hexdigest(),
        points=len(swept.frequency_hz),
        highest_db=20.0 * math.log10(max(highest, 1e-10)),
        highest_hz=at_hz,
        first_hz=swept.frequency_hz[0],
    )


def _walk(store: Store, run: str, plan: GuidedPlan, meter: DeviceEntry, guide: Guide) -> list[StepDone]:
    wanted, wanted_hz, folder = plan.combinations(), band_of(plan.loaded()), Path(plan.folder)
    at, connected = 0, None
    while at < len(wanted):
        one = wanted[at]
        if _is_kept(store, run, one, folder):
            guide.kept(one)
            at += 1
            continue
        answer = guide.ask(one, connected, at + 1, len(wanted))
        if answer == "back":
            at = max(at - 1, 0)
            reopen(store, run, wanted[at].name)
        elif answer == "leave-out":
            at += 1
        else:
            connected = one
            at += _measured(store, run, _task(meter, one, wanted_hz, folder), guide)
    done = [kept_result(store, run, one.name, Cabled) for one in wanted]
    return [step for one in done if one is not None for step in one.history]


def _is_kept(store: Store, run: str, one: Combination, folder: Path) -> bool:
    """Tell whether a cabling was measured and its file is still what was measured."""
    done = kept_result(store, run, one.name, Cabled)
    if done is None or done.result.taken is None:
        return False
    path = folder / done.result.taken.name
    if path.is_file() and hashlib.sha256(load_body(path)).hexdigest() == done.result.taken.sha256:
        return True
    reopen(store, run, one.name)
    return False


def _measured(store: Store, run: str, task: Task[Cabled], guide: Guide) -> bool:
    """Do a cabling and tell whether it worked; where it did not, the person is asked again."""
    said: list[str] = []

    def tell(_name: str, event: str, words: str) -> None:
        said.extend([words] if event == "error" else [])

    done = run_task(store, run, task, Cabled, math.inf, tell).result
    if done.taken is None:
        reopen(store, run, task.name)
        guide.trouble("; ".join(said), done.reason or "")
        return False
    guide.taken(done.taken)
    return True


def _task(meter: DeviceEntry, one: Combination, wanted: Span, folder: Path) -> Task[Cabled]:
    return Task(one.name, lambda: Cabled(taken=take(meter, one, wanted, folder)), lambda reason: Cabled(reason=reason))
