"""`linetest service`: does the service work at this port, and if not, whose fault is it."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from linetest.cli.options import (
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
from linetest.safe import safe_text
from linetest.words.text import N_, _

if TYPE_CHECKING:
    from linetest.model.profile import LoadedProfile
    from linetest.service.settings import ServiceSettings

_DEFAULT_PROFILE = "broadband-90"
_POINTS = ("direct", "behind-cpe")
_WAYS = ("system", "dhcp", "pppoe")
_TESTS = ("neighbours", "routers", "dns", "latency", "mtu", "rate", "iptv", "voip")
_EVENTS = {
    "started": N_("{test} ..."),
    "done": N_("{test}: done"),
    "failed": N_("{test}: could not be done"),
}


@click.group(
    "service",
    short_help=_("Test the service at the customer's port, and find whose fault it is."),
    help=_(
        "Test the service at the customer's port: dialling in, names, delay, rate, television, telephone; and find "
        "whose fault it is where it does not work.\n\nExample: linetest service check WO-1001 --point direct"
    ),
)
@standard_options
def command() -> None:
    """Hold the commands about services."""


@command.command(
    "check",
    help=_(
        "Test the service at one point and judge it: `direct` is the operator's end of the line, with the "
        "customer's router taken off; `behind-cpe` is behind that router. ORDER gives account and contracted rates.\n\n"
        "The rate is tested over any of the three connections. Over a session or lease of linetest's own, tagged or "
        "not, a port of the system carries its TCP meanwhile; that needs CAP_NET_ADMIN beside CAP_NET_RAW. Half of "
        "one core moved 400 Mbit/s; where the laptop was the limit, the result says at least.\n\n"
        "What it changes (session, lease, group, port) is put back, on Ctrl-C too; what was measured until then is "
        "judged and kept, and the exit code is 4.\n\n"
        "Example: linetest service check WO-1001 --interface eth0 --vlan 41 --connect pppoe --test rate"
    ),
)
@click.argument("order", metavar=_("[ORDER]"), required=False)
@click.option("--line", "line_id", metavar=_("LINE"), help=_("The line of an order that has many."))
@click.option("--device", metavar=_("NAME"), help=_("The access port of the station; needed where it has several."))
@click.option("--interface", metavar="IF", help=_("The network interface; else the station's access port."))
@click.option(
    "--vlan", "vlans", multiple=True, metavar="TAG", help=_("A VLAN tag, the outer one first: 41, 802.1ad:10.")
)
@click.option("--point", type=click.Choice(_POINTS), help=_("Where the laptop is plugged in; else the profile's."))
@click.option("--connect", type=click.Choice(_WAYS), help=_("How the line is entered; else the profile's."))
@click.option("--user", metavar=_("NAME"), help=_("The name to dial in with; else the order's account."))
@click.option(
    "--password",
    "password_source",
    metavar=_("SOURCE"),
    help=_("Where the password lies, never itself: prompt, file:PATH, keyring:NAME, env:NAME."),
)
@click.option("--test", "tests", multiple=True, type=click.Choice(_TESTS), help=_("Only this test; may be repeated."))
@click.option("--server", "servers", multiple=True, metavar="KEY=VALUE", help=_("A server, such as iperf3=192.0.2.1."))
@click.option("--down-mbps", type=click.FloatRange(0, min_open=True), metavar="N", help=_("The contracted rate."))
@click.option(
    "--up-mbps", type=click.FloatRange(0, min_open=True), metavar="N", help=_("The contracted rate upstream.")
)
@station_option
@profile_option(_DEFAULT_PROFILE)
@json_option
@standard_options
def check(profile_name: str, as_json: bool, **asked: Any) -> int:
    """Test, judge and keep."""
    from linetest.acceptance.single import judge_and_keep
    from linetest.cli.service_access import asked_access
    from linetest.model.clock import now_text
    from linetest.service.measure import measure

    loaded = _load_profile(profile_name)
    settings = _settings(loaded, asked)
    access, order, line = asked_access(asked, settings)
    started_at = now_text()
    outcome = measure(access, settings, _tell)
    measured = outcome.measured
    if measured.trouble:
        say(safe_text(measured.trouble))
    record = judge_and_keep(measured, loaded, "service", started_at=started_at, order=order, line=line)
    if as_json:
        print_json(record)
    else:
        print_record(record)
    return STOPPED if outcome.stopped else exit_of(record.verdict)


@command.command(
    "isolate",
    help=_(
        "Put the records of the two points side by side and say whose fault it is, with the observations that prove "
        "it. RECORD is the id of a kept record, the beginning of one, or `last`. Without the evidence the answer is "
        "undetermined, never the customer. The answer is kept as a record of its own; --page writes it for the "
        "customer, in plain words.\n\n"
        "Example: linetest service isolate 3f2a 91bc --page customer.html"
    ),
)
@click.argument("records", metavar=_("RECORD [RECORD]"), nargs=-1, required=True)
@click.option("--device-fails", is_flag=True, help=_("The customer's own device does not work: you saw it."))
@click.option(
    "--page", type=click.Path(path_type=Path, dir_okay=False), metavar=_("FILE"), help=_("The page for the customer.")
)
@json_option
@standard_options
def isolate(records: tuple[str, ...], device_fails: bool, page: Path | None, as_json: bool) -> int:
    """Judge both together, keep the answer, show it."""
    from linetest.acceptance.isolation import isolate_kept
    from linetest.reports.customer_page import render_customer_page
    from linetest.reports.files import write_report

    record = isolate_kept(list(dict.fromkeys(records)), device_fails=device_fails)
    if page is not None:
        write_report(page, render_customer_page(record))
        say(_("Report: {file}").format(file=safe_text(str(page))))
    if as_json:
        print_json(record)
    else:
        print_record(record)
    return exit_of(record.verdict)


def _load_profile(name: str) -> "LoadedProfile":
    """Return the profile; refuse one that says nothing about services."""
    from linetest.cli.room_profile import room_profile

    return room_profile(name, _DEFAULT_PROFILE, _("services"), lambda limit: limit.room == "service")


def _settings(loaded: "LoadedProfile", asked: dict[str, Any]) -> "ServiceSettings":
    """Return the profile's settings with what the person said otherwise."""
    import msgspec

    from linetest.model.profile import step_settings
    from linetest.service.settings import ServiceSettings

    settings = step_settings(loaded, "service", ServiceSettings)
    said: dict[str, Any] = {name: asked[name] for name in ("point", "connect") if asked[name] is not None}
    if asked["tests"]:
        said["tests"] = list(dict.fromkeys(asked["tests"]))
    return msgspec.structs.replace(settings, **said)


def _tell(test: str, event: str) -> None:
    say(_(_EVENTS[event]).format(test=test))
