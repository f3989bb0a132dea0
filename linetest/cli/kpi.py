"""`linetest kpi`: the indicators of field work, by month and team, with what does not count and why."""

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from linetest.cli.options import (
    FAILED,
    INCONCLUSIVE,
    PASSED,
    json_option,
    print_json,
    profile_option,
    say,
    standard_options,
)
from linetest.cli.order_options import DEADLINES, moment_of
from linetest.errors import UsageError, nearest
from linetest.safe import safe_text
from linetest.words.text import _

if TYPE_CHECKING:
    from linetest.model.tally import Month

_MOST_DAYS = 3660


@click.command(
    short_help=_("The indicators of field work, by month and team."),
    help=_(
        "Count the indicators K1 to K10 over the kept orders, from a day to a day, both included: the value, its "
        "target, what stands above and below the line, and which orders are left out, and why. Exit 1: a target is "
        "missed; 3: nothing could be counted.\n\n"
        "K2, K6 to K9 count the orders that came in within a month, K4 those that were done, K1 those called back, K3 "
        "and K5 those whose first or last agreed day lies in it, K10 on time those whose limit ends in it. The "
        "documents only name K10: its repeated complaints are faults that the customer urged more than once.\n\n"
        "Example: linetest kpi --from 2026-11-01 --to 2026-11-30 --users users.toml --html november.html"
    ),
)
@click.option(
    "--from", "first", required=True, type=click.DateTime(["%Y-%m-%d"]), metavar=_("DAY"), help=_("The first.")
)
@click.option(
    "--to", "last", required=True, type=click.DateTime(["%Y-%m-%d"]), metavar=_("DAY"), help=_("The last one.")
)
@click.option("--team", help=_("Only this team's orders."))
@click.option(
    "--users",
    "users_file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar=_("FILE"),
    help=_("Installed users, as TOML: [[users]] with month, team, brand and ordinary. K8 and K9 divide by them."),
)
@click.option("--at", metavar=_("TIME"), help=_("As of when: 2026-11-22T14:30. Now, when absent."))
@profile_option("indicators-cn")
@click.option(
    "--deadlines", metavar=_("NAME|FILE"), default=DEADLINES, show_default=True, help=_("Time zone, half days, limits.")
)
@click.option("--csv", type=click.Path(path_type=Path, dir_okay=False), metavar=_("FILE"), help=_("Write a table."))
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False), metavar=_("FILE"), help=_("Write a page."))
@json_option
@standard_options
def command(
    first: datetime,
    last: datetime,
    team: str | None,
    users_file: Path | None,
    at: str | None,
    profile_name: str,
    deadlines: str,
    csv: Path | None,
    html: Path | None,
    as_json: bool,
) -> int:
    """Count, write what was asked for, print the table of all teams or of the one that was named."""
    from linetest.reports.kpi_table import kpi_document
    from linetest.reports.kpi_text import render_kpi
    from linetest.store.opened import open_store
    from linetest.store.orders import cases
    from linetest.workorders.indicators import as_of, count, months, teams
    from linetest.workorders.rules import load_deadlines, load_indicators
    from linetest.workorders.users import load_users

    _check_days(first.date(), last.date())
    targets, times = load_indicators(profile_name), load_deadlines(deadlines)
    users = load_users(users_file) if users_file else []
    now = moment_of(at, times)
    with open_store() as store:
        kept = as_of(cases(store.database), now)
    known = teams(kept)
    _check_team(team, known)

    def counted(whose: str | None) -> list["Month"]:
        spans = months(first.date(), last.date(), whose, times, now)
        return [count(kept, span, targets, times, users) for span in spans]

    found = counted(team)
    others = known if team is None and len(known) > 1 else []
    each = [month for name in others for month in counted(name)] if as_json or csv or html else []
    _write(csv, html, [*found, *each])
    if as_json:
        print_json(kpi_document([*found, *each]))
        return _exit_of(found)
    click.echo(render_kpi(found))
    if others:
        names = ", ".join(safe_text(name) for name in others)
        click.echo("\n" + _("Teams, each with --team: {names}").format(names=names))
    return _exit_of(found)


def _check_days(first: date, last: date) -> None:
    if last < first:
        raise UsageError(_("--to lies before --from"), _("both days count: a month is its first and its last day"))
    if (last - first).days > _MOST_DAYS:
        raise UsageError(_("more than ten years"), _("ask for fewer months"))


def _check_team(team: str | None, known: list[str]) -> None:
    if team is not None and team not in known:
        raise UsageError(
            _("no order is of team {team!r}").format(team=team),
            _("there are: {names}").format(names=nearest(team, known)) if known else _("name the team in the orders"),
        )


def _write(csv: Path | None, html: Path | None, months: list["Month"]) -> None:
    from linetest.reports.files import write_report

    if csv is not None:
        from linetest.reports.kpi_table import render_kpi_csv

        write_report(csv, render_kpi_csv(months))
    if html is not None:
        from linetest.reports.kpi_page import render_kpi_page

        write_report(html, render_kpi_page(months))
    for path in (csv, html):
        if path is not None:
            say(_("Report: {file}").format(file=safe_text(str(path))))


def _exit_of(months: list["Month"]) -> int:
    """Return 1 when a target is missed, 3 when there was nothing to count, else 0."""
    indicators = [indicator for month in months for indicator in month.indicators]
    if any(indicator.met is False for indicator in indicators):
        return FAILED
    return PASSED if any(indicator.tally.below for indicator in indicators) else INCONCLUSIVE
