"""What a batch of trace files came to: a summary as text, one row for each file as CSV."""

import csv
from collections import Counter
from collections.abc import Iterable
from io import StringIO
from typing import NamedTuple

import wcwidth

from linetest.model.codes import Verdict
from linetest.model.record import Check, Record
from linetest.model.sentences import reason_words, verdict_words
from linetest.model.values import plain_number
from linetest.reports.outline import quantity_words, row_words
from linetest.safe import safe_cell, safe_text
from linetest.words.text import _

_BYTE_ORDER_MARK = "\ufeff"  # as in `csv_table`
_ORDER = (Verdict.FAIL, Verdict.INCONCLUSIVE, Verdict.PASS)
_MOST_WORST = 10


class BatchFile(NamedTuple):
    """One file of a batch and its record."""

    name: str
    """Its path below the folder."""
    record: Record
    kept: bool
    """Judged by an earlier run."""


def count_verdicts(files: Iterable[BatchFile]) -> dict[str, int]:
    """Return how many files have which verdict, all three named."""
    count = Counter(file.record.verdict for file in files)
    return {str(verdict): count[verdict] for verdict in _ORDER}


def worst_check(record: Record) -> Check | None:
    """Return the check that decided a record: the first by verdict, then by margin; None where nothing was judged."""
    judged = [check for check in record.checks if check.verdict in _ORDER]
    return min(judged, key=_urgency, default=None)


def render_batch(files: list[BatchFile]) -> str:
    """Return the counts and the worst files as text."""
    counts = count_verdicts(files)
    lines = [_("{count} files").format(count=len(files))]
    lines += [f"  {wcwidth.ljust(verdict_words(verdict), 14)} {counts[verdict]:>7}" for verdict in _ORDER]
    if kept := sum(file.kept for file in files):
        lines.append(_("{count} of them were judged before and not measured again").format(count=kept))
    bad = sorted((file for file in files if file.record.verdict is not Verdict.PASS), key=_file_urgency)
    if bad:
        lines += ["", _("Worst files:")]
    for file in bad[:_MOST_WORST]:
        check = worst_check(file.record)
        lines.append(f"  {verdict_words(file.record.verdict)}  {safe_text(file.name)}")
        lines += [] if check is None else [f"      {_reason(check)}"]
    if more := len(bad[_MOST_WORST:]):
        lines.append(_("and {count} more").format(count=more))
    return "\n".join(lines)


def render_batch_csv(files: list[BatchFile]) -> str:
    """Return one row for each file; numbers bare, texts quoted, as in `csv_table`."""
    text = StringIO()
    table = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    table.writerow(_COLUMNS)
    for file in files:
        row = _row(file)
        table.writerow([_cell(row[column]) for column in _COLUMNS])
    return _BYTE_ORDER_MARK + text.getvalue()


_COLUMNS = (
    *("file", "verdict", "record", "kept", "sha256", "wavelength_nm", "pulse_width_ns", "end_m", "end_reason"),
    *("link_loss_db", "orl_db", "events", "failed", "inconclusive"),
    *("worst_metric", "worst_value", "worst_margin", "worst_distance_m", "worst_reason"),
)


def _row(file: BatchFile) -> dict[str, object]:
    record, check = file.record, worst_check(file.record)
    count = Counter(one.verdict for one in record.checks)
    details = record.details
    return {
        "file": file.name,
        "verdict": str(record.verdict),
        "record": record.id,
        "kept": "true" if file.kept else "false",
        "sha256": record.evidence[0].sha256 if record.evidence else None,
        **{name: details.get(name) for name in _COLUMNS[5:11]},
        "events": float(len(details.get("events", []))),
        "failed": float(count[Verdict.FAIL]),
        "inconclusive": float(count[Verdict.INCONCLUSIVE]),
        "worst_metric": check and check.metric,
        "worst_value": check and check.value,
        "worst_margin": check and check.margin,
        "worst_distance_m": check and check.where.get("distance_m"),
        "worst_reason": check and check.reason,
    }


def _cell(value: object) -> str | float | None:
    if value is None:
        return None
    return number if (number := plain_number(value)) is not None else safe_cell(str(value))


def _reason(check: Check) -> str:
    """Return what decided a file: the quantity, the place, the value and the limit, or why there is no value.

    Where nothing at all was measured, any quantity would be as wrong as the other.
    """
    if check.reason and not check.where:
        return reason_words(check.reason)
    row = row_words(check)
    said = reason_words(check.reason) if check.reason else f"{row.value} ({row.limit})"
    return f"{safe_text(quantity_words(check.metric))}, {row.place}: {said}"


def _urgency(check: Check) -> tuple[int, float]:
    return _ORDER.index(check.verdict), check.margin if check.margin is not None else 0.0


def _file_urgency(file: BatchFile) -> tuple[int, float, str]:
    check = worst_check(file.record)
    margin = check.margin if check is not None and check.margin is not None else 0.0
    return _ORDER.index(file.record.verdict), margin, file.name
