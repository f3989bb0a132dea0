"""The steps of a provisioning run as a record keeps them: number, masked command, what became of it."""

from typing import NamedTuple

import wcwidth

from linetest.model.record import Record
from linetest.reports.outline import state_words
from linetest.safe import safe_text
from linetest.words.text import _

_MOST_STEPS = 200


class ProvisionTable(NamedTuple):
    """What was planned on an OLT, and what became of each step."""

    title: str
    head: tuple[str, str, str]
    rows: list[tuple[str, str, str]]


def provision_table(record: Record) -> ProvisionTable | None:
    """Return one row for each step of the plan; None of other records."""
    plan = record.details.get("provision")
    steps = plan.get("steps") if isinstance(plan, dict) else None
    if not isinstance(plan, dict) or not isinstance(steps, list) or not steps:
        return None
    became = {step.name: state_words(step) for step in record.steps}
    rows = [
        (str(number), str(step.get("command", "")), _became(str(step.get("step")), bool(step.get("todo")), became))
        for number, step in enumerate(steps[:_MOST_STEPS], start=1)
        if isinstance(step, dict)
    ]
    title = _("On {olt}, ONU {onu}").format(olt=plan.get("olt"), onu=plan.get("onu"))
    return ProvisionTable(title, ("", _("command"), _("state")), rows)


def provision_lines(record: Record, width: int) -> list[str]:
    """Return the steps as text, none wider than `width` columns."""
    table = provision_table(record)
    if table is None:
        return []
    lines = wcwidth.wrap(safe_text(table.title), width)
    for number, command, state in table.rows:
        lines += wcwidth.wrap(safe_text(f"{number}. {command}: {state}"), width, subsequent_indent="   ")
    return lines


def _became(label: str, is_todo: bool, became: dict[str, str]) -> str:
    """Return what became of a step: of its inverse, where that was sent too."""
    done = [became[label]] if label in became else []
    if f"undo {label}" in became:
        done.append(_("taken back: {state}").format(state=became[f"undo {label}"]))
    return ", ".join(done) or (_("not sent") if is_todo else _("was so before"))
