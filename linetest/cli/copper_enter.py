"""`linetest copper enter`: the electrical values of a pair, entered one by one or by options, and judged."""

from collections.abc import Callable
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
)
from linetest.errors import UsageError
from linetest.safe import safe_text
from linetest.words.text import N_, _

if TYPE_CHECKING:
    from linetest.copper.electricals import ElectricalSettings, Quantity
    from linetest.model.limit import Limit

F = TypeVar("F", bound=Callable[..., Any])
_DEFAULT_PROFILE = "copper-pair-carrier-2005"
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
@click.option("--pair", metavar=_("LABEL"), help=_("What the pair is called."))
@profile_option(_DEFAULT_PROFILE)
@json_option
@standard_options
def enter(profile_name: str, pair: str | None, as_json: bool, **values: str | None) -> int:
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
    if not typed:
        _refuse_without_terminal()
        asked = _ask_all(limits, settings)
        if asked is None:
            return STOPPED
        typed = asked
    measured = measure(typed, limits, settings, by_hand=True, pair=pair)
    _say_danger(typed, settings)
    record = judge_and_keep(measured, loaded, "copper", started_at=started_at)
    if as_json:
        print_json(record)
    else:
        print_record(record)
    return exit_of(record.verdict)


def _refuse_without_terminal() -> None:
    if not may_ask():
        raise UsageError(
            _("no value was given, and there is no terminal to ask at"),
            _("give --foreign-ac, --foreign-dc, --insulation-ab and so on; `linetest copper enter --help` shows all"),
        )


def _ask_all(limits: "list[Limit]", settings: "ElectricalSettings") -> dict[str, str] | None:
    """Ask for each value that the profile limits; None when the person stopped, and what was entered is shown."""
    from linetest.copper.electricals import VOLTAGES, wanted_by

    typed: dict[str, str] = {}
    say(_("Enter alone passes over what was not measured."))
    try:
        for quantity in wanted_by(limits):
            if quantity not in VOLTAGES and _danger(typed, settings):
                break
            text = _ask(quantity)
            if text:
                typed[quantity.name] = text
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
            say(safe_text(f"{error.what}; {error.hint}"))
            continue
        return text


def _danger(typed: dict[str, str], settings: "ElectricalSettings") -> float | None:
    from linetest.copper.electricals import BY_NAME, dangerous_v, parse_value

    return dangerous_v({name: parse_value(BY_NAME[name], text) for name, text in typed.items()}, settings)


def _say_danger(typed: dict[str, str], settings: "ElectricalSettings") -> None:
    """Say it before anything else is shown."""
    if (voltage_v := _danger(typed, settings)) is not None:
        say(
            _("STOP: {voltage:g} V on the pair. Do not touch it. Nothing else is measured until it is gone.").format(
                voltage=voltage_v
            )
        )
