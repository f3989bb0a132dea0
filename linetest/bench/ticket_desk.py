"""The tickets of the simulated ticket system, and its manners: those of Request Tracker 5.0.3 as they were measured.

It takes a request and says how it was answered; the wire is in `ticket_server`. Like the real one it answers 200 and
201 when it left out half of what was asked, and says so only in a list of texts.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from linetest.bench.ticket_fields import FIELDS, Attachment, Ticket, stored
from linetest.bench.ticket_search import search
from linetest.bench.ticket_wire import Reply

TECHNICIAN = frozenset({"see", "see-comments", "comment", "create", "modify", "own"})
VIEWER = frozenset({"see"})
ADMINISTRATOR = TECHNICIAN | {"admin"}
IS = "user:"
"""Beside the rights of a token stands whose it is, as in ``user:tech1``."""
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

    def new_ticket(self, subject: str, status: str = "new", fields: Mapping[str, str] = MappingProxyType({})) -> str:
        """Make a ticket of nobody, created now, and return its number."""
        number = len(self.tickets) + 1
        made = Ticket(number, subject, self.queue, status, fields=dict(fields), transaction=self._transaction())
        self.tickets[str(number)] = made
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

    def _show_queue(self, parts: tuple[str, ...], _query: dict[str, str], _body: Any, rights: frozenset[str]) -> Reply:
        if parts[0] not in (self.queue, "3"):
            return Reply(403, {"message": "Forbidden"})
        fields = [{"name": name, "id": known.id, "type": "customfield"} for name, known in self.fields.items()]
        links = [{"ref": "create"}] if "create" in rights else []
        shown = {"id": 3, "Name": self.queue, "Lifecycle": "default", "TicketCustomFields": fields}
        return Reply(200, shown | {"_hyperlinks": [{"ref": "self"}, *links]})

    def _list_queues(
        self, _parts: tuple[str, ...], query: dict[str, str], _body: Any, _rights: frozenset[str]
    ) -> Reply:
        named = {"Name": self.queue} if "Name" in query.get("fields", "").split(",") else {}
        item = {"id": "3", "type": "queue"} | named
        return Reply(200, {"count": 1, "page": 1, "pages": None, "per_page": 20, "total": None, "items": [item]})

    def _show_field(self, parts: tuple[str, ...], _query: dict[str, str], _body: Any, rights: frozenset[str]) -> Reply:
        found = next(((name, known) for name, known in self.fields.items() if known.id == parts[0]), None)
        if found is None or "admin" not in rights:
            return Reply(403, {"message": "Forbidden"})
        name, known = found
        shown = {"id": int(known.id), "Name": name, "Type": known.kind, "Values": sorted(known.values)}
        return Reply(200, shown | {"Pattern": known.pattern, "MaxValues": "0" if known.many else "1"})

    def _create(self, _parts: tuple[str, ...], _query: dict[str, str], body: Any, rights: frozenset[str]) -> Reply:
        if not isinstance(body, dict):
            return Reply(400, {"message": "JSON object must be a ticket"})
        if body.get("Queue") != self.queue or "create" not in rights:
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
        links = [{"ref": "self"}, {"ref": "history"}]
        links += [{"ref": "comment"}] if "comment" in rights else []
        links += [{"ref": "lifecycle", "from": ticket.status}] if "modify" in rights else []
        document = {**self._item(ticket), "id": ticket.id, "_hyperlinks": links}
        return Reply(200, document, {"ETag": f'"{ticket.transaction}"'})

    def _item(self, ticket: Ticket) -> dict[str, Any]:
        """Return a ticket as a search shows it, and all that it has for itself."""
        fields = [
            {"name": name, "id": known.id, "values": ticket.fields[name].split("\n") if name in ticket.fields else []}
            for name, known in self.fields.items()
        ]
        return {
            "id": str(ticket.id),
            "type": "ticket",
            "Subject": ticket.subject,
            "Status": ticket.status,
            "Owner": {"id": ticket.owner, "type": "user"},
            "Created": ticket.created,
            "Queue": {"id": "3", "type": "queue"},
            "CustomFields": fields,
            "Due": "1970-01-01T00:00:00Z",
        }

    def _take(self, parts: tuple[str, ...], _query: dict[str, str], _body: Any, rights: frozenset[str]) -> Reply:
        """Answer 200 whether it was given or not."""
        ticket = self.tickets.get(parts[0])
        if ticket is None:
            return Reply(404, {"message": "Not Found"})
        user = _user(rights)
        if ticket.owner == user:
            return Reply(200, ["That user already owns that ticket"])
        if "own" not in rights:
            return Reply(200, ["Permission Denied"])
        if ticket.owner != "Nobody":
            return Reply(200, ["You can only take tickets that are unowned"])
        ticket.owner, ticket.transaction = user, self._transaction()
        return Reply(200, [f"Owner changed from Nobody to {user}"])

    def _correspond(self, parts: tuple[str, ...], query: dict[str, str], body: Any, rights: frozenset[str]) -> Reply:
        """Do as a comment, and reopen the ticket."""
        reply = self._comment(parts, query, body, rights)
        if reply.status == 201:
            self.tickets[parts[0]].status = "open"
        return reply

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

    def _search(self, _parts: tuple[str, ...], query: dict[str, str], body: Any, rights: frozenset[str]) -> Reply:
        if body is not None:  # a search in JSON finds nothing here, without a word
            return Reply(200, {"count": 0, "total": 0, "page": 1, "items": []})
        found = search(query.get("query", ""), self.tickets.values(), _user(rights))
        if found is None:
            return Reply(400, {"message": "Unable to parse query"})
        if query.get("order") == "DESC":
            found.reverse()
        size, page = int(query.get("per_page", "20")), int(query.get("page", "1"))
        wanted = {"id", "type", *query.get("fields", "").split(",")}
        items = [
            {name: value for name, value in self._item(ticket).items() if name in wanted}
            for ticket in found[(page - 1) * size : page * size]
        ]
        return Reply(200, {"count": len(items), "total": len(found), "page": page, "items": items})

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
            many = known.many and isinstance(value, list)
            kept = stored(known, "\n".join(map(str, value)) if many else str(value))
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


def _user(rights: frozenset[str]) -> str:
    return next((right.removeprefix(IS) for right in rights if right.startswith(IS)), "root")


_ROUTES: tuple[tuple[str, str, Any], ...] = (
    ("GET", "/rt", Desk._version),
    ("GET", "/queue/([^/]+)", Desk._show_queue),
    ("GET", "/queues/all", Desk._list_queues),
    ("GET", "/customfield/([^/]+)", Desk._show_field),
    ("POST", "/ticket", Desk._create),
    ("GET", "/ticket/([^/]+)", Desk._show),
    ("PUT", "/ticket/([^/]+)", Desk._change),
    ("PUT", "/ticket/([^/]+)/take", Desk._take),
    ("POST", "/ticket/([^/]+)/comment", Desk._comment),
    ("POST", "/ticket/([^/]+)/correspond", Desk._correspond),
    ("POST", "/ticket/([^/]+)/attachments", Desk._find_attachments),
    ("GET", "/tickets", Desk._search),
    ("POST", "/tickets", Desk._search),
)
