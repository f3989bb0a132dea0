"""What every ticket system has to be able to do, and what it tells."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Literal, Protocol, runtime_checkable

import msgspec

from linetest.tickets.payload import Payload
from linetest.words.text import _


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that the ticket system has otherwise than it was sent."""

    field: str
    wanted: str
    found: str | None

    def words(self) -> str:
        """Return it as one clause."""
        return _("{field} is {found} instead of {wanted}").format(
            field=self.field,
            found=_("empty") if self.found is None else repr(self.found),
            wanted=repr(self.wanted),
        )


class Landed(msgspec.Struct, frozen=True, kw_only=True):
    """What the ticket system shows of a result that arrived."""

    remote_ids: dict[str, Any] = {}
    differences: list[Difference] = []
    kept: list[Difference] = []
    """What the ticket has otherwise and keeps, by the policy of the field."""
    late: bool = False
    """The ticket was closed already: the result was added and the status left alone."""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One line of ``ticket doctor``."""

    state: Literal["ok", "wrong", "unknown"]
    what: str
    hint: str = ""


class TicketSystem(Protocol):
    """One ticket system. Every call ends within `deadline_s` and raises the `PushError` tree."""

    destination: str
    """Its name in the outbox."""

    def ping(self, deadline_s: float) -> None:
        """Ask something cheap, to learn that the system is there and takes our token."""

    def look_up(self, payload: Payload, deadline_s: float) -> bool:
        """Return whether the result has arrived, by its marker."""

    def send(self, payload: Payload, sent_at: datetime, deadline_s: float) -> Landed:
        """Send it once; what the answer says is not proof, `read_back` is."""

    def read_back(self, payload: Payload, deadline_s: float) -> Landed:
        """Return what the system has of the result, compared field by field."""

    def repair(self, payload: Payload, differences: list[Difference], deadline_s: float) -> list[str]:
        """Set what differs, never by a second comment; return what the system said against it."""

    def doctor(self, deadline_s: float) -> list[Finding]:
        """Return what is right and wrong with the configuration on both sides."""


class FoundTicket(msgspec.Struct, frozen=True, kw_only=True):
    """One ticket of the system, as it was found."""

    ticket: str
    status: str
    owner: str | None
    """Whose it is, as the system calls people; None when nobody's."""
    mine: bool
    """It belongs to the owner of our token."""
    shown: dict[str, list[str]]
    """The values of each field by the system's name; empty when the ticket could not be read."""
    fault: str | None = None
    """Why it could not be read."""


@runtime_checkable
class OrderSource(Protocol):
    """A ticket system that gives orders. Every call ends within `deadline_s` and raises the `PushError` tree."""

    destination: str

    def orders(self, tickets: Collection[str], deadline_s: float) -> list[FoundTicket]:
        """Return the tickets that wait, those of the token's owner and of nobody, and those of these numbers."""

    def claim(self, ticket: str, deadline_s: float) -> FoundTicket:
        """Take a ticket that is nobody's, and return it as it is then: `mine` says whether that has worked."""
