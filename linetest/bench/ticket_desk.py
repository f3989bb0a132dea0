"""The tickets of the simulated ticket system, and its manners: those of Request Tracker 5.0.3 as they were measured.

It takes a request and says how it was answered; the wire is in `ticket_server`. Like the real one it answers 200 and
201 when it left out half of what was asked, and says so only in a list of texts.
"""

import base64
import binascii
import re
from typing import Any

from linetest.bench.ticket_fields import FIELDS, Attachment, Ticket, stored
from linetest.bench.ticket_wire import Reply

TECHNICIAN = frozenset({"see", "see-comments", "comment", "modify"})
VIEWER = frozenset({"see"})
ADMINISTRATOR = TECHNICIAN | {"admin"}
_STATUSES = ("new", "open", "stalled", "resolved", "rejected", "deleted")


class Desk:
    """All tickets, and what can be asked of them."""

    def __init__(self, queue: str = "Field") -> None:
        """Open with no ticket."""
        self.queue = queue
        self.tickets: dict[str, Ticket] = {}
        self.fields = dict(FIELDS)
        self._transactions = 50
        self._attachments = 0

    def new_ticket(self, subject: str, status: str = "new") -> str:
        """Make a ticket and return its number."""
        number = len(self.tickets) + 1
        self.tickets[str(number)] = Ticket(number, subject, self.queue, status, transaction=self._transaction())
        return str(number)

    def answer(self, method: str, path: str, query: dict[str, str], body: Any, rights: frozenset[str]) -> Reply:
        """Return the answer to one request below ``/REST/2.0``."""
        for verb, pattern, handler in _ROUTES:
            match = re.fullmatch(pattern, path)
            if match and verb == method:
                reply: Reply = handler(self, match.groups(), query, body, rights)
                return reply
        return Reply(404, {"message": "Not Found"})

    def _version(self, _parts: tuple[str, ...], _query: dict[str, str], _body: Any, _rights: frozenset[str]) -> Reply:
        return Reply(200, {"Version": "5.0.3"})

    def _show_queue(self, parts: tuple[str, ...], _query: dict[str, str], _body: Any, _rights: frozenset[str]) -> Reply:
        if parts[0] not in (self.queue, "3"):
            return Reply(403, {"message": "Forbidden"})
        fields = [{"name": name, "id": known.id, "type": "customfield"} for name, known in self.fields.items()]
        return Reply(200, {"id": 3, "Name": self.queue, "Lifecycle": "default", "TicketCustomFields": fields})

    def _show_field(self, parts: tuple[str, ...], _query: dict[str, str], _body: Any, rights: frozenset[str]) -> Reply:
        found = next(((name, known) for name, known in self.fields.items() if known.id == parts[0]), None)
        if found is None or "admin" not in rights:
            return Reply(403, {"message": "Forbidden"})
        name, known = found
        return Reply(200, {"id": int(known.id), "Name": name, "Type": known.kind, "Values": sorted(known.values)})

    def _create(self, _parts: tuple[str, ...], _query: dict[str, str], body: Any, rights: frozenset[str]) -> Reply:
        if not isinstance(body, dict):
            return Reply(400, {"message": "JSON object must be a ticket"})
        if body.get("Queue") != self.queue or "modify" not in rights:
            return Reply(403, {"message": f"No permission to create tickets in the queue '{body.get('Queue')}'"})
        if body.get("Status", "new") not in _STATUSES:
            return Reply(400, {"message": f"Status '{body['Status']}' isn't a valid status for this ticket."})
        number = self.new_ticket(str(body.get("Subject", "")), body.get("Status", "new"))
        self._set_fields(self.tickets[number], body.get("CustomFields") or {})  # what is dropped is not mentioned
        # The number is a text here, and a number when the ticket is read.
        return Reply(201, {"id": number, "type": "ticket"}, {"Location": f"/REST/2.0/ticket/{number}"})

    def _show(self, parts: tuple[str, ...], _query: dict[str, str], _body: Any, rights: frozenset[str]) -> Reply:
        ticket = self.tickets.get(parts[0])
        if ticket is None:
            return Reply(404, {"message": "Not Found"})
        links = ["comment"] if "comment" in rights else []
        document = {
            "id": ticket.id,
            "Subject": ticket.subject,
            "Status": ticket.status,
            "Queue": {"id": "3", "type": "queue"},
            "CustomFields": [
                {"name": name, "id": known.id, "values": [ticket.fields[name]] if name in ticket.fields else []}
                for name, known in self.fields.items()
            ],
            "Due": "1970-01-01T00:00:00Z",
            "_hyperlinks": [{"ref": ref} for ref in ["self", "history", *links]],
        }
        return Reply(200, document, {"ETag": f'"{ticket.transaction}"'})

    def _change(self, parts: tuple[str, ...], _query: dict[str, str], body: Any, rights: frozenset[str]) -> Reply:
        ticket = self.tickets.get(parts[0])
        if ticket is None:
            return Reply(404, {"message": "Not Found"})
        if not isinstance(body, dict):
            return Reply(400, {"message": "Bad Request"})
        if "modify" not in rights:
            return Reply(200, [f"Ticket {ticket.id}: Permission Denied"])
        return Reply(200, [*self._set_status(ticket, body), *self._set_fields(ticket, body.get("CustomFields") or {})])

    def _comment(self, parts: tuple[str, ...], _query: dict[str, str], body: Any, rights: frozenset[str]) -> Reply:
        ticket = self.tickets.get(parts[0])
        if ticket is None or "comment" not in rights:
            return Reply(400, {"message": "Permission Denied"})  # an unknown ticket looks like a forbidden one
        if not isinstance(body, dict) or not body.get("Content"):
            return Reply(400, {"message": "Content is a required field"})
        if not body.get("ContentType"):
            return Reply(400, {"message": "ContentType is a required field for application/json"})
        try:
            files = [(file, base64.b64decode(file["FileContent"])) for file in body.get("Attachments") or []]
        except (KeyError, TypeError, binascii.Error):
            return Reply(400, {"message": "Attachments: FileName, FileType and FileContent are required"})
        ticket.transaction = self._transaction()
        ticket.comments.append(str(body["Content"]))
        for file, content in files:
            self._attachments += 1
            ticket.attachments.append(
                Attachment(self._attachments, str(file["FileName"]), str(file["FileType"]), content, ticket.transaction)
            )
        location = {"Location": f"/REST/2.0/transaction/{ticket.transaction}"}
        # Not one transaction: the comment stays, whatever becomes of the rest.
        texts = [*self._set_fields(ticket, body.get("CustomFields") or {}), *self._set_status(ticket, body)]
        return Reply(201, ["Comments added", *texts], location)

    def _find_attachments(
        self, parts: tuple[str, ...], query: dict[str, str], body: Any, rights: frozenset[str]
    ) -> Reply:
        ticket = self.tickets.get(parts[0])
        if ticket is None:
            return Reply(404, {"message": "Not Found"})
        wanted = {str(term.get("value")) for term in body or [] if term.get("field") == "Filename"}
        shown = ticket.attachments if "see-comments" in rights else []  # hidden ones are not there at all
        fields = query.get("fields", "").split(",")
        items = [
            {"id": str(attachment.id), "type": "attachment"}
            | ({"Filename": attachment.name} if "Filename" in fields else {})
            | ({"Content": attachment.content.decode("utf-8", "replace")} if "Content" in fields else {})
            for attachment in shown
            if attachment.name in wanted or not body
        ]
        return Reply(200, {"count": len(items), "page": 1, "per_page": 20, "total": None, "items": items[:20]})

    def _search(self, _parts: tuple[str, ...], query: dict[str, str], body: Any, _rights: frozenset[str]) -> Reply:
        if body is not None:  # a search in JSON finds nothing here, without a word
            return Reply(200, {"count": 0, "total": 0, "page": 1, "items": []})
        match = re.fullmatch(r"(Queue|Filename|CF\.\{([^}]+)\}) = '((?:[^'\\]|\\.)*)'", query.get("query", ""))
        if match is None:
            return Reply(400, {"message": "Unable to parse query"})
        kind, name, value = match.groups()
        found = [ticket for ticket in self.tickets.values() if _matches(ticket, kind, name, value)]
        items = [{"id": str(ticket.id), "type": "ticket"} for ticket in reversed(found)]
        return Reply(200, {"count": len(items), "total": len(items), "page": 1, "items": items})

    def _set_status(self, ticket: Ticket, body: dict[str, Any]) -> list[str]:
        status = body.get("Status")
        if status is None or status == ticket.status:
            return []
        if status not in _STATUSES:
            return [f"Ticket {ticket.id}: Status '{status}' isn't a valid status for this ticket."]
        old, ticket.status = ticket.status, str(status)
        ticket.transaction = self._transaction()
        return [f"Status changed from '{old}' to '{status}'"]

    def _set_fields(self, ticket: Ticket, wanted: dict[str, Any]) -> list[str]:
        texts: list[str] = []
        for name, value in wanted.items():
            known = self.fields.get(name)
            if known is None:
                continue  # dropped in silence
            kept = stored(known, str(value))
            if kept is None:
                texts.append("Invalid value for custom field" if known.values else "Input must match [Number]")
            elif ticket.fields.get(name) != kept:
                texts.append(f"{name} {kept} added")
                ticket.fields[name] = kept
                ticket.transaction = self._transaction()
        return texts

    def _transaction(self) -> int:
        self._transactions += 1
        return self._transactions


def _matches(ticket: Ticket, kind: str, name: str | None, value: str) -> bool:
    if kind == "Queue":
        return ticket.queue == value
    if kind == "Filename":
        return ticket.count(value) > 0
    return ticket.fields.get(name or "") == value


_ROUTES: tuple[tuple[str, str, Any], ...] = (
    ("GET", "/rt", Desk._version),
    ("GET", "/queue/([^/]+)", Desk._show_queue),
    ("GET", "/customfield/([^/]+)", Desk._show_field),
    ("POST", "/ticket", Desk._create),
    ("GET", "/ticket/([^/]+)", Desk._show),
    ("PUT", "/ticket/([^/]+)", Desk._change),
    ("POST", "/ticket/([^/]+)/comment", Desk._comment),
    ("POST", "/ticket/([^/]+)/attachments", Desk._find_attachments),
    ("GET", "/tickets", Desk._search),
    ("POST", "/tickets", Desk._search),
)
