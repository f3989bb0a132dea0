"""Records and their evidence: kept as they were hashed, chained, and checked again.

Each record's canonical JSON (RFC 8785) is stored byte for byte. Its hash covers these bytes without the hash itself,
the hash of the record before included, so that `verify` finds a changed byte, a missing record and a changed order. The
chain proves that nothing was changed by accident or by one who does not rewrite all of it.
"""

import hashlib
import math
import re
import sqlite3
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import rfc8785

from linetest.errors import BadFile, StoreError, UsageError
from linetest.model.codes import Verdict
from linetest.model.reading import EvidenceFile
from linetest.model.record import SCHEMA, Chain, Evidence, Record
from linetest.store.durable import write_durably
from linetest.words.text import _

FIRST = "0" * 64
"""What stands as `previous` in the first record."""
# Sorted by name, `chain` is the first member of a record; a text inside of the record cannot hold bare quotes.
_CHAIN = re.compile(
    rb'\A\{"chain":\{"n":\d+,"previous":"[0-9a-f]{64}"(?P<seal>,"sha256":"(?P<sha256>[0-9a-f]{64})")?\}'
)
_LARGEST_INTEGER = 2**53  # beyond it JSON numbers of other languages lose digits


class Row(NamedTuple):
    """One line of a list of records."""

    n: int
    id: str
    kind: str
    verdict: str
    order: str | None
    line: str | None
    finished_at: str


class Fault(NamedTuple):
    """What `verify` found wrong."""

    n: int
    id: str
    what: str


def keep_evidence(home: Path, files: list[EvidenceFile]) -> list[Evidence]:
    """Write the files and their redacted copies under their hashes, durably, and return what the record says of them.

    This comes before the record's transaction: evidence without a record is harmless, a record without it is not.
    """
    kept = [describe_evidence(file) for file in files]
    for file, evidence in zip(files, kept, strict=True):
        _keep_body(home, evidence.sha256, file.body)
        if file.redacted is not None and evidence.redacted_sha256 is not None:
            _keep_body(home, evidence.redacted_sha256, file.redacted)
    return kept


def describe_evidence(file: EvidenceFile) -> Evidence:
    """Return what a record says of a file, which need not be kept yet."""
    return Evidence(
        name=file.name,
        sha256=_hash(file.body),
        redacted_sha256=None if file.redacted is None else _hash(file.redacted),
        bytes=len(file.body),
        media_type=file.media_type,
    )


def evidence_path(home: Path, sha256: str) -> Path:
    """Return where the evidence of that hash lies."""
    return home / "evidence" / sha256[:2] / sha256


def load_evidence(home: Path, evidence: Evidence) -> bytes:
    """Return the bytes of a record's evidence, as it was; refuse missing or changed ones."""
    return _load(home, evidence.name, evidence.sha256)


def _load(home: Path, name: str, sha256: str) -> bytes:
    path = evidence_path(home, sha256)
    try:
        body = path.read_bytes()
    except OSError as error:
        raise StoreError(_("the evidence {name} is missing: {file}").format(name=name, file=path)) from error
    if hashlib.sha256(body).hexdigest() != sha256:
        raise StoreError(_("the evidence {name} was changed: {file}").format(name=name, file=path))
    return body


def canonical_body(record: Record) -> bytes:
    """Return a record's canonical JSON without its place in the chain.

    This is the slow part of keeping a record; a process that does not hold the store may do it.
    """
    document = _plain(msgspec.to_builtins(record))
    del document["chain"]
    return rfc8785.dumps(document)


def append(database: sqlite3.Connection, record: Record, body: bytes | None = None) -> Record:
    """Put the record at the end of the chain and return it with its place; call it inside a transaction.

    `body` is what `canonical_body` made of it, where that was done before.
    """
    last = database.execute("SELECT n, body FROM record ORDER BY n DESC LIMIT 1").fetchone()
    n, previous = (last["n"] + 1, msgspec.json.decode(last["body"])["chain"]["sha256"]) if last else (1, FIRST)
    place = rfc8785.dumps({"n": n, "previous": previous})
    sealed, sha256 = _seal(b'{"chain":%s,%s' % (place, (body or canonical_body(record)).removeprefix(b"{")))
    database.execute(
        "INSERT INTO record (n, id, kind, verdict, order_number, line, finished_at, body)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            n,
            record.id,
            record.kind,
            record.verdict,
            record.order,
            record.line,
            record.finished_at,
            sealed,
        ),
    )
    return msgspec.structs.replace(record, chain=Chain(n=n, previous=previous, sha256=sha256))


def rows(database: sqlite3.Connection, line: str | None = None, most: int = 50) -> list[Row]:
    """Return the newest records first, of one line when it is named."""
    where, values = ("WHERE line = ?", [line]) if line is not None else ("", [])
    found = database.execute(
        f"SELECT n, id, kind, verdict, order_number, line, finished_at FROM record {where} ORDER BY n DESC LIMIT ?",
        [*values, most],
    )
    return [Row(*row) for row in found]


def latest_verdicts(database: sqlite3.Connection, order: str, simulated: bool) -> dict[str, Verdict]:
    """Return the newest verdict of each line of an order, of real measurements or of simulated ones."""
    found = database.execute(
        "SELECT line, verdict FROM record WHERE order_number = ? AND line IS NOT NULL"
        " AND json_extract(CAST(body AS TEXT), '$.simulated') = ? ORDER BY n",
        (order, simulated),
    )
    return {row["line"]: Verdict(row["verdict"]) for row in found}


def judged_files(database: sqlite3.Connection, kind: str, profile_sha256: str) -> dict[str, str]:
    """Return the hashes of files that a profile of that hash has judged, each alone, with the newest record's id."""
    found = database.execute(
        "SELECT id, json_extract(CAST(body AS TEXT), '$.evidence[0].sha256') AS sha256 FROM record WHERE kind = ?"
        " AND json_extract(CAST(body AS TEXT), '$.profile.sha256') = ?"
        " AND json_array_length(CAST(body AS TEXT), '$.evidence') = 1 ORDER BY n",
        (kind, profile_sha256),
    )
    return {row["sha256"]: row["id"] for row in found}


def find_body(database: sqlite3.Connection, wanted: str) -> bytes:
    """Return the stored bytes of the record with that id, the beginning of an id, or ``last``."""
    if wanted == "last":
        found = database.execute("SELECT id, body FROM record ORDER BY n DESC LIMIT 1").fetchall()
    else:
        found = database.execute(
            "SELECT id, body FROM record WHERE substr(id, 1, ?) = ? LIMIT 2", (len(wanted), wanted)
        ).fetchall()
    if len(found) == 1:
        return bytes(found[0]["body"])
    what = _("several records begin with {id!r}") if found else _("there is no record {id!r}")
    raise UsageError(what.format(id=wanted), _("`linetest record list` shows all records"))


def find(database: sqlite3.Connection, wanted: str) -> Record:
    """Return the record with that id, the beginning of an id, or ``last``."""
    return read_record(find_body(database, wanted), wanted)


def read_record(body: bytes, name: str) -> Record:
    """Return the record that JSON `body` holds; `name` says for errors where it came from."""
    try:
        document = msgspec.json.decode(body)
        schema = document.get("schema") if isinstance(document, dict) else None
        if schema != SCHEMA:
            raise BadFile(_("{name}: not a record of a version known here ({schema})").format(name=name, schema=schema))
        return msgspec.convert(document, Record)
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError, RecursionError) as error:
        raise BadFile(_("{name}: not a record: {fault}").format(name=name, fault=error)) from error


def verify(database: sqlite3.Connection, home: Path) -> list[Fault]:
    """Check the data base, the chain from its beginning and all evidence; return what is wrong."""
    faults = [Fault(0, "", str(row[0])) for row in database.execute("PRAGMA integrity_check") if row[0] != "ok"]
    previous = FIRST
    for expected, row in enumerate(database.execute("SELECT * FROM record ORDER BY n"), start=1):
        problems, previous = _verify_row(row, expected, previous, home)
        faults += [Fault(row["n"], row["id"], problem) for problem in problems]
    # The chain does not show that its newest records are gone; what was written beside them does.
    for missing in database.execute(
        "SELECT key AS id FROM outbox WHERE kind LIKE 'linetest.ticket/%'"  # the others are events, without a record
        " UNION SELECT CAST(body AS TEXT) FROM journal WHERE event = 'recorded'"
        " EXCEPT SELECT id FROM record"
    ):
        faults.append(Fault(0, missing["id"], _("the record is missing")))
    return faults


def _verify_row(row: sqlite3.Row, expected: int, previous: str, home: Path) -> tuple[list[str], str]:
    """Return what is wrong with one row, and the hash that the next one has to name."""
    body = bytes(row["body"])
    try:
        record = msgspec.json.decode(body, type=Record)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        return [_("the record cannot be read: {fault}").format(fault=error)], ""
    problems: list[str] = []
    if _broken_seal(body):
        problems.append(_("the record was changed: its hash does not fit"))
    listed = (row["id"], row["kind"], row["verdict"], row["order_number"], row["line"], row["finished_at"])
    if listed != (record.id, record.kind, record.verdict, record.order, record.line, record.finished_at):
        problems.append(_("the list of records says something else than the record"))
    if record.chain is None or record.chain.n != expected or row["n"] != expected:
        problems.append(_("a record before this one is missing"))
    elif record.chain.previous != previous:
        problems.append(_("the record before this one was changed or exchanged"))
    problems += [problem for evidence in record.evidence for problem in _verify_evidence(home, evidence)]
    return problems, record.chain.sha256 if record.chain else ""


def _verify_evidence(home: Path, evidence: Evidence) -> list[str]:
    problems = []
    for sha256 in (evidence.sha256, evidence.redacted_sha256):
        try:
            if sha256 is not None:
                _load(home, evidence.name, sha256)
        except StoreError as error:
            problems.append(error.what)
    return problems


def _keep_body(home: Path, sha256: str, body: bytes) -> None:
    path = evidence_path(home, sha256)
    if not path.exists():
        write_durably(path, body)


def _hash(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _seal(body: bytes) -> tuple[bytes, str]:
    """Return a record's bytes with their hash put into the chain, and the hash."""
    sha256 = hashlib.sha256(body).hexdigest()
    chain = _CHAIN.match(body)
    if chain is None:  # only a new field that sorts before `chain` could do this
        raise ValueError("the chain must be the first member of a record")
    place = chain.end() - 1
    return b'%s,"sha256":"%s"%s' % (body[:place], sha256.encode(), body[place:]), sha256


def _broken_seal(body: bytes) -> bool:
    """Tell whether a record's bytes are no longer those that were hashed."""
    chain = _CHAIN.match(body)
    if chain is None or chain["seal"] is None:
        return True
    unsealed = body[: chain.start("seal")] + body[chain.end("seal") :]
    return hashlib.sha256(unsealed).hexdigest().encode() != chain["sha256"]


def _plain(value: Any) -> Any:
    """Return `value` as JSON can hold it: no NaN, no infinity, and integers that every reader keeps whole."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > _LARGEST_INTEGER:
        return str(value)
    return value
