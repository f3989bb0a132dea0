"""Request Tracker 5 by its REST2 interface: one comment with everything, then read back and repaired.

Request Tracker answers 200 and 201 also when it left out a part of what was asked, with an array of texts as the only
sign. So no answer is believed here: what counts is what the ticket shows afterwards.

Comments, never correspondence: that would go to the customer, and reopen a resolved ticket.
"""

import base64
import time
from collections.abc import Collection
from datetime import datetime
from pathlib import Path
from typing import Any

from linetest.errors import Forbidden
from linetest.secrets import Secret
from linetest.tickets.answers import dicts, refuse_simulated, said, says_no_right
from linetest.tickets.mapping import NO_RULES, Mapping, StatusRules
from linetest.tickets.payload import Payload
from linetest.tickets.policy import is_late, status_to_set, to_set, weigh_ticket
from linetest.tickets.rt_doctor import examine
from linetest.tickets.rt_fields import sent_fields, shown_fields
from linetest.tickets.rt_orders import search_orders, take
from linetest.tickets.rt_rest import Rest2, document, texts, ticket_path
from linetest.tickets.system import Difference, Finding, FoundTicket, Landed
from linetest.words.text import _

_STATUS = "Status"


class RequestTracker:
    """One Request Tracker, with the token of one technician."""

    def __init__(
        self,
        destination: str,
        *,
        url: str,
        queue: str,
        token: Secret | None,
        mapping: Mapping,
        ca_file: Path | None = None,
    ) -> None:
        """Name the server; `url` is its web address, with or without ``/REST/2.0``."""
        self.destination = destination
        self._queue = queue
        self._mapping = mapping
        self._fields = sent_fields(mapping)
        self._markers = [field.name for field in self._fields if field.carries in ("id", "result.id", "event.id")]
        self._rest = Rest2(url, token, ca_file)

    def ping(self, deadline_s: float) -> None:
        """Ask for the version."""
        self._rest.ask("GET", "/rt", _("asking for the version"), time.monotonic() + deadline_s)

    def look_up(self, payload: Payload, deadline_s: float) -> bool:
        """Return whether the attachment is in the ticket, or the ticket names the result.

        The second sign is for a token that may write comments and not see them.
        """
        until = time.monotonic() + deadline_s
        if self._attachments(payload, until, "Filename"):
            return True
        shown = shown_fields(self._rest.ticket(payload.ticket, until))
        return any(shown.get(name) == payload.key for name in self._markers)

    def send(self, payload: Payload, sent_at: datetime, deadline_s: float) -> Landed:
        """Comment once; what the ticket has already decides which fields and which status go along."""
        refuse_simulated(payload, self._rest.http)
        until = time.monotonic() + deadline_s
        shown = shown_fields(self._rest.ticket(payload.ticket, until))
        status = shown.get(_STATUS, "")
        body: dict[str, Any] = {
            "Content": said(payload, sent_at),
            "ContentType": "text/plain",
            "Attachments": [
                {
                    "FileName": payload.file_name,
                    "FileType": "application/json",
                    "FileContent": base64.b64encode(payload.attachment()).decode(),
                }
            ],
            "CustomFields": to_set(self._fields, payload, shown),
        }
        if (follows := status_to_set(self._rules, payload.final_status, status)) is not None:
            body[_STATUS] = follows
        what = _("commenting on ticket {ticket}").format(ticket=payload.ticket)
        answer = self._rest.ask("POST", f"{ticket_path(payload.ticket)}/comment", what, until, body=body)
        ids: dict[str, Any] = {"transaction": answer.headers.get("location", "").rpartition("/")[2]}
        if answer.skew_s is not None:
            ids["clock_skew_s"] = round(answer.skew_s)
        return Landed(remote_ids=ids, late=is_late(self._rules, payload, payload.final_status, status))

    def read_back(self, payload: Payload, deadline_s: float) -> Landed:
        """Compare the attachment, every field and the status with what was sent."""
        until = time.monotonic() + deadline_s
        found = self._attachments(payload, until, "Filename,Content")
        shown = shown_fields(self._rest.ticket(payload.ticket, until))
        weighed = weigh_ticket(self._mapping, self._fields, payload, shown)
        return Landed(
            remote_ids={"attachment": str(found[0].get("id"))} if found else {},
            differences=[*_attachment_difference(payload, found), *weighed.differences],
            kept=weighed.kept,
            late=weighed.late,
        )

    def repair(self, payload: Payload, differences: list[Difference], deadline_s: float) -> list[str]:
        """Set the differing fields and status; an attachment that is missing cannot be repaired."""
        names = {field.name for field in self._fields}
        fields = {item.field: item.wanted for item in differences if item.field in names}
        body: dict[str, Any] = {"CustomFields": fields} if fields else {}
        body |= {item.field: item.wanted for item in differences if item.field == _STATUS}
        if not body:
            return [_("the attachment cannot be seen: the token may lack the right ShowTicketComments")]
        what = _("repairing ticket {ticket}").format(ticket=payload.ticket)
        until = time.monotonic() + deadline_s
        answers = texts(self._rest.ask("PUT", ticket_path(payload.ticket), what, until, body=body))
        if any(says_no_right(text) for text in answers):
            raise Forbidden(f"{what}: {'; '.join(answers)}", _("ask for the right ModifyTicket and ModifyCustomField"))
        return answers

    def orders(self, tickets: Collection[str], deadline_s: float) -> list[FoundTicket]:
        """Return the waiting tickets of the queue that are the token's owner's or nobody's, and these."""
        return search_orders(self._rest, self._queue, self._rules, tickets, time.monotonic() + deadline_s)

    def claim(self, ticket: str, deadline_s: float) -> FoundTicket:
        """Take a ticket that is nobody's, and read whose it is then."""
        return take(self._rest, ticket, time.monotonic() + deadline_s)

    def doctor(self, deadline_s: float) -> list[Finding]:
        """Check everything that `send` relies on, without changing anything."""
        return examine(self._rest, self._queue, self._mapping, time.monotonic() + deadline_s)

    @property
    def _rules(self) -> StatusRules:
        """Return the table of statuses; without one no status is ever set."""
        return self._mapping.status or NO_RULES

    def _attachments(self, payload: Payload, until: float, fields: str) -> list[dict[str, Any]]:
        """Return the attachments of the ticket that have the result's name."""
        answer = self._rest.ask(
            "POST",
            f"{ticket_path(payload.ticket)}/attachments",
            _("looking for the result in ticket {ticket}").format(ticket=payload.ticket),
            until,
            params={"fields": fields},
            body=[{"field": "Filename", "value": payload.file_name}],
        )
        return [item for item in dicts(document(answer).get("items")) if item.get("Filename") == payload.file_name]


def _attachment_difference(payload: Payload, found: list[dict[str, Any]]) -> list[Difference]:
    if not found:
        return [Difference(field="Attachment", wanted=payload.file_name, found=None)]
    if any(item.get("Content") == payload.attachment().decode() for item in found):
        return []
    return [Difference(field="Attachment", wanted=_("the record as sent"), found=_("other content"))]
