"""`linetest copper check`: the crosstalk of copper pairs, judged from a sweep."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from linetest.cli.copper_live import check_live, resume_live
from linetest.cli.copper_measure import measure_path
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
    station_option,
)
from linetest.cli.outputs import check_report_name, numbered, report_option, write_asked
from linetest.errors import FileError, UsageError
from linetest.safe import safe_text
from linetest.words.text import _

if TYPE_CHECKING:
    from linetest.copper.sweep import SweepOptions
    from linetest.model.profile import LoadedProfile
    from linetest.model.reading import Measurement

_DEFAULT_PROFILE = "adsl-prequal"
_BESIDE = {
    "files": ("profile_name", "ports", "sign", "pair", "disturber", "assume_ghz"),
    "meter": ("profile_name", "ports", "pairs", "folder", "station_file"),
    "resume": (),
}
"""The three ways to a sweep, and the options that each understands."""


@click.command(
    help=_(
        "Judge sweeps of a cable: a Touchstone file (.s8p and so on, .ts) or a CSV file; a folder of files that make "
        "the cable together, one of every two pairs; or a manifest of such files. Each becomes a record.\n\n"
        "In a folder every file says what its ports are: `! Port[1] = PAIR1_NEAR`. Where they do not, a manifest "
        "does, binder.toml in the folder or any other name:\n\n"
        "\b\n"
        'pairs = ["PAIR1", "PAIR2", "PAIR3"]\n'
        "[[sweep]]\n"
        'file = "1-2.s4p"\n'
        'ports = ["PAIR1_NEAR", "PAIR1_FAR", "PAIR2_NEAR", "PAIR2_FAR"]\n\n'
        "`pairs` may be left out. Of single-ended ports the labels end in A and B; a CSV file takes sign, pair and "
        "disturber.\n\n"
        "With --meter a binder is measured now: you are told step by step which two ends to connect.\n\n"
        "Example: linetest copper check binder.s8p --report binder.html\n\n"
        "Ports by hand: linetest copper check binder.s4p --ports PAIR1_NEAR,PAIR1_FAR,PAIR2_NEAR,PAIR2_FAR\n\n"
        "With an analyser: linetest copper check --meter vna --pairs 4 --folder binder"
    )
)
@click.argument("files", metavar=_("FILE|FOLDER|MANIFEST..."), nargs=-1, type=click.Path(path_type=Path))
@profile_option(_DEFAULT_PROFILE)
@click.option("--ports", metavar=_("LIST"), help=_("What is at port 1, 2, …: PAIR1_NEAR,PAIR1_FAR and so on."))
@click.option("--sign", type=click.Choice(["gain", "loss"]), help=_("How to read CSV columns that do not say it."))
@click.option("--pair", metavar=_("LABEL"), help=_("The disturbed pair of a CSV file without a pair column."))
@click.option("--disturber", metavar=_("LABEL"), help=_("The disturbing pair of a CSV file without such a column."))
@click.option("--assume-ghz", is_flag=True, help=_("Read a Touchstone file without option line as GHz, MA, 50 ohm."))
@click.option("--meter", metavar=_("NAME"), help=_("Measure now, with this network analyser of the station."))
@click.option("--pairs", type=click.IntRange(1, 25), help=_("With --meter: how many pairs the binder has."))
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    metavar=_("FOLDER"),
    help=_("With --meter: where the sweeps are kept, a Touchstone file for each two ends."),
)
@click.option("--resume", metavar=_("RUN"), help=_("Go on with a binder whose measurement was stopped; or `last`."))
@station_option
@report_option
@json_option
@standard_options
@click.pass_context
def check(
    context: click.Context,
    /,
    files: tuple[Path, ...],
    profile_name: str,
    ports: str | None,
    sign: str | None,
    pair: str | None,
    disturber: str | None,
    assume_ghz: bool,
    report: Path | None,
    as_json: bool,
    **live: Any,
) -> int:
    """Measure, judge and keep every file; one file alone that cannot be read makes no record."""
    from linetest.acceptance.single import judge_and_keep
    from linetest.model.clock import now_text

    _check_usage(context)
    check_report_name(report)
    if resume := live.pop("resume"):
        return resume_live(resume, report=report, as_json=as_json)
    loaded = _load_profile(profile_name)
    if live["meter"]:
        return check_live(loaded, ports=ports, report=report, as_json=as_json, **live)
    options = _options(ports, sign, pair, disturber, assume_ghz)
    records = []
    unwritten = False
    for number, path in enumerate(files, start=1):
        started_at = now_text()
        measurement = _measure_among(path, options, loaded) if len(files) > 1 else measure_path(path, options, loaded)
        records.append(judge_and_keep(measurement, loaded, "copper", started_at=started_at))
        if not as_json:
            click.echo(safe_text(str(path)))
            print_record(records[-1])
        unwritten |= not write_asked(records[-1], numbered(report, number, len(files)))
    if as_json:
        print_json(records[0] if len(records) == 1 else {"schema": "linetest.records/1", "records": records})
    return first_exit([*(exit_of(record.verdict) for record in records), *([USAGE] if unwritten else [])])


def _check_usage(context: click.Context) -> None:
    """Refuse options that exclude one another, so that none is silently ignored, and none at all."""
    options = {parameter.name: parameter.get_error_hint(context) for parameter in context.command.params}
    given = [name for name in options if context.get_parameter_source(name or "") is ParameterSource.COMMANDLINE]
    ways = [name for name in _BESIDE if name in given]
    if not ways:
        raise UsageError(
            _("what is to be judged is missing"), _("linetest copper check FILE..., or --meter NAME, or --resume RUN")
        )
    excess = [name for name in given if name not in ("as_json", "report", ways[0], *_BESIDE[ways[0]])]
    if excess:
        raise UsageError(
            _("{one} and {other} exclude one another").format(one=options[ways[0]], other=options[excess[0]]),
            _("leave one of them away; a resumed measurement has its plan already"),
        )


def _load_profile(name: str) -> "LoadedProfile":
    from linetest.cli.room_profile import room_profile
    from linetest.copper.quantities import SWEPT

    return room_profile(name, _DEFAULT_PROFILE, _("copper"), lambda limit: limit.metric in SWEPT)


def _options(
    ports: str | None, sign: str | None, pair: str | None, disturber: str | None, assume_ghz: bool
) -> "SweepOptions":
    import msgspec

    from linetest.copper.ports import parse_label
    from linetest.copper.sweep import SweepOptions

    labels = None if ports is None else [label.strip() for label in ports.split(",")]
    for label in labels or []:
        parse_label(label)  # refused before any file is read
    said = {"ports": labels, "sign": sign, "pair": pair, "disturber": disturber, "assume_ghz": assume_ghz}
    return msgspec.convert(said, SweepOptions)


def _measure_among(path: Path, options: "SweepOptions", loaded: "LoadedProfile") -> "Measurement":
    """Measure one file of several: one that cannot be read is inconclusive, and the others are still judged."""
    import msgspec

    from linetest.acceptance.measure import unmeasured
    from linetest.model.codes import Reason
    from linetest.safe import evidence_name

    try:
        return measure_path(path, options, loaded)
    except FileError as error:
        say(safe_text(error.what))
        limits = [limit for limit in loaded.profile.limit if limit.metric.startswith("copper.")]
        nothing = unmeasured(limits, Reason.UNREADABLE, None, False)
        return msgspec.structs.replace(
            nothing, details={"sweep": evidence_name(str(path)), "fault": str(Reason.UNREADABLE)}
        )
