"""Orders that a ticket system gives: what each ticket says, made into linetest's values.

A ticket is text that anybody may have written: every value is bounded and checked, and a ticket that cannot be read is
told of and holds up no other.
"""

from datetime import UTC, date, datetime
from typing import Any

import msgspec

from linetest.errors import BadFile
from linetest.model.case import Booking
from linetest.model.deadlines import minutes_of
from linetest.model.order import Rates
from linetest.safe import safe_text
from linetest.tickets.mapping import Field, Mapping
from linetest.tickets.merge import rates_text
from linetest.tickets.system import FoundTicket
from linetest.tickets.values import APPOINTMENT, INSTANTS, RATES
from linetest.words.text import _

_LONGEST_NAME = 80
_LONGEST_TEXT = 500
_MOST_LINES = 500
_FREE_TEXTS = ("order.summary", "order.address", "order.contact")
_TRUTHS = ("customer.vip", "customer.brand", "customer.hotel", "order.wired_resource")
_YES_NO = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
_NOON = 12 * 60


def values_of(mapping: Mapping, found: FoundTicket) -> dict[str, Any]:
    """Return what a ticket says of an order, by the names of `values.TAKEN`; of two fields the first.

    Raises:
        BadFile: a value is not what it should be; the field is named.
    """
    values: dict[str, Any] = {}
    for field in mapping.taken:
        texts = [text for text in found.shown.get(field.name, []) if text.strip()]
        if texts and field.carries not in values:
            values[field.carries] = _value(field, texts)
    return values


def _value(field: Field, texts: list[str]) -> Any:
    if field.carries == "line.id":
        if len(texts) > _MOST_LINES:
            raise _wrong(field, _("more than {most} lines").format(most=_MOST_LINES))
        return [_name(field, text) for text in texts]
    text = texts[0]
    if field.carries in _FREE_TEXTS:
        return safe_text(" ".join(text[: 4 * _LONGEST_TEXT].split())[:_LONGEST_TEXT])
    if field.carries in INSTANTS:
        return _instant(field, text)
    word = field.back(_name(field, text))
    if field.carries in _TRUTHS:
        if word.lower() not in _YES_NO:
            raise _wrong(field, _("{text!r} is neither yes nor no").format(text=word))
        return _YES_NO[word.lower()]
    if field.carries == APPOINTMENT:
        booking_from(word)
    return _rates(field, word) if field.carries == RATES else word


def _name(field: Field, text: str) -> str:
    """Return a name, number or word; what has control characters or no end is none."""
    text = text.strip()
    if len(text) > _LONGEST_NAME or safe_text(text) != text:
        raise _wrong(field, _("{text} is no name").format(text=ascii(text[:40])))
    return text


def _instant(field: Field, text: str) -> str:
    try:
        moment = datetime.fromisoformat(text[:_LONGEST_NAME].strip())
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise _wrong(field, _("{text} is no time").format(text=ascii(text[:40]))) from error
    return moment.isoformat()


def _rates(field: Field, text: str) -> str:
    """Return contracted rates as `merge.rates_text` writes them."""
    try:
        down, up = (float(part) for part in text.split("/"))
        return rates_text(Rates(down_mbps=down, up_mbps=up))
    except ValueError as error:
        wanted = _("{text} is no rate; write 100/20: down and up in Mbit/s")
        raise _wrong(field, wanted.format(text=ascii(text[:40]))) from error


def _wrong(field: Field, fault: str) -> BadFile:
    return BadFile(_("{field}: {fault}").format(field=field.name, fault=fault), _("correct it in the ticket system"))


def booking_from(text: str) -> Booking:
    """Return the appointment that `event.appointment_text` has written, or a dispatcher.

    Raises:
        BadFile: it is none.
    """
    day, _space, hours = text.strip().partition(" ")
    try:
        if hours in ("am", "pm"):
            return Booking(day=date.fromisoformat(day), half="morning" if hours == "am" else "afternoon", channel="api")
        start, _dash, end = (part.strip() for part in hours.partition("-"))
        begins = minutes_of(start)
        if end and minutes_of(end) <= begins:
            raise ValueError(end)
        half = "morning" if begins < _NOON else "afternoon"
        return msgspec.convert(
            {"day": day, "half": half, "start": start, "channel": "api", **({"end": end} if end else {})}, Booking
        )
    except ValueError as error:  # msgspec's errors are kinds of it
        raise BadFile(
            _("{text} is no appointment").format(text=ascii(text[:40])),
            _("write 2026-11-23 09:00-10:30, 2026-11-23 09:00, 2026-11-23 am or pm"),
        ) from error
