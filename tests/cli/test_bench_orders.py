"""A day on the bench out of its ticket system: fetched, claimed, tested, pushed, and looked at in the ticket."""

import json
import sys
import tomllib
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from linetest.acceptance.plan import load_order
from linetest.bench.run import Bench, start
from linetest.model.order import Order
from linetest.store.opened import open_store
from linetest.store.orders import find_case

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the bench meters need pseudo-terminals")


def ticket_shows(bench: Bench, ticket: str) -> dict[str, Any]:
    """Return what the ticket system says, asked without the code under test."""
    entry = tomllib.loads(bench.station.read_text(encoding="utf-8"))["ticket"]
    token = Path(entry["token"].removeprefix("file:")).read_text(encoding="utf-8").strip()
    rt = entry["system"] == "rt"
    place = f"/REST/2.0/ticket/{ticket}" if rt else f"/tmf-api/workOrderManagement/v4/{ticket}"
    scheme = "token" if rt else "Bearer"
    with httpx.Client(base_url=bench.ticket_url, trust_env=False) as client:
        shown = client.get(place, headers={"Authorization": f"{scheme} {token}"}).raise_for_status().json()
    if not rt:
        (role,) = [party["id"] for party in shown["relatedParty"]]
        return {"Status": shown["state"], "Owner": role, "Note": shown["note"]["text"], **shown}
    fields = {field["name"]: field["values"] for field in shown["CustomFields"] if field["values"]}
    return {"Status": shown["Status"], "Owner": shown["Owner"]["id"], **fields}


def order_of(number: str) -> Order:
    with open_store() as store:
        return find_case(store.database, number).order


@pytest.mark.parametrize(("scenario", "closed"), [("all-good", "resolved"), ("tmf-good", "completed")])
def test_the_whole_life_of_an_order(
    scenario: str, closed: str, call: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with start(scenario, tmp_path) as bench:
        monkeypatch.setenv("LINETEST_STATION", str(bench.station))
        found = json.loads(call("order", "fetch", "--json").stdout)["tickets"]
        assert [(one["number"], one["state"], one["owner"]) for one in found] == [
            ("WO-B1", "new", None),
            ("WO-B2", "new", None),
        ]
        assert call("order", "claim", "B1").returncode == 0
        accepted = call("accept", "B1", "--no-push", "--json")
        assert accepted.returncode == 5, accepted.stderr
        (record,) = json.loads(accepted.stdout)["records"]
        pushed = call("ticket", "push")
        assert pushed.returncode == 0, pushed.stderr
        ticket = order_of("WO-B1").ticket or ""
        shown = ticket_shows(bench, ticket)
    assert (shown["Status"], shown["Owner"]) == (closed, "tech1")
    if scenario == "all-good":
        assert (shown["Verdict"], shown["Result Id"]) == (["pass"], [record["id"]])
    else:
        assert record["id"] in shown["Note"]
        assert [one["role"] for one in shown["relatedEntity"]] == ["serviceTest"]


@pytest.mark.parametrize(
    "scenario",
    [
        "all-good",
        "tmf-good",
        "pon-good",
        "epon-good",
        pytest.param("service-good", marks=[pytest.mark.slow, pytest.mark.peer]),
    ],
)
def test_the_queue_says_what_the_order_files_say(
    scenario: str, call: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with start(scenario, tmp_path) as bench:
        monkeypatch.setenv("LINETEST_STATION", str(bench.station))
        assert call("order", "fetch").returncode == 0
        for file in bench.orders:
            fetched = order_of(file.stem)
            assert fetched.received_at is not None  # which the queue alone says
            assert msgspec.structs.replace(fetched, received_at=None) == load_order(file)
