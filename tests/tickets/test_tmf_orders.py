"""Work orders and appointments of TM Forum's system: taken, claimed, booked, done; each request held to the forms."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from linetest.store.opened import open_store
from linetest.store.orders import find_case
from tests.tickets.tmf_closed import judge_all
from tests.tickets.tmf_listening import Listening


@pytest.fixture
def station(tmf: Listening, tmf_entry: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "van.toml"
    path.write_text(
        f'name = "van"\n[ticket]\nsystem = "tmf"\nurl = "{tmf.url}"\ntoken = "{tmf_entry.token}"\ntechnician = "T7"\n',
        encoding="utf-8",
    )
    monkeypatch.setenv("LINETEST_STATION", str(path))
    return path


def characteristics(**values: str) -> list[dict[str, Any]]:
    return [{"name": name, "valueType": "string", "value": value} for name, value in values.items()]


def work_order(tmf: Listening, number: str, action: str = "noChange", **changes: Any) -> str:
    """Make a work order as a dispatcher does, and return its id."""
    work = {"workCharacteristic": characteristics(access="ftth-epon", line="L1", olt="olt7", onu="0/1/0:5")}
    document = {
        "externalId": number,
        "description": "no light",
        "place": {"name": "Main St 5"},
        "workOrderItem": [{"id": "1", "action": action, "work": work}],
        **changes,
    }
    return tmf.work_order(**document)


def fetched(call: Any) -> dict[str, dict[str, Any]]:
    done = call("order", "fetch", "--json")
    assert done.returncode in (0, 3), done.stderr
    return {one["ticket"]: one for one in json.loads(done.stdout)["tickets"]}


def case_of(number: str) -> Any:
    with open_store() as store:
        return find_case(store.database, number)


@pytest.mark.usefixtures("station")
@pytest.mark.parametrize(
    ("action", "work_type"), [("add", "install"), ("modify", "move"), ("delete", "remove"), ("noChange", "fault")]
)
def test_a_work_order_is_an_order(action: str, work_type: str, tmf: Listening, call: Any) -> None:
    ticket = f"workOrder/{work_order(tmf, 'WO-9', action)}"
    found = fetched(call)[ticket]
    assert (found["number"], found["state"], found["status"], found["mine"]) == ("WO-9", "new", "acknowledged", False)
    order = case_of("WO-9").order
    assert (order.ticket, order.work_type, order.access, order.address) == (ticket, work_type, "ftth-epon", "Main St 5")
    assert (order.summary, order.line[0].id, order.line[0].olt, order.line[0].onu) == (
        "no light",
        "L1",
        "olt7",
        "0/1/0:5",
    )
    assert order.received_at is not None
    assert fetched(call)[ticket]["state"] == "same"


@pytest.mark.usefixtures("station")
def test_only_what_waits_for_us_or_nobody_is_fetched(tmf: Listening, call: Any) -> None:
    us, other = ({"id": name, "role": "technician", "@referredType": "Individual"} for name in ("T7", "T8"))
    mine = work_order(tmf, "WO-1", relatedParty=[us])
    work_order(tmf, "WO-2", relatedParty=[other])
    work_order(tmf, "WO-3", state="completed")
    nobodys = work_order(tmf, "WO-4", state="held")
    found = fetched(call)
    assert set(found) == {f"workOrder/{mine}", f"workOrder/{nobodys}"}
    assert found[f"workOrder/{mine}"]["mine"] is True


@pytest.mark.usefixtures("station")
def test_an_order_of_many_lines(tmf: Listening, call: Any) -> None:
    items = [
        {"id": str(n), "action": "add", "work": {"workCharacteristic": characteristics(access="lan", line=f"ROOM-{n}")}}
        for n in (1, 2, 3)
    ]
    work_order(tmf, "WO-H", workOrderItem=items)
    fetched(call)
    assert [line.id for line in case_of("WO-H").order.line] == ["ROOM-1", "ROOM-2", "ROOM-3"]


@pytest.mark.usefixtures("station")
def test_a_hostile_work_order_holds_up_no_other(tmf: Listening, call: Any) -> None:
    bad = work_order(tmf, "WO-\x1b[31mX")
    good = work_order(tmf, "WO-5")
    tmf.all("WorkOrder")[good]["relatedParty"] = {"role": ["technician"], "id": 3}
    found = fetched(call)
    assert found[f"workOrder/{bad}"]["state"] == "unreadable"
    assert found[f"workOrder/{good}"]["state"] == "new"


@pytest.mark.usefixtures("station")
def test_an_order_is_claimed_once(tmf: Listening, call: Any) -> None:
    number = work_order(tmf, "WO-6", relatedParty=[{"id": "C1", "role": "customer", "@referredType": "Individual"}])
    fetched(call)
    assert call("order", "claim", "WO-6").returncode == 0
    parties = tmf.all("WorkOrder")[number]["relatedParty"]
    assert [(one["role"], one["id"]) for one in parties] == [("customer", "C1"), ("technician", "T7")]
    parties[1]["id"] = "T8"
    refused = call("order", "claim", "WO-6")
    assert (refused.returncode, "WO-6 is T8's" in refused.stderr) == (1, True)


@pytest.mark.usefixtures("station")
def test_the_dispatchers_appointment_comes_with_the_order(tmf: Listening, call: Any) -> None:
    valid = {"startDateTime": "2999-03-04T09:00:00+08:00", "endDateTime": "2999-03-04T10:30:00+08:00"}
    with tmf.lock:
        booked = tmf.desk.add("Appointment", {"validFor": valid, "externalId": "D-1"})
    work_order(tmf, "WO-7", appointment={"id": booked})
    fetched(call)
    (event,) = case_of("WO-7").events
    assert (event.kind, str(event.booking.day), event.booking.start, event.booking.end) == (
        "booked",
        "2999-03-04",
        "09:00",
        "10:30",
    )


@pytest.mark.usefixtures("station")
def test_a_day_of_a_work_order_is_told_in_forms_that_fit(
    shared_data: Callable[[str], Path], tmf: Listening, call: Any
) -> None:
    number = work_order(tmf, "WO-8")
    fetched(call)
    day = f"{datetime.now().astimezone() + timedelta(days=2):%Y-%m-%d}"
    for words in (
        ["book", "WO-8", day, "am"],
        ["book", "WO-8", day, "14:00-15:30"],
        ["arrive", "WO-8", "--at", "2026-03-03T09:05", "--by", "T7"],
        ["note", "WO-8", "chaser", "--text", "customer\x1b[31m urges"],
        ["done", "WO-8", "--reason", "force-majeure", "--satisfied", "--at", "2026-03-03T10:00"],
    ):
        noted = call("order", *words)
        assert noted.returncode == 0, noted.stderr
    pushed = call("ticket", "push", "--json")
    assert pushed.returncode == 0, pushed.stdout + pushed.stderr
    shown = tmf.all("WorkOrder")[number]
    assert shown["state"] == "completed"
    assert datetime.fromisoformat(shown["startDate"]) == datetime.fromisoformat("2026-03-03T09:05+08:00")
    assert datetime.fromisoformat(shown["completionDate"]) == datetime.fromisoformat("2026-03-03T10:00+08:00")
    appointments = list(tmf.all("Appointment").values())
    assert [one["status"] for one in appointments] == ["confirmed", "confirmed"]
    assert shown["appointment"]["id"] == appointments[1]["id"]
    assert appointments[1]["validFor"]["startDateTime"] == f"{day}T14:00:00+08:00"
    assert [link["role"] for link in shown["relatedEntity"]] == ["appointment", "appointment"]
    assert "urges" in shown["note"]["text"]
    assert "\x1b" not in shown["note"]["text"]
    assert judge_all(shared_data("tmf"), tmf) >= 8


@pytest.mark.usefixtures("station")
def test_a_mass_fault_is_a_service_problem(shared_data: Callable[[str], Path], tmf: Listening, call: Any) -> None:
    number = work_order(tmf, "WO-10")
    fetched(call)
    noted = call(
        *("order", "escalate", "WO-10", "--to", "leader", "--by", "T7"),
        *("--symptom", "no light", "--extent", "splitter S4, 12 customers", "--work", "crew on the way"),
        *("--until", "2999-03-03T18:00"),
    )
    assert noted.returncode == 0, noted.stderr
    pushed = call("ticket", "push")
    assert pushed.returncode == 0, pushed.stdout
    (problem,) = tmf.all("ServiceProblem").values()
    assert (problem["category"], problem["priority"], problem["reason"]) == ("mass fault", 1, "no light")
    assert problem["impactPattern"]["description"] == "splitter S4, 12 customers"
    assert problem["relatedEntity"][0]["id"] == number
    assert [link["role"] for link in tmf.all("WorkOrder")[number]["relatedEntity"]] == ["serviceProblem"]
    assert judge_all(shared_data("tmf"), tmf) == 2


@pytest.mark.usefixtures("station")
def test_an_order_that_is_given_back(tmf: Listening, call: Any) -> None:
    number = work_order(tmf, "WO-11")
    fetched(call)
    assert call("order", "return", "WO-11", "no-resource", "--text", "splitter full").returncode == 0
    assert call("ticket", "push").returncode == 0
    shown = tmf.all("WorkOrder")[number]
    assert (shown["state"], shown["cancellationReason"]) == ("rejected", "no-resource")


def test_who_we_are_is_needed_to_claim(tmf: Listening, call: Any, station: Path) -> None:
    work_order(tmf, "WO-12")
    fetched(call)
    station.write_text(station.read_text(encoding="utf-8").replace('technician = "T7"\n', ""), encoding="utf-8")
    refused = call("order", "claim", "WO-12")
    assert (refused.returncode, "[ticket] technician is missing" in refused.stderr) == (2, True)
