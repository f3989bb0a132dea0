"""A record as one page that needs nothing else: no network, good on paper.

Pictures are data addresses in ``img`` elements, where even a picture with a script could not run it. Only a page
with a trace holds a script, the one of `trace_page`, and its policy allows no other.
"""

from typing import NamedTuple

from linetest.model.codes import Verdict
from linetest.model.places import place_words
from linetest.model.record import Check, Record
from linetest.model.sentences import verdict_words, warning_words
from linetest.model.values import moment_words, source_words
from linetest.reports.capture_text import condense, olt_table, onu_table
from linetest.reports.outline import (
    Group,
    Row,
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
)
from linetest.reports.pictures import pictures_of
from linetest.reports.provision_table import provision_table
from linetest.reports.reconcile_text import sides_table
from linetest.reports.sweep_facts import sweep_facts
from linetest.reports.template import template
from linetest.reports.trace_page import page_parts
from linetest.reports.whose_words import whose_lines
from linetest.words.text import _, language

_SYMBOLS = {Verdict.PASS: "✓", Verdict.FAIL: "✗", Verdict.INCONCLUSIVE: "?", Verdict.SKIPPED: "–"}
_SHORT_HASH = 12
_NO_WRAP = 10_000
"""Columns: the browser breaks lines."""


class _Line(NamedTuple):
    """One check as the page shows it."""

    verdict: str
    symbol: str
    word: str
    row: Row
    advice: str
    device: str | None
    """None where all checks of a table have the same, which stands in the head."""
    conditions: str


class _Table(NamedTuple):
    """The checks of one metric."""

    metric: str
    quantity: str
    lines: list[_Line]
    sources: list[str]


def render_html(record: Record) -> str:
    """Return the record as a self-contained HTML page in the language that is spoken now.

    Raises:
        BadFile: the record's curves cannot be drawn.
    """
    groups, others = condense(group_checks(record))
    return template("page.html.j2").render(
        language=language(),
        **page_parts(record),
        words=_words(),
        record=record,
        symbol=_SYMBOLS[record.verdict],
        verdict=verdict_words(record.verdict),
        meaning=meaning_words(record.verdict),
        counts=count_words(record),
        simulated=simulated_words() if record.simulated else "",
        facts=_facts(record),
        onus=onu_table(record.details),
        olt=olt_table(record.details),
        provision=provision_table(record),
        sides=sides_table(record.details),
        whose=whose_lines(record, _NO_WRAP),
        tables=_tables(groups),
        others=others,
        footnote=footnote_words(record),
        pictures=pictures_of(record),
        readings=[
            (quantity_words(one.metric), place_words(one.where), reading_words(one), one.device or "")
            for one in unjudged_readings(record)
        ],
        steps=[
            (step.name, state_words(step), moment_words(step.started_at), moment_words(step.finished_at))
            for step in record.steps
        ],
        warnings=[warning_words(warning) for warning in record.warnings],
        short_hash=_SHORT_HASH,
    )


def _words() -> dict[str, str]:
    """Return the page's own words."""
    return {
        "title": _("Line test report"),
        "simulated": _("SIMULATED"),
        "result": _("result"),
        "place": _("place"),
        "value": _("value"),
        "limit": _("limit"),
        "margin": _("margin"),
        "quantity": _("quantity"),
        "device": _("device"),
        "source": _("Source of the limit:"),
        "pictures": _("Pictures"),
        "checks": _("Checks"),
        "readings": _("Also measured, without a limit"),
        "warnings": _("Please note"),
        "steps": _("Steps"),
        "step": _("step"),
        "state": _("state"),
        "started": _("started"),
        "finished": _("finished"),
        "evidence": _("Evidence"),
        "file": _("file"),
        "kind": _("kind"),
        "size": _("size in bytes"),
        "hash": _("SHA-256"),
        "redacted": _("SHA-256 of the redacted copy"),
        "no_checks": _("nothing was judged"),
        "no_evidence": _("no files"),
    }


def _facts(record: Record) -> list[tuple[str, str]]:
    """Return the labelled facts of the page's head; what is not known is left out."""
    number = _("{id}, number {n} in the chain").format(id=record.id, n=record.chain.n) if record.chain else record.id
    facts = [
        (_("Order"), record.order),
        (_("Line"), record.line),
        (_("Operator"), record.operator),
        (_("Started"), moment_words(record.started_at)),
        (_("Finished"), moment_words(record.finished_at)),
        (_("Devices"), ", ".join(devices_of(record.checks))),
        *sweep_facts(record.details),
        (_("Profile"), f"{record.profile.name} ({record.profile.sha256[:_SHORT_HASH]})"),
        (_("Software"), record.software),
        (_("Record"), number),
        (_("Hash of the record"), record.chain.sha256 if record.chain else _("not kept")),
    ]
    return [(label, fact) for label, fact in facts if fact]


def _tables(groups: list[Group]) -> list[_Table]:
    return [
        _Table(
            group.metric,
            group.quantity,
            [_line(check, len(devices_of(group.checks)) > 1) for check in group.checks],
            list(dict.fromkeys(source_words(check.limit) for check in group.checks)),
        )
        for group in groups
    ]


def _line(check: Check, name_device: bool) -> _Line:
    word = verdict_words(check.verdict)
    return _Line(
        verdict=str(check.verdict),
        symbol=_SYMBOLS[check.verdict],
        word=f"{word} *" if check.marginal else word,
        row=row_words(check),
        advice=advice_words(check),
        device=check.device if name_device else None,
        conditions=_conditions(check),
    )


def _conditions(check: Check) -> str:
    """Return what softens the limit: not required, or only a warning."""
    parts = [
        _("not required") if check.limit.get("required") is False else "",
        _("only warns") if check.limit.get("on_breach") == "warn" else "",
    ]
    return ", ".join(part for part in parts if part)
