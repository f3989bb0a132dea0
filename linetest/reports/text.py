"""A record as a technician reads it in a basement: verdict first, 80 columns, no colour needed."""

import click
import wcwidth

from linetest.model.codes import Verdict
from linetest.model.places import place_words
from linetest.model.record import Check, Record
from linetest.model.sentences import verdict_words, warning_words
from linetest.model.values import moment_words
from linetest.reports.capture_text import condense, olt_lines, onu_lines
from linetest.reports.outline import (
    Group,
    advice_words,
    count_words,
    devices_of,
    footnote_words,
    group_checks,
    meaning_words,
    quantity_words,
    reading_words,
    row_words,
    simulated_words,
    state_words,
    unjudged_readings,
    unread_words,
)
from linetest.reports.provision_table import provision_lines
from linetest.reports.sweep_facts import sweep_facts
from linetest.reports.trace_text import event_table
from linetest.reports.trace_view import views_of
from linetest.reports.whose_words import whose_lines
from linetest.safe import safe_text
from linetest.words.text import _, ngettext
from linetest.words.wrap import wrapped

_NARROWEST = 72
_GAP = "  "
_MOST_READINGS = 12
_WIDEST = (13, 60, 13, 18, 10)  # verdict, place, value, limit, margin; longer cells go on in the next line
_WIDEST_AT_80 = (13, 60, 14, 21, 10)
_NARROWEST_PLACE = 10
_COLOURS = {Verdict.PASS: "green", Verdict.FAIL: "red", Verdict.INCONCLUSIVE: "yellow"}


def render_text(record: Record, width: int = 80, colour: bool = False) -> str:
    """Return the record as plain text, no line wider than `width` columns (72 at least).

    Chinese characters count for two columns. `colour` colours the verdict, which stands there in words too.
    """
    width = max(width, _NARROWEST)
    groups, others = condense(group_checks(record))
    parts = [
        _head(record, width, colour),
        _facts(record, width),
        onu_lines(record.details, width),
        provision_lines(record, width),
        whose_lines(record, width),
        *(_table(group, width) for group in groups),
        [line for words in others for line in _flow(safe_text(words), width, hang="  ")],
        *(event_table(view, width) for view in views_of(record.details, record.checks)),
        olt_lines(record.details, width),
        _flow(footnote_words(record), width),
        _flow(safe_text(unread_words(record)), width),
        _readings(record, width),
        _warnings(record, width),
        _proof(record, width),
        _flow(f"*** {simulated_words()} ***", width) if record.simulated else [],
    ]
    return "\n\n".join("\n".join(part) for part in parts if part)


def _head(record: Record, width: int, colour: bool) -> list[str]:
    word = verdict_words(record.verdict)
    shown = click.style(word, fg=_COLOURS.get(record.verdict), bold=True) if colour else word
    counts = _cut(count_words(record), width - wcwidth.width(word) - 6)
    room = " " * (width - 4 - wcwidth.width(word) - wcwidth.width(counts))
    rule = "=" * width
    simulated = _flow(f"*** {simulated_words()} ***", width) if record.simulated else []
    return [*simulated, rule, f"  {shown}{room}{counts}", rule, *_flow(meaning_words(record.verdict), width)]


def _facts(record: Record, width: int) -> list[str]:
    facts = [
        (_("Order"), record.order),
        (_("Line"), record.line),
        (_("Profile"), record.profile.name),
        (_("Measured"), moment_words(record.finished_at)),
        (_("Operator"), record.operator),
        (_("Devices"), ", ".join(_cut(safe_text(device), 24) for device in devices_of(record.checks))),
        *sweep_facts(record.details),
    ]
    return _pairs([(label, safe_text(fact)) for label, fact in facts if fact], width)


def _pairs(facts: list[tuple[str, str]], width: int) -> list[str]:
    """Return labelled facts, each cut to one line."""
    widest = max(wcwidth.width(label) for label, _fact in facts)
    return [_cut(f"{wcwidth.ljust(label, widest)}{_GAP}{fact}".replace("\t", " "), width) for label, fact in facts]


def _table(group: Group, width: int) -> list[str]:
    header = ("", _("place"), _("value"), _("limit"), _("margin"))
    rows = [(_marked(check), *row_words(check)) for check in group.checks]
    widths = _column_widths([header, *rows], width)
    lines = [*_flow(safe_text(group.quantity), width), *_row(header, widths)]
    for check, row in zip(group.checks, rows, strict=True):
        lines += _row(row, widths)
        lines += _flow(_advice(check), width, indent=" " * (widths[0] + len(_GAP)))
    return lines


def _marked(check: Check) -> str:
    word = verdict_words(check.verdict)
    return f"{word} *" if check.marginal else word


def _advice(check: Check) -> str:
    """Return the line under a row; a mark with the footnote's own words needs none."""
    advice = safe_text(advice_words(check))
    if check.verdict is Verdict.PASS and (check.margin is None or check.margin >= 0):
        return ""
    return f"> {advice}" if advice else ""


def _column_widths(rows: list[tuple[str, ...]], width: int) -> list[int]:
    """Return the width of each column; the place gets what the others leave."""
    most = _WIDEST if width < 80 else _WIDEST_AT_80
    widths = [min(widest, max(wcwidth.width(row[number]) for row in rows)) for number, widest in enumerate(most)]
    left = width - sum(widths) + widths[1] - len(_GAP) * (len(widths) - 1)
    widths[1] = max(_NARROWEST_PLACE, min(widths[1], left))
    return widths


def _row(cells: tuple[str, ...], widths: list[int]) -> list[str]:
    """Return one row as lines: a cell too long for its column goes on below."""
    laid = [wrapped(cell, column) for cell, column in zip(cells, widths, strict=True)]
    lines = []
    for number in range(max(map(len, laid))):
        parts = [cell[number] if number < len(cell) else "" for cell in laid]
        columns = [
            wcwidth.ljust(part, column) if place < 2 else wcwidth.rjust(part, column)
            for place, (part, column) in enumerate(zip(parts, widths, strict=True))
        ]
        lines.append(_GAP.join(columns).rstrip())
    return lines


def _readings(record: Record, width: int) -> list[str]:
    readings = unjudged_readings(record)
    if not readings:
        return []
    lines = [_("Also measured, without a limit:")]
    metric = None
    for reading in readings[:_MOST_READINGS]:
        if reading.metric != metric:
            metric = reading.metric
            lines += _flow("- " + safe_text(quantity_words(metric)), width, hang="  ")
        words = [place_words(reading.where), safe_text(reading_words(reading))]
        lines += _flow(": ".join(word for word in words if word), width, indent="  ", hang="  ")
    if more := len(readings) - _MOST_READINGS:
        lines += [_("and {count} more in the record").format(count=more)] if more > 0 else []
    return lines


def _warnings(record: Record, width: int) -> list[str]:
    stopped = [
        _("step {name}: {state}").format(name=safe_text(step.name), state=state_words(step))
        for step in record.steps
        if step.state not in ("done", "restored")
    ]
    sentences = [*stopped, *(safe_text(warning_words(warning)) for warning in record.warnings)]
    restored = ", ".join(safe_text(step.name) for step in record.steps if step.state == "restored")
    back = _flow(_("Put back as it was: {names}").format(names=restored), width, hang="  ") if restored else []
    return [*(line for sentence in sentences for line in _flow("! " + sentence, width, hang="  ")), *back]


def _proof(record: Record, width: int) -> list[str]:
    count = len(record.evidence)
    files = ngettext("{count} file", "{count} files", count).format(count=count)
    number = _("number {n} in the chain").format(n=record.chain.n) if record.chain else _("not kept")
    return _pairs(
        [
            (_("Evidence"), files),
            (_("Record"), f"{safe_text(record.id)}, {number}"),
            (_("Software"), safe_text(record.software)),
        ],
        width,
    )


def _flow(text: str, width: int, indent: str = "", hang: str = "") -> list[str]:
    """Return `text` as lines of at most `width` columns."""
    return wrapped(text, width, indent, indent + hang) if text else []


def _cut(text: str, width: int) -> str:
    """Return `text`, cut with an ellipsis where it is wider than `width`."""
    return text if wcwidth.width(text) <= width else wcwidth.clip(text, 0, width - 1).rstrip() + "…"
