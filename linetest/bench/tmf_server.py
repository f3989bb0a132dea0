"""A simulated system with TM Forum's open APIs on 127.0.0.1: `tmf_desk` on the wire of `ticket_wire`."""

import copy
from typing import Any

from linetest.bench.ticket_wire import Reply, TicketWire
from linetest.bench.tmf_desk import MAY_CHANGE, MAY_LOOK, TmfDesk, refused


class TmfServer(TicketWire):
    """A running server; use it as a context manager. `token` may change things, `viewer_token` may only look."""

    base = ""
    scheme = "bearer"

    def __init__(self, *, port: int = 0, token: str = "tmf-bench", work_s: float = 0.0) -> None:
        """Make a server that listens when it is entered.

        Args:
            port: 0 for any free one.
            token: the technician's.
            work_s: how long it works on each request that changes something.
        """
        self.token = token
        self.viewer_token = f"{token}-viewer"
        super().__init__(port, {self.token: MAY_CHANGE, self.viewer_token: MAY_LOOK})
        self.desk = TmfDesk()
        self.work_s = work_s

    def start(self) -> None:
        """Listen, on the same port as before."""
        super().start()
        self.desk.root = self.url

    def new_ticket(self, description: str = "A line to test", status: str = "acknowledged") -> str:
        """Make a trouble ticket and return its id."""
        ticket = {"description": description, "severity": "minor", "ticketType": "line fault", "status": status}
        with self.lock:
            return self.desk.add("TroubleTicket", ticket)

    def new_work_order(self, document: dict[str, Any]) -> str:
        """Make a work order as a dispatcher does, and return its id."""
        with self.lock:
            return self.desk.add("WorkOrder", document)

    def all(self, name: str) -> dict[str, dict[str, Any]]:
        """Return the resources of a form such as ``ServiceTest``, by id."""
        return self.desk.resources[name]

    def answer(self, method: str, path: str, query: dict[str, str], body: Any, rights: frozenset[str]) -> Reply:
        """Let the desk answer; what goes onto the wire is a copy, since the next request may change the resource."""
        reply = self.desk.answer(method, path, query, body, rights)
        return reply._replace(document=copy.deepcopy(reply.document))

    def refusal(self, status: int, words: str) -> Reply:
        """Return it in the form of TM Forum's Error."""
        return refused(status, words)

    def changes(self, method: str, path: str) -> bool:
        """Tell what takes its time: everything that makes or changes a resource."""
        return method != "GET"
