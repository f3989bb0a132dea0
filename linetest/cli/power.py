"""`linetest power`: an optical power meter, read, watched and judged."""

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from linetest.cli.light import (
    DEFAULT_PROFILE,
    default_wavelengths,
    reading_line,
    refreshes,
    say_notes,
    say_why,
    show_live,
    wavelengths_in,
    write_transcript,
)
from linetest.cli.options import (
    INCONCLUSIVE,
    PASSED,
    STOPPED,
    exit_of,
    first_exit,
    json_option,
    print_json,
    print_record,
    profile_option,
    standard_options,
    station_option,
)
from linetest.errors import UsageError
from linetest.words.text import _

if TYPE_CHECKING:
    from linetest.devices.station import DeviceEntry
    from linetest.model.reading import Reading

_WATCH_PAUSE_S = 0.3

_meter_argument = click.argument("meter", required=False)
_wavelength_option = click.option(
    "--wavelength",
    "wavelengths",
    type=click.FloatRange(200.0, 3000.0),
    multiple=True,
    metavar=_("NM"),
    help=_("Wavelength in nm; may be repeated. Else those that profile {profile} limits.").format(
        profile=DEFAULT_PROFILE
    ),
)
_address_option = click.option(
    "--address", metavar=_("ADDRESS"), help=_("A meter that is in no station file: its port; needs --driver.")
)
_driver_option = click.option("--driver", "driver_name", metavar=_("NAME"), help=_("The driver for --address."))
_transcript_option = click.option(
    "--transcript",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar=_("FILE"),
    help=_("Keep the talk with the meter as a transcript, to replay with --address replay:FILE."),
)


@click.group(
    short_help=_("Read an optical power meter."),
    help=_("Read an optical power meter.\n\nExample: linetest power check"),
)
@standard_options
def command() -> None:
    """Hold the commands about power meters."""


@command.command(
    "read",
    help=_(
        "Read the meter once at each wavelength, on all its channels. Without METER the station's only one.\n\n"
        "Example: linetest power read --wavelength 1490 --address /dev/ttyUSB0 --driver joinwit_jw8103a"
    ),
)
@_meter_argument
@_wavelength_option
@_address_option
@_driver_option
@station_option
@json_option
@_transcript_option
@standard_options
def read(
    meter: str | None,
    wavelengths: tuple[float, ...],
    address: str | None,
    driver_name: str | None,
    station_file: Path | None,
    as_json: bool,
    transcript: Path | None,
) -> int:
    """Print a line per reading; exit 3 when one has no value."""
    from linetest.devices.power_meter import open_meter

    readings: list[Reading] = []
    with open_meter(_entry(meter, address, driver_name, station_file)) as device:
        for wavelength_nm in wavelengths or default_wavelengths():
            found = device.read_channels(wavelength_nm, device.channels)
            readings += found
            if not as_json:
                for reading in found:
                    click.echo(reading_line(reading))
            say_why(device, found)
        say_notes(device)
    if as_json:
        print_json({"schema": "linetest.readings/1", "readings": readings})
    found_all = all(reading.value is not None for reading in readings)
    return first_exit([PASSED if found_all else INCONCLUSIVE, write_transcript(device, transcript)])


@command.command(
    "watch",
    help=_(
        "Read the meter again and again, with the lowest and the highest value so far; Ctrl-C ends it.\n\n"
        "Example: linetest power watch --wavelength 1490"
    ),
)
@_meter_argument
@click.option(
    "--wavelength", "wavelength_nm", type=click.FloatRange(200.0, 3000.0), metavar=_("NM"), help=_("Wavelength in nm.")
)
@click.option("--count", type=click.IntRange(1), help=_("Stop after so many readings."))
@_address_option
@_driver_option
@station_option
@json_option
@_transcript_option
@standard_options
def watch(
    meter: str | None,
    wavelength_nm: float | None,
    count: int | None,
    address: str | None,
    driver_name: str | None,
    station_file: Path | None,
    as_json: bool,
    transcript: Path | None,
) -> int:
    """Show readings as they come: one line that is refreshed on a terminal, else a line for each."""
    from linetest.devices.power_meter import open_meter

    wavelength_nm = wavelength_nm or default_wavelengths()[0]
    readings: list[Reading] = []
    stopped = False
    with open_meter(_entry(meter, address, driver_name, station_file)) as device:
        try:
            while count is None or len(readings) < count:
                if readings:
                    time.sleep(_WATCH_PAUSE_S)
                readings.append(device.read(wavelength_nm))
                if not as_json:
                    show_live(readings)
        except KeyboardInterrupt:
            stopped = True
        if readings and refreshes() and not as_json:
            click.echo()
        say_notes(device)
    if as_json:
        print_json({"schema": "linetest.readings/1", "readings": readings})
    found_any = any(reading.value is not None for reading in readings)
    code = STOPPED if stopped else PASSED if found_any else INCONCLUSIVE
    return first_exit([code, write_transcript(device, transcript)])


@command.command(
    "check",
    help=_(
        "Read the meter at the wavelengths that the profile limits, judge the readings and keep the record.\n\n"
        "Example: linetest power check --profile ftth-light"
    ),
)
@_meter_argument
@profile_option(DEFAULT_PROFILE)
@station_option
@json_option
@_transcript_option
@standard_options
def check(
    meter: str | None, profile_name: str, station_file: Path | None, as_json: bool, transcript: Path | None
) -> int:
    """Print the record and exit by its verdict."""
    from linetest.acceptance.measure import check_profile
    from linetest.acceptance.single import judge_and_keep
    from linetest.catalog import load_profile
    from linetest.devices.power_meter import open_meter
    from linetest.model.clock import now_text
    from linetest.optical.levels import measure

    loaded = load_profile(profile_name)
    check_profile(loaded)
    wavelengths_nm = wavelengths_in(loaded)
    started_at = now_text()
    with open_meter(_entry(meter, None, None, station_file)) as device:
        measurement = measure(device, wavelengths_nm)
        say_why(device, measurement.readings)
        say_notes(device)
    record = judge_and_keep(measurement, loaded, "optical", started_at=started_at)
    if as_json:
        print_json(record)
    else:
        print_record(record)
    return first_exit([exit_of(record.verdict), write_transcript(device, transcript)])


def _entry(meter: str | None, address: str | None, driver_name: str | None, station_file: Path | None) -> "DeviceEntry":
    """Return the meter that the options mean: one by address and driver, else one of the station."""
    from linetest.devices.station import DeviceEntry, default_station_path, device_for, load_station

    if (address is None) is not (driver_name is None):
        raise UsageError(_("--address and --driver belong together"), _("`linetest driver list` shows the drivers"))
    if address is not None and driver_name is not None:
        return DeviceEntry(name=meter or "meter", driver=driver_name, address=address)
    return device_for(load_station(station_file or default_station_path()), "power-meter", meter)
