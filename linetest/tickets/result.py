"""What a ticket system gets of a record: the fields, one comment, and the redacted record as an attachment."""

from datetime import datetime
from functools import cached_property
from typing import Any

import msgspec

from linetest.errors import UsageError
from linetest.model.codes import Verdict
from linetest.model.order import Access, Line, Order, WorkType
from linetest.model.places import place_words
from linetest.model.record import Check, Record
from linetest.model.sentences import reason_words, verdict_words
from linetest.model.values import ABSENT, digits_of, limit_words, value_words
from linetest.safe import safe_text
from linetest.store.outbox import NewItem
from linetest.words.text import _

KIND = "linetest.ticket/1"
MARK = "SIMULATED"
"""Stands first in everything a person reads of a simulated result; never translated, so that it can be searched."""
_MOST_LINES = 60
# What may leave the laptop of `details`: tables of numbers. Transcripts, curves and whatever else rooms add stay.
_DETAILS_SENT = (
    "combinations",
    "events",
    "end_m",
    "end_reason",
    "link_loss_db",
    "orl_db",
)


class TicketResult(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """One result for one ticket; it is made once, when the record is stored, and never changed."""

    key: str
    """The id of the record: whoever receives it twice knows it by this."""
    ticket: str
    order: str
    line: str
    work_type: WorkType
    access: Access
    verdict: Verdict
    """The line's own."""
    ticket_verdict: Verdict
    """The order's, of all its lines that are tested so far: what the ticket as a whole shows."""
    rx_power_dbm: float | None
    """The weakest light that was measured; None when none was."""
    tested_at: str
    """ISO 8601 with offset."""
    done_at: str | None = None
    """The same, when the line's work is done with this test."""
    simulated: bool
    comment: str
    record: dict[str, Any]
    """The redacted record."""
    final_status: str | None
    """The status the ticket is to get; None leaves it as it is."""

    @property
    def kind(self) -> str:
        """Return the format's name."""
        return KIND

    @property
    def happened_at(self) -> str:
        """Return when it was tested, ISO 8601 with offset."""
        return self.tested_at

    @property
    def file_name(self) -> str:
        """Return the attachment's name, the marker by which the result is found in the ticket system."""
        return f"linetest-{self.key}.json"

    def attachment(self) -> bytes:
        """Return the redacted record as JSON in ASCII, which no ticket system changes on the way."""
        return self._attachment

    @cached_property
    def _attachment(self) -> bytes:  # it is sent, and compared with what the ticket has
        import json

        body = msgspec.json.encode(self.record, order="sorted")
        if body.isascii():  # most are, and this takes a seventh of the time
            return body
        return json.dumps(self.record, sort_keys=True, separators=(",", ":"), allow_nan=False).encode("ascii")

    def item(self, destination: str) -> NewItem:
        """Return the row for the outbox; `destination` is what `tickets.systems.destination` says."""
        return NewItem(
            key=self.key, dest=destination, ticket=self.ticket, kind=self.kind, payload=msgspec.json.encode(self)
        )


def prepare(
    record: Record, order: Order, line: Line, final_status: str | None, ticket_verdict: Verdict, *, ends: bool = False
) -> TicketResult:
    """Make the result of one stored record.

    Args:
        record: with its place in the chain, so call it after the store has taken the record.
        order: the work order, which names a ticket.
        line: the line that was tested.
        final_status: the status for the ticket, from `systems.status_for`; None leaves it as it is.
        ticket_verdict: the worst verdict of the order's lines so far, this one included.
        ends: the line's work is done with this test.

    Raises:
        UsageError: the order names no ticket.
    """
    if order.ticket is None:
        raise UsageError(
            _("order {number}: no ticket is named, so the result cannot be sent").format(number=order.number),
            _('write ticket = "NUMBER" into the order'),
        )
    levels = [
        reading.value
        for reading in record.readings
        if reading.metric == "optical.power_dbm" and reading.value is not None
    ]
    return TicketResult(
        key=record.id,
        ticket=order.ticket,
        order=order.number,
        line=line.id,
        work_type=order.work_type,
        access=order.access,
        verdict=record.verdict,
        ticket_verdict=ticket_verdict,
        rx_power_dbm=min(levels, default=None),
        tested_at=_with_offset(record.finished_at),
        done_at=_with_offset(record.finished_at) if ends else None,
        simulated=record.simulated,
        comment=_comment(record, order, line),
        record=redact(record),
        final_status=final_status,
    )


def redact(record: Record) -> dict[str, Any]:
    """Return what leaves the laptop of a record: no operator, no raw replies, no file names of evidence.

    The hash in `chain` is that of the whole record, by which the laptop's copy is recognised.
    """
    document: dict[str, Any] = msgspec.to_builtins(record)
    document["redacted"] = True
    document["operator"] = None
    document["details"] = {name: document["details"][name] for name in _DETAILS_SENT if name in document["details"]}
    for number, evidence in enumerate(document["evidence"], start=1):
        evidence["name"] = f"evidence-{number}"
    return document


def _with_offset(moment: str) -> str:
    """Return the moment with a numeric offset: Request Tracker drops the time of day of one that ends in Z."""
    return datetime.fromisoformat(moment).isoformat()


def _comment(record: Record, order: Order, line: Line) -> str:
    """Return the text that a dispatcher reads, the verdict first."""
    lines = [
        _("{verdict}  order {number}, line {line}").format(
            verdict=verdict_words(record.verdict), number=order.number, line=line.id
        ),
        _("Tested at {time} with {software}, limits {profile}").format(
            time=record.finished_at, software=record.software, profile=record.profile.name
        ),
        "",
        *(_check_line(check) for check in record.checks[:_MOST_LINES]),
    ]
    if len(record.checks) > _MOST_LINES:
        lines.append(_("and {count} more in the attachment").format(count=len(record.checks) - _MOST_LINES))
    lines += ["", _("Result {key}").format(key=record.id)]
    if record.simulated:
        lines.insert(0, f"{MARK}: " + _("measured on simulated devices; it says nothing about the line"))
    return "\n".join(safe_text(text) for text in lines)


def _check_line(check: Check) -> str:
    """Return one check as a line: the verdict, the place, the value and its limit."""
    if check.value is None:
        measured = reason_words(check.reason) if check.reason else _("not measured")
    else:
        measured = value_words(check.value, check.unit, digits_of(check), check.bound, check.interval)
    limit = limit_words(check.limit, check.unit, check.where)
    parts = [
        f"{verdict_words(check.verdict)}: {check.metric}",
        place_words(check.where),
        measured,
        f"({limit})" if limit != ABSENT else "",
    ]
    return "  ".join(part for part in parts if part)
