"""TM Forum's open APIs, version 4: a result is a service test (TMF653) linked from its trouble ticket or work order.

Nothing here is one request: the test is made, then its ticket is changed. Each is looked for by our id before it is
made or changed, so that a send that was cut off anywhere is completed and never doubled. Version 4 has neither a key
against doubles nor an ETag: a change that another makes between our reading and our writing of the same list is lost.
"""

import time
from collections.abc import Collection
from datetime import datetime
from pathlib import Path
from typing import Any

from linetest.model.clock import now
from linetest.secrets import Secret
from linetest.tickets.answers import refuse_simulated
from linetest.tickets.mapping import Mapping
from linetest.tickets.payload import Payload
from linetest.tickets.system import Difference, Finding, FoundTicket, Landed
from linetest.tickets.tmf_doctor import examine
from linetest.tickets.tmf_fields import differences as differences_of
from linetest.tickets.tmf_orders import take, waiting_orders
from linetest.tickets.tmf_parts import Part, part_of
from linetest.tickets.tmf_rest import TICKET, Target, TmfRest, number_of, target_of
from linetest.tickets.tmf_target import Look, has_note, look_at
from linetest.words.text import _


class TmForum:
    """One system with TM Forum's APIs, with the token of one technician."""

    def __init__(
        self,
        destination: str,
        *,
        url: str,
        token: Secret | None,
        mapping: Mapping,
        technician: str | None = None,
        ca_file: Path | None = None,
    ) -> None:
        """Name the server.

        Args:
            destination: its name in the outbox.
            url: the address before the paths of the mapping.
            token: sent as a bearer token.
            mapping: which field carries what, and where each kind of resource lies.
            technician: whose token it is, by the id of the related party; None when only results are sent.
            ca_file: certificates to trust instead of the system's.
        """
        self.destination = destination
        self._mapping = mapping
        self._technician = technician
        self._rest = TmfRest(url, token, ca_file, mapping.path)

    def ping(self, deadline_s: float) -> None:
        """Ask for one trouble ticket."""
        self._rest.peek(TICKET, time.monotonic() + deadline_s)

    def look_up(self, payload: Payload, deadline_s: float) -> bool:
        """Return whether it has arrived: what is made for it is there, and the ticket has its note.

        What was only begun has not arrived: sending again goes on with it.
        """
        until = time.monotonic() + deadline_s
        target = target_of(payload.ticket)
        if not has_note(self._rest.get(target, until), payload):
            return False
        part = part_of(payload, target, self._mapping)
        return part is None or bool(self._rest.find(part.kind, part.attribute, part.marker, until))

    def send(self, payload: Payload, sent_at: datetime, deadline_s: float) -> Landed:
        """Make what is to be made and is not there yet, then change the ticket once."""
        refuse_simulated(payload, self._rest.http)
        until = time.monotonic() + deadline_s
        target = target_of(payload.ticket)
        self._rest.get(target, until)  # a wrong number is known before anything is made
        part = part_of(payload, target, self._mapping)
        ids: dict[str, Any] = {}
        if part is not None:
            ids[part.kind] = self._make(part, until)
        link = None if part is None else (part.kind, ids[part.kind], part.marker)
        look = self._change(target, payload, link, sent_at, until)
        return Landed(remote_ids=ids, late=look.late)

    def read_back(self, payload: Payload, deadline_s: float) -> Landed:
        """Compare what was made, and the ticket, with what was sent, attribute by attribute."""
        until = time.monotonic() + deadline_s
        target = target_of(payload.ticket)
        part = part_of(payload, target, self._mapping)
        differences: list[Difference] = []
        link: tuple[str, str, str] | None = None
        if part is not None:
            found = self._rest.find(part.kind, part.attribute, part.marker, until)
            differences = _part_differences(part, found)
            link = (part.kind, number_of(found[0]), part.marker) if found else None
        ticket = self._rest.get(target, until)
        look = look_at(ticket, target, payload, self._mapping, link, now())
        return Landed(
            remote_ids={} if link is None else {link[0]: link[1]},
            differences=[*differences, *look.differences],
            kept=look.kept,
            late=look.late,
        )

    def repair(self, payload: Payload, differences: list[Difference], deadline_s: float) -> list[str]:
        """Set what differs; what is not there at all, or twice, is left to a person."""
        until = time.monotonic() + deadline_s
        target = target_of(payload.ticket)
        part = part_of(payload, target, self._mapping)
        link = None
        if part is not None:
            found = self._rest.find(part.kind, part.attribute, part.marker, until)
            if len(found) != 1:
                return [
                    _("{kind} {marker} is there {count} times").format(
                        kind=part.kind, marker=part.marker, count=len(found)
                    )
                ]
            link = (part.kind, number_of(found[0]), part.marker)
            self._mend(part, found[0], until)
        self._change(target, payload, link, now(), until)
        return []

    def doctor(self, deadline_s: float) -> list[Finding]:
        """Check everything that `send` relies on, without changing anything."""
        return examine(self._rest, time.monotonic() + deadline_s)

    def orders(self, tickets: Collection[str], deadline_s: float) -> list[FoundTicket]:
        """Return the work orders that wait for the technician or for nobody, and those of these numbers."""
        until = time.monotonic() + deadline_s
        return waiting_orders(self._rest, self._mapping, self._technician, tickets, until)

    def claim(self, ticket: str, deadline_s: float) -> FoundTicket:
        """Take a work order that is nobody's; two who do so at once are told apart by reading it afterwards."""
        return take(self._rest, self._mapping, self._technician, ticket, time.monotonic() + deadline_s)

    def _make(self, part: Part, until: float) -> str:
        """Make a part unless it is there, and return its id."""
        found = self._rest.find(part.kind, part.attribute, part.marker, until)
        if found:
            self._mend(part, found[0], until)
            return number_of(found[0])
        number = self._rest.create(part.kind, part.create, until)
        if part.then:
            self._rest.change(part.kind, number, part.then, until)
        return number

    def _mend(self, part: Part, found: dict[str, Any], until: float) -> None:
        """Set what a part has otherwise than it is to be."""
        names = {one.field.partition("/")[2] for one in differences_of(part.kind, part.whole, found)}
        if names:
            patch = {name: value for name, value in part.whole.items() if name in names}
            self._rest.change(part.kind, number_of(found), {**patch, **part.then}, until)

    def _change(
        self, target: Target, payload: Payload, link: tuple[str, str, str] | None, sent_at: datetime, until: float
    ) -> Look:
        """Read the ticket, and at once change what it lacks."""
        ticket = self._rest.get(target, until)
        look = look_at(ticket, target, payload, self._mapping, link, sent_at)
        if look.patch:
            self._rest.change(target.kind, target.number, look.patch, until)
        return look


def _part_differences(part: Part, found: list[dict[str, Any]]) -> list[Difference]:
    if len(found) != 1:
        return [Difference(field=part.kind, wanted=part.marker, found=str(len(found)) if found else None)]
    return differences_of(part.kind, part.whole, found[0])
