"""The simulated TM Forum system for tests: it keeps what it was sent."""

import base64
from typing import Any

from linetest.bench.ticket_wire import Reply
from linetest.bench.tmf_server import TmfServer

FORMS = ("ServiceTest", "TroubleTicket", "WorkOrder", "Appointment", "ServiceProblem")


class Listening(TmfServer):
    """The simulated system, which keeps what it was sent."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[tuple[str, str, Any]] = []
        """Method, form and body of each request that changes something."""

    def answer(self, method: str, path: str, query: dict[str, str], body: Any, rights: frozenset[str]) -> Reply:
        if method != "GET":
            form = next(form for form in FORMS if f"/{form}".lower() in path.lower())
            self.sent.append((method, form, body))
        return super().answer(method, path, query, body, rights)

    def work_order(self, **changes: Any) -> str:
        """Make a work order and return its id."""
        with self.lock:
            return self.desk.add("WorkOrder", {"workOrderItem": [{"id": "1", "action": "add"}], **changes})


def looks_into(tmf: Listening) -> dict[str, Any]:
    """Return how a test looks at trouble tickets: a result is there a service test, linked from its ticket."""
    tickets = tmf.all("TroubleTicket")

    def files(number: str) -> list[str]:
        tests = tmf.all("ServiceTest")
        linked = [tests[link["id"]]["name"] for link in tickets[number].get("relatedEntity", [])]
        attached = [one["name"] for one in tickets[number].get("attachment", [])]
        assert [f"{name}.json" for name in linked] == attached
        assert len({test["name"] for test in tests.values()}) == len(tests), "a service test is there twice"
        return attached

    def contents(number: str) -> dict[str, str]:
        attached = tickets[number].get("attachment", [])
        return {one["name"]: base64.b64decode(one["content"]).decode() for one in attached}

    def restart() -> None:
        tmf.stop()
        tmf.start()

    def change(number: str, body: dict[str, Any]) -> None:
        tickets[number]["status"] = body["Status"]

    return {
        "new_ticket": lambda status="acknowledged": tmf.new_ticket(status=status),
        "show": lambda number: {"Status": tickets[number]["status"]},
        "files": files,
        "contents": contents,
        "restart": restart,
        "comments": lambda number: len(tickets[number].get("note", [])),
        "change": change,
        "owner": lambda _number: "",
        "take_as_second": lambda _number: None,
    }
