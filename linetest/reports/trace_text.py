"""The event table of a trace as text, in columns that Chinese characters keep too."""

from typing import Any

import wcwidth

from linetest.model.sentences import verdict_words
from linetest.reports.trace_view import EventRow, TraceView, event_rows, fixed_words
from linetest.safe import safe_text
from linetest.words.text import _

_LEFT = (2, 7)  # kind and verdict are words; all other columns are numbers


def event_table(view: TraceView, width: int = 80) -> list[str]:
    """Return the title, the head and one line for each event, none wider than `width` columns."""
    if not view.events:
        return [_title(view), _("no events")]
    rows = [_head(view.both_ways), *(_cells(row, view.both_ways) for row in event_rows(view))]
    lines = [_title(view), *columns(rows, _LEFT, width)]
    if view.verdicts:
        lines.append(_("! outside of its limit   ? could not be judged"))
    return lines


def instrument_table(rows: list[dict[str, Any]] | None, width: int = 80) -> list[str]:
    """Return the instrument's own table as text; `rows` are ``details.file_events``."""
    if rows is None:
        return [_("The file has no table of events of its own.")]
    title = _("The instrument's own table")
    head = ("#", _("place m"), _("code"), _("method"), _("loss dB"), _("refl. dB"), _("dB/km"))
    cells = [
        (
            str(row["number"]),
            fixed_words(row["distance_m"], 1),
            safe_text(row["code"]),
            safe_text(row["loss_method"]),
            fixed_words(row["loss_db"], 3),
            fixed_words(row["reflectance_db"], 1),
            fixed_words(row["section_db_per_km"], 3),
        )
        for row in rows
    ]
    return [title, *columns([head, *cells], (2, 3), width)]


def columns(rows: list[tuple[str, ...]], left: tuple[int, ...], width: int) -> list[str]:
    """Return rows with straight columns, those of `left` ranged left; a line that is too wide is cut."""
    widths = [max(wcwidth.width(row[column]) for row in rows) for column in range(len(rows[0]))]
    gap = "  " if sum(widths) + 2 * len(widths) - 2 <= width else " "
    lines = [_line(row, widths, gap, left) for row in rows]
    return [line if wcwidth.width(line) <= width else wcwidth.clip(line, 0, width - 1) + "…" for line in lines]


def _title(view: TraceView) -> str:
    return safe_text(_("Events at {trace}").format(trace=view.heading)) if view.title else _("Events")


def _head(both_ways: bool) -> tuple[str, ...]:
    last = (_("forward"), _("back")) if both_ways else (_("dB/km"), _("sum dB"))
    return ("#", _("place m"), _("event"), _("loss dB"), _("refl. dB"), *last, "")


def _cells(row: EventRow, both_ways: bool) -> tuple[str, ...]:
    """Return one row; of two directions the two losses are worth more than the sections."""
    last = (row.forward, row.reverse) if both_ways else (row.section, row.cumulative)
    word = verdict_words(row.verdict) if row.verdict else ""
    return (row.number, row.place, safe_text(row.kind), row.loss, row.reflectance, *last, word)


def _line(cells: tuple[str, ...], widths: list[int], gap: str, left: tuple[int, ...]) -> str:
    laid = [
        wcwidth.ljust(cell, width) if column in left else wcwidth.rjust(cell, width)
        for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    return gap.join(laid).rstrip()
