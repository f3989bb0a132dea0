"""`linetest epon`: who speaks on which LLID, and may it."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from linetest.cli.options import (
    exit_of,
    json_option,
    print_json,
    print_record,
    profile_option,
    standard_options,
)
from linetest.errors import UsageError
from linetest.words.text import _

if TYPE_CHECKING:
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
        "Example: linetest epon audit pon.pcap --onu 3 --vlan-plan vlans.toml"
    )
)
@click.argument("capture", metavar=_("CAPTURE"), type=click.Path(path_type=Path))
@click.option("--onu", metavar="MAC|LLID", help=_("Tell of this ONU only."))
@click.option("--reach-km", type=float, metavar="KM", help=_("The planned reach; else the profile's."))
@click.option(
    "--vlan-plan",
    "plan_file",
    type=click.Path(path_type=Path),
    metavar=_("FILE"),
    help=_('Which VLANs belong where: TOML such as 1 = [101], "00:25:9e:30:00:02" = [102], shared = [4000].'),
)
@profile_option(_DEFAULT_PROFILE)
@json_option
@standard_options
def audit(
    capture: Path, onu: str | None, reach_km: float | None, plan_file: Path | None, profile_name: str, as_json: bool
) -> int:
    """Audit, judge and keep."""
    from linetest.acceptance.single import judge_and_keep
    from linetest.epon.measure import Asked, measure
    from linetest.epon.onu_wanted import parse_onu
    from linetest.model.clock import now_text

    loaded = _load_profile(profile_name)
    started_at = now_text()
    asked = Asked(
        settings=_settings(loaded, reach_km),
        plan=_plan(plan_file),
        onu=parse_onu(onu) if onu is not None else None,
    )
    measured = measure(capture, loaded.profile.limit, asked, workers=2)
    record = judge_and_keep(measured, loaded, "epon", started_at=started_at)
    if as_json:
        print_json(record)
    else:
        print_record(record)
    return exit_of(record.verdict)


def _load_profile(name: str) -> "LoadedProfile":
    """Return the profile; refuse one that says nothing about captures."""
    from linetest.acceptance.measure import check_profile
    from linetest.catalog import load_profile

    loaded = load_profile(name)
    check_profile(loaded)
    if not any(limit.room == "epon" for limit in loaded.profile.limit):
        raise UsageError(
            _("the profile {name} has no limits for EPON captures").format(name=loaded.profile.name),
            _("`linetest profile list` shows all profiles; {name} is one for captures").format(name=_DEFAULT_PROFILE),
        )
    return loaded


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
