"""The simulated ticket system and a real Request Tracker, looked into without the code under test."""

import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from linetest.bench.ticket_server import TicketServer
from linetest.devices.station import TicketEntry

RT_UP = Path(__file__).parents[1] / "peers" / "rt-up"


class BackEnd(NamedTuple):
    """A ticket system, and how a test looks at it without the code under test."""

    entry: TicketEntry
    viewer: TicketEntry
    """The same with a token that may only look."""
    administrator: TicketEntry
    new_ticket: Callable[..., str]
    """``status`` -> number."""
    show: Callable[[str], dict[str, str]]
    """Number -> custom fields that have a value, and Status."""
    files: Callable[[str], list[str]]
    """Number -> names of all attachments that have one."""
    contents: Callable[[str], dict[str, str]]
    """Number -> what the attachments hold, by their names."""
    restart: Callable[[], None]
    """Kill the server and start it again."""
    comments: Callable[[str], int]
    change: Callable[[str, dict[str, Any]], None]
    """Number, what to set: as an administrator."""
    owner: Callable[[str], str]
    take_as_second: Callable[[str], None]
    """Number: another technician takes it."""


def _entry(url: str, name: str) -> TicketEntry:
    return TicketEntry(system="rt", url=url, queue="Field", token=f"env:{name}")


def bench_back_end(server: TicketServer, monkeypatch: pytest.MonkeyPatch) -> BackEnd:
    for name, token in (("T", server.token), ("V", server.viewer_token), ("A", server.admin_token)):
        monkeypatch.setenv(f"BENCH_{name}", token)

    def change(number: str, body: dict[str, Any]) -> None:
        ticket = server.tickets[number]
        for name, value in body.get("CustomFields", {}).items():
            ticket.fields[name] = "\n".join(value) if isinstance(value, list) else value
        ticket.status = body.get("Status", ticket.status)

    def restart() -> None:
        server.stop()
        server.start()

    def take_as_second(number: str) -> None:
        server.tickets[number].owner = "tech2"

    return BackEnd(
        contents=lambda number: {file.name: file.content.decode() for file in server.tickets[number].attachments},
        restart=restart,
        owner=lambda number: server.tickets[number].owner,
        take_as_second=take_as_second,
        entry=_entry(server.url, "BENCH_T"),
        viewer=_entry(server.url, "BENCH_V"),
        administrator=_entry(server.url, "BENCH_A"),
        new_ticket=lambda status="new": server.new_ticket(status=status),
        show=lambda number: {**server.tickets[number].fields, "Status": server.tickets[number].status},
        files=lambda number: [file.name for file in server.tickets[number].attachments],
        comments=lambda number: len(server.tickets[number].comments),
        change=change,
    )


def real_back_end(rt: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> BackEnd:
    for name, value in rt.items():
        monkeypatch.setenv(name, value)
    client = httpx.Client(
        base_url=rt["RT_REST2"], headers={"Authorization": f"token {rt['RT_TOKEN_ROOT']}"}, timeout=30, trust_env=False
    )

    def new_ticket(status: str = "new") -> str:
        made = client.post("/ticket", json={"Queue": "Field", "Subject": "a line to test"})
        number = str(made.raise_for_status().json()["id"])
        change(number, {"Status": status})  # a new ticket cannot be a rejected one
        return number

    def show(number: str) -> dict[str, str]:
        ticket = client.get(f"/ticket/{number}").raise_for_status().json()
        fields = {field["name"]: field["values"][0] for field in ticket["CustomFields"] if field["values"]}
        return {**fields, "Status": ticket["Status"]}

    def files(number: str) -> list[str]:
        return [item["Filename"] for item in _pages(client, f"/ticket/{number}/attachments", "Filename")]

    def contents(number: str) -> dict[str, str]:
        found = _pages(client, f"/ticket/{number}/attachments", "Filename,Content")
        return {item["Filename"]: item["Content"] for item in found}

    def comments(number: str) -> int:
        return sum(item["Type"] == "Comment" for item in _pages(client, f"/ticket/{number}/history", "Type"))

    def change(number: str, body: dict[str, Any]) -> None:
        client.put(f"/ticket/{number}", json=body).raise_for_status()

    return BackEnd(
        contents=contents,
        restart=_restart_rt,
        owner=partial(_owner, client),
        take_as_second=partial(_take, client, rt["RT_TOKEN_TECH2"]),
        entry=_entry(rt["RT_URL"], "RT_TOKEN"),
        viewer=_entry(rt["RT_URL"], "RT_TOKEN_VIEWER"),
        administrator=_entry(rt["RT_URL"], "RT_TOKEN_ROOT"),
        new_ticket=new_ticket,
        show=show,
        files=files,
        comments=comments,
        change=change,
    )


def _pages(client: httpx.Client, path: str, fields: str) -> list[dict[str, Any]]:
    """Return all items of a list that have the first of the fields."""
    found: list[dict[str, Any]] = []
    for page in range(1, 100):
        query: dict[str, str | int] = {"fields": fields, "per_page": 100, "page": page}
        items = client.get(path, params=query).raise_for_status().json()["items"]
        found += [item for item in items if item[fields.partition(",")[0]]]
        if len(items) < 100:
            break
    return found


def _restart_rt() -> None:
    """Kill the real server in the middle of whatever it does, and start it again."""
    for command in ("kill", "up"):
        subprocess.run([RT_UP, command], check=True, stdout=subprocess.DEVNULL, timeout=120)


def _owner(client: httpx.Client, number: str) -> str:
    return str(client.get(f"/ticket/{number}").raise_for_status().json()["Owner"]["id"])


def _take(client: httpx.Client, token: str, number: str) -> None:
    head = {"Authorization": f"token {token}"}
    client.put(f"/ticket/{number}/take", json={}, headers=head).raise_for_status()
