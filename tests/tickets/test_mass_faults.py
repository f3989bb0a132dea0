"""A mass fault in the ticket system: told once a person agreed, once for all its orders, closed when it ends."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from linetest.bench.ticket_server import TicketServer
from linetest.devices.station import TicketEntry
from linetest.store import outbox as rows
from linetest.store.opened import open_store
from tests.tickets.tmf_closed import judge_all
from tests.tickets.tmf_listening import Listening

TELL = ("order", "mass", "SP-3", "--by", "T7", "--symptom", "no light", "--work", "crew on the way")
TELL_ALL = (*TELL, "--until", "2999-03-03T18:00")


def fault(tmf: Listening, number: int) -> str:
    values = {"access": "ftth-epon", "line": f"L{number}", "splitter": "SP-3", "cabinet": "J12"}
    told = [{"name": name, "valueType": "string", "value": value} for name, value in values.items()]
    item = {"id": "1", "action": "noChange", "work": {"workCharacteristic": told}}
    return tmf.work_order(externalId=f"WO-{number}", workOrderItem=[item])


@pytest.fixture
def forum(tmf: Listening, tmf_entry: TicketEntry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Listening:
    """Return a system with three faults at one splitter, and a station that names it."""
    station = tmp_path / "van.toml"
    entry = f'system = "tmf"\nurl = "{tmf.url}"\ntoken = "{tmf_entry.token}"\ntechnician = "T7"\n'
    station.write_text(f'name = "van"\n[ticket]\n{entry}', encoding="utf-8")
    monkeypatch.setenv("LINETEST_STATION", str(station))
    for number in (1, 2, 3):
        fault(tmf, number)
    return tmf


def agreed(call: Any, *words: str) -> Any:
    """Say yes to what is shown."""
    shown = call(*words)
    assert shown.returncode == 2, shown.stdout
    match = re.search(r"then --yes ([0-9a-f]+)", shown.stderr)
    assert match, shown.stderr
    done = call(*words, "--yes", match[1])
    assert done.returncode == 0, done.stderr
    return done


def waiting() -> int:
    with open_store() as store:
        return len(rows.items(store.database, which="kept"))


def problem(tmf: Listening) -> dict[str, Any]:
    (one,) = tmf.all("ServiceProblem").values()
    return one


def test_nothing_is_told_before_a_person_agreed(forum: Listening, call: Any) -> None:
    fetched = call("order", "fetch")
    assert "3 faults at splitter SP-3 (WO-1, WO-2, WO-3)" in fetched.stderr
    assert "linetest order mass SP-3" in fetched.stderr
    for command in (("list",), ("next",), ("show", "WO-2")):
        assert "3 faults at splitter SP-3" in call("order", *command).stdout
    shown = call("order", "mass")
    assert "lines           L1, L2, L3" in shown.stdout
    assert "workOrder/1, workOrder/2, workOrder/3" in shown.stdout
    missing = call(*TELL)
    assert (missing.returncode, "missing: --until" in missing.stderr) == (2, True)
    planned = call(*TELL_ALL)
    assert (planned.returncode, "nothing is sent" in planned.stderr) == (2, True)
    assert "goes to         ticket workOrder/1" in planned.stdout
    other = call(*TELL_ALL, "--yes", "0123")
    assert (other.returncode, "0123 was agreed to" in other.stderr) == (1, True)
    assert call("ticket", "push").returncode == 0
    assert (waiting(), forum.sent) == (0, [])


def test_one_service_problem_from_the_telling_to_the_end(
    shared_data: Callable[[str], Path], forum: Listening, call: Any
) -> None:
    call("order", "fetch")
    agreed(call, *TELL_ALL)
    forum.fail("drop-reply", path="/serviceProblem", method="POST")
    assert call("ticket", "push").returncode == 0
    told = problem(forum)
    assert (told["category"], told["status"], told["reason"]) == ("mass fault", "acknowledged", "no light")
    assert told["impactPattern"]["description"] == "3 orders at splitter SP-3"
    assert [one["id"] for one in told["affectedService"]] == ["L1", "L2", "L3"]
    assert (told["affectedNumberOfServices"], told["affectedResource"][0]["id"]) == (3, "SP-3")
    assert [one["id"] for one in told["relatedEntity"]] == ["1", "2", "3"]

    again = call(*TELL_ALL)
    assert (again.returncode, "nothing is sent" in again.stderr, waiting()) == (0, True, 0)
    assert "part of the mass fault at splitter SP-3" in call("order", "show", "WO-3").stdout

    fault(forum, 4)
    call("order", "fetch")
    assert "received since  WO-4" in call("order", "mass").stdout
    agreed(call, "order", "mass", "SP-3", "--work", "splice crew at work")
    for number in (1, 2, 3):
        assert call("order", "done", f"WO-{number}", "--reason", "force-majeure").returncode == 0
    assert call("ticket", "push").returncode == 0
    grown = problem(forum)
    assert (grown["id"], grown["affectedNumberOfServices"]) == (told["id"], 4)
    assert (grown["statusChangeReason"], grown["status"]) == ("splice crew at work", "acknowledged")

    last = call("order", "done", "WO-4", "--reason", "force-majeure")
    assert "With it the mass fault at splitter SP-3 (WO-1, WO-2, WO-3, WO-4) has ended." in last.stderr
    assert "Kept for ticket workOrder/6, workOrder/1" in last.stderr
    assert call("ticket", "push").returncode == 0
    assert (problem(forum)["status"], "resolutionDate" in problem(forum)) == ("closed", True)
    assert call("order", "mass").stdout == "No place has many faults.\n"
    assert judge_all(shared_data("tmf"), forum) > 0


def test_an_escalation_with_the_four_fields_tells_it_for_all_of_them(forum: Listening, call: Any) -> None:
    call("order", "fetch")
    fields = ("--symptom", "no light", "--extent", "many", "--work", "on the way", "--until", "2999-03-03T18:00")
    for number in (2, 3):
        assert call("order", "escalate", f"WO-{number}", *fields).returncode == 0
    assert call("ticket", "push").returncode == 0
    assert problem(forum)["affectedNumberOfServices"] == 3
    noted = [forum.all("WorkOrder")[number].get("note", {}).get("text", "") for number in ("1", "2", "3")]
    assert ["many" in text for text in noted] == [False, True, True]


def test_a_person_says_that_it_has_ended_where_an_order_was_handed_on(forum: Listening, call: Any) -> None:
    call("order", "fetch")
    agreed(call, *TELL_ALL)
    for number in (1, 2):
        call("order", "done", f"WO-{number}", "--reason", "force-majeure")
    handed = ("escalate", "WO-3", "--to", "cable", "--reached", "--cable", "D07", "--team", "2", "--phone", "139")
    assert call("order", *handed).returncode == 0
    assert "told" in call("order", "mass").stdout
    agreed(call, "order", "mass", "SP-3", "--ended")
    assert call("ticket", "push").returncode == 0
    assert problem(forum)["status"] == "closed"
    assert json.loads(call("order", "mass", "--json").stdout)["mass_faults"] == []


def test_what_was_never_told_has_no_end_to_tell(forum: Listening, call: Any) -> None:
    call("order", "fetch")
    refused = call("order", "mass", "SP-3", "--ended")
    assert (refused.returncode, "was never told" in refused.stderr) == (2, True)
    unknown = call("order", "mass", "SP-4")
    assert (unknown.returncode, "there are: SP-3" in unknown.stderr) == (2, True)
    without = call("order", "mass", "--ended")
    assert (without.returncode, "--ended: which mass fault" in without.stderr) == (2, True)
    assert forum.sent == []


def test_request_tracker_gets_it_as_a_comment_in_the_oldest_orders_ticket(
    server: TicketServer, entry: TicketEntry, call: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    station = tmp_path / "van.toml"
    told = f'system = "rt"\nurl = "{server.url}"\nqueue = "Field"\ntoken = "{entry.token}"\n'
    station.write_text(f'name = "van"\n[ticket]\n{told}', encoding="utf-8")
    monkeypatch.setenv("LINETEST_STATION", str(station))
    for number in (1, 2, 3):
        fields = {"Work Order": f"WO-{number}", "Work Type": "repair", "Access": "epon", "Splitter": "SP-3"}
        server.new_ticket("no light", fields=fields)
    call("order", "fetch")
    agreed(call, *TELL_ALL)
    for number in (1, 2, 3):
        assert call("order", "done", f"WO-{number}", "--reason", "force-majeure").returncode == 0
    assert call("ticket", "push").returncode == 0
    words = ["splitter SP-3 (WO-1, WO-2, WO-3)", "mass fault ended"]
    assert [[word in text for word in words] for text in server.tickets["1"].comments] == [
        [True, False],
        [False, False],
        [True, True],
    ]
    assert [len(server.tickets[number].comments) for number in ("2", "3")] == [1, 1]
