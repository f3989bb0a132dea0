"""`linetest bench plant`: a made plant of many OLTs, to rehearse sweeps and trends on."""

import shlex
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from linetest.cli.bench_stay import made_folder, until_stopped
from linetest.cli.options import PASSED, json_option, print_json, say, standard_options
from linetest.errors import UsageError
from linetest.words.text import _

if TYPE_CHECKING:
    from linetest.bench.plant_values import MadePlant

_DAY_S = 86_400.0
_DAYS = 90.0


@click.command(
    "plant",
    help=_(
        "Serve a made plant over SNMP: OLTs with some hundred ONUs each, whose light moves, ages and is lost for known "
        "causes; print the station file, and wait until Ctrl-C. With --history a store of its own, FOLDER/home, holds "
        "what a sweep a day would have kept until now, marked as simulated: a trend needs no weeks of waiting.\n\n"
        "Example: linetest bench plant --olts 4 --day 60 --history 60 --folder plant"
    ),
)
@click.option("--olts", type=click.IntRange(1, 200), default=4, show_default=True, help=_("How many OLTs."))
@click.option(
    "--ports", type=click.IntRange(1, 16), default=8, show_default=True, help=_("Ports on each of two cards.")
)
@click.option(
    "--seed", type=click.IntRange(0), default=1, show_default=True, help=_("The same one gives the same plant.")
)
@click.option(
    "--day",
    type=click.FloatRange(0.0, _DAYS),
    default=_DAYS,
    show_default=True,
    help=_("The day of the plant's story on which it is; the story has 90."),
)
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    metavar=_("FOLDER"),
    help=_("Where the station file goes; else a new temporary folder."),
)
@click.option(
    "--history",
    "history_days",
    type=click.IntRange(1, 365),
    metavar=_("DAYS"),
    help=_("Also keep a sweep a day of so many days until now, for `pon trend`."),
)
@json_option
@standard_options
def plant(
    olts: int, ports: int, seed: int, day: float, folder: Path | None, history_days: int | None, as_json: bool
) -> int:
    """Run the plant until the person ends it, which is its normal end."""
    from linetest.bench.plant_up import running_clock, serving
    from linetest.bench.plant_values import made_plant

    with ExitStack() as stack:
        wait = until_stopped(stack)
        folder = made_folder(folder, stack, "linetest-plant-")
        made = made_plant(seed, olts=olts, ports=ports, days=_DAYS)
        clock = running_clock(made.story.begins_s + day * _DAY_S)
        home = (
            ""
            if history_days is None
            else f"LINETEST_HOME={shlex.quote(str(_kept(made, clock(), history_days, folder)))} "
        )
        station = stack.enter_context(serving(made, folder, clock))
        if as_json:
            print_json({"schema": "linetest.bench/1", "station": str(station), "orders": []})
        else:
            click.echo(station.read_text(encoding="utf-8"), nl=False)
        say(_("{olts} OLTs with {onus} ONUs. In another terminal:").format(olts=olts, onus=made.layout.count))
        say(f"  {home}linetest pon sweep --optics --station {shlex.quote(str(station))}")
        if home:
            say(f"  {home}linetest pon trend")
        say(_("The plant runs until you press Ctrl-C here."))
        wait()
    say(_("The bench has stopped."))
    return PASSED


def _kept(made: "MadePlant", at_s: float, days: int, folder: Path) -> Path:
    """Keep the history of a plant whose time is `at_s` now, in a new home in the folder; return the home."""
    from linetest.bench.plant_cells import onu_states
    from linetest.model.clock import now
    from linetest.store.database import transaction
    from linetest.store.onu_readings import add_readings, readings_of
    from linetest.store.opened import open_store

    home = folder / "home"
    if home.exists():
        raise UsageError(
            _("{folder} is there already").format(folder=home), _("name another --folder, or leave --history out")
        )
    moment = now()
    with open_store(home) as store, transaction(store.database):
        for before in range(days, 0, -1):
            told = made.tell(at_s - before * _DAY_S)
            for number, olt in enumerate(made.layout.olts):
                states = onu_states(made.layout, told, number)
                swept_at = moment - timedelta(days=before)
                add_readings(store.database, readings_of(olt, states, swept_at, record=None, simulated=True))
    return home
