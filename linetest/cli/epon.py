"""`linetest epon`: who speaks on which LLID, and may it."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from linetest.cli.options import (
    PASSED,
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
    from linetest.cli.epon_live import Live
    from linetest.epon.settings import EponSettings
    from linetest.epon.vlan_plan import VlanPlan
    from linetest.model.profile import LoadedProfile

_DEFAULT_PROFILE = "epon-ctc"
_LARGEST_PLAN = 1 << 20


@click.group(
    "epon",
    short_help=_("Audit a capture of an EPON: who speaks on which LLID, and may it."),
    help=_(
        "Audit a capture of an EPON: who speaks on which LLID, and may it.\n\n"
        "Example: linetest epon audit pon.pcap --onu 00:25:9e:30:00:02"
    ),
)
@standard_options
def command() -> None:
    """Hold the commands about EPON captures."""


@command.command(
    help=_(
        "Audit a capture, pcap or pcapng, plain or gzip, as a PON analyser saves it: how far did each ONU get, who "
        "ended it, and which rules of 802.3 and CTC were broken, with the frames that prove it.\n\n"
        "With --interface it captures first. Ctrl-C ends the capture; what came until then is judged and kept, and the "
        "exit code is 4. When --seconds end it, the exit code is the verdict's.\n\n"
        "Example: linetest epon audit pon.pcap --onu 3 --vlan-plan vlans.toml"
    )
)
@click.argument("capture", metavar=_("[CAPTURE]"), required=False, type=click.Path(path_type=Path))
@click.option("--interface", metavar="IF", help=_("Capture from this network interface instead of reading a file."))
@click.option(
    "--seconds",
    type=click.FloatRange(0.0, min_open=True),
    metavar="N",
    help=_("Capture for so long; else until Ctrl-C."),
)
@click.option(
    "--save",
    "save_file",
    type=click.Path(path_type=Path),
    metavar=_("FILE"),
    help=_("Keep what --interface captured, LOID passwords included, as pcap."),
)
@click.option("--onu", metavar="MAC|LLID", help=_("Tell of this ONU only."))
@click.option("--reach-km", type=float, metavar="KM", help=_("The planned reach; else the profile's."))
@click.option(
    "--vlan-plan",
    "plan_file",
    type=click.Path(path_type=Path),
    metavar=_("FILE"),
    help=_('Which VLANs belong where: TOML such as 1 = [101], "00:25:9e:30:00:02" = [102], shared = [4000].'),
)
@click.option("--olt", metavar=_("NAME"), help=_("Show beside them the counters that this OLT of the station has."))
@station_option
@profile_option(_DEFAULT_PROFILE)
@json_option
@standard_options
def audit(
    capture: Path | None,
    interface: str | None,
    seconds: float | None,
    save_file: Path | None,
    onu: str | None,
    reach_km: float | None,
    plan_file: Path | None,
    olt: str | None,
    station_file: Path | None,
    profile_name: str,
    as_json: bool,
) -> int:
    """Audit, judge and keep."""
    from linetest.acceptance.single import judge_and_keep
    from linetest.cli.epon_live import Live, measure_live
    from linetest.cli.epon_olt import read_olt_counters, with_olt
    from linetest.epon.measure import Asked, measure
    from linetest.epon.onu_wanted import parse_onu
    from linetest.model.clock import now_text

    live = Live(interface, seconds, save_file)
    _check_source(capture, live)
    loaded = _load_profile(profile_name)
    started_at = now_text()
    asked = Asked(
        settings=_settings(loaded, reach_km),
        plan=_plan(plan_file),
        onu=parse_onu(onu) if onu is not None else None,
    )
    limits = loaded.profile.limit
    if capture is None:
        measured, code = measure_live(live, limits, asked)
    else:
        measured, code = measure(capture, limits, asked), PASSED
    if olt is not None:
        measured = with_olt(measured, olt, read_olt_counters(olt, station_file))
    record = judge_and_keep(measured, loaded, "epon", started_at=started_at)
    if as_json:
        print_json(record)
    else:
        print_record(record)
    return first_exit([code, exit_of(record.verdict)])


def _check_source(capture: Path | None, live: "Live") -> None:
    """Refuse two sources or none, and what only belongs to an interface."""
    if (capture is None) == (live.interface is None):
        raise UsageError(
            _("name one capture file or one --interface"),
            _("linetest epon audit pon.pcap, or linetest epon audit --interface eth1 --seconds 10"),
        )
    for option, value in (("--seconds", live.seconds), ("--save", live.save_file)):
        if value is not None and live.interface is None:
            raise UsageError(_("{option} belongs to --interface").format(option=option), _("leave it out"))


def _load_profile(name: str) -> "LoadedProfile":
    """Return the profile; refuse one that says nothing about captures."""
    from linetest.cli.room_profile import room_profile

    return room_profile(name, _DEFAULT_PROFILE, _("EPON captures"), lambda limit: limit.room == "epon")


def _settings(loaded: "LoadedProfile", reach_km: float | None) -> "EponSettings":
    """Return the profile's settings with the reach that the person named."""
    import msgspec

    from linetest.epon.settings import settings_of

    settings = settings_of(loaded)
    if reach_km is None:
        return settings
    try:
        return msgspec.structs.replace(settings, reach_km=reach_km)
    except ValueError as error:
        raise UsageError(str(error), _("give the length of the fibre in kilometres")) from error


def _plan(path: Path | None) -> "VlanPlan | None":
    """Return the plan of VLANs in a file, if one is named."""
    if path is None:
        return None
    from linetest.epon.vlan_plan import read_vlan_plan
    from linetest.load import load_bounded

    return read_vlan_plan(load_bounded(path, _LARGEST_PLAN).decode("utf-8", errors="replace"), str(path))
