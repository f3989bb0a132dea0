"""The indicators of a month as text: a table, who was left out of it and why, and where the sources disagree."""

from linetest.model.tally import Month
from linetest.model.values import ABSENT
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
from linetest.reports.trace_text import columns
from linetest.words.text import _
from linetest.words.wrap import wrapped

_LEFT = (0, 1, 4)  # label, title and the word are words; all other columns are numbers
_MOST_ORDERS = 6  # named beside a reason; --json, --csv and the page name them all


def render_kpi(months: list[Month], width: int = 80) -> str:
    """Return the table of each month and what stands below it, no line wider than `width` columns."""
    parts = ["\n".join(_table(month, width)) for month in months]
    if contradictions := [line for month in months[:1] for line in _contradictions(month, width)]:
        parts.append("\n".join(contradictions))
    return "\n\n".join(parts)


def _table(month: Month, width: int) -> list[str]:
    head = ("", _("indicator"), _("value"), _("target"), "", _("counted"), _("left out"))
    rows = [
        (
            label_of(one),
            title_words(one),
            value_of(one),
            target_words(one),
            met_words(one),
            counted_words(one),
            str(len(one.tally.left_out) or ABSENT),
        )
        for one in month.indicators
    ]
    lines = [month_words(month), "", *columns([head, *rows], _LEFT, width)]
    if users_missing(month):
        need = _("K8 and K9 need the installed users of this month and team: --users names a file with them.")
        lines += ["", *_flow(need, width)]
    return lines + _left_out(month, width)


def _contradictions(month: Month, width: int) -> list[str]:
    lines = [
        line for indicators, text in contradiction_words(month) for line in _flow(f"{indicators}: {text}", width, "- ")
    ]
    return [_("What the documents leave open, or say twice:"), *lines] if lines else []


def _left_out(month: Month, width: int) -> list[str]:
    lines: list[str] = []
    for one in month.indicators:
        for reason, numbers in by_reason(one.tally.left_out):
            named = ", ".join(numbers[:_MOST_ORDERS])
            if len(numbers) > _MOST_ORDERS:
                named = _("{orders} and {count} more").format(orders=named, count=len(numbers) - _MOST_ORDERS)
            words = _("{indicator}: {reason}: {orders}").format(indicator=label_of(one), reason=reason, orders=named)
            lines += _flow(words, width, "- ")
    return ["", _("Left out:"), *lines] if lines else []


def _flow(text: str, width: int, mark: str = "") -> list[str]:
    return wrapped(text, width, mark, " " * len(mark))
