"""`linetest doctor`: is this installation fit for a day without a network?"""

from collections.abc import Callable
from pathlib import Path

import click

from linetest.cli.options import (
    INCONCLUSIVE,
    PASSED,
    json_option,
    print_json,
    standard_options,
    station_option,
)
from linetest.errors import LinetestError, StoreError
from linetest.safe import safe_text
from linetest.words.text import _


@click.command(
    short_help=_("Check this installation: data folder, data base, station, ticket system."),
    help=_(
        "Check this installation: version, data folder, data base, records, runs, station file and outbox.\n\n"
        "Example: linetest doctor"
    ),
)
@station_option
@json_option
@standard_options
def command(station_file: Path | None, as_json: bool) -> int:
    """Print one line per thing; exit 3 when one of them is not in order."""
    checks: list[tuple[str, Callable[[], str]]] = [
        (_("version"), _version),
        (_("drivers and profiles"), _data),
        (_("data base"), _database),
        (_("records"), _records),
        (_("runs"), _runs),
        (_("outbox"), _outbox),
        (_("station"), lambda: _station(station_file)),
    ]
    found = [(name, *_try(check)) for name, check in checks]
    if as_json:
        rows = [{"name": name, "good": good, "words": words} for name, good, words in found]
        print_json({"schema": "linetest.doctor/1", "checks": rows})
    else:
        for name, good, words in found:
            mark = _("good") if good else _("NOT IN ORDER")
            click.echo(safe_text(_("{name}: {mark}: {words}").format(name=name, mark=mark, words=words)))
    return PASSED if all(good for _name, good, _words in found) else INCONCLUSIVE


def _try(check: Callable[[], str]) -> tuple[bool, str]:
    try:
        return True, check()
    except LinetestError as error:
        return False, "; ".join(part for part in (error.what, error.hint) if part)


def _version() -> str:
    import platform

    from linetest.version import SOFTWARE

    return f"{SOFTWARE}, Python {platform.python_version()}, {platform.system()}"


def _data() -> str:
    from linetest.acceptance.measure import check_profile
    from linetest.catalog import driver_names, load_profile, profile_names
    from linetest.devices.driver_file import load_driver

    for name in profile_names():
        check_profile(load_profile(name))
    for name in driver_names():
        load_driver(name)
    return _("{drivers} drivers, {profiles} profiles").format(
        drivers=len(driver_names()), profiles=len(profile_names())
    )


def _database() -> str:
    from linetest.store.database import FILE_NAME, home_folder
    from linetest.store.opened import open_store

    with open_store() as store:
        store.database.execute("SELECT count(*) FROM record")
    return str(home_folder() / FILE_NAME)


def _records() -> str:
    from linetest.errors import StoreError
    from linetest.store.opened import open_store
    from linetest.store.records import verify

    with open_store() as store:
        faults = verify(store.database, store.home)
    if faults:
        raise StoreError(
            _("{count} faults, the first: {what}").format(count=len(faults), what=faults[0].what),
            _("`linetest record verify` lists them"),
        )
    return _("all as they were written")


def _runs() -> str:
    import json

    from linetest.store.journal import unfinished
    from linetest.store.opened import open_store

    with open_store() as store:
        waiting = unfinished(store.database)
        cut_off = unfinished(store.database, "provision")
    if cut_off:
        order = json.loads(cut_off[0].plan)["order"]
        raise StoreError(
            _("an OLT may be between two states: order {order} was cut off while it was changed").format(order=order),
            _("start `linetest provision apply {order}` again").format(order=order),
        )
    if not waiting:
        return _("none is waiting to be resumed")
    return _("can be resumed with `linetest accept --resume`: {runs}").format(
        runs=", ".join(run.id[:8] for run in waiting)
    )


def _outbox() -> str:
    from linetest.store import outbox
    from linetest.store.opened import open_store

    with open_store() as store:
        waiting = outbox.items(store.database, which="waiting")
    return _("{count} results are waiting").format(count=len(waiting))


def _station(station_file: Path | None) -> str:
    from linetest.devices.station import default_station_path, load_station

    path = station_file or default_station_path()
    if station_file is None and not path.exists():
        return _("there is none yet; it belongs into {file}").format(file=path)
    station = load_station(path)
    return _("{name}: {count} devices").format(name=station.name, count=len(station.device))
