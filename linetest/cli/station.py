"""`linetest station`: the devices that a van carries."""

from pathlib import Path

import click

from linetest.cli.options import (
    INCONCLUSIVE,
    PASSED,
    json_option,
    print_json,
    say,
    standard_options,
    station_option,
)
from linetest.safe import safe_text
from linetest.words.text import _


@click.group(
    short_help=_("Check the devices of a station file."),
    help=_("Check the devices of a station file.\n\nExample: linetest station check --station van-12.toml"),
)
@standard_options
def command() -> None:
    """Hold the commands about stations."""


@command.command(
    "check",
    help=_(
        "Ask every device of the station who it is; exit 3 when one does not answer.\n\nExample: linetest station check"
    ),
)
@station_option
@json_option
@standard_options
def check(station_file: Path | None, as_json: bool) -> int:
    """Print a line per device."""
    from linetest.devices.station import default_station_path, load_station
    from linetest.devices.trial import Reached, reach
    from linetest.model.sentences import reason_advice, reason_words

    station = load_station(station_file or default_station_path())
    results: list[Reached] = []
    for entry in station.device.values():
        result = reach(entry)
        results.append(result)
        if as_json:
            continue
        name = f"{result.device:<12} {result.driver:<18}"
        if result.reached:
            click.echo(safe_text(f"{name} {_('answers')}  {result.identity}".rstrip()))
        else:
            click.echo(safe_text(f"{name} {reason_words(result.reason or '')}"))
            say(safe_text(result.trouble))
            say(_("Try: {hint}").format(hint=safe_text(result.hint or reason_advice(result.reason or ""))))
    if as_json:
        print_json({"schema": "linetest.station/1", "station": station.name, "devices": results})
    elif not results:
        click.echo(_("{file}: the station has no devices").format(file=safe_text(station.path)))
    return PASSED if results and all(result.reached for result in results) else INCONCLUSIVE
