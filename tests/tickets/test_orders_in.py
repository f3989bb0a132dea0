"""Orders out of the ticket system: the simulated one and a real Request Tracker."""

import json
import uuid
from pathlib import Path
from typing import Any

import pytest

from linetest.bench.ticket_server import TicketServer
from linetest.store.opened import open_store
from linetest.store.orders import cases, find_case, versions

WO = f"WO-{uuid.uuid4().hex[:8]}"
"""A real ticket system still has the tickets of earlier runs."""


@pytest.fixture
def station(back_end: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    entry = back_end.entry
    path = tmp_path / "van.toml"
    path.write_text(
        f'name = "van"\n[ticket]\nsystem = "rt"\nurl = "{entry.url}"\nqueue = "{entry.queue}"\n'
        f'token = "{entry.token}"\n',
        encoding="utf-8",
    )
    monkeypatch.setenv("LINETEST_STATION", str(path))
    return path


def new_order(back_end: Any, number: str, **fields: Any) -> str:
    """Make a ticket as a dispatcher does, and return its number."""
    ticket = str(back_end.new_ticket())
    values = {"Work Order": number, "Work Type": "repair", "Access": "epon", **fields}
    back_end.change(ticket, {"CustomFields": values})
    return ticket


def fetched(call: Any, *more: str) -> dict[str, dict[str, Any]]:
    done = call("order", "fetch", "--json", *more)
    assert done.returncode in (0, 3), done.stderr
    return {one["ticket"]: one for one in json.loads(done.stdout)["tickets"]}


def case_of(number: str) -> Any:
    with open_store() as store:
        return find_case(store.database, number)


@pytest.mark.usefixtures("station")
def test_an_order_is_fetched_with_its_appointment_claimed_and_brought_up_to_date(back_end: Any, call: Any) -> None:
    ticket = new_order(
        back_end, f"{WO}-1", Address="Main St 5", Region="urban", OLT="olt7", ONU="0/1/0:5", Appointment="2999-03-04 am"
    )
    found = fetched(call)[ticket]
    assert (found["number"], found["state"], found["owner"], found["mine"]) == (f"{WO}-1", "new", None, False)
    case = case_of(f"{WO}-1")
    order = case.order
    assert (order.ticket, order.work_type, order.access, order.address) == (ticket, "fault", "ftth-epon", "Main St 5")
    assert (order.customer.region, order.line[0].id, order.line[0].olt) == ("urban", f"{WO}-1", "olt7")
    assert order.received_at is not None
    (booked,) = case.events
    assert (booked.kind, booked.booking.half, str(booked.booking.day)) == ("booked", "morning", "2999-03-04")

    claimed = call("order", "claim", f"{WO}-1", "--by", "T7")
    assert claimed.returncode == 0, claimed.stderr
    assert "yours: changed" in claimed.stdout
    assert case_of(f"{WO}-1").order.technician == "T7"
    assert back_end.owner(ticket) == "tech1"
    assert fetched(call, "--by", "T7")[ticket]["state"] == "same"

    back_end.change(ticket, {"CustomFields": {"Address": "Main St 6", "Appointment": "2999-03-05 14:00-15:30"}})
    assert fetched(call, "--by", "T7")[ticket]["state"] == "changed"
    case = case_of(f"{WO}-1")
    assert case.order.address == "Main St 6"
    assert [event.booking.start for event in case.events] == [None, "14:00"]
    with open_store() as store:
        assert [version.order.address for version in versions(store.database, f"{WO}-1")] == [
            "Main St 5",
            "Main St 5",
            "Main St 6",
        ]


@pytest.mark.usefixtures("station")
def test_somebody_elses_order_is_not_taken(back_end: Any, call: Any) -> None:
    ticket = new_order(back_end, f"{WO}-2")
    fetched(call)
    back_end.take_as_second(ticket)
    refused = call("order", "claim", f"{WO}-2", "--by", "T7")
    assert refused.returncode == 1
    assert f"order {WO}-2 is tech2's" in refused.stderr
    assert case_of(f"{WO}-2").order.technician == "tech2"  # what the ticket says counts
    assert back_end.owner(ticket) == "tech2"


@pytest.mark.usefixtures("station")
def test_what_was_changed_on_both_sides_is_decided_by_field_and_shown(back_end: Any, call: Any, tmp_path: Path) -> None:
    ticket = new_order(back_end, f"{WO}-3", Address="A 1", Contact="100", Appointment="2999-03-04 am")
    fetched(call)
    order = tmp_path / "o.toml"
    order.write_text(
        f'number = "{WO}-3"\nticket = "{ticket}"\nwork_type = "fault"\naccess = "ftth-epon"\naddress = "B 2"\n'
        f'contact = "200"\nteam = "north"\n[[line]]\nid = "{WO}-3"\nmac = "00:11:22:33:44:55"\n',
        encoding="utf-8",
    )
    assert call("order", "add", order).returncode == 0
    assert call("order", "book", f"{WO}-3", "2999-04-01", "pm").returncode == 0
    back_end.change(ticket, {"CustomFields": {"Address": "C 3", "Appointment": "2999-05-05 pm"}})
    done = call("order", "fetch")
    assert "  ! Address: here B 2, in the ticket C 3: taken from the ticket" in done.stdout
    assert "  ! Appointment: here 2999-04-01 pm, in the ticket 2999-05-05 pm: kept as it is here" in done.stdout
    case = case_of(f"{WO}-3")
    assert (case.order.address, case.order.contact, case.order.team) == ("C 3", "200", "north")
    assert case.order.line[0].mac == "00:11:22:33:44:55"
    assert case.events[-1].booking.day.isoformat() == "2999-04-01"


@pytest.mark.usefixtures("station")
def test_a_booking_that_the_ticket_has_got_can_be_moved_there(back_end: Any, call: Any) -> None:
    ticket = new_order(back_end, f"{WO}-7", Appointment="2999-03-04 am")
    fetched(call)
    assert call("order", "book", f"{WO}-7", "2999-04-01", "pm").returncode == 0
    assert call("ticket", "push").returncode == 0
    assert fetched(call)[ticket]["state"] == "same"
    assert call("order", "book", f"{WO}-7", "2999-04-02", "pm").returncode == 0
    assert call("ticket", "push").returncode == 0
    back_end.change(ticket, {"CustomFields": {"Appointment": "2999-05-05 10:00"}})
    assert (fetched(call)[ticket]["state"], fetched(call)[ticket]["clashes"]) == ("changed", [])
    assert case_of(f"{WO}-7").events[-1].booking.start == "10:00"


@pytest.mark.usefixtures("station")
def test_a_bad_ticket_holds_up_no_other(back_end: Any, call: Any) -> None:
    new_order(back_end, f"{WO}-4")
    bad = new_order(back_end, f"{WO}\x1b[31m-5")
    huge = new_order(back_end, "W" * 5000)
    no_access = str(back_end.new_ticket())
    wrong_time = new_order(back_end, f"{WO}-6", Appointment="tomorrow")
    wrong_rates = new_order(back_end, f"{WO}-8", Rates="20")
    no_rates = new_order(back_end, f"{WO}-9", Rates="nan/8")
    done = call("order", "fetch", "--json")
    assert done.returncode == 3
    tickets = {one["ticket"]: one for one in json.loads(done.stdout)["tickets"]}
    faults = [tickets[one]["fault"] for one in (bad, huge, no_access, wrong_time, wrong_rates, no_rates)]
    assert [fault.split(":")[0] for fault in faults] == [
        "Work Order",
        "Work Order",
        "Access is empty",
        "'tomorrow' is no appointment",
        "Rates",
        "Rates",
    ]
    assert case_of(f"{WO}-4").order.number == f"{WO}-4"
    shown = call("order", "fetch")
    assert "\x1b" not in shown.stdout


def test_a_queue_that_is_not_there_is_answered_with_those_that_are(back_end: Any, station: Path, call: Any) -> None:
    new_order(back_end, f"{WO}-10")
    station.write_text(station.read_text(encoding="utf-8").replace('"Field"', '"Feild"'), encoding="utf-8")
    refused = call("order", "fetch")
    assert refused.returncode == 2
    assert "the queue Feild is not there, or the token may not see it" in refused.stderr
    assert "there are: Field" in refused.stderr


@pytest.mark.usefixtures("station")
def test_many_lines_and_many_pages(back_end: Any, call: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("linetest.tickets.rt_orders._PAGE", 2)
    tickets = [new_order(back_end, f"{WO}-P-{number}", Line=[f"R{number}", "R-x"]) for number in range(5)]
    found = fetched(call)
    assert set(tickets) <= set(found)
    assert [line.id for line in case_of(f"{WO}-P-4").order.line] == ["R4", "R-x"]


def test_a_page_that_cannot_be_read_is_asked_for_one_by_one(
    server: TicketServer, entry: Any, call: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    station = tmp_path / "s.toml"
    station.write_text(
        f'name = "van"\n[ticket]\nsystem = "rt"\nurl = "{server.url}"\nqueue = "Field"\ntoken = "{entry.token}"\n'
    )
    monkeypatch.setenv("LINETEST_STATION", str(station))
    tickets = [server.new_ticket() for _number in range(3)]
    for ticket in tickets:
        server.tickets[ticket].fields |= {"Work Order": f"WO-{ticket}", "Access": "epon"}
    server.tickets[tickets[1]].fields["Address"] = "x" * 9_000_000
    done = call("order", "fetch", "--json")
    found = {one["ticket"]: (one["state"], one["fault"]) for one in json.loads(done.stdout)["tickets"]}
    assert done.returncode == 3
    assert [found[ticket][0] for ticket in tickets] == ["new", "unreadable", "new"]
    assert "longer than" in found[tickets[1]][1]
    with open_store() as store:
        assert len(cases(store.database)) == 2


def test_a_folder_gives_no_orders_and_a_silent_system_is_told(call: Any, tmp_path: Path) -> None:
    station = tmp_path / "s.toml"
    station.write_text(f'name = "van"\n[ticket]\nsystem = "folder"\npath = "{tmp_path}"\n')
    refused = call("order", "fetch", "--station", station)
    assert refused.returncode == 2
    assert "gives no orders" in refused.stderr
    (tmp_path / "token").write_text("x")
    (tmp_path / "token").chmod(0o600)
    station.write_text(
        'name = "van"\n[ticket]\nsystem = "rt"\nurl = "http://127.0.0.1:9"\nqueue = "Field"\ntoken = "file:token"\n'
    )
    silent = call("order", "fetch", "--station", station)
    assert silent.returncode == 3
    assert "refused" in silent.stderr
