"""`linetest power`: an optical power meter, read, watched and judged."""

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from linetest.cli.options import (
    INCONCLUSIVE,
    PASSED,
    STOPPED,
    exit_of,
    json_option,
    print_json,
    print_record,
    profile_option,
    say,
    standard_options,
    station_option,
)
from linetest.errors import UsageError
from linetest.safe import safe_text
from linetest.words.text import _

if TYPE_CHECKING:
    from linetest.devices.power_meter import PowerMeter
    from linetest.devices.station import DeviceEntry
    from linetest.model.reading import Reading

_DEFAULT_PROFILE = "ftth-light"
_WATCH_PAUSE_S = 0.3

_meter_argument = click.argument("meter", required=False)
_wavelength_option = click.option(
    "--wavelength",
    "wavelengths",
    type=click.FloatRange(200.0, 3000.0),
    multiple=True,
    metavar=_("NM"),
    help=_("Wavelength in nm; may be repeated. Else those that profile ftth-light limits."),
)
_address_option = click.option(
    "--address", metavar=_("ADDRESS"), help=_("A meter that is in no station file: its port; needs --driver.")
)
_driver_option = click.option("--driver", "driver_name", metavar=_("NAME"), help=_("The driver for --address."))
_record_option = click.option(
    "--record",
    "transcript",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar=_("FILE"),
    help=_("Keep the talk with the meter as a transcript, to replay with --address replay:FILE."),
)


@click.group(
    short_help=_("Read an optical power meter."),
    help=_("Read an optical power meter.\n\nExample: linetest power check"),
)
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
@_record_option
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
        for wavelength_nm in wavelengths or _default_wavelengths():
            found = device.read_channels(wavelength_nm, device.channels)
            readings += found
            if not as_json:
                for reading in found:
                    click.echo(_line(reading))
            _say_why(device, found)
        _finish(device, transcript)
    if as_json:
        print_json({"schema": "linetest.readings/1", "readings": readings})
    return INCONCLUSIVE if any(reading.value is None for reading in readings) else PASSED


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
@_record_option
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

    wavelength_nm = wavelength_nm or _default_wavelengths()[0]
    readings: list[Reading] = []
    stopped = False
    with open_meter(_entry(meter, address, driver_name, station_file)) as device:
        try:
            while count is None or len(readings) < count:
                if readings:
                    time.sleep(_WATCH_PAUSE_S)
                readings.append(device.read(wavelength_nm))
                if not as_json:
                    _show_live(readings)
        except KeyboardInterrupt:
            stopped = True
        if readings and _refreshes() and not as_json:
            click.echo()
        _finish(device, transcript)
    if as_json:
        print_json({"schema": "linetest.readings/1", "readings": readings})
    if stopped:
        return STOPPED
    return PASSED if any(reading.value is not None for reading in readings) else INCONCLUSIVE


@command.command(
    "check",
    help=_(
        "Read the meter at the wavelengths that the profile limits, judge the readings and keep the record.\n\n"
        "Example: linetest power check --profile ftth-light"
    ),
)
@_meter_argument
@profile_option(_DEFAULT_PROFILE)
@station_option
@json_option
@_record_option
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
    from linetest.optical.levels import measure, wavelengths_of

    loaded = load_profile(profile_name)
    check_profile(loaded)
    wavelengths_nm = wavelengths_of(loaded.profile.limit)
    if not wavelengths_nm:
        raise UsageError(
            _("{file}: no limit for optical.power_dbm names a wavelength_nm").format(file=loaded.path),
            _("choose another one with --profile; `linetest profile list` shows all profiles"),
        )
    started_at = now_text()
    with open_meter(_entry(meter, None, None, station_file)) as device:
        measurement = measure(device, wavelengths_nm)
        _say_why(device, measurement.readings)
        _finish(device, transcript)
    record = judge_and_keep(measurement, loaded, "optical", started_at=started_at)
    if as_json:
        print_json(record)
    else:
        print_record(record)
    return exit_of(record.verdict)


def _entry(meter: str | None, address: str | None, driver_name: str | None, station_file: Path | None) -> "DeviceEntry":
    """Return the meter that the options mean: one by address and driver, else one of the station."""
    from linetest.devices.station import DeviceEntry, default_station_path, device_for, load_station

    if (address is None) is not (driver_name is None):
        raise UsageError(_("--address and --driver belong together"), _("`linetest driver list` shows the drivers"))
    if address is not None and driver_name is not None:
        return DeviceEntry(name=meter or "meter", driver=driver_name, address=address)
    return device_for(load_station(station_file or default_station_path()), "power-meter", meter)


def _default_wavelengths() -> list[float]:
    from linetest.catalog import load_profile
    from linetest.optical.levels import wavelengths_of

    return wavelengths_of(load_profile(_DEFAULT_PROFILE).profile.limit)


def _line(reading: "Reading") -> str:
    """Return one reading as a line for a person."""
    from linetest.model.sentences import reason_words

    where = reading.where
    channel = _("channel {number}").format(number=where["channel"]) if "channel" in where else ""
    place = f"{where['wavelength_nm']:g} nm  {channel}".rstrip()
    if reading.value is None:
        return _("{place}: no value, {reason}").format(place=place, reason=reason_words(reading.reason or ""))
    source = "" if where["wavelength_source"] == "meter" else _(" (wavelength as the person set it at the meter)")
    return f"{place}: {reading.value:.2f} {reading.unit}{source}"


def _say_why(device: "PowerMeter", readings: list["Reading"]) -> None:
    """Tell on stderr what went wrong and what to try next, when a reading has no value."""
    from linetest.model.sentences import reason_advice

    advice = dict.fromkeys(reason_advice(reading.reason) for reading in readings if reading.reason)
    if device.trouble is not None and advice:
        say(safe_text(device.trouble.what))
        if device.trouble.hint:
            advice = {device.trouble.hint: None}
    for hint in advice:
        say(_("Try: {hint}").format(hint=safe_text(hint)))


def _finish(device: "PowerMeter", transcript: Path | None) -> None:
    """Say what a reader should know of the device, and write the transcript."""
    from linetest.model.sentences import warning_words

    for warning in device.warnings:
        say(_("Note: {sentence}").format(sentence=warning_words(warning)))
    if device.simulated:
        say(_("Note: simulated, not measured"))
    if transcript is not None:
        transcript.write_bytes(device.transcript().body)


def _refreshes() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def _show_live(readings: list["Reading"]) -> None:
    values = [reading.value for reading in readings if reading.value is not None]
    spread = (
        _("lowest {lowest:.2f}  highest {highest:.2f}").format(lowest=min(values), highest=max(values))
        if values
        else ""
    )
    text = f"{_line(readings[-1])}   {spread}   n={len(readings)}"
    if _refreshes():
        click.echo("\r\x1b[K" + click.style(text, bold=True), nl=False)
    else:
        click.echo(text)
