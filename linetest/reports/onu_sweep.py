"""What a sweep of many OLTs came to, as text and as one JSON document: the worst first."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

import wcwidth

from linetest.model.codes import Verdict
from linetest.model.places import run_state_words
from linetest.model.record import Check
from linetest.model.sentences import reason_words, verdict_words
from linetest.model.sweep import MOST_WORST, OltOutcome
from linetest.reports.outline import quantity_words, row_words, simulated_words
from linetest.safe import safe_text
from linetest.words.text import _, ngettext

_ORDER = (Verdict.FAIL, Verdict.INCONCLUSIVE, Verdict.PASS)
_WIDTH = 80
_MOST_SILENT = 20


def count_verdicts(outcomes: Iterable[OltOutcome]) -> dict[str, int]:
    """Return how many OLTs have which verdict, all three named."""
    count = Counter(one.verdict for one in outcomes)
    return {str(verdict): count[verdict] for verdict in _ORDER}


def added(parts: Iterable[dict[str, int]]) -> dict[str, int]:
    """Return the sums of counts, the largest first."""
    total: Counter[str] = Counter()
    for part in parts:
        total.update(part)
    return dict(total.most_common())


def sweep_document(run: str, outcomes: list[OltOutcome]) -> dict[str, Any]:
    """Return all of a sweep but the ONUs, which are in the records."""
    return {
        "schema": "linetest.sweep/1",
        "run": run,
        "simulated": any(one.simulated for one in outcomes),
        "counts": count_verdicts(outcomes),
        "onus": sum(one.onus for one in outcomes),
        "states": added(one.states for one in outcomes),
        "failed": added(one.failed for one in outcomes),
        "not_measured": added(one.not_measured for one in outcomes),
        "olts": outcomes,
    }


def render_sweep(outcomes: list[OltOutcome]) -> str:
    """Return the summary: OLTs by verdict, ONUs by state and by broken limit, who was silent, and the worst ONUs."""
    counts = count_verdicts(outcomes)
    onus = sum(one.onus for one in outcomes)
    stars = f"*** {simulated_words()} ***" if any(one.simulated for one in outcomes) else ""
    parts = [
        [stars] if stars else [],
        [
            ngettext("{count} OLT", "{count} OLTs", len(outcomes)).format(count=len(outcomes)),
            *(f"  {wcwidth.ljust(verdict_words(verdict), 14)} {counts[verdict]:>7}" for verdict in _ORDER),
        ],
        [
            ngettext("{count} ONU", "{count} ONUs", onus).format(count=onus),
            *_counted({run_state_words(name): many for name, many in added(one.states for one in outcomes).items()}),
            *_counted({_("waiting to be configured"): sum(one.found for one in outcomes)}),
            *_counted({_("rows that were not understood"): sum(one.unread for one in outcomes)}),
        ],
        _metrics(_("Outside of a limit:"), added(one.failed for one in outcomes)),
        _metrics(_("Not measured, so not judged:"), added(one.not_measured for one in outcomes if one.reason is None)),
        _unread(outcomes),
        _worst(outcomes),
        _light(outcomes),
    ]
    return "\n\n".join("\n".join(part) for part in parts if part)


def _counted(counts: dict[str, int]) -> list[str]:
    return [f"  {wcwidth.ljust(name, 30)} {many:>7}" for name, many in counts.items() if many]


def _metrics(title: str, counts: dict[str, int]) -> list[str]:
    lines = _counted({safe_text(quantity_words(metric)): many for metric, many in counts.items()})
    return [title, *lines] if lines else []


def _unread(outcomes: list[OltOutcome]) -> list[str]:
    """Say which OLTs told nothing, and why."""
    silent = [one for one in outcomes if one.reason is not None]
    if not silent:
        return []
    lines = [_("OLTs that could not be read:")]
    for one in silent[:_MOST_SILENT]:
        lines.append(f"  {safe_text(one.olt)}: {reason_words(one.reason or '')}")
    if more := len(silent[_MOST_SILENT:]):
        lines.append(_("and {count} more").format(count=more))
    return lines


def _worst(outcomes: list[OltOutcome]) -> list[str]:
    """Name the ONUs that are outside of their limits, the darkest first; those that are down come last of all.

    Who is down is known by its state; who has too little light will be down next.
    """
    checks = [(one.olt, check) for one in outcomes for check in one.worst]
    checks.sort(key=lambda found: (_is_down(found[1]), found[1].margin or 0.0, found[0]))
    if not checks:
        return []
    lines = [_("Worst ONUs:")]
    for olt, check in checks[:MOST_WORST]:
        row = row_words(check)
        onu = safe_text(str(check.where.get("onu", "")))
        value = run_state_words(str(check.where.get("run_state"))) if _is_down(check) else f"{row.value} ({row.limit})"
        line = f"  {safe_text(olt)} {onu}  {safe_text(quantity_words(check.metric))}: {value}"
        lines.append(line if wcwidth.wcswidth(line) <= _WIDTH else wcwidth.clip(line, 0, _WIDTH - 1) + "…")
    failed = sum(sum(one.failed.values()) for one in outcomes)
    if failed > len(lines) - 1:
        lines.append(_("All of them: --csv FILE, or the records"))
    return lines


def _is_down(check: Check) -> bool:
    return check.metric == "pon.online_count"


def _light(outcomes: list[OltOutcome]) -> list[str]:
    """Say where the light was not asked for."""
    dark = sum(1 for one in outcomes if one.reason is None and not one.optics)
    if not dark:
        return []
    return [
        ngettext(
            "The light of {count} OLT's ONUs was not asked for: --optics does, and loads a full OLT.",
            "The light of the ONUs of {count} OLTs was not asked for: --optics does, and loads a full OLT.",
            dark,
        ).format(count=dark)
    ]
