"""`linetest ticket` as a person runs it."""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from linetest.bench.ticket_server import TicketServer
from linetest.devices.station import TicketEntry
from linetest.tickets.result import TicketResult

Run = Callable[..., CompletedProcess[str]]
NewResult = Callable[..., TicketResult]
Put = Callable[..., str]


@pytest.fixture
def station(tmp_path: Path, server: TicketServer, entry: TicketEntry) -> Path:
    """Return a station file; the token is in the environment as BENCH_TOKEN."""
    path = tmp_path / "station.toml"
    path.write_text(
        f'name = "van"\n[ticket]\nsystem = "rt"\nurl = "{server.url}"\nqueue = "Field"\ntoken = "env:BENCH_TOKEN"\n'
    )
    return path


@pytest.mark.slow
def test_the_life_of_a_result(
    call: Run, station: Path, server: TicketServer, entry: TicketEntry, new_result: NewResult, put: Put
) -> None:
    ticket = server.new_ticket()
    key = put(new_result("4711"), entry)
    short = key[:12]

    listed = call("ticket", "list")
    assert (listed.returncode, listed.stdout) == (0, f"{key[:8]}  ticket 4711  waits  WO-1001 LINE-1: PASS\n")

    refused = call("ticket", "push", "--station", station)
    assert refused.returncode == 5
    assert "refused: the ticket system has no ticket 4711" in refused.stdout

    assert call("ticket", "move", short, ticket, "--reason", "a digit was wrong").returncode == 0
    pushed = call("ticket", "push", "--station", station, "--json")
    assert pushed.returncode == 0, pushed.stderr
    (outcome,) = json.loads(pushed.stdout)["push"]
    assert (outcome["record"], outcome["ticket"], outcome["state"], outcome["late"]) == (
        key,
        ticket,
        "delivered",
        False,
    )
    assert f"{key[:8]} ticket {ticket}: delivered" in pushed.stderr
    assert server.tickets[ticket].count(f"linetest-{key}.json") == 1

    assert call("ticket", "list").stdout == "Nothing is kept.\n"
    assert json.loads(call("ticket", "list", "--all", "--json").stdout)["results"][0]["state"] == "delivered"
    shown = call("ticket", "show", short)
    assert "PASS  order WO-1001, line LINE-1" in shown.stdout
    for answer in (listed, refused, pushed, shown):
        assert server.token not in answer.stdout + answer.stderr


def test_offline_keeps_and_says_so(
    call: Run, station: Path, server: TicketServer, entry: TicketEntry, new_result: NewResult, put: Put
) -> None:
    put(new_result(server.new_ticket()), entry)
    server.stop()
    pushed = call("ticket", "push", "--station", station)
    assert pushed.returncode == 5
    assert "cannot be reached: Connection refused" in pushed.stdout
    assert "cannot be reached" in call("ticket", "list").stdout
    doctor = call("ticket", "doctor", "--station", station)
    assert doctor.returncode == 3
    assert doctor.stdout.startswith("WRONG: 127.0.0.1 cannot be reached")


def test_what_is_kept_for_another_system_is_not_forgotten(
    call: Run, station: Path, new_result: NewResult, put: Put
) -> None:
    put(new_result("1"), TicketEntry(system="folder", path="/elsewhere"))
    pushed = call("ticket", "push", "--station", station)
    assert pushed.returncode == 5
    assert "Kept for another ticket system, folder /elsewhere: 1" in pushed.stderr


def test_dropping_needs_a_reason(
    call: Run, entry: TicketEntry, database: sqlite3.Connection, new_result: NewResult, put: Put
) -> None:
    key = put(new_result("1"), entry)
    assert call("ticket", "drop", key).returncode == 2
    assert call("ticket", "drop", key, "--reason", "  ").returncode == 2
    assert call("ticket", "drop", key, "--reason", "order was cancelled").returncode == 0
    assert call("ticket", "list").stdout == "Nothing is kept.\n"
    assert "dropped  WO-1001 LINE-1: PASS\n  > order was cancelled" in call("ticket", "list", "--all").stdout
    assert call("ticket", "retry", key).returncode == 2


def test_an_unknown_key_is_answered_with_those_that_are_there(
    call: Run, entry: TicketEntry, new_result: NewResult, put: Put
) -> None:
    answer = call("ticket", "show", "nope")
    assert (answer.returncode, answer.stdout) == (2, "")
    assert "the outbox is empty" in answer.stderr
    key = put(new_result("1"), entry)
    assert key in call("ticket", "show", "nope").stderr


def test_the_doctor(run: Run, station: Path, server: TicketServer, entry: TicketEntry) -> None:
    server.new_ticket()
    good = run("ticket", "doctor", "--station", station)
    assert good.returncode == 0, good.stdout
    said = " ".join(good.stdout.split())
    assert "not checked: the custom field Verdict is there; only administrators see its values" in said
    del server.desk.fields["Access"]
    bad = run("ticket", "doctor", "--station", station, "--json")
    assert bad.returncode == 3
    wrong = [finding["what"] for finding in json.loads(bad.stdout)["findings"] if finding["state"] == "wrong"]
    assert wrong == ["the custom field Access is missing"]


@pytest.mark.parametrize("command", ["push", "doctor"])
def test_a_station_without_a_ticket_system(command: str, call: Run, tmp_path: Path) -> None:
    (tmp_path / "station.toml").write_text('name = "van"\n')
    answer = call("ticket", command, "--station", tmp_path / "station.toml")
    assert answer.returncode == 2
    assert "there is no [ticket]" in answer.stderr
