"""Runs a list of steps with a journal, so that a run that was killed goes on where it stopped.

Each step is noted before it begins and after it ended. A step that is noted as begun only was interrupted: it is run
again on resume, and both are told in the record. A step that is done is not done twice.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, NamedTuple, TypeVar

import msgspec
from filelock import FileLock
from filelock import Timeout as LockTimeout

from linetest.errors import DeviceError, FileError, StoreError
from linetest.model.step import StepDone
from linetest.store import journal
from linetest.store.opened import Store
from linetest.words.text import _

R = TypeVar("R", bound=msgspec.Struct)


class StoppedAfter(KeyboardInterrupt):
    """The person stopped a step that had changed something, and it has been put back."""

    def __init__(self, restored: list[StepDone]) -> None:
        super().__init__()
        self.restored = restored


class Task(NamedTuple, Generic[R]):
    """One step: its name, unique in the run, and the work."""

    name: str
    work: Callable[[], R]
    failed: Callable[[str], R]
    """Makes the result of a step that could not be done, from the reason code."""


class Done(NamedTuple, Generic[R]):
    """What became of one step, over all tries of this run."""

    result: R
    history: list[StepDone]


Tell = Callable[[str, str, str], None]
"""Called with the step's name, the event (started, done, failed, kept, error) and an error's words."""


@contextmanager
def only_copy(store: Store, run: str) -> Iterator[None]:
    """Hold the run for this process; a second one is refused. The lock falls with the process, killed or not."""
    folder = store.home / "runs"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(folder / f"{run}.lock", timeout=0):
            yield
    except LockTimeout as error:
        raise StoreError(
            _("run {run} is being done by another linetest now").format(run=run[:8]),
            _("wait until it has ended"),
        ) from error


def run_task(store: Store, run: str, task: Task[R], result_type: type[R], ends_at: float, tell: Tell) -> Done[R]:
    """Do one step, or return what an earlier try of this run has done.

    `ends_at` is the total deadline on `time.monotonic`: a step that would begin after it fails with ``timeout``.
    """
    if (kept := kept_result(store, run, task.name, result_type)) is not None:
        tell(task.name, "kept", "")
        return kept
    past = [event for event in journal.events(store.database, run) if event.step == task.name]
    if past and past[-1].event == "started":
        journal.note(store.database, run, task.name, "interrupted")
    journal.note(store.database, run, task.name, "started")
    tell(task.name, "started", "")
    try:
        result, event_name = _work(task, ends_at, tell)
    except BaseException as error:  # Ctrl-C above all: the journal says so, and the error goes on
        for step in error.restored if isinstance(error, StoppedAfter) else ():
            journal.note(store.database, run, task.name, "restored", msgspec.json.encode(step))
        journal.note(store.database, run, task.name, "interrupted")
        raise
    journal.note(store.database, run, task.name, event_name, msgspec.json.encode(result))
    tell(task.name, event_name, "")
    past = [event for event in journal.events(store.database, run) if event.step == task.name]
    return Done(result, history_of(task.name, past))


def kept_result(store: Store, run: str, name: str, result_type: type[R]) -> Done[R] | None:
    """Return what an earlier try of this run has done; None where it has not, or where it was reopened since."""
    past = [event for event in journal.events(store.database, run) if event.step == name]
    for event in reversed(past):
        if event.event == "reopened":
            return None
        if event.event in ("done", "failed") and event.body is not None:
            return Done(msgspec.json.decode(event.body, type=result_type), history_of(name, past))
    return None


def reopen(store: Store, run: str, name: str) -> None:
    """Let a step be done again: what was done before stays in the journal and counts no more."""
    journal.note(store.database, run, name, "reopened")


def _work(task: Task[R], ends_at: float, tell: Tell) -> tuple[R, str]:
    """Return the result and ``done``, or the failed result and ``failed``."""
    if time.monotonic() >= ends_at:
        tell(task.name, "error", _("the time for the whole run is over"))
        return task.failed("timeout"), "failed"
    try:
        return task.work(), "done"
    except DeviceError as error:
        tell(task.name, "error", error.what)
        return task.failed(error.reason), "failed"
    except FileError as error:
        tell(task.name, "error", error.what)
        return task.failed("unreadable"), "failed"


def history_of(name: str, events: list[journal.Event]) -> list[StepDone]:
    """Return one entry per try of a step, from the events of the journal."""
    tries: list[StepDone] = []
    started_at = ""
    for event in events:
        if event.event == "started":
            started_at = event.at
        elif event.event == "restored" and event.body is not None:
            tries.append(msgspec.json.decode(event.body, type=StepDone))
        elif event.event in ("done", "failed", "interrupted"):
            state = event.event
            tries.append(
                msgspec.convert(
                    {"name": name, "state": state, "started_at": started_at, "finished_at": event.at},
                    StepDone,
                )
            )
    return tries
