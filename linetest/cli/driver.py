"""`linetest driver`: how to talk to devices, listed, shown, checked and tried."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from linetest.cli.light import default_wavelengths
from linetest.cli.options import INCONCLUSIVE, PASSED, USAGE, json_option, print_json, say, standard_options
from linetest.errors import FileError, LinetestError, UsageError
from linetest.safe import safe_text
from linetest.words.text import _

if TYPE_CHECKING:
    from linetest.devices.driver import Driver

_LARGEST_REPLY = 1_000_000  # bytes


@click.group(
    short_help=_("List, show, check and try drivers of devices."),
    help=_("List, show, check and try drivers of devices.\n\nExample: linetest driver show joinwit_jw8103a"),
)
@standard_options
def command() -> None:
    """Hold the commands about drivers."""


@command.command("list", help=_("List all drivers.\n\nExample: linetest driver list"))
@json_option
@standard_options
def list_drivers(as_json: bool) -> int:
    """Print a line per driver; one that cannot be read is named on stderr."""
    from linetest.catalog import driver_names, user_folder
    from linetest.devices.driver_file import load_driver

    drivers = []
    for name in driver_names():
        try:
            drivers.append(load_driver(name))
        except LinetestError as error:  # a mistake in one of the user's own drivers hides no other
            _say_error(error)
    if as_json:
        wanted = ("name", "kind", "make", "model", "source", "seen_on")
        rows = [{field: getattr(driver, field) for field in wanted} for driver in drivers]
        print_json({"schema": "linetest.drivers/1", "drivers": rows})
        return PASSED
    for driver in drivers:
        click.echo(safe_text(f"{driver.name:<18} {driver.kind:<15} {driver.make} {driver.model}"))
    click.echo(_("Your own drivers belong into {folder}").format(folder=user_folder() / "drivers"))
    return PASSED


@command.command(
    "show", help=_("Show a driver: its commands, their risk and source.\n\nExample: linetest driver show newport_1830c")
)
@click.argument("name")
@json_option
@standard_options
def show(name: str, as_json: bool) -> int:
    """Print the driver as it is written."""
    from linetest.catalog import driver_folder, read_text
    from linetest.devices.driver_file import load_driver

    driver = load_driver(name)
    if as_json:
        print_json(driver)
        return PASSED
    for line in read_text(driver_folder(name) / "driver.toml").splitlines():
        click.echo(safe_text(line))
    if not driver.seen_on:
        click.echo(_("# Written from its source; not yet seen on an instrument."))
    return PASSED


@command.command(
    "check",
    help=_(
        "Check a driver: is it readable, do its patterns match their examples?\n\n"
        "Example: linetest driver check my-drivers/acme_opm1"
    ),
)
@click.argument("names", nargs=-1, metavar=_("[NAME|FOLDER]..."))
@json_option
@standard_options
def check(names: tuple[str, ...], as_json: bool) -> int:
    """Check the named drivers, else all of them; faults are told, and exit 2 when there was one."""
    from linetest.catalog import driver_folder, driver_names
    from linetest.devices.driver_file import read_driver

    good: list[dict[str, str | int]] = []
    code = PASSED
    for name in names or driver_names():
        try:
            folder = Path(name) if (Path(name) / "driver.toml").is_file() else driver_folder(name)
            driver = read_driver(folder.resolve())
        except LinetestError as error:
            _say_error(error)
            code = USAGE
            continue
        good.append({"name": driver.name, "commands": _count(driver)})
    if as_json:
        print_json({"schema": "linetest.driver-check/1", "good": good})
        return code
    for one in good:
        click.echo(safe_text(_("{name}: good; commands: {commands}").format(**one)))
    return code


@command.command(
    "try",
    help=_(
        "Try one reading command of a driver on a device, or on a saved reply, and print what the driver reads. "
        "COMMAND is a table of the driver such as identify or wavelength.query; read when absent. "
        "A transcript as FILE is replayed whole.\n\n"
        "Example: linetest driver try newport_1830c status.query --address /dev/ttyUSB0"
    ),
)
@click.argument("name")
@click.argument("command_name", required=False, default="read", metavar=_("[COMMAND]"))
@click.option("--address", metavar=_("ADDRESS"), help=_("The device to ask."))
@click.option(
    "--reply",
    "reply_file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar=_("FILE"),
    help=_("A saved reply, or a transcript of `power read --transcript`."),
)
@json_option
@standard_options
def try_driver(name: str, command_name: str, address: str | None, reply_file: Path | None, as_json: bool) -> int:
    """Print the rows; exit 3 when one of them has a reason instead of a value."""
    from linetest.devices.driver_file import load_driver
    from linetest.devices.trial import replay

    driver = load_driver(name)
    if (address is None) is (reply_file is None):
        raise UsageError(_("give either --address or --reply"))
    if driver.kind in ("dsl-modem", "line-tester"):
        from linetest.cli.driver_line import try_saved

        return try_saved(driver, command_name, None if reply_file is None else _read_reply(reply_file), as_json)
    if driver.kind == "olt":
        return _try_olt(driver, command_name, reply_file, as_json)
    if reply_file is not None:
        body = _read_reply(reply_file)
        told = body.startswith(b'{"transcript"')
        rows = replay(driver, reply_file, default_wavelengths) if told else _parsed(driver, command_name, body)
    else:
        rows = _asked(driver, command_name, address or "")
    if as_json:
        print_json({"schema": "linetest.reply/1", "driver": driver.name, "command": command_name, "rows": rows})
    else:
        for row in rows:
            click.echo(safe_text("  ".join(f"{key}={value}" for key, value in row.items() if value is not None)))
    return INCONCLUSIVE if any(row.get("reason") for row in rows) else PASSED


def _try_olt(driver: "Driver", command_name: str, reply_file: Path | None, as_json: bool) -> int:
    """Print the rows that an OLT's driver reads in a saved text; exit 3 when there are none."""
    from linetest.devices.olt_trial import try_text

    if reply_file is None:
        raise UsageError(
            _("driver {driver}: an OLT is asked with `linetest pon`, not here").format(driver=driver.name),
            _("give --reply with a text that was saved"),
        )
    tried = try_text(driver, command_name, _read_reply(reply_file).decode(errors="replace"))
    if as_json:
        print_json(
            {
                "schema": "linetest.reply/1",
                "driver": driver.name,
                "command": command_name,
                "rows": tried.rows,
                "unread": tried.unread,
            }
        )
    for row in tried.rows if not as_json else []:
        told = {key: value for key, value in row.items() if value is not None and key != "reasons"}
        reasons = {key: reason for key, reason in row["reasons"].items() if row.get(key) is None}
        click.echo(safe_text("  ".join(f"{key}={value}" for key, value in (told | reasons).items())))
    for line in tried.unread:
        say(_("not understood: {row}").format(row=safe_text(line)))
    if not tried.rows:
        say(_("no ONU rows here"))
    return PASSED if tried.rows else INCONCLUSIVE


def _count(driver: "Driver") -> int:
    """Return how many commands, and tables of an OLT, the driver has."""
    olt = driver.olt
    dsl = driver.dsl
    patterns = len(dsl.value) + len(dsl.word) + len(dsl.tones) + len(dsl.table) if dsl else 0
    return len(list(driver.commands())) + (len(olt.command) + len(olt.table) if olt else 0) + patterns


def _say_error(error: LinetestError) -> None:
    say(_("Error: {what}").format(what=safe_text(error.what)))
    if error.hint:
        say(_("Try: {hint}").format(hint=safe_text(error.hint)))


def _read_reply(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(_LARGEST_REPLY)
    except OSError as error:
        raise FileError(_("{file}: cannot be read: {fault}").format(file=path, fault=error.strerror)) from error


def _parsed(driver: "Driver", command_name: str, body: bytes) -> list[dict[str, Any]]:
    from linetest.devices.trial import find_command, saved_reply_wire, try_command

    wanted = find_command(driver, command_name)
    return try_command(driver, wanted, saved_reply_wire(driver, wanted, body), time.monotonic() + 1.0)


def _asked(driver: "Driver", command_name: str, address: str) -> list[dict[str, Any]]:
    from linetest.devices.trial import find_command, try_command
    from linetest.transports.address import open_wire

    wanted = find_command(driver, command_name)
    wire = open_wire(address, driver.link)
    try:
        return try_command(driver, wanted, wire, time.monotonic() + driver.timing.deadline_s)
    finally:
        wire.close()
