"""A simulated Request Tracker on 127.0.0.1: `ticket_desk` on the wire of `ticket_wire`."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from linetest.bench.ticket_desk import ADMINISTRATOR, IS, TECHNICIAN, VIEWER, Desk
from linetest.bench.ticket_fields import Ticket
from linetest.bench.ticket_wire import Reply, TicketWire


class TicketServer(TicketWire):
    """A running server; use it as a context manager.

    `token` is a technician's, `second_token` another one's, `viewer_token` may only look, `admin_token` may see
    everything.
    """

    base = "/REST/2.0"
    scheme = "token"

    def __init__(self, *, port: int = 0, token: str = "1-28-bench", queue: str = "Field", work_s: float = 0.0) -> None:
        """Make a server that listens when it is entered.

        Args:
            port: 0 for any free one.
            token: the technician's.
            queue: the name of its queue.
            work_s: how long it works on each request that changes something.
        """
        self.token = token
        self.viewer_token = f"{token}-viewer"
        self.admin_token = f"{token}-admin"
        self.second_token = f"{token}-second"
        rights = {
            self.token: TECHNICIAN | {f"{IS}tech1"},
            self.second_token: TECHNICIAN | {f"{IS}tech2"},
            self.viewer_token: VIEWER | {f"{IS}viewer"},
            self.admin_token: ADMINISTRATOR | {f"{IS}root"},
        }
        super().__init__(port, rights)
        self.desk = Desk(queue)
        self.work_s = work_s

    @property
    def tickets(self) -> dict[str, Ticket]:
        """Return the tickets by their number."""
        return self.desk.tickets

    def new_ticket(
        self, subject: str = "A line to test", status: str = "new", fields: Mapping[str, str] = MappingProxyType({})
    ) -> str:
        """Make a ticket and return its number."""
        with self.lock:
            return self.desk.new_ticket(subject, status, fields)

    def answer(self, method: str, path: str, query: dict[str, str], body: Any, rights: frozenset[str]) -> Reply:
        """Let the desk answer."""
        return self.desk.answer(method, path, query, body, rights)

    def changes(self, method: str, path: str) -> bool:
        """Tell what takes its time: comments and changes of fields."""
        return method == "PUT" or path.endswith("/comment")
