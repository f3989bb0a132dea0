"""`linetest bench`: simulated devices with faults, to rehearse the work and to try linetest out."""

import shlex
from contextlib import ExitStack
from pathlib import Path

import click

from linetest.cli.bench_plant import plant
from linetest.cli.bench_stay import made_folder, until_stopped
from linetest.cli.options import PASSED, json_option, print_json, say, standard_options
from linetest.words.text import _


@click.group(
    "bench",
    short_help=_("Simulated devices with faults."),
    help=_("Simulated devices with faults.\n\nExample: linetest bench up low-light"),
)
@standard_options
def command() -> None:
    """Group the commands of the bench."""


command.add_command(plant)


@command.command(
    "scenarios",
    help=_("List what can be wrong on the bench and how the work then ends.\n\nExample: linetest bench scenarios"),
)
@json_option
@standard_options
def list_scenarios(as_json: bool) -> int:
    """Print the table of scenarios."""
    from linetest.bench.scenarios import SCENARIOS

    if as_json:
        print_json(
            {
                "schema": "linetest.scenarios/1",
                "scenarios": [
                    {
                        "name": one.name,
                        "exit_code": one.exit_code,
                        "code": one.code,
                        "driver": one.driver,
                        "sentence": one.sentence,
                    }
                    for one in SCENARIOS.values()
                ],
            }
        )
        return PASSED
    for one in SCENARIOS.values():
        click.echo(
            f"{one.name:<24}" + _("exit {exit_code}").format(exit_code=one.exit_code) + f"  {one.code or ''}".rstrip()
        )
        click.echo("    " + _(one.sentence))
    return PASSED


@command.command(
    "up",
    help=_(
        "Start the simulated devices, print a station file, and wait until Ctrl-C.\n\n"
        "Example: linetest bench up no-light --folder rehearsal"
    ),
)
@click.argument("scenario", required=False)
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    metavar=_("FOLDER"),
    help=_("Where the station file and the orders go; else a new temporary folder."),
)
@json_option
@standard_options
def up(scenario: str | None, folder: Path | None, as_json: bool) -> int:
    """Run the bench until the person ends it, which is its normal end."""
    from linetest.bench.run import start
    from linetest.bench.scenarios import DEFAULT

    with ExitStack() as stack:
        wait = until_stopped(stack)
        folder = made_folder(folder, stack, "linetest-bench-")
        bench = stack.enter_context(start(scenario or DEFAULT, folder))
        if as_json:
            orders = [str(order) for order in bench.orders]
            print_json({"schema": "linetest.bench/1", "station": str(bench.station), "orders": orders})
        else:
            click.echo(bench.station.read_text(encoding="utf-8"), nl=False)
        say(_("The station file is {file}. In another terminal:").format(file=bench.station))
        judged_by = f" --profile {bench.profile}" if bench.profile else ""
        for order in bench.orders:
            say(f"  linetest accept {shlex.quote(str(order))} --station {shlex.quote(str(bench.station))}{judged_by}")
        if not bench.scenario.ticket_down:
            say(_("Or out of the ticket system, as on a real day:"))
            for words in ("fetch", f"claim {bench.orders[0].stem}"):
                say(f"  linetest order {words} --station {shlex.quote(str(bench.station))}")
        say(_("The devices run until you press Ctrl-C here."))
        wait()
    say(_("The bench has stopped."))
    return PASSED
