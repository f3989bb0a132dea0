"""The simulated TM Forum system for tests: it keeps what it was sent."""

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
