"""The trace in an acceptance run: files of a line in, record and ticket out, and judged again from the evidence."""

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from linetest.bench.fibres import Setup, ftth_drop, macrobend
from linetest.bench.otdr_light import shoot
from linetest.bench.otdr_truth import truth_of
from linetest.bench.sor_bytes import Texts, write
from linetest.errors import StoreError
from linetest.model.codes import Reason, Warn
from linetest.store.opened import open_store
from linetest.store.records import evidence_path, find, load_evidence, verify

PROFILE = """
name = "trace-only"
kind = "limits"
[[step]]
room = "otdr"
name = "trace"
[step.settings]
macrobend_db = {macrobend_db}
[[limit]]
metric = "otdr.splice_loss_db"
max = 0.3
if_any = true
source = "a test"
[[limit]]
metric = "otdr.macrobend_loss_db"
max = 0.0
if_any = true
source = "a test"
[[limit]]
metric = "otdr.length_m"
min = 0.0
source = "a test"
"""
STATION = """
name = "van"
[device.otdr]
driver = "sor_file"
address = "{address}"
[ticket]
system = "folder"
path = "desk"
"""
ORDER = 'number = "WO-1"\nticket = "17"\naccess = "ftth-gpon"\n'
TEXTS = Texts(**dict.fromkeys(Texts._fields, "Northgate 7"))


class Van:
    """A station with a folder of traces, as `accept` finds it."""

    def __init__(self, folder: Path, call: Callable[..., Any]) -> None:
        self.folder, self.call = folder, call
        for name in ("traces", "desk"):
            (folder / name).mkdir()

    def save(self, name: str, setup: Setup) -> bytes:
        body = write([(shoot(*setup), setup.instrument)], truth_of(*setup), texts=TEXTS)
        (self.folder / "traces" / name).write_bytes(body)
        return body

    def profile(self, macrobend_db: float = 0.5) -> Path:
        path = self.folder / f"trace-{macrobend_db}.toml"
        path.write_text(PROFILE.format(macrobend_db=macrobend_db), encoding="utf-8")
        return path

    def accept(self, *lines: str, address: str = "bench:traces") -> tuple[int, dict[str, Any], str]:
        (self.folder / "station.toml").write_text(STATION.format(address=address), encoding="utf-8")
        order = self.folder / "order.toml"
        order.write_text(ORDER + "".join(f'[[line]]\nid = "{line}"\n' for line in lines), encoding="utf-8")
        station = ("--station", self.folder / "station.toml", "--profile", self.profile())
        done = self.call("accept", order, *station, "--json")
        return done.returncode, json.loads(done.stdout or "{}"), done.stderr


@pytest.fixture
def van(tmp_path: Path, call: Callable[..., Any]) -> Van:
    folder = tmp_path / "van"
    folder.mkdir()
    return Van(folder, call)


def test_each_line_gets_its_own_traces_and_the_ticket_none_of_their_texts(van: Van, private_home: Path) -> None:
    body = van.save("L1_1310.sor", ftth_drop(1310.0))
    van.save("l1_1550.SOR", ftth_drop(1550.0))
    van.save("L10.sor", ftth_drop(1550.0, splice_db=0.9))
    (van.folder / "traces" / "notes.txt").write_text("no trace", encoding="ascii")
    code, document, _said = van.accept("L1", "L10")
    good, bad = document["records"]
    assert (code, good["verdict"], bad["verdict"]) == (1, "pass", "fail")
    assert [trace["file"] for trace in good["details"]["traces"]] == ["L1_1310.sor", "l1_1550.SOR"]
    assert "traces" not in bad["details"]
    assert good["simulated"] is True
    assert {reading["device"] for reading in good["readings"]} == {"otdr"}
    (failed,) = (check for check in bad["checks"] if check["verdict"] == "fail")
    assert failed["where"]["distance_m"] == pytest.approx(120.0, abs=3.0)
    assert failed["value"] == pytest.approx(0.9, abs=0.05)
    evidence = good["evidence"][0]
    assert evidence["sha256"] == hashlib.sha256(body).hexdigest()
    redacted = evidence_path(private_home, evidence["redacted_sha256"]).read_bytes()
    assert b"Northgate" in body
    assert b"Northgate" not in redacted
    sent = [path.read_bytes() for path in (van.folder / "desk").rglob("*") if path.is_file()]
    assert any(b"non-reflective" in one for one in sent)
    assert not any(b"Northgate" in one or b".sor" in one.lower() for one in sent)


def test_a_line_without_a_trace_says_which_name_was_looked_for(van: Van) -> None:
    van.save("L1.sor", ftth_drop())
    code, document, said = van.accept("L2")
    (record,) = document["records"]
    assert (code, record["verdict"]) == (3, "inconclusive")
    assert {check["reason"] for check in record["checks"]} == {Reason.NO_SUCH_OBJECT}
    assert "L2.sor" in said


def test_one_file_is_the_trace_of_one_line_only(van: Van) -> None:
    van.save("any.sor", ftth_drop())
    code, document, _said = van.accept("L1", address="bench:traces/any.sor")
    assert (code, document["records"][0]["verdict"]) == (0, "pass")
    code, document, said = van.accept("L1", "L2", address="bench:traces/any.sor")
    assert (code, document) == (2, {})
    assert "one trace for all of them" in said


def test_ids_whose_traces_could_be_mixed_up_are_refused(van: Van) -> None:
    code, document, said = van.accept("L1", "L1_2")
    assert (code, document) == (2, {})
    assert "l1_2" in said


def test_a_file_that_is_no_trace_is_inconclusive(van: Van) -> None:
    (van.folder / "traces" / "L1.sor").write_bytes(b"no trace at all")
    code, document, _said = van.accept("L1")
    assert (code, document["records"][0]["checks"][0]["reason"]) == (3, Reason.UNREADABLE)


def test_a_record_is_measured_again_when_the_settings_change(van: Van) -> None:
    van.save("L1_1310.sor", macrobend(1310.0))
    van.save("L1_1550.sor", macrobend(1550.0))
    code, document, _said = van.accept("L1")
    (kept,) = document["records"]
    assert code == 1
    assert "otdr.macrobend_loss_db" in {check["metric"] for check in kept["checks"]}
    by_the_same = van.call("record", "judge", kept["id"], "--json")
    assert Warn.MEASURED_AGAIN not in json.loads(by_the_same.stdout)["warnings"]
    lax = van.call("record", "judge", kept["id"], "--profile", van.profile(macrobend_db=2.0), "--json")
    again = json.loads(lax.stdout)
    assert {Warn.MEASURED_AGAIN, Warn.JUDGED_AGAIN} <= set(again["warnings"])
    assert "otdr.macrobend_loss_db" not in {reading["metric"] for reading in again["readings"]}
    assert [trace["sha256"] for trace in again["details"]["traces"]] == [
        evidence["sha256"] for evidence in kept["evidence"]
    ]
    assert {reading["device"] for reading in again["readings"]} == {"otdr"}


def test_a_changed_or_missing_copy_is_found(van: Van, private_home: Path) -> None:
    van.save("L1.sor", ftth_drop())
    van.accept("L1")
    with open_store() as store:
        (evidence,) = find(store.database, "last").evidence
        assert verify(store.database, private_home) == []
        assert evidence.redacted_sha256 is not None
        evidence_path(private_home, evidence.redacted_sha256).write_bytes(b"changed")
        assert len(verify(store.database, private_home)) == 1
        assert load_evidence(private_home, evidence).startswith(b"Map")
        shutil.rmtree(private_home / "evidence")
        assert len(verify(store.database, private_home)) == 2
        with pytest.raises(StoreError):
            load_evidence(private_home, evidence)
