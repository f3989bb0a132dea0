"""A result beside an earlier one of the same line: what was measured at the same place, then and now."""

from typing import NamedTuple

import wcwidth

from linetest.model.places import place_words
from linetest.model.record import Check, Record
from linetest.model.sentences import verdict_words
from linetest.model.values import digits_of, moment_words, plain_number, value_words
from linetest.reports.outline import quantity_words
from linetest.safe import safe_text
from linetest.words.text import _

_ELSEWHERE = ("frequency_hz", "disturber", "channel", "wavelength_source")
"""A worst point may lie at another frequency, and another instrument may have been used."""
_MOST = 12
_WIDTHS = (36, 13, 13, 12)


class Pair(NamedTuple):
    """One quantity at one place in both records."""

    metric: str
    before: Check
    now: Check

    @property
    def change(self) -> float | None:
        """Return by how much the value has risen; None where one is missing, or the units differ."""
        if self.before.value is None or self.now.value is None or self.before.unit != self.now.unit:
            return None
        return self.now.value - self.before.value


def pairs_of(earlier: Record, record: Record) -> list[Pair]:
    """Return what both records judged at the same place, what has changed most in front."""
    before = {_key(check): check for check in earlier.checks}
    found = [
        Pair(check.metric, before[_key(check)], check)
        for check in record.checks
        if _key(check) in before and (check.value is not None or before[_key(check)].value is not None)
    ]
    return sorted(found, key=lambda pair: -abs(pair.change or 0.0))


def beside_text(earlier: Record, record: Record, title: str | None = None) -> str:
    """Return both results side by side, at most 80 columns wide, under `title` where they are no then and now."""
    lines = [
        title
        or _("Beside the last result of this line, {record} of {time}: {verdict}").format(
            record=earlier.id[:8], time=moment_words(earlier.finished_at)[:16], verdict=verdict_words(earlier.verdict)
        )
    ]
    found = pairs_of(earlier, record)
    if not found:
        return "\n".join([*lines, "  " + _("nothing was measured in both")])
    names = (_("centre"), _("on site"), _("difference")) if title else (_("then"), _("now"), _("change"))
    lines.append(_row((_("quantity"), *names)))
    for pair in found[:_MOST]:
        name = " ".join(part for part in (quantity_words(pair.metric), place_words(pair.now.where)) if part)
        lines.append(_row((safe_text(name), _value(pair.before), _value(pair.now), _change(pair))))
    if len(found) > _MOST:
        lines.append("  " + _("and {count} more").format(count=len(found) - _MOST))
    return "\n".join(lines)


def _key(check: Check) -> tuple[str, str]:
    """Return what says that two checks are about the same thing; 1490 and 1490.0 are one number."""
    where = {name: plain_number(value) or str(value) for name, value in check.where.items() if name not in _ELSEWHERE}
    return check.metric, repr(sorted(where.items(), key=str))


def _value(check: Check) -> str:
    return value_words(check.value, check.unit, digits_of(check))


def _change(pair: Pair) -> str:
    if pair.change is None:
        return ""
    words = value_words(pair.change, pair.now.unit.replace("dBm", "dB"))
    return f"+{words}" if pair.change > 0 else words


def _row(cells: tuple[str, ...]) -> str:
    laid = []
    for number, (cell, width) in enumerate(zip(cells, _WIDTHS, strict=True)):
        shown = cell if wcwidth.width(cell) <= width else wcwidth.clip(cell, 0, width - 1) + "…"
        laid.append(wcwidth.ljust(shown, width) if number == 0 else wcwidth.rjust(shown, width))
    return ("  " + " ".join(laid)).rstrip()
