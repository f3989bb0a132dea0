"""`linetest otdr check`: measure traces, judge them and keep the records."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from linetest.cli.options import (
    USAGE,
    exit_of,
    first_exit,
    json_option,
    print_json,
    print_record,
    profile_option,
    say,
    standard_options,
)
from linetest.cli.outputs import check_report_name, numbered, report_option, tell_unwritten, write_asked
from linetest.errors import FileError, UsageError
from linetest.safe import safe_text
from linetest.words.text import _

if TYPE_CHECKING:
    from linetest.model.profile import LoadedProfile
    from linetest.model.reading import Measurement
    from linetest.model.record import Record
    from linetest.otdr.settings import OtdrSettings

_DEFAULT_PROFILE = "ftth-drop"


@click.command(
    "check",
    help=_(
        "Measure and judge traces. Each FILE becomes a record of its own, unless --together says that they are of one "
        "fibre from one end, such as two wavelengths: only then a bend can be told from a splice.\n\n"
        "Example: linetest otdr check a.sor --reverse b.sor --profile p2p-fibre"
    ),
)
@click.argument("files", metavar=_("FILE..."), nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--reverse",
    "reverse_files",
    multiple=True,
    metavar=_("FILE"),
    type=click.Path(path_type=Path),
    help=_("The same fibre from its other end: losses are averaged. One for each wavelength."),
)
@click.option("--together", is_flag=True, help=_("All FILEs are one fibre from one end: one record."))
@profile_option(_DEFAULT_PROFILE)
@click.option("--launch", "launch_m", type=float, metavar=_("METRES"), help=_("Length of the launch reel."))
@click.option("--receive", "receive_m", type=float, metavar=_("METRES"), help=_("Length of the receive reel."))
@click.option(
    "--plot",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar=_("FILE"),
    help=_("Also draw the trace: .png or .svg; several are numbered."),
)
@report_option
@json_option
@standard_options
def check(
    files: tuple[Path, ...],
    reverse_files: tuple[Path, ...],
    together: bool,
    profile_name: str,
    launch_m: float | None,
    receive_m: float | None,
    plot: Path | None,
    report: Path | None,
    as_json: bool,
) -> int:
    """Measure, judge and keep; one file alone that cannot be read makes no record."""
    from linetest.acceptance.single import judge_and_keep
    from linetest.model.clock import now_text

    check_outputs(plot, report)
    loaded = load_otdr_profile(profile_name)
    settings = with_reels(loaded, launch_m, receive_m)
    together = together or bool(reverse_files)
    groups = [list(files)] if together else [[path] for path in files]
    records = []
    unwritten = False
    for number, group in enumerate(groups, start=1):
        started_at = now_text()
        if len(groups) > 1:
            measurement = _measure_among(group[0], settings, loaded)
        else:
            measurement = _measure(group, reverse_files, settings)
        records.append(judge_and_keep(measurement, loaded, "otdr", started_at=started_at))
        if not as_json:
            click.echo(safe_text(" + ".join(map(str, group))))
            print_record(records[-1])
        unwritten |= not _write(records[-1], numbered(plot, number, len(groups)), numbered(report, number, len(groups)))
    if as_json:
        print_json(records[0] if len(records) == 1 else {"schema": "linetest.records/1", "records": records})
    return first_exit([*(exit_of(record.verdict) for record in records), *([USAGE] if unwritten else [])])


def load_otdr_profile(name: str) -> "LoadedProfile":
    """Return the profile; refuse one that says nothing about traces."""
    from linetest.cli.room_profile import room_profile

    return room_profile(name, _DEFAULT_PROFILE, _("traces"), lambda limit: limit.room == "otdr")


def with_reels(loaded: "LoadedProfile | None", launch_m: float | None, receive_m: float | None) -> "OtdrSettings":
    """Return the settings of the profile with the reels that the person named; they come before the profile's."""
    import msgspec

    from linetest.otdr.settings import OtdrSettings, settings_of

    settings = OtdrSettings() if loaded is None else settings_of(loaded)
    said = {"launch_m": launch_m, "receive_m": receive_m}
    changes = {name: length_m for name, length_m in said.items() if length_m is not None}
    try:
        return msgspec.structs.replace(settings, **changes)
    except ValueError as error:
        raise UsageError(str(error), _("give the length of the reel in metres")) from error


def check_outputs(plot: Path | None, report: Path | None) -> None:
    """Refuse names of pictures and reports that cannot be written, before anything is measured."""
    if plot is not None:
        from linetest.reports.trace_plot import check_plot_name

        check_plot_name(plot)
    check_report_name(report)


def _measure(files: list[Path], reverse_files: tuple[Path, ...], settings: "OtdrSettings") -> "Measurement":
    from linetest.otdr.measure import measure
    from linetest.otdr.shot import load_shots

    shots = [shot for path in files for shot in load_shots(path, settings)]
    reverse = [shot for path in reverse_files for shot in load_shots(path, settings)]
    return measure(shots, settings, reverse or None)


def _measure_among(path: Path, settings: "OtdrSettings", loaded: "LoadedProfile") -> "Measurement":
    """Measure one file of several: one that cannot be read is inconclusive, and the others are still judged."""
    from linetest.acceptance.batch import unreadable

    try:
        return _measure([path], (), settings)
    except FileError as error:
        say(safe_text(error.what))
        return unreadable(path, b"", loaded)


def _write(record: "Record", plot: Path | None, report: Path | None) -> bool:
    """Write what was asked for; a result is never lost with its picture, so tell what could not be written.

    A file that could not be read has no picture.
    """
    written = True
    try:
        if plot is not None:
            from linetest.reports.trace_plot import write_plot
            from linetest.reports.trace_view import views_of

            if views := views_of(record.details, record.checks):
                write_plot(plot, views)
    except FileError as error:
        written = tell_unwritten(error)
    return write_asked(record, report) and written
