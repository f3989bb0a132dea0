"""`linetest otdr batch`: one record per file, all cores, interrupted and gone on with."""

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from linetest.acceptance.batch import keep, measure_files, split_done, trace_files
from linetest.catalog import load_profile
from linetest.store.opened import open_store
from linetest.store.records import verify

Run = Callable[..., subprocess.CompletedProcess[str]]
Write = Callable[..., Path]


@pytest.fixture
def folder(write_trace: Write, tmp_path: Path) -> Path:
    """Return a folder with three good files, in folders and with endings of both cases, and one that is no trace."""
    first = write_trace("traces/b.sor")
    write_trace("traces/deep/a.SOR", wavelength_nm=1310.0)
    write_trace("traces/c.Sor", seed=3)
    (first.parent / "no.sor").write_bytes(b"no trace")
    (first.parent / "notes.txt").write_text("sor")
    (first.parent / "folder.sor").mkdir()
    return first.parent


def verdicts(document: dict[str, Any]) -> dict[str, str]:
    return {file["file"]: file["verdict"] for file in document["files"]}


@pytest.mark.slow
@pytest.mark.parametrize("jobs", [1, 2])
def test_every_file_below_the_folder_gets_a_record(run: Run, folder: Path, jobs: int) -> None:
    done = run("otdr", "batch", folder, "--jobs", str(jobs), "--json")
    document = json.loads(done.stdout)
    assert (document["schema"], document["profile"]["name"]) == ("linetest.batch/1", "ftth-drop")
    names = [file["file"] for file in document["files"]]
    assert names == ["b.sor", "c.Sor", str(Path("deep", "a.SOR")), "no.sor"]
    assert verdicts(document)["no.sor"] == "inconclusive"
    assert sum(document["counts"].values()) == 4
    assert "no.sor" in done.stderr
    assert done.returncode == (1 if document["counts"]["fail"] else 3)
    kept = json.loads(run("record", "list", "--json").stdout)["records"]
    assert {file["record"] for file in document["files"]} == {row["id"] for row in kept}
    assert run("record", "verify").returncode == 0


def test_the_same_files_are_not_measured_again_unless_asked(call: Run, folder: Path, tmp_path: Path) -> None:
    first = json.loads(call("otdr", "batch", folder, "--jobs", "1", "--json").stdout)
    moved = tmp_path / "moved"
    shutil.move(folder, moved)
    second = json.loads(call("otdr", "batch", moved, "--jobs", "1", "--json").stdout)
    assert all(file["kept"] for file in second["files"])
    assert [file["record"] for file in second["files"]] == [file["record"] for file in first["files"]]
    again = json.loads(call("otdr", "batch", moved, "--jobs", "1", "--json", "--again").stdout)
    assert not any(file["kept"] for file in again["files"])
    other = json.loads(call("otdr", "batch", moved, "--jobs", "1", "--json", "--profile", "tia-568-sm").stdout)
    assert not any(file["kept"] for file in other["files"])


def test_a_check_with_other_reels_does_not_count_as_done(call: Run, folder: Path) -> None:
    call("otdr", "check", folder / "b.sor", "--launch", "400")
    document = json.loads(call("otdr", "batch", folder, "--jobs", "1", "--json").stdout)
    assert not any(file["kept"] for file in document["files"])


def test_the_summary_names_the_worst_and_the_table_has_a_row_for_each(call: Run, folder: Path, tmp_path: Path) -> None:
    table = tmp_path / "all.csv"
    done = call("otdr", "batch", folder, "--jobs", "1", "--csv", table)
    assert done.stdout.startswith("4 files\n")
    assert "no.sor" in done.stdout
    text = table.read_bytes().decode("utf-8-sig")
    rows = list(csv.DictReader(StringIO(text)))
    assert rows[0]["file"] == "b.sor"
    assert len(rows) == 4
    assert float(rows[0]["wavelength_nm"]) == 1550.0
    assert rows[-1]["worst_reason"] == "unreadable"
    assert rows[-1]["link_loss_db"] == ""  # absent is not zero
    assert call("otdr", "batch", folder, "--csv", tmp_path / "nowhere" / "all.csv").returncode == 2


def test_a_folder_without_traces_is_refused(call: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = call("otdr", "batch", tmp_path / "empty")
    assert (done.returncode, "no .sor file" in done.stderr) == (2, True)
    assert call("otdr", "batch", tmp_path / "missing").returncode == 2


def test_any_executor_does_and_few_files_are_in_flight(folder: Path, tmp_path: Path) -> None:
    class Counting(ThreadPoolExecutor):
        most = 0
        handed_out = 0
        taken = 0

        def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
            self.handed_out += 1
            self.most = max(self.most, self.handed_out - self.taken)
            return super().submit(fn, *args, **kwargs)

    loaded = load_profile("ftth-drop")
    paths = trace_files(folder) * 5
    with Counting(2) as executor:
        found = []
        for measured in measure_files(paths, loaded, executor, 3):
            executor.taken += 1
            found.append(measured)
    assert [measured.path for measured in found] == paths
    assert executor.most <= 3
    with open_store() as store:
        for measured in found[:4]:
            keep(store, measured)
        assert verify(store.database, store.home) == []
        todo, done = split_done(store, paths, loaded)
    assert todo == []
    assert set(done) == set(paths)


def test_what_is_waiting_is_given_up_when_the_reader_goes_away(folder: Path) -> None:
    futures: list[Future[Any]] = []

    class Never(Executor):
        def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
            futures.append(Future())
            if len(futures) == 1:
                futures[0].set_result("first")
            return futures[-1]

    results: Iterator[Any] = measure_files(trace_files(folder), load_profile("ftth-drop"), Never(), 3)
    assert next(results) == "first"
    results.close()  # type: ignore[attr-defined]
    assert [future.cancelled() for future in futures] == [False, True, True]


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="signals to a process group are POSIX")
@pytest.mark.parametrize(("how", "code"), [(signal.SIGINT, 4), (signal.SIGKILL, -9)])
def test_stopped_it_keeps_what_is_done_and_goes_on_there(
    run: Run, folder: Path, private_home: Path, how: signal.Signals, code: int
) -> None:
    source = (folder / "b.sor").read_bytes()
    for number in range(80):
        # A few bytes behind the last block make another file of it.
        (folder / f"{number:02}.sor").write_bytes(source + number.to_bytes(4, "little"))
    command = [sys.executable, "-m", "linetest", "otdr", "batch", str(folder), "--jobs", "2"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    deadline = time.monotonic() + 60
    while len(list((private_home / "evidence").glob("*/*"))) < 12:
        assert time.monotonic() < deadline
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)
    if how is signal.SIGINT:
        os.killpg(process.pid, how)  # as a terminal does: to all of them
    else:
        process.send_signal(how)
    _out, err = process.communicate(timeout=30)  # ends when no worker holds the pipes any more
    assert process.returncode == code
    assert "Traceback" not in err
    kept = len(json.loads(run("record", "list", "--json", "--most", "1000").stdout)["records"])
    assert 3 < kept < 84
    done = json.loads(run("otdr", "batch", folder, "--json").stdout)
    assert len(done["files"]) == 84
    assert sum(file["kept"] for file in done["files"]) == kept
    assert run("record", "verify").returncode == 0


def test_a_second_batch_at_the_same_time_is_refused(call: Run, folder: Path) -> None:
    from linetest.runs.steps import only_copy

    with open_store() as store, only_copy(store, "batch"):
        done = call("otdr", "batch", folder)
    assert (done.returncode, "batch" in done.stderr) == (3, True)
