"""`linetest order` at the edges: what is refused, what is printed, and where a password must not be."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from linetest.store.opened import open_store
from linetest.store.orders import find_case, note

TOML = """\
number = "{number}"
access = "{access}"
work_type = "{work}"
received_at = 2026-03-02T08:00:00+08:00
accepted_at = 2026-03-02T07:00:00+08:00
technician = "{who}"
[[line]]
id = "L1"
account = "ad123"
"""


@pytest.fixture
def add(call: Any, tmp_path: Path) -> Any:
    def add_order(number: str, work: str = "fault", access: str = "adsl", who: str = "T1", more: str = "") -> None:
        path = tmp_path / f"{number}.toml"
        path.write_text(TOML.format(number=number, work=work, access=access, who=who) + more, encoding="utf-8")
        assert call("order", "add", path).returncode == 0

    return add_order


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["show", "WO-9"], "there is no order 'WO-9'"),
        (["book", "WO-1", "someday", "am"], "no day"),
        (["book", "WO-1", "tomorrow", "9"], "'9'"),
        (["book", "WO-1", "tomorrow", "10:00-09:00"], "before the beginning"),
        (["book", "WO-1", "2026-03-01", "am"], "is over"),
        (["arrive", "WO-1", "--line", "L9"], "no line 'L9'"),
        (["arrive", "WO-1", "--at", "2999-01-01T10:00"], "has not come yet"),
        (["arrive", "WO-1", "--at", "soon"], "no time"),
        (["done", "WO-1"], "no test has passed on L1"),
        (["done", "WO-1", "--reason", "tired"], "there is no reason 'tired'"),
        (["return", "WO-1"], "a reason is missing"),
        (["return", "WO-1", "hard-fault"], "there is no reason 'hard-fault'"),
        (["escalate", "WO-1", "--to", "cable"], "reach the customer"),
        (["escalate", "WO-1", "--to", "cable", "--reached"], "cable, team, phone"),
        (["escalate", "WO-1", "--symptom", "dark"], "--extent, --work, --until"),
        (["note", "WO-1", "called"], "--reached"),
        (["note", "WO-1", "delay"], "--reason"),
        (["note", "WO-1", "tested"], "needs its record"),
        (["note", "WO-1", "mismatch", "--what", "port"], "--planned"),
        (["note", "WO-1", "chaser", "--what", "port"], "--planned"),
        (["list", "--profile", "ftth-light"], "not of kind deadlines"),
        (["checklist", "WO-1", "--profile", "ftth-light"], "not of kind check-list"),
        (["label", "WO-1", "--password", "hunter2"], "where to read"),
        (["label", "WO-1", "--password", "env:X"], "where to read"),
    ],
)
def test_what_is_refused_and_what_is_to_be_tried(call: Any, add: Any, words: list[str], said: str) -> None:
    add("WO-1")
    done = call("order", *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert len(done.stderr.splitlines()) <= 2
    assert "hunter2" not in done.stderr
    with open_store() as store:
        assert find_case(store.database, "WO-1").events == []


def test_the_list_is_the_technicians_own(call: Any, add: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    add("WO-1", who="T1")
    add("WO-2", who="T2")
    assert "WO-2" in call("order", "list").stdout
    monkeypatch.setenv("LINETEST_TECHNICIAN", "T1")
    own = json.loads(call("order", "list", "--json").stdout)
    assert [one["number"] for one in own["orders"]] == ["WO-1"]
    assert "WO-2" in call("order", "list", "--all").stdout


def test_an_order_is_seen_as_of_a_time(call: Any, add: Any) -> None:
    add("WO-1")
    near = json.loads(call("order", "list", "--json", "--at", "2026-03-02T14:00").stdout)["orders"][0]
    assert (near["due"]["id"], near["due"]["state"], near["due"]["left_s"]) == ("T3", "near", 7200)
    late = json.loads(call("order", "next", "--json", "--at", "2026-03-02T16:00:01+08:00").stdout)["order"]
    assert (late["due"]["state"], late["due"]["left_s"]) == ("late", -1)


def test_nothing_to_do_is_said(call: Any) -> None:
    assert call("order", "next").stdout == "No order waits.\n"
    assert "no order waits" in call("order", "list").stdout
    assert json.loads(call("order", "next", "--json").stdout)["order"] is None


def test_done_and_returned_are_the_end(call: Any, add: Any) -> None:
    add("WO-1")
    assert call("order", "return", "1", "no-resource", "--text", "full").returncode == 0
    assert "was given back" in call("order", "arrive", "1").stderr
    add("WO-2", work="remove")
    assert call("order", "done", "2").returncode == 0
    assert "is done already" in call("order", "done", "2").stderr
    assert call("order", "done", "2", "--satisfied", "--replied", "wap").returncode == 0
    assert json.loads(call("order", "show", "2", "--json").stdout)["next"] == "finished"


def test_hostile_words_cannot_move_the_cursor(call: Any, add: Any, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    bad = "\x1b[2Jgone\u202e"
    line = [{"id": "L1", "account": "<script>"}]
    path.write_text(json.dumps({"number": "WO-3", "access": "lan", "summary": bad, "address": bad, "line": line}))
    assert call("order", "add", path).returncode == 0
    for words in (["list"], ["show", "3"], ["next"], ["note", "3", "chaser", "--text", bad]):
        done = call("order", *words)
        assert done.returncode == 0
        assert "\x1b" not in done.stdout + done.stderr
        assert "\u202e" not in done.stdout + done.stderr
    page = tmp_path / "label.html"
    assert call("order", "label", "3", "--html", page).returncode == 0
    assert "&lt;script&gt;" in page.read_text(encoding="utf-8")


def test_the_password_stands_on_the_label_and_nowhere_else(add: Any, private_home: Path, tmp_path: Path) -> None:
    add("WO-1")
    secret = "pa55-Wört"
    read, write = os.pipe()
    os.write(write, secret.encode())
    os.close(write)
    page = tmp_path / "label.html"
    words = ["order", "label", "WO-1", "--password", f"fd:{read}", "--html", str(page), "-vv"]
    done = subprocess.run(
        [sys.executable, "-m", "linetest", *words], pass_fds=[read], capture_output=True, text=True, check=False
    )
    os.close(read)
    assert done.returncode == 0
    assert secret in page.read_text(encoding="utf-8")
    assert page.stat().st_mode & 0o077 == 0
    assert secret not in done.stdout + done.stderr
    for file in private_home.rglob("*"):
        assert not file.is_file() or secret.encode() not in file.read_bytes(), file


def test_one_password_is_not_for_two_accounts(call: Any, add: Any) -> None:
    add("WO-1", more='[[line]]\nid = "L2"\naccount = "ad124"\n')
    assert "2 lines" in call("order", "label", "WO-1", "--password", "prompt").stderr


def test_the_check_list_is_by_stage(call: Any, add: Any) -> None:
    add("WO-1", work="install")
    call("order", "note", "1", "called", "--reached")
    found = json.loads(call("order", "checklist", "1", "--json").stdout)["lines"][0]["stages"]
    assert [stage["state"] for stage in found] == ["done", *["open"] * 6]


@pytest.mark.usefixtures("drawn_once")
@pytest.mark.slow
def test_accept_notes_its_test_for_an_order_that_is_known(call: Any, add: Any, tmp_path: Path) -> None:
    """The record, its hash and the verdict are noted with it; when it was sent is the outbox's."""
    from linetest.bench.run import start

    add("WO-1", work="install", more='pair = "1"\n')
    folder = tmp_path / "bench"
    folder.mkdir()
    with start("all-good", folder) as bench:
        offline = folder / "offline.toml"
        offline.write_text(bench.station.read_text(encoding="utf-8").partition("[ticket]")[0], encoding="utf-8")
        done = call("accept", "WO-1", "--station", offline, "--json")
        again = call("accept", "1", "--station", offline)
    assert done.returncode == 0
    record = json.loads(done.stdout)["records"][0]
    with open_store() as store:
        events = find_case(store.database, "WO-1").events
    assert [event.kind for event in events] == ["tested", "done", "tested"]
    assert events[0].record == events[1].record == record["id"]
    assert events[0].evidence_sha256 == record["chain"]["sha256"]
    assert (events[0].verdict, events[0].simulated) == ("pass", True)
    assert "Beside the last result of this line" in again.stdout


@pytest.mark.usefixtures("drawn_once")
def test_test_and_sending_are_two_times_and_both_are_told(call: Any, tmp_path: Path) -> None:
    """Measured offline, sent later: the outbox knows when, and the order tells it as an event."""
    from linetest.bench.run import start

    folder = tmp_path / "bench"
    folder.mkdir()
    with start("all-good", folder) as bench:
        assert call("order", "add", bench.orders[0]).returncode == 0
        assert call("accept", "WO-B1", "--station", bench.station, "--no-push").returncode == 5
        waiting = json.loads(call("order", "show", "B1", "--json").stdout)
        assert call("ticket", "push", "--station", bench.station).returncode == 0
        sent = json.loads(call("order", "show", "B1", "--json").stdout)
    assert [event["kind"] for event in waiting["events"]] == ["tested", "done"]
    assert waiting["next"] == "push"
    tested, _done, last = sent["events"]
    assert (last["kind"], last["channel"], last["record"]) == ("sent", "api", tested["record"])
    assert last["evidence_sha256"] == tested["evidence_sha256"]
    assert last["at"] >= tested["at"]
    assert sent["next"] == "finished"


def test_a_late_install_says_what_it_costs(call: Any, add: Any) -> None:
    add("WO-1", work="install")  # accepted on 2 March at 07:00: the promise ends on 4 March at 07:00
    for at, amount in (("2026-03-04T07:00", "0.00"), ("2026-03-04T07:01", "2.00"), ("2026-03-31T07:01", "56.00")):
        assert json.loads(call("order", "show", "1", "--json", "--at", at).stdout)["owed"]["amount"] == amount
    assert "56.00 CNY (days late: 28" in call("order", "show", "1", "--at", "2026-03-31T07:01").stdout


@pytest.mark.usefixtures("drawn_once")
def test_a_test_from_the_centre_stands_beside_the_one_on_site(call: Any, tmp_path: Path) -> None:
    from linetest.bench.run import start

    folders = {name: tmp_path / name for name in ("low-light", "all-good")}
    for name, folder in folders.items():
        folder.mkdir()
        with start(name, folder) as bench:
            call("order", "add", bench.orders[0])
            call("accept", "WO-B1", "--station", bench.station, "--no-push")
    records = json.loads(call("record", "list", "--json").stdout)["records"]
    noted = call("order", "note", "B1", "tested", "--record", records[1]["id"])
    assert "(from the centre): FAIL" in noted.stdout
    shown = call("order", "show", "B1").stdout
    assert "the test from the centre, and the one on site" in shown
    (line,) = [line for line in shown.splitlines() if "1490" in line]
    centre, _dbm, on_site, _dbm2, difference, _db = line.split()[-6:]  # the meter's last digit is never quite still
    assert [float(centre), float(on_site), float(difference)] == pytest.approx([-29.6, -18.4, 11.2], abs=0.05)


def test_a_test_from_the_centre_proves_no_work_done(call: Any, add: Any) -> None:
    from datetime import UTC, datetime

    from linetest.model.case import Event
    from linetest.model.codes import Verdict

    add("WO-1")
    remote = Event(at=datetime(2026, 3, 2, 5, tzinfo=UTC), kind="tested", line="L1", verdict=Verdict.PASS, remote=True)
    with open_store() as store:
        note(store.database, "WO-1", [remote])
    assert "no test has passed" in call("order", "done", "WO-1").stderr
    assert "(from the centre)" in call("order", "show", "WO-1").stdout


def test_a_long_number_keeps_its_end_which_names_the_order(call: Any, add: Any) -> None:
    add("HOTEL-2026-11-23-0001")
    (line,) = [line for line in call("order", "list").stdout.splitlines() if "0001" in line]
    end = next(word for word in line.split() if word.endswith("0001")).removeprefix("…")
    assert len(end) == 12
    assert call("order", "show", end).returncode == 0
