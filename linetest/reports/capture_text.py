"""An audit of an EPON capture as text: how far each ONU came, what is wrong, and in one line what is right."""

from typing import Any, NamedTuple

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


class OnuTable(NamedTuple):
    """How far each ONU of a capture came, where it stopped and who ended it."""

    title: str
    head: tuple[str, ...]
    rows: list[tuple[str, ...]]
    more: str
    """How many are left out; empty when none."""


def onu_table(details: dict[str, Any]) -> OnuTable | None:
    """Return one row for each ONU; None of other records."""
    onus = details.get("onus")
    if not isinstance(onus, list) or not onus or "capture" not in details:
        return None
    more = len(onus) - _MOST_ONUS
    return OnuTable(
        title=_("How far each ONU came"),
        head=("LLID", "MAC", _("reached"), _("stopped at"), _("ended by"), _("frame"), _("RTT TQ")),
        rows=[_cells(one) for one in onus[:_MOST_ONUS]],
        more=_("and {count} more in the record").format(count=more) if more > 0 else "",
    )


def onu_lines(details: dict[str, Any], width: int) -> list[str]:
    """Return the table of ONUs as text, none wider than `width` columns."""
    table = onu_table(details)
    if table is None:
        return []
    lines = columns([table.head, *table.rows], (1, 2, 3, 4), width)
    return [table.title, *lines, *([table.more] if table.more else [])]


class OltTable(NamedTuple):
    """The counters of a capture beside those that the OLT shows."""

    title: str
    head: tuple[str, ...]
    rows: list[tuple[str, ...]]
    note: str


def olt_table(details: dict[str, Any]) -> OltTable | None:
    """Return one row for each counter of each LLID; None of records without a comparison."""
    olt = details.get("olt")
    if not isinstance(olt, dict) or not olt.get("links") or "capture" not in details:
        return None
    rows: list[tuple[str, ...]] = [
        (_plain(link["llid"]), _plain(one["name"]), _plain(one["capture"]), _plain(one["olt"]), _mark(one))
        for link in olt["links"][:_MOST_ONUS]
        for one in link["counters"]
    ]
    return OltTable(
        title=_("Counters of the capture, and what {olt} shows").format(olt=safe_text(str(olt.get("name")))),
        head=("LLID", "RFC 4837", _("capture"), _("OLT"), ""),
        rows=rows,
        note=_("The OLT counts since the link came up: it may have more, seldom fewer. Nothing is judged by this."),
    )


def olt_lines(details: dict[str, Any], width: int) -> list[str]:
    """Return both counters as text, none wider than `width` columns."""
    table = olt_table(details)
    if table is None:
        return []
    return [table.title, *columns([table.head, *table.rows], (1, 4), width), *wcwidth.wrap(table.note, width)]


def _mark(row: dict[str, Any]) -> str:
    return _("OLT has fewer") if row["fewer"] else _("differs") if row["differs"] else ""


def condense(groups: list[Group]) -> tuple[list[Group], list[str]]:
    """Return the groups that need a person's eye, and what names the other checks of a capture by their ids."""
    shown = [group for group in groups if not _is_plain(group)]
    plain = [check for group in groups if _is_plain(group) for check in group.checks]
    words = []
    if passed := [str(check.id) for check in plain if check.verdict is Verdict.PASS]:
        words.append(_("Passed: {checks}").format(checks=" ".join(passed)))
    reasons = dict.fromkeys(check.reason for check in plain if check.verdict is Verdict.SKIPPED)
    for reason in reasons:
        skipped = [str(check.id) for check in plain if check.verdict is Verdict.SKIPPED and check.reason == reason]
        words.append(
            _("Skipped, {reason}: {checks}").format(reason=reason_words(reason or ""), checks=" ".join(skipped))
        )
    return shown, words


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
        _ended(onu),
        _plain(onu.get("ended_frame")),
        ABSENT if rtt_tq is None else fixed_number(float(rtt_tq), 0),
    )


def _ended(onu: dict[str, Any]) -> str:
    """Return who ended the newest registration that ended, and how many did where there were more."""
    count = onu.get("ended_count")
    words = ended_words(onu.get("ended_by"))
    words = f"{words} ({count}x)" if isinstance(count, int) and count > 1 else words
    is_back = onu.get("is_registered") and onu.get("ended_by") is not None
    return _("{who}, came back").format(who=words) if is_back else words


def _plain(value: object) -> str:
    return ABSENT if value is None else safe_text(str(value))
