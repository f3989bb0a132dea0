"""`linetest pon`: the ONUs of an OLT, listed, shown and judged."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from linetest.cli.options import (
    PASSED,
    exit_of,
    json_option,
    print_json,
    print_record,
    profile_option,
    say,
    standard_options,
    station_option,
)
from linetest.cli.pon_reconcile import reconcile
from linetest.cli.pon_sweep import sweep
from linetest.cli.pon_trend import trend
from linetest.errors import DeviceError
from linetest.safe import safe_text
from linetest.words.text import _

if TYPE_CHECKING:
    from linetest.devices.olt_open import OltReading
    from linetest.devices.station import DeviceEntry
    from linetest.model.onu_id import OnuId


@click.group(
    short_help=_("List, show and check the ONUs of an OLT."),
    help=_(
        "List, show and check the ONUs of an OLT, over SNMP or over its command line.\n\n"
        "Example: linetest pon show olt7 0/1/0:5"
    ),
)
@standard_options
def command() -> None:
    """Hold the commands about ONUs."""


command.add_command(sweep)
command.add_command(trend)
command.add_command(reconcile)


@command.command(
    "list",
    help=_(
        "List the ONUs of an OLT, or of one of its ports. A full OLT asks each ONU for its light: name a port.\n\n"
        "Example: linetest pon list olt7 0/1/0"
    ),
)
@click.argument("olt")
@click.argument("onu", metavar=_("[PORT|ONU]"), required=False)
@station_option
@json_option
@standard_options
def list_onus(olt: str, onu: str | None, station_file: Path | None, as_json: bool) -> int:
    """Print a line per ONU."""
    from linetest.cli.pon_words import print_list

    entry, wanted = _asked_for(olt, onu, station_file)
    reading = _read(entry, wanted)
    if as_json:
        print_json(_document(entry, reading))
    else:
        print_list(reading)
    return PASSED


@command.command(
    "show",
    help=_("Show one ONU, and why it is down where it is.\n\nExample: linetest pon show olt7 gpon-onu_1/1/1:5"),
)
@click.argument("olt")
@click.argument("onu")
@station_option
@json_option
@standard_options
def show(olt: str, onu: str, station_file: Path | None, as_json: bool) -> int:
    """Print all that the OLT tells of an ONU, or of all ONUs of a port."""
    from linetest.cli.pon_words import no_such_onu, print_onu

    entry, wanted = _asked_for(olt, onu, station_file)
    reading = _read(entry, wanted)
    if not reading.table.onus:
        raise no_such_onu(olt, wanted)
    if as_json:
        print_json(_document(entry, reading))
        return PASSED
    for row in reading.table.onus:
        print_onu(row)
    return PASSED


@command.command(
    "check",
    help=_(
        "Judge one ONU, or all ONUs of a port or an OLT, by a profile, and keep the record.\n\n"
        "Example: linetest pon check olt7 0/1/0:5 --profile gpon-c-plus"
    ),
)
@click.argument("olt")
@click.argument("onu", metavar=_("[PORT|ONU]"), required=False)
@profile_option()
@station_option
@json_option
@standard_options
def check(olt: str, onu: str | None, profile_name: str | None, station_file: Path | None, as_json: bool) -> int:
    """Read, judge and keep; without --profile the OLT's technology chooses one."""
    from linetest.acceptance.measure import measured_onus
    from linetest.acceptance.single import judge_and_keep
    from linetest.cli.pon_profiles import PROFILES, onu_profile
    from linetest.model.clock import now_text
    from linetest.pon.settings import PonSettings, settings_of

    entry, wanted = _asked_for(olt, onu, station_file)
    loaded = onu_profile(profile_name) if profile_name else None
    settings = settings_of(loaded) if loaded else PonSettings()
    started_at = now_text()
    measurement, technology = measured_onus(entry, wanted, settings)
    if loaded is None:
        loaded = onu_profile(PROFILES[technology])
    record = judge_and_keep(measurement, loaded, "pon", started_at=started_at)
    if as_json:
        print_json(record)
    else:
        print_record(record)
    return exit_of(record.verdict)


def _asked_for(olt: str, onu: str | None, station_file: Path | None) -> tuple["DeviceEntry", "OnuId | None"]:
    from linetest.devices.station import default_station_path, device_for, load_station
    from linetest.model.onu_id import parse_onu_id

    station = load_station(station_file or default_station_path())
    return device_for(station, "olt", olt), parse_onu_id(onu) if onu is not None else None


def _read(entry: "DeviceEntry", wanted: "OnuId | None") -> "OltReading":
    """Read; say on stderr which rows were not understood."""
    from linetest.devices.olt_open import read_olt

    reading = read_olt(entry, wanted)
    table = reading.table
    for unread in table.unread[:5]:
        say(_("not understood: {row}").format(row=safe_text(unread.where)))
    if len(table.unread) > 5:
        say(_("and {count} more rows were not understood").format(count=len(table.unread) - 5))
    if wanted is None and not (table.onus or table.found or table.ports or table.unread):
        raise DeviceError(
            _("{olt}: no ONU rows here: the tables of driver {driver} are empty").format(
                olt=entry.name, driver=reading.driver
            ),
            _('check the driver; driver = "any_olt" finds the one that fits'),
            reason="no-such-object",
        )
    return reading


def _document(entry: "DeviceEntry", reading: "OltReading") -> dict[str, object]:
    table = reading.table
    return {
        "schema": "linetest.onus/1",
        "olt": entry.name,
        "driver": reading.driver,
        "simulated": reading.simulated,
        "onus": [row.state for row in table.onus],
        "found": [row.state for row in table.found],
        "ports": table.ports,
        "unread": table.unread,
    }
