"""`linetest copper enter`: the electrical values of a pair, entered one by one or by options, and judged."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from linetest.cli.copper_tones import check_line_profile
from linetest.cli.options import (
    STOPPED,
    exit_of,
    json_option,
    may_ask,
    print_json,
    print_record,
    profile_option,
    say,
    standard_options,
    station_option,
)
from linetest.errors import UsageError
from linetest.safe import safe_text
from linetest.words.text import N_, _

if TYPE_CHECKING:
    from linetest.copper.electricals import ElectricalSettings, Quantity
    from linetest.devices.line_tester import LineTesterReading
    from linetest.model.limit import Limit
    from linetest.model.reading import Measurement

F = TypeVar("F", bound=Callable[..., Any])
_DEFAULT_PROFILE = "copper-pair-carrier-2005"
_LARGEST_TEXT = 200_000  # bytes of a line tester's protocol
# Option and what stands in the help; the room has the same names, and a test holds both together.
_VALUES = {
    "foreign-ac": N_("Foreign AC voltage, in V."),
    "foreign-dc": N_("Foreign DC voltage, in V."),
    "insulation-ab": N_("Insulation of wire a to b, in MOhm."),
    "insulation-ae": N_("Insulation of wire a to earth, in MOhm."),
    "insulation-be": N_("Insulation of wire b to earth, in MOhm."),
    "loop-resistance": N_("Loop resistance, in Ohm."),
    "capacitance-ab": N_("Capacitance of wire a to b, in uF."),
    "capacitance-ae": N_("Capacitance of wire a to earth, in uF."),
    "capacitance-be": N_("Capacitance of wire b to earth, in uF."),
    "capacitive-balance": N_("Capacitive balance, in percent."),
    "longitudinal-balance": N_("Longitudinal balance, in dB."),
}


def _value_options(function: F) -> F:
    """Add an option for each value."""
    for name, text in reversed(_VALUES.items()):
        function = click.option(f"--{name}", metavar=_("VALUE"), help=_(text))(function)
    return function


@click.command(
    "enter",
    help=_(
        "Enter the electrical values of a pair and judge them. Without a value they are asked for one by one, the "
        "voltages first: with more than 50 V on the pair nothing else is measured. Values take units: 620M, 0.62 G, "
        '"> 500".\n\n'
        "Example: linetest copper enter --foreign-ac 0.4 --foreign-dc 0 --insulation-ab 620M --loop-resistance 850"
    ),
)
@_value_options
@click.option(
    "--from",
    "source",
    metavar=_("FILE|DEVICE"),
    help=_("Take the values from a line tester of the station, or from its saved text."),
)
@click.option("--driver", "driver_name", default="line_tester_text", help=_("The driver that reads the FILE."))
@click.option("--pair", metavar=_("LABEL"), help=_("What the pair is called."))
@profile_option(_DEFAULT_PROFILE)
@station_option
@json_option
@standard_options
def enter(
    source: str | None,
    driver_name: str,
    pair: str | None,
    profile_name: str,
    station_file: Path | None,
    as_json: bool,
    **values: str | None,
) -> int:
    """Ask or take what was given, judge it and keep the record."""
    from linetest.acceptance.single import judge_and_keep
    from linetest.catalog import load_profile
    from linetest.copper.electricals import measure
    from linetest.copper.settings import settings_of
    from linetest.model.clock import now_text

    loaded = load_profile(profile_name)
    check_line_profile(loaded, "line", _DEFAULT_PROFILE)
    settings = settings_of(loaded).electricals
    limits = loaded.profile.limit
    started_at = now_text()
    typed = {name.replace("_", "-"): text for name, text in values.items() if text is not None}
    sent = None if source is None else _sent(source, driver_name, station_file)
    from_tester = frozenset(sent.typed).difference(typed) if sent else frozenset()
    typed = {**(sent.typed if sent else {}), **typed}
    if not typed:
        _refuse_without_terminal()
        asked = _ask_all(limits, settings)
        if asked is None:
            return STOPPED
        typed = asked
    measured = measure(typed, limits, settings, sent=from_tester, pair=pair)
    if sent is not None:
        measured = _with_what_was_sent(measured, sent)
    _say_danger(measured)
    record = judge_and_keep(measured, loaded, "copper", started_at=started_at)
    if as_json:
        print_json(record)
    else:
        print_record(record)
    return exit_of(record.verdict)


def _sent(source: str, driver_name: str, station_file: Path | None) -> "LineTesterReading":
    """Return what a line tester sent, now or into a file."""
    from linetest.devices.driver_file import load_driver
    from linetest.devices.line_tester import parse_protocol, read_tester
    from linetest.devices.station import default_station_path, device_for, load_station
    from linetest.load import load_bounded
    from linetest.safe import evidence_name

    path = Path(source)
    if not path.is_file():
        return read_tester(device_for(load_station(station_file or default_station_path()), "line-tester", source))
    tester = load_driver(driver_name).tester
    if tester is None:
        raise UsageError(_("driver {driver} is not of a line tester").format(driver=driver_name))
    text = load_bounded(path, _LARGEST_TEXT).decode("utf-8-sig", errors="replace")
    return parse_protocol(tester, evidence_name(source), text)


def _with_what_was_sent(measured: "Measurement", sent: "LineTesterReading") -> "Measurement":
    import msgspec

    from linetest.acceptance.measure import read_by

    return msgspec.structs.replace(
        read_by(measured, sent.device),
        evidence=[*measured.evidence, *sent.evidence],
        warnings=[*measured.warnings, *sent.warnings],
        simulated=sent.simulated,
    )


def _refuse_without_terminal() -> None:
    if not may_ask():
        raise UsageError(
            _("no value was given, and there is no terminal to ask at"),
            _("give --foreign-ac, --foreign-dc, --insulation-ab and so on; `linetest copper enter --help` shows all"),
        )


def _ask_all(limits: "list[Limit]", settings: "ElectricalSettings") -> dict[str, str] | None:
    """Ask for each value that the profile limits; None when the person stopped, and what was entered is shown."""
    from linetest.copper.electricals import wanted_by

    typed: dict[str, str] = {}
    say(_("Enter alone passes over what was not measured."))
    try:
        for quantity in wanted_by(limits):
            text = _ask(quantity)
            if text:
                typed[quantity.name] = text
            if _is_dangerous(typed, settings):
                break
    except (KeyboardInterrupt, click.Abort):
        say("")
        say(_("Stopped."))
        if typed:
            say(_("Nothing is lost; go on with what you had entered:"))
            say("linetest copper enter " + " ".join(f'--{name} "{text}"' for name, text in typed.items()))
        return None
    return typed


def _ask(quantity: "Quantity") -> str:
    """Ask until the answer is a value or empty."""
    from linetest.copper.electricals import parse_value
    from linetest.model.metrics import METRICS

    question = f"{_(quantity.title)} [{METRICS[quantity.metric].unit}]"
    while True:
        text: str = click.prompt(question, default="", show_default=False, err=True).strip()
        try:
            if text:
                parse_value(quantity, text)
        except UsageError as error:
            say(safe_text(_("; ").join((error.what, error.hint))))
            continue
        return text


def _is_dangerous(typed: dict[str, str], settings: "ElectricalSettings") -> bool:
    from linetest.copper.electricals import BY_NAME, dangerous_v, parse_value

    return dangerous_v({name: parse_value(BY_NAME[name], text) for name, text in typed.items()}, settings) is not None


def _say_danger(measured: "Measurement") -> None:
    """Say it before anything else is shown."""
    from linetest.copper.electricals import VOLTAGES
    from linetest.model.codes import Warn

    if Warn.SAFETY_STOP in measured.warnings:
        metrics = {quantity.metric for quantity in VOLTAGES}
        voltages = [abs(one.value) for one in measured.readings if one.metric in metrics and one.value is not None]
        say(
            _("STOP: {voltage:g} V on the pair. Do not touch it. Nothing else is measured until it is gone.").format(
                voltage=max(voltages)
            )
        )
