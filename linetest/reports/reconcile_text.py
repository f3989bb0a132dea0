"""The sides of one link beside one another: a table for text and page, and the text."""

from typing import Any, NamedTuple

from linetest.model.places import told_by_words
from linetest.model.values import ABSENT, fixed_number, plain_number
from linetest.reports.trace_text import columns
from linetest.words.text import _
from linetest.words.wrap import wrapped

_MOST_SIDES = 20  # there are four; a record from elsewhere may hold more


class SidesTable(NamedTuple):
    """What each side says of one link's loss, and what follows from it."""

    title: str
    head: tuple[str, ...]
    rows: list[tuple[str, ...]]
    conclusion: str


def sides_table(details: dict[str, Any]) -> SidesTable | None:
    """Return one row for each side, from a record's details; None of other records."""
    found = details.get("reconcile")
    if not isinstance(found, dict) or not isinstance(found.get("sides"), list):
        return None
    rows = [
        (
            told_by_words(str(side.get("side"))),
            *(_number(side.get(key)) for key in ("loss_db", "u_db", "residual_db", "residual_u_db")),
        )
        for side in found["sides"][:_MOST_SIDES]
        if isinstance(side, dict)
    ]
    return SidesTable(
        title=_("Loss from the OLT to the socket at 1490 nm (±: standard uncertainty)"),
        head=("", _("loss dB"), "±", _("beside the others dB"), "±"),
        rows=rows,
        conclusion=_conclusion(found),
    )


def render_sides(details: dict[str, Any], width: int = 80) -> str:
    """Return the table as text; empty for other records."""
    table = sides_table(details)
    if table is None:
        return ""
    rows = columns([table.head, *table.rows], (0,), width) if table.rows else []
    return "\n".join([*wrapped(table.title, width), *rows, *wrapped(table.conclusion, width)])


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
