"""The indicators as one page that needs nothing else: pictures, tables, who is left out, where sources disagree."""

from base64 import b64encode
from typing import NamedTuple

from linetest.model.tally import Indicator, Month
from linetest.reports.kpi_plots import draw_bars, draw_months
from linetest.reports.kpi_words import (
    by_reason,
    contradiction_words,
    counted_words,
    label_of,
    met_words,
    month_words,
    target_words,
    title_words,
    users_missing,
    value_of,
)
from linetest.reports.template import template
from linetest.version import __version__
from linetest.words.text import _, language


class _Row(NamedTuple):
    label: str
    title: str
    value: str
    target: str
    met: bool | None
    word: str
    counted: str
    source: str


class _Section(NamedTuple):
    title: str
    picture: str
    """Empty where there is no value to draw."""
    rows: list[_Row]
    left_out: list[tuple[str, str, list[str]]]
    """Indicator, reason, order numbers."""
    users_missing: bool


def render_kpi_page(months: list[Month]) -> str:
    """Return the page of all these months and teams, in the language that is spoken now."""
    alike = [month for month in months if month.span.team == months[0].span.team]
    return template("kpi_page.html.j2").render(
        language=language(),
        words=_words(),
        sections=[_section(month) for month in months],
        course=_course(alike),
        contradictions=contradiction_words(months[0]),
        software=f"linetest {__version__}",
    )


def _section(month: Month) -> _Section:
    drawable = any(one.value is not None for one in month.indicators)
    return _Section(
        title=month_words(month),
        picture=_address(draw_bars(month.indicators)) if drawable else "",
        rows=[_row(one) for one in month.indicators],
        left_out=[
            (label_of(one), reason, numbers)
            for one in month.indicators
            for reason, numbers in by_reason(one.tally.left_out)
        ],
        users_missing=users_missing(month),
    )


def _row(one: Indicator) -> _Row:
    return _Row(
        label=label_of(one),
        title=title_words(one),
        value=value_of(one),
        target=target_words(one),
        met=one.met,
        word=met_words(one),
        counted=counted_words(one),
        source=one.target.source if one.target else "",
    )


def _course(months: list[Month]) -> str:
    """Return the picture of several months; empty for one."""
    if len(months) < 2:
        return ""
    series = [list(values) for values in zip(*(month.indicators for month in months), strict=True)]
    drawn = [values for values in series if any(one.value is not None for one in values)]
    return _address(draw_months([month.span.month for month in months], drawn)) if drawn else ""


def _address(svg: str) -> str:
    return "data:image/svg+xml;base64," + b64encode(svg.encode()).decode()


def _words() -> dict[str, str]:
    """Return the page's own words."""
    return {
        "title": _("Indicators of field work"),
        "indicator": _("indicator"),
        "value": _("value"),
        "target": _("target"),
        "result": _("result"),
        "counted": _("counted"),
        "left_out": _("Left out"),
        "course": _("Over the months"),
        "course_caption": _("A point for each month; dashed: the target; a cross missed it."),
        "bars_caption": _(
            "A bar for each value, the black mark its target: blue meets it, hatched misses it, grey has none. "
            "Large shares, small shares and hours have scales of their own."
        ),
        "contradictions": _("What the documents leave open, or say twice"),
        "users_missing": _(
            "K8 and K9 need the installed users of this month and team: --users names a file with them."
        ),
        "sources": _("Sources of the targets"),
    }
