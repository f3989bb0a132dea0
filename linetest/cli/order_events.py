"""One event of an order in words."""

from datetime import datetime
from typing import TYPE_CHECKING

from linetest.cli.order_words import booking_words, when_words
from linetest.safe import safe_text
from linetest.words.text import N_, _

if TYPE_CHECKING:
    from linetest.model.case import Event, MassFault
    from linetest.workorders.faults import Mass

_KINDS = {
    "booked": N_("booked"),
    "called": N_("called"),
    "first-reply": N_("first reply"),
    "arrived": N_("arrived"),
    "consent": N_("the guest's consent"),
    "tested": N_("tested"),
    "done": N_("done"),
    "satisfaction": N_("satisfied"),
    "signed": N_("signed"),
    "replied": N_("replied"),
    "sent": N_("result sent"),
    "returned": N_("returned"),
    "redispatched": N_("handed on"),
    "escalated": N_("escalated"),
    "chaser": N_("urged"),
    "delay": N_("delay reported"),
    "mismatch": N_("resource data is wrong"),
    "call-back": N_("call-back"),
    "moved": N_("result given to another ticket"),
    "restored": N_("mass fault ended"),
}
_PLACES = {"splitter": N_("splitter"), "port": N_("OLT port"), "cabinet": N_("cabinet")}
_NAMED = 8
_WRONG = {"port": N_("port"), "serial": N_("serial number"), "pair": N_("pair")}
_SIDES = {
    "home": N_("in the customer's home"),
    "drop": N_("between home and box"),
    "beyond": N_("beyond the box"),
}


def event_words(event: "Event", now: datetime) -> list[str]:
    """Return an event as lines of at most 80 columns, the time in front."""
    from wcwidth import ljust

    from linetest.words.wrap import wrapped

    head = ljust(when_words(event.at, now), 11)
    lines = wrapped(safe_text(event_sentence(event)), 80 - 15)
    return [f"  {head if number == 0 else ' ' * 11}  {line}".rstrip() for number, line in enumerate(lines)]


def event_sentence(event: "Event") -> str:
    """Return what happened, without when."""
    return _("; ").join([_kind(event), *_details(event)])


def kind_words(kind: str) -> str:
    """Return what a kind of event is called."""
    return _(_KINDS[kind])


def mass_name(mass: "Mass | MassFault") -> str:
    """Return where a mass fault is, and its orders."""
    named = ", ".join(mass.orders[:_NAMED])
    if len(mass.orders) > _NAMED:
        named += _(" and {count} more").format(count=len(mass.orders) - _NAMED)
    return _("{place} ({orders})").format(place=place_name(mass), orders=named)


def place_name(mass: "Mass | MassFault") -> str:
    """Return where a mass fault is."""
    return f"{_(_PLACES[mass.place])} {mass.name}"


def side_words(side: str) -> str:
    """Return where a fault was."""
    return _(_SIDES[side])


def _kind(event: "Event") -> str:
    from linetest.model.sentences import verdict_words

    words = " ".join(part for part in (event.line, kind_words(event.kind)) if part)
    if event.remote:
        words += " " + _("(from the centre)")
    if event.verdict is not None:
        words += f": {verdict_words(event.verdict)}"
    if event.agreed is False:
        words += ": " + _("no")
    if event.simulated:
        words += " " + _("(simulated)")
    return words


def _details(event: "Event") -> list[str]:
    found = [booking_words(event.booking)] if event.booking else []
    if event.booking is not None and not event.booking.agreed:
        found.append(_("the customer did not agree"))
    if event.reached is not None and event.kind != "booked":
        found.append(_("customer reached") if event.reached else _("customer NOT reached"))
    found += [part for part in (event.channel, event.reason, event.text) if part]
    if event.side:
        found.append(side_words(event.side))
    if event.mismatch:
        wrong = event.mismatch
        found.append(
            _("{what}: planned {planned}, found {found}").format(
                what=_(_WRONG[wrong.what]), planned=wrong.planned, found=wrong.found
            )
        )
    if event.mass:
        found.append(mass_name(event.mass))
    if event.notice:
        found += [
            event.notice.symptom,
            event.notice.extent,
            event.notice.work,
            f"{event.notice.expected_end:%m-%d %H:%M}",
        ]
    if event.record:
        found.append(_("record {record}").format(record=event.record[:8]))
    if event.by:
        found.append(_("by {who}").format(who=event.by))
    return found
