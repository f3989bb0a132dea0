"""Records are kept as they were hashed: any change is found, and nothing that was acknowledged is lost."""

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from linetest.errors import BadFile, StoreError, UsageError
from linetest.model.codes import Verdict
from linetest.model.reading import EvidenceFile, Reading
from linetest.model.record import ProfileUsed, Record
from linetest.store import journal
from linetest.store.database import connect, transaction
from linetest.store.opened import Store, open_store
from linetest.store.records import (
    append,
    evidence_path,
    find,
    find_body,
    keep_evidence,
    read_record,
    rows,
    verify,
)


def record(name: str, **more: object) -> Record:
    fields: dict[str, object] = {
        "id": name,
        "kind": "optical",
        "verdict": Verdict.PASS,
        "profile": ProfileUsed(name="p", sha256="0", text="名 = 1"),
        "software": "linetest 0",
        "started_at": "2026-11-22T19:00:00+08:00",
        "finished_at": "2026-11-22T19:00:01+08:00",
        "readings": [Reading(metric="optical.power_dbm", value=-20.25, unit="dBm")],
    }
    return Record(**{**fields, **more})  # type: ignore[arg-type]


def keep(store: Store, one: Record) -> Record:
    with transaction(store.database):
        return append(store.database, one)


@pytest.fixture
def three(tmp_path: Path) -> Path:
    home = tmp_path / "store"
    with open_store(home) as store:
        evidence = keep_evidence(home, [EvidenceFile(name="t.jsonl", media_type="text/plain", body=b"raw")])
        for name in ("a1", "b2", "c3"):
            keep(store, record(name, evidence=evidence))
    return home


def faults(home: Path) -> list[str]:
    with open_store(home) as store:
        return [f"{fault.n} {fault.what}" for fault in verify(store.database, home)]


def test_what_was_kept_is_what_comes_back(three: Path) -> None:
    with open_store(three) as store:
        kept = find(store.database, "b2")
        assert kept.readings[0].value == -20.25
        assert kept.profile.text == "名 = 1"
        assert kept.chain is not None
        assert kept.chain.n == 2
        assert [row.n for row in rows(store.database)] == [3, 2, 1]
    assert faults(three) == []


def test_every_single_changed_byte_is_found(three: Path) -> None:
    with open_store(three) as store:
        body = find_body(store.database, "b2")
        for offset in range(len(body)):
            changed = bytearray(body)
            changed[offset] ^= 0x01
            store.database.execute("UPDATE record SET body = ? WHERE id = 'b2'", (bytes(changed),))
            assert verify(store.database, three), f"byte {offset} of {body!r} was changed and not found"


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM record WHERE n = 1",
        "DELETE FROM record WHERE n = 2",
        "UPDATE record SET verdict = 'fail' WHERE n = 3",
        "UPDATE record SET order_number = 'WO-9' WHERE n = 3",
        "UPDATE record SET finished_at = '2020-01-01' WHERE n = 1",
        "UPDATE record SET n = n + 10",
        "UPDATE record SET body = (SELECT body FROM record WHERE n = 1) WHERE n = 2",
    ],
)
def test_a_missing_moved_or_exchanged_record_is_found(three: Path, change: str) -> None:
    with open_store(three) as store:
        store.database.execute(change)
    assert faults(three)


@pytest.mark.parametrize("gone", ["n = 3", "n > 0"])
def test_the_newest_records_cannot_go_unseen(three: Path, gone: str) -> None:
    with open_store(three) as store:
        journal.begin(store.database, "run", {})
        journal.note(store.database, "run", "line", "recorded", b"c3")
        store.database.execute(f"DELETE FROM record WHERE {gone}")
    assert any("missing" in fault for fault in faults(three))


def test_changed_and_missing_evidence_is_found(three: Path) -> None:
    with open_store(three) as store:
        path = evidence_path(three, find(store.database, "a1").evidence[0].sha256)
    path.write_bytes(b"rax")
    assert len(faults(three)) == 3
    path.unlink()
    assert "missing" in faults(three)[0]


def test_a_value_that_json_cannot_hold_does_not_lose_the_record(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        keep(store, record("x", details={"floor": float("nan"), "counter": 2**60, "peak": float("inf")}))
        assert find(store.database, "x").details == {"floor": None, "counter": str(2**60), "peak": None}
    assert faults(tmp_path) == []


def test_unknown_fields_of_a_later_version_are_kept_and_read_over(three: Path) -> None:
    with open_store(three) as store:
        document = msgspec.json.decode(find_body(store.database, "a1"))
    document["later"] = {"field": 1}
    assert read_record(msgspec.json.encode(document), "a file").id == "a1"


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"schema": "linetest.record/9"}', b'{"schema": "linetest.record/1"}']
)
def test_what_is_not_a_record_is_refused(body: bytes) -> None:
    with pytest.raises(BadFile, match=r"x\.json"):
        read_record(body, "x.json")


def test_a_prefix_finds_one_record_and_only_one(three: Path) -> None:
    with open_store(three) as store:
        keep(store, record("a2"))
        assert find(store.database, "a1").id == "a1"
        assert find(store.database, "last").id == "a2"
        for wanted in ("a", "zz", ""):
            with pytest.raises(UsageError, match="record"):
                find(store.database, wanted)


def test_a_transaction_that_fails_leaves_nothing(three: Path) -> None:
    with open_store(three) as store:
        with pytest.raises(ZeroDivisionError), transaction(store.database):
            append(store.database, record("d4"))
            _ = 1 / 0
        assert len(rows(store.database)) == 3
    assert faults(three) == []


def test_a_data_base_of_a_newer_version_is_refused_not_changed(tmp_path: Path) -> None:
    database = connect(tmp_path)
    database.execute("PRAGMA user_version = 99")
    database.close()
    with pytest.raises(StoreError, match="newer"):
        connect(tmp_path)


def test_a_file_that_is_no_data_base_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "linetest.sqlite3").write_bytes(b"not a data base at all, but long enough to be looked at" * 30)
    with pytest.raises(StoreError, match="cannot be used"):
        connect(tmp_path)


_WRITER = """
import sys
from pathlib import Path
sys.path.insert(0, {tests!r})
from test_records import keep, record
from linetest.store.opened import open_store
with open_store(Path({home!r})) as store:
    for n in range(100000):
        keep(store, record(f"r{{n}}"))
        print(n, flush=True)
"""


def test_kill_9_loses_no_acknowledged_record(tmp_path: Path) -> None:
    code = _WRITER.format(tests=str(Path(__file__).parent), home=str(tmp_path / "store"))
    acknowledged = -1
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        for line in writer.stdout:
            acknowledged = int(line)
            if acknowledged >= 40:
                os.kill(writer.pid, signal.SIGKILL)
                break
    with open_store(tmp_path / "store") as store:
        assert len(rows(store.database, most=10**6)) >= acknowledged + 1
    assert faults(tmp_path / "store") == []


def test_a_full_disk_is_told_and_keeps_what_is_there(three: Path) -> None:
    with open_store(three) as store:
        pages = store.database.execute("PRAGMA page_count").fetchone()[0]
        store.database.execute(f"PRAGMA max_page_count = {pages + 1}")
        with pytest.raises(StoreError, match="cannot be used"):
            for n in range(1000):
                keep(store, record(f"big{n}", details={"x": "y" * 5000}))
    assert faults(three) == []
    with sqlite3.connect(three / "linetest.sqlite3") as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    database.close()
