"""`linetest bench plant`: a made plant of many OLTs, to rehearse sweeps and trends on."""

from contextlib import ExitStack
from pathlib import Path

import click

from linetest.cli.bench_stay import made_folder, until_stopped
from linetest.cli.options import PASSED, json_option, print_json, say, standard_options
from linetest.words.text import _

_DAY_S = 86_400.0
_DAYS = 90.0


@click.command(
    "plant",
    help=_(
        "Serve a made plant over SNMP: OLTs with some hundred ONUs each, whose light moves, ages and is lost for known "
        "causes; print the station file, and wait until Ctrl-C.\n\n"
        "Example: linetest bench plant --olts 4 --day 60 --folder plant"
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
@json_option
@standard_options
def plant(olts: int, ports: int, seed: int, day: float, folder: Path | None, as_json: bool) -> int:
    """Run the plant until the person ends it, which is its normal end."""
    from linetest.bench.plant_up import running_clock, serving
    from linetest.bench.plant_values import made_plant

    with ExitStack() as stack:
        wait = until_stopped(stack)
        folder = made_folder(folder, stack, "linetest-plant-")
        made = made_plant(seed, olts=olts, ports=ports, days=_DAYS)
        clock = running_clock(made.story.begins_s + day * _DAY_S)
        station = stack.enter_context(serving(made, folder, clock))
        if as_json:
            print_json({"schema": "linetest.bench/1", "station": str(station), "orders": []})
        else:
            click.echo(station.read_text(encoding="utf-8"), nl=False)
        say(_("{olts} OLTs with {onus} ONUs. In another terminal:").format(olts=olts, onus=made.layout.count))
        say(f"  linetest pon sweep --optics --station {station}")
        say(_("The plant runs until you press Ctrl-C here."))
        wait()
    say(_("The bench has stopped."))
    return PASSED
