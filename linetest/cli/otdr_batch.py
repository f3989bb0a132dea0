"""`linetest otdr batch`: every trace file below a folder, on all cores."""

import os
from collections.abc import Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from linetest.cli.options import (
    exit_of,
    first_exit,
    json_option,
    print_json,
    profile_option,
    standard_options,
)
from linetest.cli.progress import Progress
from linetest.errors import UsageError
from linetest.safe import safe_text
from linetest.words.text import _

if TYPE_CHECKING:
    from linetest.model.profile import LoadedProfile
    from linetest.reports.batch import BatchFile


@click.command(
    "batch",
    help=_(
        "Judge every .sor file below a folder, on all cores. Each file becomes a record of its own; what a profile of "
        "the same text has judged before is not measured again, so an interrupted batch goes on where it stopped. "
        "The exit code is that of the worst file.\n\n"
        "Example: linetest otdr batch traces --profile p2p-fibre --csv traces.csv"
    ),
)
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@profile_option("ftth-drop")
@click.option("--jobs", type=click.IntRange(1, 512), help=_("How many processes measure; else one for each core."))
@click.option(
    "--csv",
    "table",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar=_("FILE"),
    help=_("Also write one row for each file."),
)
@click.option("--again", is_flag=True, help=_("Measure all files, those that were judged before too."))
@json_option
@standard_options
def batch(folder: Path, profile_name: str, jobs: int | None, table: Path | None, again: bool, as_json: bool) -> int:
    """Measure, judge and keep; then say how many passed and which are the worst."""
    from linetest.acceptance.batch import trace_files
    from linetest.cli.otdr_check import load_otdr_profile
    from linetest.reports.batch import count_verdicts, render_batch, render_batch_csv
    from linetest.reports.files import check_names, write_report

    if table is not None:
        check_names([table])
    loaded = load_otdr_profile(profile_name)
    paths = trace_files(folder)
    if not paths:
        raise UsageError(
            _("{folder}: there is no .sor file in it or below it").format(folder=folder),
            _("name the folder that holds the traces"),
        )
    files = _judge(folder, paths, loaded, jobs or _cores(), again)
    if table is not None:
        write_report(table, render_batch_csv(files))
    if as_json:
        print_json(
            {
                "schema": "linetest.batch/1",
                "folder": str(folder),
                "profile": {"name": loaded.profile.name, "sha256": loaded.sha256},
                "counts": count_verdicts(files),
                "files": [
                    {
                        "file": file.name,
                        "verdict": file.record.verdict,
                        "record": file.record.id,
                        "kept": file.kept,
                    }
                    for file in files
                ],
            }
        )
    else:
        click.echo(render_batch(files))
    return first_exit([exit_of(file.record.verdict) for file in files])


def _judge(folder: Path, paths: list[Path], loaded: "LoadedProfile", jobs: int, again: bool) -> list["BatchFile"]:
    """Return every file with its record, those of earlier runs in their place."""
    from linetest.acceptance.batch import keep, measure_files, split_done
    from linetest.reports.batch import BatchFile
    from linetest.runs.steps import only_copy
    from linetest.store.opened import open_store

    with open_store() as store, only_copy(store, "batch"):
        todo, records = (paths, {}) if again else split_done(store, paths, loaded)
        earlier = set(records)
        progress = Progress(len(todo), 0, _("{done} of {total} files"))
        jobs = min(jobs, max(len(todo), 1))
        in_flight = 1 if jobs == 1 else 2 * jobs + 2  # a worker always finds the next file waiting
        with _workers(jobs) as executor:
            for measured in measure_files(todo, loaded, executor, in_flight):
                records[measured.path] = keep(store, measured)
                progress.step(safe_text(measured.fault))
        progress.end()
    return [BatchFile(str(path.relative_to(folder)), records[path], path in earlier) for path in paths]


@contextmanager
def _workers(jobs: int) -> Iterator[Executor]:
    """Yield an executor with so many processes; of one job, this one."""
    from linetest.cli.workers import start_workers

    if jobs == 1:
        yield _Here()
        return
    with start_workers(jobs) as executor:
        yield executor


class _Here(Executor):
    """Does the work at once, in this process."""

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


def _cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
