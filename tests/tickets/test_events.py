"""What happens to an order reaches its ticket: on the simulated system and on a real Request Tracker."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from linetest.bench.ticket_server import TicketServer
from linetest.store import outbox as rows
from linetest.store.opened import open_store
from linetest.store.outbox import State
from linetest.tickets.event import EVENT_KIND
from linetest.tickets.payload import read_payload

ORDER = """\
number = "WO-5"
ticket = "{ticket}"
work_type = "fault"
access = "ftth-epon"
received_at = 2026-03-02T08:00:00+08:00
contact = "13900000000"
[[line]]
id = "L1"
[[line]]
id = "L2"
"""


@pytest.fixture
def order(back_end: Any, call: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Put an order of two lines into the store, with a ticket in the system under test; return the ticket's number."""
    ticket = str(back_end.new_ticket())
    entry = back_end.entry
    station = tmp_path / "van.toml"
    station.write_text(
        f'name = "van"\n[ticket]\nsystem = "rt"\nurl = "{entry.url}"\nqueue = "{entry.queue}"\n'
        f'token = "{entry.token}"\n',
        encoding="utf-8",
    )
    monkeypatch.setenv("LINETEST_STATION", str(station))
    (tmp_path / "o.toml").write_text(ORDER.format(ticket=ticket), encoding="utf-8")
    assert call("order", "add", tmp_path / "o.toml").returncode == 0
    return ticket


def same_moment(shown: str, wanted: str) -> bool:
    return datetime.fromisoformat(shown) == datetime.fromisoformat(wanted)


def test_a_day_of_an_order_is_in_its_ticket(back_end: Any, order: str, call: Any) -> None:
    tomorrow = datetime.now().astimezone() + timedelta(days=2)
    day = f"{tomorrow:%Y-%m-%d}"
    for words in (
        ["book", "WO-5", day, "am"],
        ["book", "WO-5", day, "14:00-15:30"],
        ["arrive", "WO-5", "--at", "2026-03-03T09:05", "--by", "T7"],
        ["note", "WO-5", "chaser", "--text", "customer\x1b[31m urges"],
        ["done", "WO-5", "--line", "L1", "--reason", "force-majeure", "--at", "2026-03-03T10:00"],
    ):
        noted = call("order", *words)
        assert noted.returncode == 0, noted.stderr
        assert f"Kept for ticket {order}: `linetest ticket push` sends it." in noted.stderr
    assert back_end.comments(order) == 0
    listed = call("ticket", "list").stdout.splitlines()
    assert [line.partition("  waits  ")[2] for line in listed[1:3]] == ["WO-5: booked", "WO-5: arrived"]
    assert listed[4].endswith("waits  WO-5 L1: done")
    pushed = call("ticket", "push", "--json")
    assert pushed.returncode == 0, pushed.stderr
    sent = json.loads(pushed.stdout)["push"]
    assert [(one["record"], one["state"], one["late"]) for one in sent] == [(None, "delivered", False)] * 5
    shown = back_end.show(order)
    assert shown["Appointment"] == f"{day} 14:00-15:30"
    assert same_moment(shown["Arrived At"], "2026-03-03T09:05:00+08:00")
    assert same_moment(shown["Done At"], "2026-03-03T10:00:00+08:00")
    assert (shown["Status"], shown["Work Order"], shown["Work Type"]) == ("open", "WO-5", "repair")
    assert "Line Id" not in shown  # that is the newest result's

    assert call("order", "done", "WO-5", "--reason", "force-majeure", "--satisfied").returncode == 0
    assert call("ticket", "push").returncode == 0
    assert back_end.show(order)["Status"] == "resolved"
    assert back_end.comments(order) == 7
    with open_store() as store:
        items = rows.items(store.database)
    assert {(item.kind, item.state) for item in items} == {(EVENT_KIND, State.DELIVERED)}
    assert back_end.files(order) == [read_payload(item).file_name for item in items]
    assert all("13900000000" not in item.payload.decode() for item in items)  # the customer's number stays here
    assert all(item.sent_at is not None for item in items)


def test_an_order_that_is_given_back(back_end: Any, order: str, call: Any) -> None:
    assert call("order", "return", "WO-5", "no-resource", "--text", "splitter full").returncode == 0
    assert call("ticket", "push").returncode == 0
    shown = back_end.show(order)
    assert (shown["Status"], shown["Return Reason"]) == ("rejected", "no-resource")


def test_without_a_station_an_event_is_noted_here_alone(call: Any, tmp_path: Path) -> None:
    (tmp_path / "o.toml").write_text(ORDER.format(ticket="5"), encoding="utf-8")
    assert call("order", "add", tmp_path / "o.toml").returncode == 0
    noted = call("order", "arrive", "WO-5", "--json")
    assert json.loads(noted.stdout)["push"] == []
    with open_store() as store:
        assert rows.items(store.database) == []
    missing = call("order", "arrive", "WO-5", "--station", tmp_path / "none.toml")
    assert missing.returncode == 2
    assert "there is no such station file" in missing.stderr


def test_what_the_ticket_keeps_is_told(server: TicketServer, entry: Any, call: Any, tmp_path: Path) -> None:
    """The dispatcher wrote another access, and the ticket has a status that `done` may not follow."""
    ticket = server.new_ticket(status="deleted")
    server.tickets[ticket].fields["Access"] = "gpon"
    station = tmp_path / "van.toml"
    station.write_text(
        f'name = "van"\n[ticket]\nsystem = "rt"\nurl = "{server.url}"\nqueue = "Field"\ntoken = "{entry.token}"\n'
    )
    (tmp_path / "o.toml").write_text(ORDER.format(ticket=ticket), encoding="utf-8")
    assert call("order", "add", tmp_path / "o.toml").returncode == 0
    noted = call("order", "done", "WO-5", "--reason", "force-majeure", "--station", station, "--json")
    (first, second) = (one["event"] for one in json.loads(noted.stdout)["push"])
    pushed = call("ticket", "push", "--station", station)
    assert pushed.returncode == 0
    assert (
        pushed.stderr.count(
            "> The ticket keeps its own Access: gpon, not epon. If that is wrong, change it in the ticket."
        )
        == 2
    )
    shown = call("ticket", "show", second)
    assert "The ticket keeps its own Access: gpon, not epon." in shown.stdout
    assert "Order WO-5\nL2 done; force-majeure\n" in shown.stdout
    document = json.loads(call("ticket", "show", first, "--json").stdout)
    assert (document["record"], document["event"], document["late"]) == (None, first, False)
    assert document["result"]["event"]["line"] == "L1"
    assert json.loads(call("ticket", "show", second, "--json").stdout)["late"] is True
