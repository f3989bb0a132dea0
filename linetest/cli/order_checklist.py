"""`linetest order checklist`: the stages of the work, and which of them are done."""

from datetime import datetime
from typing import TYPE_CHECKING

import click

from linetest.cli.options import PASSED, json_option, print_json, profile_option, standard_options
from linetest.cli.order_words import work_words
from linetest.cli.order_write import line_of
from linetest.errors import UsageError
from linetest.safe import safe_text
from linetest.words.text import _, language

if TYPE_CHECKING:
    from linetest.workorders.checklist import StageState

_MARKS = {"done": "x", "open": " ", "failed": "!"}


@click.command(
    "checklist",
    short_help=_("Show the stages of the work, and which of them are done."),
    help=_(
        "Show the stages of the work, each with its tests, and which of them are done: [x] done, [!] a test failed or "
        "could not be made.\n\nExample: linetest order checklist 1003"
    ),
)
@click.argument("order")
@click.option("--line", metavar=_("LINE"), help=_("Only this line or room."))
@profile_option("ftth-install")
@json_option
@standard_options
def checklist(order: str, line: str | None, profile_name: str, as_json: bool) -> int:
    """Print the stages of each line."""
    from linetest.catalog import load_profile
    from linetest.store.line_history import of_line
    from linetest.store.opened import open_store
    from linetest.store.orders import find_case
    from linetest.workorders.checklist import stage_states

    profile = load_profile(profile_name).profile
    if not profile.stage:
        raise UsageError(
            _("profile {name} is of kind {kind}, not of kind check-list").format(name=profile.name, kind=profile.kind),
            _("`linetest profile list` shows all profiles"),
        )
    with open_store() as store:
        case = find_case(store.database, order)
        wanted = line_of(case, line)
        found = {
            one.id: stage_states(profile.stage, case, one.id, of_line(store.database, one.id, order=case.order.number))
            for one in case.order.line
            if wanted in (None, one.id)
        }
    if as_json:
        lines = [{"line": name, "stages": states} for name, states in found.items()]
        print_json({"schema": "linetest.checklist/1", "number": case.order.number, "lines": lines})
        return PASSED
    click.echo(safe_text(f"{case.order.number}  {work_words(case.order)}"))
    for name, states in found.items():
        click.echo()
        click.echo(safe_text(_("Line {line}").format(line=name)))
        for number, state in enumerate(states, start=1):
            click.echo(_stage_line(number, state))
    return PASSED


def _stage_line(number: int, state: "StageState") -> str:
    from wcwidth import ljust

    from linetest.model.sentences import verdict_words
    from linetest.model.values import moment_words

    stage, chinese = state.stage, language() == "zh"
    title = stage.title_zh if chinese else stage.title
    tests = stage.tests_zh if chinese and stage.tests_zh else stage.tests
    at = moment_words(datetime.fromisoformat(state.at).astimezone().isoformat())[:16] if state.at else ""
    said = [verdict_words(state.verdict) if state.verdict else "", at]
    words = "  ".join(part for part in (tests, *said) if part)
    return safe_text(f"  {number} [{_MARKS[state.state]}] {ljust(title, 22)}  {words}").rstrip()
