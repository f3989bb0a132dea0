"""A ticket system that takes nothing says so: in a push, in the list, at the end of an acceptance."""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

from linetest.bench.ticket_server import TicketServer
from linetest.cli.pushing import hold_words
from linetest.devices.station import TicketEntry
from linetest.store import outbox as rows
from linetest.store.holds import hold, holds, release
from linetest.tickets.outbox import Outcome
from linetest.tickets.result import TicketResult

Call = Callable[..., CompletedProcess[str]]
NewResult = Callable[..., TicketResult]
Put = Callable[..., str]
Push = Callable[..., list[Outcome]]


def station(folder: Path, server: TicketServer) -> Path:
    path = folder / "station.toml"
    path.write_text(
        f'name = "van"\n[ticket]\nsystem = "rt"\nurl = "{server.url}"\nqueue = "Field"\ntoken = "env:BENCH_TOKEN"\n'
    )
    return path


def test_a_paused_system_costs_one_cheap_call_and_no_attempt(
    server: TicketServer, entry: TicketEntry, database: sqlite3.Connection, push: Push, new_result: NewResult, put: Put
) -> None:
    keys = [put(new_result(server.new_ticket()), entry) for _number in range(6)]
    server.fail("unauthorized", path="/rt", method="GET")
    push(connections=4)
    assert server.requests == [("GET", "/rt")]
    assert {(item.attempts, item.refusals, item.first_sent_at) for item in rows.of_keys(database, keys)} == {
        (0, 0, None)
    }
    (one,) = holds(database)
    assert one.kind == "paused"
    assert "401" in one.reason
    push(connections=4)
    assert holds(database) == []


def test_a_token_that_expires_while_many_are_under_way_costs_no_attempt(
    server: TicketServer, entry: TicketEntry, database: sqlite3.Connection, push: Push, new_result: NewResult, put: Put
) -> None:
    keys = [put(new_result(server.new_ticket()), entry) for _number in range(24)]
    server.fail("unauthorized", times=8)
    push(connections=4)
    items = rows.of_keys(database, keys)
    assert [item for item in items if item.attempts or item.refusals] == []
    assert [one.kind for one in holds(database)] == ["paused"]
    assert not [item for item in items if item.state == "sending"]
    push(connections=4)
    push(connections=4)  # the faults that are left
    assert all(len(ticket.comments) == 1 for ticket in server.tickets.values())


def test_what_is_held_keeps_its_beginning_until_the_kind_changes(database: sqlite3.Connection) -> None:
    hold(database, "rt", "offline", "no route", "")
    database.execute("UPDATE hold SET since = '2026-11-20T08:00:00+08:00'")
    hold(database, "rt", "offline", "no name", "check the network")
    (one,) = holds(database)
    assert (one.reason, one.since) == ("no name", "2026-11-20T08:00:00+08:00")
    assert hold_words(one) == "Out of reach since 2026-11-20 08:00: no name (check the network)"
    hold(database, "rt", "paused", "401", "")
    assert holds(database)[0].since != "2026-11-20T08:00:00+08:00"
    release(database, "rt")
    assert holds(database) == []


def test_push_and_list_say_it(
    call: Call, tmp_path: Path, server: TicketServer, entry: TicketEntry, new_result: NewResult, put: Put
) -> None:
    put(new_result(server.new_ticket()), entry)
    server.fail("unauthorized", path="/rt", method="GET")
    pushed = call("ticket", "push", "--station", station(tmp_path, server))
    assert pushed.returncode == 5
    assert "Paused since" in pushed.stderr
    assert "renew it where the station file says" in pushed.stderr
    assert call("ticket", "list").stdout.startswith("Paused since")
    assert json.loads(call("ticket", "list", "--json").stdout)["holds"][0]["kind"] == "paused"
    assert call("ticket", "push", "--station", station(tmp_path, server)).returncode == 0
    assert call("ticket", "list").stdout == "Nothing is kept.\n"


def test_a_push_of_many_counts_them_and_lists_only_what_is_stuck(
    call: Call, tmp_path: Path, server: TicketServer, entry: TicketEntry, new_result: NewResult, put: Put
) -> None:
    for _number in range(25):
        put(new_result(server.new_ticket(), None), entry)
    put(new_result("999"), entry)
    pushed = call("ticket", "push", "--station", station(tmp_path, server))
    assert pushed.returncode == 5
    first, second = pushed.stdout.splitlines()
    assert first == "Delivered: 25 of 26"
    assert "ticket 999  refused: the ticket system has no ticket 999" in second
    assert "25 of 26 delivered" in pushed.stderr
    assert "1 ticket is stuck" in pushed.stderr
    assert "\r" not in pushed.stderr


def test_why_nothing_goes_is_said_once_and_not_any_more_when_something_does(
    call: Call,
    tmp_path: Path,
    server: TicketServer,
    entry: TicketEntry,
    database: sqlite3.Connection,
    new_result: NewResult,
    put: Put,
) -> None:
    keys = [put(new_result(server.new_ticket(), None), entry) for _number in range(21)]
    server.fail("unauthorized", path="/rt", method="GET")
    pushed = call("ticket", "push", "--station", station(tmp_path, server))
    assert pushed.stdout == "Delivered: 0 of 21\n"
    assert pushed.stderr.count("401 Unauthorized") == 1
    assert call("ticket", "list").stdout.count("401 Unauthorized") == 1
    assert {"401 Unauthorized" in str(item.last_error) for item in rows.of_keys(database, keys)} == {True}
    release(database, holds(database)[0].dest)
    assert {item.last_error for item in rows.of_keys(database, keys)} == {None}
