"""`linetest copper tones`: what a DSL modem or DSLAM tells of its line, judged."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from linetest.cli.options import (
    USAGE,
    exit_of,
    json_option,
    print_json,
    print_record,
    profile_option,
    say,
    standard_options,
    station_option,
)
from linetest.cli.outputs import check_report_name, report_option, write_asked
from linetest.errors import UsageError, nearest
from linetest.safe import safe_text
from linetest.words.text import _

if TYPE_CHECKING:
    from linetest.devices.dsl_open import DslReading
    from linetest.model.profile import LoadedProfile

_DEFAULT_PROFILE = "adsl-line"


@click.command(
    "tones",
    help=_(
        "Judge a line by what its DSL modem or DSLAM tells: noise margin, attenuation, noise over the tones, bridged "
        "taps, tones that carry nothing. Give the modem's own texts as FILEs (several are about one line), an SNMP "
        "recording (.snmprec), a saved page, or a DEVICE of the station. Crosstalk cannot be told from it.\n\n"
        "Example: linetest copper tones stats.txt qln.txt hlog.txt"
    ),
)
@click.argument("sources", metavar=_("FILE...|DEVICE"), nargs=-1, required=True)
@profile_option(_DEFAULT_PROFILE)
@click.option(
    "--driver", "driver_name", metavar=_("NAME"), help=_("The driver that reads the FILEs; found when absent.")
)
@click.option("--line", type=click.IntRange(1), metavar=_("IFINDEX"), help=_("The line, of a device that has several."))
@station_option
@report_option
@json_option
@standard_options
def tones(
    sources: tuple[str, ...],
    profile_name: str,
    driver_name: str | None,
    line: int | None,
    station_file: Path | None,
    report: Path | None,
    as_json: bool,
) -> int:
    """Measure, judge and keep one record; a file that cannot be read makes none."""
    import msgspec

    from linetest.acceptance.records import evidence_files
    from linetest.acceptance.single import judge_and_keep
    from linetest.catalog import load_profile
    from linetest.copper.settings import settings_of
    from linetest.copper.tones import measure
    from linetest.model.clock import now_text

    check_report_name(report)
    loaded = load_profile(profile_name)
    check_line_profile(loaded, "tones", _DEFAULT_PROFILE)
    started_at = now_text()
    measured = measure(_told(sources, driver_name, line, station_file), settings_of(loaded).tones)
    measured = msgspec.structs.replace(measured, evidence=evidence_files([measured]))  # two files may have one name
    record = judge_and_keep(measured, loaded, "copper", started_at=started_at)
    for row in record.details["tones"]["unread"]:
        say(_("not understood: {row}").format(row=safe_text(row)))
    if as_json:
        print_json(record)
    else:
        print_record(record)
    return exit_of(record.verdict) if write_asked(record, report) else USAGE


def check_line_profile(loaded: "LoadedProfile", kind: str, example: str) -> None:
    """Refuse a profile that limits nothing of what is measured here; `kind` is ``tones`` or ``line``."""
    from linetest.acceptance.measure import check_profile
    from linetest.model.metrics_copper_line import COPPER_LINE
    from linetest.model.metrics_copper_tones import COPPER_TONES

    check_profile(loaded)
    measured = {metric.name for metric in (COPPER_TONES if kind == "tones" else COPPER_LINE)}
    if measured.isdisjoint(limit.metric for limit in loaded.profile.limit):
        raise UsageError(
            _("the profile {name} limits nothing that is measured here").format(name=loaded.profile.name),
            _("`linetest profile list` shows all profiles; {name} is one for this").format(name=example),
        )


def _told(
    sources: tuple[str, ...], driver_name: str | None, line: int | None, station_file: Path | None
) -> "DslReading":
    from linetest.devices.dsl_open import LARGEST_TEXT, read_saved
    from linetest.load import load_bounded

    paths = [Path(source) for source in sources]
    if len(sources) == 1 and not paths[0].exists() and _looks_like_a_name(sources[0]):
        return _asked(sources[0], line, station_file)
    files = [(str(path), load_bounded(path, LARGEST_TEXT)) for path in paths]
    return read_saved(files, driver_name, line)


def _looks_like_a_name(source: str) -> bool:
    return not Path(source).suffix and "/" not in source and "\\" not in source


def _asked(name: str, line: int | None, station_file: Path | None) -> "DslReading":
    from linetest.devices.dsl_open import read_modem
    from linetest.devices.station import default_station_path, device_for, load_station

    path = station_file or default_station_path()
    if not path.is_file():
        raise UsageError(
            _("there is no file {name!r}, and no station file that could have a device of this name").format(name=name),
            _("give the text of the modem as a FILE, or name the station with --station"),
        )
    station = load_station(path)
    if name not in station.device:
        raise UsageError(
            _("there is neither a file nor a device {name!r}; devices: {names}").format(
                name=name, names=nearest(name, list(station.device)) or _("none")
            )
        )
    return read_modem(device_for(station, "dsl-modem", name), line)
