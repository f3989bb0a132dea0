"""`linetest station`: the devices that a van carries."""

from pathlib import Path

import click

from linetest.cli.options import (
    INCONCLUSIVE,
    PASSED,
    STOPPED,
    json_option,
    may_ask,
    print_json,
    say,
    standard_options,
    station_option,
)
from linetest.errors import UsageError, nearest
from linetest.safe import safe_text
from linetest.words.text import _

_KEY_DEADLINE_S = 15.0


@click.group(
    short_help=_("Check the devices of a station file, and trust their SSH keys."),
    help=_(
        "Check the devices of a station file, and trust their SSH keys.\n\n"
        "Example: linetest station check --station van-12.toml"
    ),
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


@command.command(
    "trust",
    help=_(
        "Trust the SSH host key of a device from now on. Compare the fingerprint with the one that the device shows "
        "at its own console.\n\nExample: linetest station trust olt7"
    ),
)
@click.argument("device", metavar=_("DEVICE"))
@click.option(
    "--fingerprint", metavar="SHA256:...", help=_("The fingerprint that the key must have; nothing is asked.")
)
@station_option
@standard_options
def trust_device(device: str, fingerprint: str | None, station_file: Path | None) -> int:
    """Record the key that the device shows, once a person or --fingerprint said that it is the right one."""
    from linetest.transports.host_keys import offered_key, trust, trusted_key

    host, port = _ssh_address(device, station_file)
    known, offered = trusted_key(host, port), offered_key(host, port, deadline_s=_KEY_DEADLINE_S)
    click.echo(safe_text(f"{device} {host}:{port} {offered.kind} {offered.fingerprint}"))
    if known == offered:
        say(_("This key is trusted already."))
        return PASSED
    if known is not None:
        say(_("The key has changed; so far {fingerprint} was trusted.").format(fingerprint=known.fingerprint))
    if fingerprint is not None and fingerprint != offered.fingerprint:
        say(
            _("The device shows another key than {fingerprint}: not trusted.").format(
                fingerprint=safe_text(fingerprint)
            )
        )
        return INCONCLUSIVE
    if fingerprint is None and not may_ask():
        raise UsageError(
            _("there is no terminal to ask at: the option --fingerprint is missing"),
            _("add --fingerprint with what the device shows at its own console"),
        )
    if fingerprint is None and not click.confirm(_("Is this the device's fingerprint?"), err=True):
        return STOPPED
    trust(host, port, offered)
    say(_("The key is trusted now."))
    return PASSED


def _ssh_address(device: str, station_file: Path | None) -> tuple[str, int]:
    """Return host and port of the device's command line; raises `UsageError` when it has none over SSH."""
    from linetest.devices.station import default_station_path, load_station
    from linetest.transports.shell_target import shell_at

    station = load_station(station_file or default_station_path())
    entry = station.device.get(device)
    if entry is None:
        raise UsageError(
            _("{file}: there is no device {name!r}; there is: {names}").format(
                file=station.path, name=device, names=nearest(device, list(station.device)) or _("none")
            )
        )
    target = shell_at(entry.shell, {}) if entry.shell else None
    if target is None or target.kind != "ssh":
        raise UsageError(
            _("{file}: the device {name!r} is not reached over SSH: there is no key to trust").format(
                file=station.path, name=device
            ),
            _('its shell = "ssh://USER@HOST" says so in the station file'),
        )
    return target.host, target.port
