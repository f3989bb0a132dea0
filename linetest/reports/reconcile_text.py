"""The sides of one link beside one another, as text."""

from typing import Any

from linetest.model.places import told_by_words
from linetest.model.values import ABSENT, fixed_number, plain_number
from linetest.reports.trace_text import columns
from linetest.words.text import _
from linetest.words.wrap import wrapped


def render_sides(details: dict[str, Any], width: int = 80) -> str:
    """Return the table of what each side says, and what follows from it, from a record's details."""
    found = details.get("reconcile")
    if not isinstance(found, dict) or not isinstance(found.get("sides"), list):
        return ""
    head: tuple[str, ...] = ("", _("loss dB"), "±", _("beside the others dB"), "±")
    rows = [head]
    for side in found["sides"]:
        cells = [_number(side.get(key)) for key in ("loss_db", "u_db", "residual_db", "residual_u_db")]
        rows.append((told_by_words(str(side.get("side"))), cells[0], cells[1], cells[2], cells[3]))
    title = wrapped(_("Loss from the OLT to the socket at 1490 nm (±: standard uncertainty)"), width)
    return "\n".join([*title, *columns(rows, (0,), width), *wrapped(_conclusion(found), width)])


def _conclusion(found: dict[str, Any]) -> str:
    if found.get("suspect"):
        return _("does not fit: {side}, by {off} ± {u} dB; all others say {loss} dB").format(
            side=told_by_words(str(found["suspect"])),
            off=_number(found.get("off_db")),
            u=_number(found.get("off_u_db")),
            loss=_number(found.get("loss_db")),
        )
    if found.get("agree") is True:
        return _("all fit: {loss} ± {u} dB").format(
            loss=_number(found.get("loss_db")), u=_number(found.get("loss_u_db"))
        )
    if found.get("agree") is None:
        return _("fewer than two sides were told: nothing to compare")
    names = ", ".join(told_by_words(str(one)) for one in found.get("candidates", []))
    return _("they do not fit, and nobody can say which is wrong: {names}").format(names=names or ABSENT)


def _number(value: object) -> str:
    number = plain_number(value)
    return ABSENT if number is None else fixed_number(number, 2)
