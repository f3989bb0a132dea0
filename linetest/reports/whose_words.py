"""Whose fault it is, in words for a technician and for a customer."""

from typing import Any, NamedTuple

from linetest.model.codes import Whose
from linetest.model.record import Record
from linetest.model.values import value_words
from linetest.safe import safe_text
from linetest.words.text import N_, _
from linetest.words.wrap import wrapped

WHOSE = {
    Whose.OPERATOR_LINE: N_("the operator's line"),
    Whose.OPERATOR_SERVICE: N_("the operator's service"),
    Whose.CUSTOMER_ROUTER: N_("the customer's router"),
    Whose.CUSTOMER_LAN: N_("the customer's own network or Wi-Fi"),
    Whose.TERMINAL: N_("the customer's device"),
    Whose.UNDETERMINED: N_("undetermined"),
}
_SEEN = {
    "no-answer": (N_("The network answers a call"), N_("Nothing in the network answers a call")),
    "session-refused": (N_("The network opens a session"), N_("The network refuses a session")),
    "login-refused": (N_("The login is accepted"), N_("The login is refused")),
    "slow-login": (N_("The login is quick"), N_("The login takes too long")),
    "too-many-concentrators": (N_("One network answers"), N_("More networks answer than should")),
    "small-mru": (N_("The session carries full packets"), N_("The session carries only small packets")),
    "no-lease": (N_("An address is given"), N_("No address is given")),
    "rogue-dhcp": (N_("One device gives addresses"), N_("A second device gives addresses")),
    "duplicate-address": (N_("The address is used once"), N_("Two devices use the same address")),
    "loss": (N_("Packets arrive"), N_("Packets are lost")),
    "no-names": (N_("Names are found"), N_("Names are not found")),
    "mtu-black-hole": (N_("Large packets arrive"), N_("Large packets vanish without a word")),
    "double-nat": (N_("One router at most is on the way"), N_("Two routers stand behind one another")),
    "low-rate": (N_("The rate is as contracted"), N_("The rate is below the contract")),
    "no-channel": (N_("Television channels arrive"), N_("A television channel does not arrive")),
    "not-registered": (N_("The telephone registers"), N_("The telephone does not register")),
}
"""For each row of the table: where it works, where it does not."""
_SEEN_DIRECT = {
    "double-nat": (N_("No home router is on the way"), N_("A home router is on the way: take it off and test again")),
}
"""Where the words differ at the line itself."""


class Seen(NamedTuple):
    """One observation in words."""

    words: str
    point: str
    works: bool
    proves: bool
    value: str
    """Empty where there is nothing to add."""


def isolation_of(record: Record) -> dict[str, Any] | None:
    """Return what the record says of whose fault it is; None where no service was tested."""
    found = record.details.get("isolation")
    return found if isinstance(found, dict) and isinstance(found.get("observations"), list) else None


def whose_words(code: object) -> str:
    """Return the words for a class; one of a newer version stands for itself."""
    known = WHOSE.get(Whose(code)) if isinstance(code, str) and code in list(Whose) else None
    return _(known) if known else safe_text(str(code))


def seen_words(found: dict[str, Any]) -> list[Seen]:
    """Return the observations, in the order of causes."""
    because = found.get("because") or []
    shown = []
    for one in found["observations"]:
        if not isinstance(one, dict) or one.get("row") not in _SEEN or not isinstance(one.get("works"), bool):
            continue
        point = str(one.get("point"))
        good, bad = (_SEEN | _SEEN_DIRECT if point == "direct" else _SEEN)[one["row"]]
        value = one.get("value")
        shown.append(
            Seen(
                words=_(good if one["works"] else bad),
                point=point,
                works=one["works"],
                proves=one.get("id") in because,
                value=value_words(value, one.get("unit", "")) if isinstance(value, float) and one.get("unit") else "",
            )
        )
    return shown


def whose_lines(record: Record, width: int) -> list[str]:
    """Return whose fault it is and what proves it as text, none wider than `width` columns; empty for other records."""
    found = isolation_of(record)
    if found is None:
        return []
    broken = found.get("fault") is not None
    if not broken and found.get("whose") == Whose.UNDETERMINED:
        return wrapped(_("Whose fault: nothing was found broken at the points that were tested."), width)
    lines = wrapped(_("Whose fault: {whose}").format(whose=whose_words(found.get("whose"))), width)
    points = {"direct": _("at the line itself"), "behind-cpe": _("behind the customer's router")}
    for one in seen_words(found):
        if one.proves:
            words = f"{points.get(one.point, one.point)}: {one.words}" + (f" ({one.value})" if one.value else "")
            lines += [f"  {line}" for line in wrapped(words, width - 2)]
    for missing in found.get("missing") or []:
        row, _at, point = str(missing).partition("@")
        what = _(_SEEN[row][0]) if row in _SEEN else _("any test")
        words = _("not seen {point}: {what}").format(point=points.get(point, safe_text(point)), what=what)
        lines += [f"  {line}" for line in wrapped(words, width - 2)]
    return lines
