"""The list for preventive visits as one page that needs nothing else: where to go, why, and how the light went."""

from base64 import b64encode
from typing import NamedTuple

from linetest.model.trend import Drifting, Preventive, Visit
from linetest.reports.outline import simulated_words
from linetest.reports.preventive_plots import draw_course
from linetest.reports.preventive_words import (
    advice_words,
    cause_words,
    count_words,
    leaving_words,
    level_words,
    loss_words,
    place_words,
    summary_words,
)
from linetest.reports.template import template
from linetest.version import __version__
from linetest.words.text import _, language

_MOST_PICTURES = 60
_MOST_ONUS = 12


class _Row(NamedTuple):
    onu: str
    identity: str
    down: str
    up: str
    leaving: str


class _Section(NamedTuple):
    number: int
    place: str
    cause: str
    shared: str
    loss: str
    advice: str
    picture: str
    """Empty far down the list."""
    worst: str
    rows: list[_Row]
    more: str


def render_preventive_page(found: Preventive) -> str:
    """Return the page in the language that is spoken now."""
    return template("preventive_page.html.j2").render(
        language=language(),
        words=_words(),
        simulated=simulated_words() if found.simulated else "",
        summary=summary_words(found),
        sections=[_section(number, visit, found) for number, visit in enumerate(found.visits, start=1)],
        software=" · ".join(
            [f"linetest {__version__}", *(f"{one.profile} {one.profile_sha256[:12]}" for one in found.judged_by)]
        ),
    )


def _section(number: int, visit: Visit, found: Preventive) -> _Section:
    more = len(visit.onus) - _MOST_ONUS
    drawn = number <= _MOST_PICTURES
    return _Section(
        number=number,
        place=place_words(visit),
        cause=cause_words(visit),
        shared=count_words(visit),
        loss=loss_words(visit),
        advice=advice_words(visit),
        picture="data:image/svg+xml;base64," + b64encode(draw_course(visit).encode()).decode() if drawn else "",
        worst=f"{visit.course.olt} {visit.course.onu}",
        rows=[_row(onu, found) for onu in visit.onus[:_MOST_ONUS]],
        more=_("and {count} more ONUs; --csv and --json have them all").format(count=more) if more > 0 else "",
    )


def _row(onu: Drifting, found: Preventive) -> _Row:
    name = f"{onu.identity} *" if onu.replaced else onu.identity
    return _Row(onu.onu, name, level_words(onu.down), level_words(onu.up), leaving_words(onu, found))


def _words() -> dict[str, str]:
    return {
        "title": _("Preventive visits"),
        "onu": _("ONU"),
        "identity": _("serial"),
        "down": _("light at the ONU"),
        "up": _("light at the OLT"),
        "leaving": _("window"),
        "caption": _(
            "{onu}: light day by day at the ONU (blue dots) and at the OLT (orange crosses); dashed: it began to fall"
        ),
        "replaced": _("* another box was there before; only the light since then counts"),
        "nothing": _("Nowhere to go: no light falls."),
    }
