"""Many trace files at once: measured and judged by as many processes as an executor has, kept by this one.

The runs room's journal is not used: it exists to hold what was measured until the record can be made, and here each
file's record is made at once. The store itself says which files are done, wherever they lie and however the batch
was called: by the hash of the file and of the profile.
"""

import hashlib
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import NamedTuple

import msgspec

from linetest.acceptance.measure import unmeasured
from linetest.acceptance.records import build_record
from linetest.errors import FileError
from linetest.load import load_bounded
from linetest.model.clock import now_text
from linetest.model.codes import Reason
from linetest.model.profile import LoadedProfile
from linetest.model.reading import EvidenceFile, Measurement
from linetest.model.record import Record
from linetest.otdr.measure import MEDIA_TYPE, measure
from linetest.otdr.settings import settings_of
from linetest.otdr.shot import LARGEST_FILE, read_shots
from linetest.safe import evidence_name
from linetest.store.database import transaction
from linetest.store.opened import Store
from linetest.store.records import append, canonical_body, describe_evidence, find, judged_files, keep_evidence


class Measured(NamedTuple):
    """One file's record, not kept yet, with all that keeping it takes."""

    path: Path
    record: Record
    """Without its curves, which are most of it: a batch holds all of its records."""
    body: bytes
    """The whole record's canonical JSON: the slow part of keeping it is done where it was measured."""
    evidence: list[EvidenceFile]
    fault: str
    """Why the file could not be read, in words for the screen; empty for one that was."""


def trace_files(folder: Path) -> list[Path]:
    """Return every regular ``*.sor`` below the folder, whatever its case, in order of their names."""
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() == ".sor" and path.is_file())


def measure_files(
    paths: Iterable[Path], loaded: LoadedProfile, executor: Executor, in_flight: int
) -> Iterator[Measured]:
    """Yield each file's judged record, in the order of `paths`.

    Args:
        paths: The files; they are handed out as results come in, a few at a time.
        loaded: The profile that judges, and whose settings say how to measure.
        executor: Anything that runs functions elsewhere: processes of this computer, or of others that see the files.
        in_flight: How many files may be in work or wait to be kept: what a crash loses, and what memory holds.
    """
    waiting: deque[Future[Measured]] = deque()
    try:
        for path in paths:
            waiting.append(executor.submit(measure_file, path, loaded))
            if len(waiting) >= in_flight:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()


def measure_file(path: Path, loaded: LoadedProfile) -> Measured:
    """Return a file's judged record; one that cannot be read is inconclusive, with its bytes as evidence."""
    started_at = now_text()
    settings = settings_of(loaded)
    body, fault = b"", ""
    try:
        body = load_bounded(path, LARGEST_FILE)
        measurement = measure(read_shots(str(path), body, settings), settings)
    except FileError as error:
        measurement, fault = unreadable(path, body, loaded), error.what
    record = build_record(
        "otdr",
        [measurement],
        loaded,
        started_at=started_at,
        evidence=[describe_evidence(file) for file in measurement.evidence],
    )
    return Measured(path, _without_curves(record), canonical_body(record), measurement.evidence, fault)


def unreadable(path: Path, body: bytes, loaded: LoadedProfile) -> Measurement:
    """Return what stands for a trace file that cannot be read: a reason in the place of every wanted reading.

    Its bytes, where there are any, are evidence that never leaves: nobody knows where personal texts are in them.
    """
    name = evidence_name(str(path))
    nothing = unmeasured(
        [limit for limit in loaded.profile.limit if limit.room == "otdr"], Reason.UNREADABLE, None, False
    )
    return msgspec.structs.replace(
        nothing,
        details={
            "file": name,
            "fault": str(Reason.UNREADABLE),
            "otdr_settings": msgspec.to_builtins(settings_of(loaded)),
        },
        evidence=[EvidenceFile(name=name, media_type=MEDIA_TYPE, body=body)] if body else [],
    )


def keep(store: Store, measured: Measured) -> Record:
    """Keep one file's record and evidence, durably, and return it with its place in the chain."""
    keep_evidence(store.home, measured.evidence)
    with transaction(store.database):
        return append(store.database, measured.record, measured.body)


def split_done(store: Store, paths: list[Path], loaded: LoadedProfile) -> tuple[list[Path], dict[Path, Record]]:
    """Return the files that are still to be measured, and the records of those that this profile has judged."""
    judged = judged_files(store.database, "otdr", loaded.sha256)
    settings = msgspec.to_builtins(settings_of(loaded))
    todo: list[Path] = []
    done: dict[Path, Record] = {}
    for path in paths:
        known = judged.get(_hash_of(path)) if judged else None
        record = find(store.database, known) if known else None
        # `otdr check --launch` judges by the same profile and measures otherwise.
        if record is not None and record.details.get("otdr_settings") == settings:
            done[path] = _without_curves(record)
        else:
            todo.append(path)
    return todo, done


def _without_curves(record: Record) -> Record:
    details = {name: value for name, value in record.details.items() if name != "curves"}
    return msgspec.structs.replace(record, details=details)


def _hash_of(path: Path) -> str:
    try:
        return hashlib.sha256(load_bounded(path, LARGEST_FILE)).hexdigest()
    except FileError:
        return ""  # it is told when it is measured
