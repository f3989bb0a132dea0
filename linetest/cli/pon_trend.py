"""`linetest pon trend`: what the light of ONUs did since their first readings, and where to go before it is lost."""

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

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
from linetest.errors import UsageError, nearest
from linetest.safe import safe_text
from linetest.words.text import _

if TYPE_CHECKING:
    from linetest.model.profile import LoadedProfile
    from linetest.model.trend import Preventive
    from linetest.model.trend_rules import TrendRules
    from linetest.pon.trend_days import LightReadings
    from linetest.pon.trend_places import Hung
    from linetest.store.onu_readings import OnuColumns
    from linetest.store.opened import Store

_DAY_S = 86_400.0
_UNTOLD = "gpon"
"""What an OLT is taken for that no record tells of."""


@click.command(
    "trend",
    short_help=_("Where light is being lost, and where to go before it is gone."),
    help=_(
        "From the readings that sweeps have kept: which ONUs lost light since their first days, what they share, and "
        "which will leave their window at this rate. A list for preventive visits, worst first. Exit 1: a limit is "
        "broken; 3: too few readings to tell.\n\n"
        "Orders that name cabinet and splitter of a line tell which ONUs hang together; others are compared by port. "
        "Without --profile an OLT of GPON is judged by pon-trend, one of EPON by pon-trend-epon."
        "\n\nExample: linetest pon trend olt7 --html visits.html"
    ),
)
@click.argument("olts", nargs=-1, metavar=_("[OLT]..."))
@click.option("--days", type=click.FloatRange(1.0, 3660.0), help=_("Look so far back; else as the profile says."))
@click.option(
    "--ahead", type=click.FloatRange(1.0, 365.0), help=_("Look so many days ahead; else as the profile says.")
)
@profile_option()
@click.option("--csv", type=click.Path(path_type=Path, dir_okay=False), metavar=_("FILE"), help=_("Write a table."))
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False), metavar=_("FILE"), help=_("Write a page."))
@json_option
@standard_options
def trend(
    olts: tuple[str, ...],
    days: float | None,
    ahead: float | None,
    profile_name: str | None,
    csv: Path | None,
    html: Path | None,
    as_json: bool,
) -> int:
    """Read the store, work the trend out, write what was asked for, print the list."""
    from linetest.acceptance.preventive import joined
    from linetest.reports.files import check_folder
    from linetest.reports.preventive_text import render_preventive
    from linetest.store.opened import open_store

    for path in (csv, html):
        if path is not None:
            check_folder(path)
    judges = _judges(profile_name, days, ahead)
    with open_store() as store:
        columns, simulated = _columns(store, max(judge.rules.window_days for judge in judges.values()))
        judged = _judged_by(store, columns, olts, judges)
        hung = _hung(store)
    found = joined([_list(columns, names, judge, hung, simulated=simulated) for judge, names in judged])
    _write(csv, html, found)
    if as_json:
        print_json(found)
    else:
        click.echo(render_preventive(found))
    return _exit_of(found)


class _Judge(NamedTuple):
    loaded: "LoadedProfile"
    rules: "TrendRules"
    """Its own, or as the person changed them."""


def _judges(name: str | None, days: float | None, ahead: float | None) -> dict[str, _Judge]:
    """Return what judges the OLTs of each technology: the profile that the person named, else one for each."""
    import msgspec

    from linetest.acceptance.measure import check_profile
    from linetest.acceptance.preventive import rules_of
    from linetest.catalog import load_profile
    from linetest.cli.pon_profiles import TREND_PROFILES

    judges = {}
    for technology, default in TREND_PROFILES.items():
        loaded = load_profile(name or default)
        check_profile(loaded)
        rules = rules_of(loaded)
        rules = msgspec.structs.replace(
            rules, window_days=days or rules.window_days, days_ahead=ahead or rules.days_ahead
        )
        judges[technology] = _Judge(loaded, rules)
    return judges


def _columns(store: "Store", window_days: float) -> tuple["OnuColumns", bool]:
    """Return the readings of real OLTs; those of the bench, and True, where there are no others."""
    from linetest.model.clock import now
    from linetest.store.onu_readings import readings_since

    since_s = now().timestamp() - window_days * _DAY_S
    for simulated in (False, True):
        columns = readings_since(store.database, None, since_s, simulated=simulated)
        if columns.keys:
            return columns, simulated
    raise UsageError(
        _("no readings of ONUs were kept in the last {days:.0f} days").format(days=window_days),
        _("`linetest pon sweep --optics` reads and keeps them: once a day is enough"),
    )


def _judged_by(
    store: "Store", columns: "OnuColumns", olts: tuple[str, ...], judges: dict[str, _Judge]
) -> list[tuple[_Judge, list[str]]]:
    """Return who judges which OLTs, of those that were named or of all; what an OLT is its latest record says."""
    from linetest.acceptance.onu_rows import technologies

    known = sorted({key.olt for key in columns.keys})
    for olt in olts:
        if olt not in known:
            raise UsageError(
                _("no readings of OLT {name!r} were kept").format(name=olt),
                _("there are: {names}").format(names=nearest(olt, known)),
            )
    told = technologies(store.database, columns)
    found: dict[str, tuple[_Judge, list[str]]] = {}
    for olt in (one for one in known if not olts or one in olts):
        judge = judges[told.get(olt, _UNTOLD)]
        found.setdefault(judge.loaded.sha256, (judge, []))[1].append(olt)
        if olt not in told and len({one.loaded.sha256 for one in judges.values()}) > 1:
            say(
                _("{olt}: no record says whether it is GPON or EPON; judged by {profile}, --profile chooses").format(
                    olt=safe_text(olt), profile=judge.loaded.profile.name
                )
            )
    return list(found.values())


def _list(
    columns: "OnuColumns",
    olts: list[str],
    judge: _Judge,
    hung: dict[tuple[str, str], "Hung"],
    *,
    simulated: bool,
) -> "Preventive":
    from linetest.acceptance.preventive import preventive

    return preventive(_light(columns, olts, judge), hung, judge.loaded, judge.rules, simulated=simulated)


def _light(columns: "OnuColumns", olts: list[str], judge: _Judge) -> "LightReadings":
    """Return the readings of those OLTs as arrays; those that a wrong clock dated ahead are left out."""
    import numpy as np

    from linetest.model.clock import now
    from linetest.pon.trend_days import LightReadings, OnuName

    now_s = now().timestamp()
    which = np.asarray(columns.key, dtype=np.int64)
    at_s = np.asarray(columns.at_s)
    wanted = np.array([key.olt in olts for key in columns.keys], dtype=np.bool_)
    early = at_s < now_s + _DAY_S
    if late := int(np.count_nonzero(wanted[which] & ~early)):
        say(_("{count} readings lie in the future and are left out: check the clock").format(count=late))
    kept = wanted[which] & early & (at_s >= now_s - judge.rules.window_days * _DAY_S)
    place = np.cumsum(wanted) - 1
    return LightReadings(
        names=[OnuName(*key) for key, is_wanted in zip(columns.keys, wanted, strict=True) if is_wanted],
        which=place[which[kept]],
        at_s=at_s[kept],
        onu_rx_dbm=np.asarray(columns.onu_rx_dbm)[kept],
        onu_tx_dbm=np.asarray(columns.onu_tx_dbm)[kept],
        olt_rx_dbm=np.asarray(columns.olt_rx_dbm)[kept],
        temperature_c=np.asarray(columns.temperature_c)[kept],
    )


def _hung(store: "Store") -> dict[tuple[str, str], "Hung"]:
    """Return the cabinet and the splitter of the ONUs that orders tell them of."""
    from linetest.model.onu_id import find_onu_id
    from linetest.pon.trend_places import Hung
    from linetest.store.orders import cases

    lines = [line for case in cases(store.database) for line in case.order.line]
    return {
        (line.olt, str(place)): Hung(cabinet=line.cabinet, splitter=line.splitter)
        for line in lines
        if line.olt and line.onu and (line.cabinet or line.splitter) and (place := find_onu_id(line.onu))
    }


def _write(csv: Path | None, html: Path | None, found: "Preventive") -> None:
    from linetest.reports.files import write_report

    if csv is not None:
        from linetest.reports.preventive_table import render_preventive_csv

        write_report(csv, render_preventive_csv(found))
    if html is not None:
        from linetest.reports.preventive_page import render_preventive_page

        write_report(html, render_preventive_page(found))
    for path in (csv, html):
        if path is not None:
            say(_("Report: {file}").format(file=safe_text(str(path))))


def _exit_of(found: "Preventive") -> int:
    if found.failed:
        return FAILED
    return INCONCLUSIVE if found.looked_at <= sum(found.undecided.values()) else PASSED
