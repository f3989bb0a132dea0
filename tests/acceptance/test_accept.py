"""The main job from the command line: on the bench, over a serial path, interrupted and resumed."""

import json
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from linetest.bench.run import start
from linetest.bench.scenarios import SCENARIOS
from linetest.store.opened import open_store
from linetest.store.records import verify

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="the bench meters need pseudo-terminals"),
    pytest.mark.usefixtures("drawn_once"),
]


def codes_of(document: dict[str, Any]) -> set[str]:
    """Return every code that a person is shown for the records of a run."""
    checks = [check for record in document["records"] for check in record["checks"]]
    found = {check[key] for check in checks for key in ("reason", "hint") if check[key]}
    return found | {push["state"] for push in document["push"]}


def test_all_good_on_the_bench(call: Any, private_home: Path) -> None:
    done = call("accept", "--bench", "--json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["schema"] == "linetest.run/1"
    assert [record["order"] for record in document["records"]] == ["WO-B1", "WO-B2"]
    assert [push["state"] for push in document["push"]] == ["delivered", "delivered"]
    assert sorted(push["ticket"] for push in document["push"]) == ["1", "2"]
    for record in document["records"]:
        assert (record["kind"], record["verdict"], record["simulated"]) == ("acceptance", "pass", True)
        assert record["evidence"]
        assert record["chain"]["sha256"]
        assert [step["state"] for step in record["steps"]] == ["done"]
    assert all(Path(report).is_file() for report in document["reports"])
    light = {check["where"]["wavelength_nm"] for check in document["records"][0]["checks"]}
    assert light == {1490, 1550}
    copper = {check["metric"] for check in document["records"][1]["checks"]}
    assert copper == {"copper.next_db", "copper.fext_db"}
    with open_store() as store:
        assert verify(store.database, private_home) == []


def test_the_words_name_verdict_report_and_tickets(call: Any) -> None:
    done = call("accept", "--bench")
    assert done.returncode == 0, done.stderr
    assert "PASS" in done.stdout
    assert ".html" in done.stdout
    assert "ticket 1" in done.stdout.lower()
    assert "ticket 2" in done.stdout.lower()
    assert max(len(line) for line in done.stdout.splitlines() if ".html" not in line) <= 80
    assert "\x1b" not in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(name for name, scenario in SCENARIOS.items() if scenario.exit_code))
def test_a_faulty_scenario_ends_as_documented(call: Any, name: str) -> None:
    scenario = SCENARIOS[name]
    done = call("accept", "--bench", name, "--json")
    assert done.returncode == scenario.exit_code, done.stderr
    assert scenario.exit_code in (1, 3, 5)
    document = json.loads(done.stdout)
    assert scenario.code in codes_of(document)
    assert all(record["simulated"] for record in document["records"])
    verdicts = {record["verdict"] for record in document["records"]}
    if scenario.exit_code == 1:
        assert "fail" in verdicts
    if scenario.exit_code == 3:
        assert "inconclusive" in verdicts
        assert "fail" not in verdicts
    if scenario.exit_code == 5:
        assert verdicts == {"pass"}


@pytest.mark.slow
def test_what_waited_is_sent_with_the_next_run(call: Any) -> None:
    waiting = json.loads(call("accept", "--bench", "ticket-down", "--json").stdout)
    assert {push["state"] for push in waiting["push"]} == {"pending"}
    assert call("accept", "--bench").returncode == 0
    rows = json.loads(call("ticket", "list", "--all", "--json").stdout)["results"]
    states = {row["record"]: row["state"] for row in rows}
    assert set(states.values()) == {"delivered"}
    assert {record["id"] for record in waiting["records"]} < set(states)


def station_for(bench: Any, folder: Path, ticket: str) -> Path:
    """Write the station file that a technician would: plain paths, nothing of the bench."""
    text = bench.station.read_text(encoding="utf-8").split("[ticket]")[0].replace('"bench:', '"')
    path = folder / "van.toml"
    path.write_text(text + ticket, encoding="utf-8")
    (folder / "binder.s8p").write_bytes((bench.station.parent / "binder.s8p").read_bytes())
    return path


def test_over_a_serial_path_with_a_folder_for_tickets(call: Any, tmp_path: Path) -> None:
    (tmp_path / "bench").mkdir()
    (tmp_path / "out").mkdir()
    with start("all-good", tmp_path / "bench") as bench:
        station = station_for(bench, tmp_path, f'[ticket]\nsystem = "folder"\npath = "{tmp_path / "out"}"\n')
        for order in bench.orders:
            done = call("accept", order, "--station", station, "--json")
            assert done.returncode == 0, done.stderr
            document = json.loads(done.stdout)
            (record,) = document["records"]
            # A sweep of the bench says so wherever it is copied to; a terminal cannot, and is warned of.
            assert record["simulated"] is (record["order"] == "WO-B2")
            assert ("pseudo-terminal" in record["warnings"]) is (record["order"] == "WO-B1")
            assert document["push"][0]["state"] == "delivered"
            assert (tmp_path / "out" / f"linetest-{record['id']}.json").is_file()


def test_a_result_left_in_the_outbox_is_sent_later(call: Any, tmp_path: Path) -> None:
    (tmp_path / "bench").mkdir()
    (tmp_path / "out").mkdir()
    with start("all-good", tmp_path / "bench") as bench:
        station = station_for(bench, tmp_path, f'[ticket]\nsystem = "folder"\npath = "{tmp_path / "out"}"\n')
        kept = call("accept", bench.orders[0], "--station", station, "--no-push", "--json")
        assert kept.returncode == 5, kept.stderr
        assert json.loads(kept.stdout)["push"][0]["state"] == "pending"
        assert not list(tmp_path.glob("out/*.json"))
        sent = call("ticket", "push", "--station", station)
        assert sent.returncode == 0, sent.stderr
        assert len(list(tmp_path.glob("out/*.json"))) == 1


@pytest.mark.slow
def test_one_order_with_many_lines_gives_a_record_each_and_one_status(call: Any, tmp_path: Path) -> None:
    (tmp_path / "bench").mkdir()
    (tmp_path / "out").mkdir()
    order = tmp_path / "hotel.toml"
    order.write_text(
        'number = "WO-H"\nticket = "9"\naccess = "adsl"\n'
        + "".join(f'[[line]]\nid = "ROOM-{n}"\npair = "{n}"\n' for n in (1, 2, 3)),
        encoding="utf-8",
    )
    with start("all-good", tmp_path / "bench") as bench:
        station = station_for(bench, tmp_path, f'[ticket]\nsystem = "folder"\npath = "{tmp_path / "out"}"\n')
        done = call("accept", order, "--station", station, "--json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert [record["line"] for record in document["records"]] == ["ROOM-1", "ROOM-2", "ROOM-3"]
    assert [{check["where"]["pair"] for check in record["checks"]} for record in document["records"]] == [
        {"1"},
        {"2"},
        {"3"},
    ]
    assert {push["ticket"] for push in document["push"]} == {"9"}


HOTEL = 'number = "WO-H"\nticket = "9"\naccess = "{access}"\n' + "".join(
    f'[[line]]\nid = "ROOM-{n}"\npair = "{n}"\n' for n in (1, 2)
)


@pytest.fixture
def van(tmp_path: Path) -> Iterator[Path]:
    """Yield the station file of a van on the bench, whose tickets go to the folder `out`."""
    (tmp_path / "bench").mkdir()
    (tmp_path / "out").mkdir()
    with start("all-good", tmp_path / "bench") as bench:
        yield station_for(bench, tmp_path, f'[ticket]\nsystem = "folder"\npath = "{tmp_path / "out"}"\n')


def test_one_socket_is_never_taken_for_two(call: Any, van: Path, tmp_path: Path) -> None:
    order = tmp_path / "hotel.toml"
    order.write_text(HOTEL.format(access="ftth-gpon"), encoding="utf-8")
    refused = call("accept", order, "--station", van)
    assert refused.returncode == 2
    assert "--line ROOM-1" in refused.stderr
    statuses = []
    for room in ("ROOM-1", "ROOM-2"):
        done = call("accept", order, "--station", van, "--line", room, "--json")
        assert done.returncode == 0, done.stderr
        (record,) = json.loads(done.stdout)["records"]
        assert record["line"] == room
        payload = json.loads((tmp_path / "out" / f"linetest-{record['id']}.json").read_text(encoding="utf-8"))
        statuses.append(payload.get("final_status"))  # a field without a value is not written
    assert statuses == [None, "resolved"]
    assert call("accept", order, "--station", van, "--line", "ROOM-7").returncode == 2


def test_each_line_of_a_cable_names_its_pair(call: Any, van: Path, tmp_path: Path) -> None:
    order = tmp_path / "hotel.toml"
    order.write_text(HOTEL.format(access="adsl").replace('pair = "2"\n', ""), encoding="utf-8")
    refused = call("accept", order, "--station", van)
    assert refused.returncode == 2
    assert "ROOM-2" in refused.stderr


def test_a_pair_that_is_not_in_the_sweep_is_inconclusive_and_says_which_are(
    call: Any, van: Path, tmp_path: Path
) -> None:
    order = tmp_path / "o.toml"
    order.write_text('number = "WO-1"\naccess = "adsl"\n[[line]]\nid = "L"\npair = "9"\n', encoding="utf-8")
    done = call("accept", order, "--station", van, "--json")
    assert done.returncode == 3
    assert "4 (PAIR4)" in done.stderr
    (record,) = json.loads(done.stdout)["records"]
    assert {check["reason"] for check in record["checks"]} == {"no-such-object"}


def test_other_customers_pairs_stay_out_of_the_record(call: Any) -> None:
    record = json.loads(call("accept", "--bench", "--json").stdout)["records"][1]
    details = record["details"]
    assert {row["pair"] for row in details["combinations"]} == {"1"}
    assert {row["pair"] for row in details["pairs"]} == {"1"}
    assert {row["pair"] for row in details["curves"] if not row.get("reference")} == {"1"}


def test_a_report_that_cannot_be_written_loses_no_result(call: Any, tmp_path: Path, private_home: Path) -> None:
    refused = call("accept", "--bench", "--report", tmp_path / "no" / "x.html")
    assert refused.returncode == 2
    assert "no such folder" in refused.stderr
    private_home.mkdir(parents=True, exist_ok=True)
    (private_home / "reports").write_text("in the way", encoding="utf-8")
    done = call("accept", "--bench", "--report", "/dev/full", "--json")
    assert done.returncode == 2  # no ending
    done = call("accept", "--bench", "--json")
    assert done.returncode == 0
    assert "not written" in done.stderr
    document = json.loads(done.stdout)
    assert {push["state"] for push in document["push"]} == {"delivered"}
    assert document["reports"] == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["--bench", "--station", "x.toml"],
        ["--resume", "last", "--no-push"],
        ["--resume", "last", "--profile", "ftth-light"],
        ["WO-1", "--resume", "last"],
    ],
)
def test_no_option_is_silently_ignored(call: Any, arguments: list[str]) -> None:
    done = call("accept", *arguments)
    assert done.returncode == 2
    assert "exclude one another" in done.stderr
    assert len(done.stderr.splitlines()) == 2


@pytest.mark.slow
def test_a_reader_that_goes_away_does_not_change_the_verdict(tmp_path: Path) -> None:
    command = f"{shlex.quote(sys.executable)} -m linetest accept --bench 2>/dev/null | head -1; exit ${{PIPESTATUS[0]}}"
    assert subprocess.run(["bash", "-c", command], cwd=tmp_path, check=False, capture_output=True).returncode == 0


def test_nothing_is_measured_when_a_device_is_missing(call: Any, tmp_path: Path, private_home: Path) -> None:
    station = tmp_path / "empty.toml"
    station.write_text('name = "empty"\n', encoding="utf-8")
    order = tmp_path / "o.toml"
    order.write_text('number = "WO-1"\naccess = "adsl"\n[[line]]\nid = "L"\n', encoding="utf-8")
    done = call("accept", order, "--station", station)
    assert done.returncode == 2
    assert "sweep-file" in done.stderr
    assert "Traceback" not in done.stderr
    with open_store() as store:
        assert store.database.execute("SELECT count(*) FROM run").fetchone()[0] == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "missing"),
        (["WO-404"], "no order 'WO-404'"),
        (["--bench", "all-god"], "all-good"),
        (["--resume", "zz"], "no run 'zz'"),
        (["WO-1", "--bench"], "exclude"),
        (["--bench", "--report", "x.pdf"], ".html"),
    ],
)
def test_a_wrong_call_is_two_lines_and_exit_2(call: Any, arguments: list[str], said: str) -> None:
    done = call("accept", *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.splitlines()) <= 2
    assert done.stdout == ""


def begin_slow(private_home: Path) -> subprocess.Popen[str]:
    """Start a run whose meter is busy for seconds, and return when the step is in the journal."""
    process = subprocess.Popen(
        [sys.executable, "-m", "linetest", "accept", "--bench", "meter-not-ready"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    ends_at = time.monotonic() + 20
    while time.monotonic() < ends_at:
        if (private_home / "linetest.sqlite3").exists():
            with open_store() as store:
                if store.database.execute("SELECT count(*) FROM journal").fetchone()[0]:
                    return process
        time.sleep(0.05)
    process.kill()
    pytest.fail(f"the run did not begin: {process.communicate()}")


@pytest.mark.slow
@pytest.mark.parametrize(("sent", "exit_code"), [(signal.SIGKILL, -9), (signal.SIGINT, 4), (signal.SIGTERM, 4)])
def test_an_interrupted_run_is_no_pass_and_resumes(
    run: Any, private_home: Path, sent: signal.Signals, exit_code: int
) -> None:
    process = begin_slow(private_home)
    process.send_signal(sent)
    process.communicate(timeout=20)
    assert process.returncode == exit_code
    with open_store() as store:
        assert store.database.execute("SELECT count(*) FROM record").fetchone()[0] == 0
    done = run("accept", "--resume", "last", "--json")
    assert done.returncode == 3, done.stderr
    document = json.loads(done.stdout)
    first = document["records"][0]
    assert [step["state"] for step in first["steps"]] == ["interrupted", "done"]
    assert "resumed" in first["warnings"]
    again = run("accept", "--resume", document["run"])
    assert again.returncode == 2
    assert "nothing to resume" in again.stderr


@pytest.mark.slow
def test_a_service_run_ends_with_the_customer_s_page(call: Any, private_home: Path) -> None:
    done = call("accept", "--bench", "service-router-slow", "--json")
    assert done.returncode == 1, done.stderr
    document = json.loads(done.stdout)
    (record,) = document["records"]
    assert record["details"]["isolation"]["whose"] == "customer-router"
    restored = [step["name"] for step in record["steps"] if step["state"] == "restored"]
    assert {"pppoe session", "dhcp lease"} <= set(restored)
    pages = [Path(path) for path in document["reports"] if path.endswith("-customer.html")]
    assert len(pages) == 1
    page = pages[0].read_text(encoding="utf-8")
    assert "The router should be set up again or replaced" in page
    assert "SIMULATED" in page
    kept = b"".join(path.read_bytes() for path in private_home.rglob("*") if path.is_file())
    assert b"correct horse" not in kept
