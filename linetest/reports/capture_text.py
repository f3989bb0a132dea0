"""An audit of an EPON capture as text: how far each ONU came, what is wrong, and in one line what is right."""

from typing import Any

import wcwidth

from linetest.model.codes import Verdict
from linetest.model.sentences import reason_words
from linetest.model.values import ABSENT, fixed_number
from linetest.reports.outline import Group
from linetest.reports.trace_text import columns
from linetest.safe import safe_text
from linetest.words.text import N_, _

_ROOM = "epon."
_MOST_ONUS = 64
STAGES = {
    "discovery": N_("discovery"),
    "registration": N_("registration"),
    "oam": N_("OAM"),
    "ctc": N_("CTC"),
    "loid": N_("LOID"),
    "vlan": N_("VLAN"),
}
ENDED_BY = {"olt": N_("the OLT"), "onu": N_("the ONU"), "timeout": N_("time-out")}


def onu_table(details: dict[str, Any], width: int) -> list[str]:
    """Return one line for each ONU: how far it came, where it stopped and who ended it; empty of other records."""
    onus = details.get("onus")
    if not isinstance(onus, list) or not onus or "capture" not in details:
        return []
    head = ("LLID", "MAC", _("reached"), _("stopped at"), _("ended by"), _("frame"), _("RTT TQ"))
    rows = [_cells(one) for one in onus[:_MOST_ONUS]]
    lines = [_("How far each ONU came"), *columns([head, *rows], (1, 2, 3, 4), width)]
    if more := len(onus) - len(rows):
        lines.append(_("and {count} more in the record").format(count=more))
    return lines


def condense(groups: list[Group], width: int) -> tuple[list[Group], list[str]]:
    """Return the groups that need a person's eye, and lines that name the other checks of a capture by their ids."""
    shown = [group for group in groups if not _is_plain(group)]
    plain = [check for group in groups if _is_plain(group) for check in group.checks]
    lines = []
    if passed := [str(check.id) for check in plain if check.verdict is Verdict.PASS]:
        lines += _flow(_("Passed: {checks}").format(checks=" ".join(passed)), width)
    reasons = dict.fromkeys(check.reason for check in plain if check.verdict is Verdict.SKIPPED)
    for reason in reasons:
        skipped = [str(check.id) for check in plain if check.verdict is Verdict.SKIPPED and check.reason == reason]
        words = _("Skipped, {reason}: {checks}").format(reason=reason_words(reason or ""), checks=" ".join(skipped))
        lines += _flow(words, width)
    return shown, lines


def stage_words(stage: str | None) -> str:
    """Return what a stage of the way into service is called; a stage of a newer version stands for itself."""
    if stage is None:
        return ABSENT
    return _(STAGES[stage]) if stage in STAGES else safe_text(stage)


def ended_words(ended_by: str | None) -> str:
    """Return who ended a registration."""
    if ended_by is None:
        return ABSENT
    return _(ENDED_BY[ended_by]) if ended_by in ENDED_BY else safe_text(ended_by)


def _is_plain(group: Group) -> bool:
    """Tell whether a check of a capture simply passed or was skipped."""
    if not group.metric.startswith(_ROOM):
        return False
    return all(
        check.verdict is Verdict.SKIPPED or (check.verdict is Verdict.PASS and not check.marginal)
        for check in group.checks
    )


def _cells(onu: dict[str, Any]) -> tuple[str, ...]:
    rtt_tq = onu.get("rtt_tq")
    return (
        _plain(onu.get("llid")),
        safe_text(onu.get("mac") or ABSENT),
        stage_words(onu.get("reached")),
        stage_words(onu.get("stopped_at")),
        ended_words(onu.get("ended_by")),
        _plain(onu.get("ended_frame")),
        ABSENT if rtt_tq is None else fixed_number(float(rtt_tq), 0),
    )


def _plain(value: object) -> str:
    return ABSENT if value is None else safe_text(str(value))


def _flow(text: str, width: int) -> list[str]:
    return wcwidth.wrap(safe_text(text), width, subsequent_indent="  ")
