"""What the commands about light share: the usual wavelengths, and how readings and their meter are told."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from linetest.cli.options import PASSED, USAGE, say
from linetest.errors import UsageError
from linetest.safe import safe_text
from linetest.words.text import _

if TYPE_CHECKING:
    from linetest.devices.power_meter import PowerMeter
    from linetest.model.profile import LoadedProfile
    from linetest.model.reading import Reading

DEFAULT_PROFILE = "ftth-light"


def default_wavelengths() -> list[float]:
    """Return the wavelengths that the default profile limits, in nm."""
    from linetest.catalog import load_profile

    return wavelengths_in(load_profile(DEFAULT_PROFILE))


def wavelengths_in(loaded: "LoadedProfile") -> list[float]:
    """Return the wavelengths at which the profile limits the power, in nm; raises `UsageError` when there is none."""
    from linetest.optical.levels import wavelengths_of

    wavelengths_nm = wavelengths_of(loaded.profile.limit)
    if wavelengths_nm:
        return wavelengths_nm
    raise UsageError(
        _("{file}: no limit for optical.power_dbm names a wavelength_nm").format(file=loaded.path),
        _("choose another one with --profile; `linetest profile list` shows all profiles"),
    )


def reading_line(reading: "Reading") -> str:
    """Return one reading as a line for a person."""
    from linetest.model.sentences import reason_words

    where = reading.where
    channel = _("channel {number}").format(number=where["channel"]) if "channel" in where else ""
    place = f"{where['wavelength_nm']:g} nm  {channel}".rstrip()
    if reading.value is None:
        return _("{place}: no value, {reason}").format(place=place, reason=reason_words(reading.reason or ""))
    source = "" if where["wavelength_source"] == "meter" else _(" (wavelength as the person set it at the meter)")
    return f"{place}: {reading.value:.2f} {reading.unit}{source}"


def say_why(device: "PowerMeter", readings: list["Reading"]) -> None:
    """Tell on stderr what went wrong and what to try next, when a reading has no value."""
    from linetest.model.sentences import reason_advice

    advice = dict.fromkeys(reason_advice(reading.reason) for reading in readings if reading.reason)
    if device.trouble is not None and advice:
        say(safe_text(device.trouble.what))
        if device.trouble.hint:
            advice = {device.trouble.hint: None}
    for hint in advice:
        say(_("Try: {hint}").format(hint=safe_text(hint)))


def say_notes(device: "PowerMeter") -> None:
    """Tell on stderr what a reader should know of the device."""
    from linetest.model.sentences import warning_words

    for warning in device.warnings:
        say(_("Note: {sentence}").format(sentence=warning_words(warning)))
    if device.simulated:
        say(_("Note: simulated, not measured"))


def write_transcript(device: "PowerMeter", path: Path | None) -> int:
    """Write the talk with the meter, last of all: a file that cannot be written costs no measurement.

    Returns:
        The exit code; the fault is told on stderr.
    """
    if path is None:
        return PASSED
    try:
        path.write_bytes(device.transcript().body)
    except OSError as error:
        what = _("{file}: cannot be written: {fault}").format(file=path, fault=error.strerror or error)
        say(_("Error: {what}").format(what=safe_text(what)))
        say(_("Try: {hint}").format(hint=_("name another file or make room on the disk")))
        return USAGE
    return PASSED


def refreshes() -> bool:
    """Tell whether a line on the screen can be written over."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def show_live(readings: list["Reading"]) -> None:
    """Show the newest of all readings with the lowest and the highest value so far."""
    values = [reading.value for reading in readings if reading.value is not None]
    spread = (
        _("lowest {lowest:.2f}  highest {highest:.2f}").format(lowest=min(values), highest=max(values))
        if values
        else ""
    )
    text = f"{reading_line(readings[-1])}   {spread}   n={len(readings)}"
    if refreshes():
        click.echo("\r\x1b[K" + click.style(text, bold=True), nl=False)
    else:
        click.echo(text)
