"""What changed between two traces, as text."""

from typing import Any

from linetest.model.places import event_words
from linetest.model.sentences import warning_words
from linetest.model.values import ABSENT, fixed_number
from linetest.reports.trace_text import columns
from linetest.safe import safe_text
from linetest.words.text import N_, _, ngettext

_WORDS = {
    "event-new": N_("new event"),
    "event-gone": N_("event gone"),
    "loss-changed": N_("loss"),
    "reflectance-changed": N_("reflectance"),
    "section-changed": N_("section"),
    "end-moved": N_("end moved"),
    "end-lost": N_("end lost"),
}
_LEFT = (0, 2, 3)
_WIDTH = 80


def render_changes(comparison: dict[str, Any]) -> str:
    """Return the changes as text of at most 80 columns, the significant ones first.

    `comparison` is the document of ``linetest.trace-comparison/1``.
    """
    changes = sorted(comparison["changes"], key=lambda change: (not change["significant"], change["distance_m"]))
    notes = [f"! {warning_words(warning)}" for warning in comparison.get("warnings", [])]
    count = sum(change["significant"] for change in changes)
    lines = [
        *notes,
        ngettext("{count} significant change", "{count} significant changes", count).format(count=count)
        if count
        else _("Nothing significant changed."),
    ]
    if changes:
        lines += ["", *columns([_head(), *map(_row, changes)], _LEFT, _WIDTH), ""]
        lines.append(
            _("! more than {sigmas:g} standard uncertainties; events match within {within:.1f} m").format(
                sigmas=comparison["sigmas"], within=comparison["tolerance_m"]
            )
        )
    return "\n".join(lines)


def _head() -> tuple[str, ...]:
    return ("", _("place m"), _("change"), _("event"), _("before"), _("after"), _("difference"), _("sigmas"))


def _row(change: dict[str, Any]) -> tuple[str, ...]:
    digits = 1 if change["what"] in ("reflectance-changed", "end-moved", "end-lost") else 3
    what = change["what"]
    return (
        "!" if change["significant"] else "",
        fixed_number(change["distance_m"], 1),
        _(_WORDS[what]) if what in _WORDS else safe_text(what),
        event_words(change["event"]),
        _fixed(change["before"], digits),
        _fixed(change["after"], digits),
        _fixed(change["difference"], digits, "+") + f" {change['unit']}",
        _fixed(change["sigmas"], 1),
    )


def _fixed(value: float | None, digits: int, sign: str = "") -> str:
    if value is None:
        return ABSENT
    text = fixed_number(value, digits)
    return text if text.startswith("-") else sign + text
