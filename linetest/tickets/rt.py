"""Request Tracker 5 by its REST2 interface: one comment with everything, then read back and repaired.

Request Tracker answers 200 and 201 also when it left out a part of what was asked, with an array of texts as the only
sign. So no answer is believed here: what counts is what the ticket shows afterwards.

Comments, never correspondence: that would go to the customer, and reopen a resolved ticket.
"""

import base64
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from linetest.errors import Forbidden
from linetest.secrets import Secret
from linetest.tickets.answers import refuse_simulated, says_no_right
from linetest.tickets.result import TicketResult
from linetest.tickets.rt_doctor import examine
from linetest.tickets.rt_fields import FIELDS, custom_fields, field_differences, shorten, wanted_fields
from linetest.tickets.rt_rest import Rest2, dicts, mapping, texts, ticket_path
from linetest.tickets.systems import Difference, Finding, Landed
from linetest.words.text import _

_CLOSED = ("resolved", "rejected", "deleted")
"""Request Tracker's inactive statuses in its default life cycle: a late result does not change them."""


class RequestTracker:
    """One Request Tracker, with the token of one technician."""

    def __init__(
        self, destination: str, *, url: str, queue: str, token: Secret | None, ca_file: Path | None = None
    ) -> None:
        """Name the server; `url` is its web address, with or without ``/REST/2.0``."""
        self.destination = destination
        self._queue = queue
        self._rest = Rest2(url, token, ca_file)

    def ping(self, deadline_s: float) -> None:
        """Ask for the version."""
        self._rest.ask("GET", "/rt", _("asking for the version"), time.monotonic() + deadline_s)

    def look_up(self, result: TicketResult, deadline_s: float) -> bool:
        """Return whether the attachment is in the ticket, or the ticket names the result.

        The second sign is for a token that may write comments and not see them.
        """
        until = time.monotonic() + deadline_s
        if self._attachments(result, until, "Filename"):
            return True
        shown = custom_fields(self._rest.ticket(result.ticket, until))
        return shown.get("Result Id") == result.key

    def send(self, result: TicketResult, sent_at: datetime, deadline_s: float) -> Landed:
        """Comment once; the status only where the ticket is still open."""
        refuse_simulated(result, self._rest.http)
        until = time.monotonic() + deadline_s
        late = self._rest.ticket(result.ticket, until).get("Status") in _CLOSED
        body: dict[str, Any] = {
            "Content": "\n".join([result.comment, _("Sent at {time}").format(time=sent_at.isoformat())]),
            "ContentType": "text/plain",
            "Attachments": [
                {
                    "FileName": result.file_name,
                    "FileType": "application/json",
                    "FileContent": base64.b64encode(result.attachment()).decode(),
                }
            ],
            "CustomFields": wanted_fields(result),
        }
        if result.final_status and not late:
            body["Status"] = result.final_status
        what = _("commenting on ticket {ticket}").format(ticket=result.ticket)
        answer = self._rest.ask("POST", f"{ticket_path(result.ticket)}/comment", what, until, body=body)
        ids: dict[str, Any] = {"transaction": answer.headers.get("location", "").rpartition("/")[2]}
        if answer.skew_s is not None:
            ids["clock_skew_s"] = round(answer.skew_s)
        return Landed(remote_ids=ids, late=late)

    def read_back(self, result: TicketResult, deadline_s: float) -> Landed:
        """Compare the attachment, every field and the status with what was sent."""
        until = time.monotonic() + deadline_s
        found = self._attachments(result, until, "Filename,Content")
        ticket = self._rest.ticket(result.ticket, until)
        differences = [*_attachment_difference(result, found), *field_differences(result, ticket)]
        status = ticket.get("Status")
        late = status in _CLOSED and status != result.final_status
        if result.final_status and status != result.final_status and not late:
            differences.append(Difference(field="Status", wanted=result.final_status, found=shorten(status)))
        ids = {"attachment": str(found[0].get("id"))} if found else {}
        return Landed(remote_ids=ids, differences=differences, late=late)

    def repair(self, result: TicketResult, differences: list[Difference], deadline_s: float) -> list[str]:
        """Set the differing fields and status; an attachment that is missing cannot be repaired."""
        names = {field.name for field in FIELDS}
        fields = {item.field: item.wanted for item in differences if item.field in names}
        body: dict[str, Any] = {"CustomFields": fields} if fields else {}
        body |= {item.field: item.wanted for item in differences if item.field == "Status"}
        if not body:
            return [_("the attachment cannot be seen: the token may lack the right ShowTicketComments")]
        what = _("repairing ticket {ticket}").format(ticket=result.ticket)
        until = time.monotonic() + deadline_s
        said = texts(self._rest.ask("PUT", ticket_path(result.ticket), what, until, body=body))
        if any(says_no_right(text) for text in said):
            raise Forbidden(f"{what}: {'; '.join(said)}", _("ask for the right ModifyTicket and ModifyCustomField"))
        return said

    def doctor(self, deadline_s: float) -> list[Finding]:
        """Check everything that `send` relies on, without changing anything."""
        return examine(self._rest, self._queue, time.monotonic() + deadline_s)

    def _attachments(self, result: TicketResult, until: float, fields: str) -> list[dict[str, Any]]:
        """Return the attachments of the ticket that have the result's name."""
        answer = self._rest.ask(
            "POST",
            f"{ticket_path(result.ticket)}/attachments",
            _("looking for the result in ticket {ticket}").format(ticket=result.ticket),
            until,
            params={"fields": fields},
            body=[{"field": "Filename", "value": result.file_name}],
        )
        return [item for item in dicts(mapping(answer).get("items")) if item.get("Filename") == result.file_name]


def _attachment_difference(result: TicketResult, found: list[dict[str, Any]]) -> list[Difference]:
    if not found:
        return [Difference(field="Attachment", wanted=result.file_name, found=None)]
    if any(item.get("Content") == result.attachment().decode() for item in found):
        return []
    return [Difference(field="Attachment", wanted=_("the record as sent"), found=_("other content"))]
