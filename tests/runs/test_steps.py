"""A run goes on where it stopped: nothing done twice, nothing skipped, and the interruption is told."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from linetest.errors import BadFile, StoreError, Timeout, UsageError
from linetest.runs.steps import Done, Task, kept_result, only_copy, reopen, run_task
from linetest.store import journal
from linetest.store.opened import Store, open_store


class Result(msgspec.Struct, frozen=True):
    """What a step of these tests hands back."""

    text: str


class Stage:
    """A run with one step whose work the test chooses."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.told: list[tuple[str, str]] = []
        journal.begin(store.database, "run-1", {})

    def do(self, work: Callable[[], Result], ends_at: float | None = None) -> Done[Result]:
        ends_at = time.monotonic() + 60 if ends_at is None else ends_at
        task = Task("light", work, lambda reason: Result(f"failed: {reason}"))
        return run_task(
            self.store,
            "run-1",
            task,
            Result,
            ends_at,
            lambda _name, event, words: self.told.append((event, words)),
        )


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with open_store(tmp_path) as store:
        yield Stage(store)


def good() -> Result:
    return Result("measured")


def never() -> Result:
    raise AssertionError("this step was done already")


def test_a_done_step_is_not_done_again(stage: Stage) -> None:
    first = stage.do(good)
    second = stage.do(never)
    assert first.result == second.result == Result("measured")
    assert [event for event, _ in stage.told] == ["started", "done", "kept"]
    assert [step.state for step in second.history] == ["done"]


def test_ctrl_c_is_written_down_and_the_step_is_done_on_resume(stage: Stage) -> None:
    def stopped() -> Result:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stage.do(stopped)
    done = stage.do(good)
    assert [step.state for step in done.history] == ["interrupted", "done"]


def test_a_step_that_was_killed_is_found_interrupted(stage: Stage) -> None:
    journal.note(stage.store.database, "run-1", "light", "started")  # what a kill -9 leaves behind
    done = stage.do(good)
    assert done.result == Result("measured")
    assert [step.state for step in done.history] == ["interrupted", "done"]


@pytest.mark.parametrize(("error", "reason"), [(Timeout("no answer"), "timeout"), (BadFile("line 3"), "unreadable")])
def test_a_device_that_fails_gives_a_result_with_the_reason(stage: Stage, error: Exception, reason: str) -> None:
    def fails() -> Result:
        raise error

    done = stage.do(fails)
    assert done.result == Result(f"failed: {reason}")
    assert [step.state for step in done.history] == ["failed"]
    assert ("error", str(error)) in stage.told


def test_no_step_begins_after_the_deadline(stage: Stage) -> None:
    done = stage.do(never, ends_at=time.monotonic() - 1)
    assert done.result == Result("failed: timeout")


def test_a_mistake_in_the_program_is_not_taken_for_a_failed_measurement(stage: Stage) -> None:
    with pytest.raises(ZeroDivisionError):
        stage.do(lambda: Result(str(1 / 0)))
    assert stage.do(good).history[0].state == "interrupted"


def test_a_second_copy_of_one_run_is_refused(stage: Stage) -> None:
    with (
        only_copy(stage.store, "run-1"),
        pytest.raises(StoreError, match="another linetest"),
        only_copy(stage.store, "run-1"),
    ):
        pass
    with only_copy(stage.store, "run-1"):
        pass


def test_a_reopened_step_is_done_again_and_both_tries_are_told(stage: Stage) -> None:
    stage.do(good)
    reopen(stage.store, "run-1", "light")
    assert kept_result(stage.store, "run-1", "light", Result) is None
    again = stage.do(lambda: Result("better"))
    assert again.result == Result("better")
    assert [step.state for step in again.history] == ["done", "done"]
    kept = kept_result(stage.store, "run-1", "light", Result)
    assert kept is not None
    assert kept.result == Result("better")


def test_runs_of_another_kind_are_not_resumed(stage: Stage) -> None:
    journal.begin(stage.store.database, "run-2", {"kind": "guided-sweep"})
    assert journal.find_run(stage.store.database, "last").id == "run-1"
    assert journal.find_run(stage.store.database, "last", "guided-sweep").id == "run-2"
    with pytest.raises(UsageError, match="no run"):
        journal.find_run(stage.store.database, "run-2")
