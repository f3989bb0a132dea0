"""`linetest otdr`: traces of optical time domain reflectometers."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from linetest.cli.options import FAILED, PASSED, json_option, print_json, standard_options
from linetest.cli.otdr_batch import batch
from linetest.cli.otdr_check import check, check_outputs, with_reels
from linetest.cli.outputs import numbered
from linetest.errors import BadFile, UsageError
from linetest.safe import safe_text
from linetest.words.text import _

if TYPE_CHECKING:
    from linetest.otdr.trace import Trace


@click.group(
    short_help=_("Read, judge, compare and redact OTDR traces."),
    help=_(
        "Read, judge, compare and redact OTDR traces: SOR files of any maker. Events are measured from the samples, "
        "not taken from the instrument's table.\n\n"
        "Example: linetest otdr check drop.sor --profile ftth-drop --report drop.html"
    ),
)
@standard_options
def command() -> None:
    """Hold the commands about traces."""


command.add_command(check)
command.add_command(batch)


@command.command(
    help=_(
        "Show what trace files say, what linetest measures in them and what the instrument's own table says. Nothing "
        "is judged or kept.\n\n"
        "Example: linetest otdr show drop.sor --verify --plot drop.png"
    )
)
@click.argument("files", metavar=_("FILE..."), nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--launch", "launch_m", type=float, metavar=_("METRES"), help=_("Length of the launch reel."))
@click.option("--receive", "receive_m", type=float, metavar=_("METRES"), help=_("Length of the receive reel."))
@click.option("--verify", is_flag=True, help=_("Check the file's checksum, as its maker computes it."))
@click.option("--personal", is_flag=True, help=_("Also show names of cables, places and people."))
@click.option(
    "--plot",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar=_("FILE"),
    help=_("Also draw the trace: .png or .svg; several are numbered."),
)
@json_option
@standard_options
def show(
    files: tuple[Path, ...],
    launch_m: float | None,
    receive_m: float | None,
    verify: bool,
    personal: bool,
    plot: Path | None,
    as_json: bool,
) -> int:
    """Print each file; one that cannot be read ends the command, as nothing is kept."""
    import msgspec

    from linetest.cli.otdr_show import print_shown, shown
    from linetest.reports.trace_view import views_of

    check_outputs(plot, None)
    settings = msgspec.structs.replace(with_reels(None, launch_m, receive_m), verify=verify)
    documents = []
    for number, path in enumerate(files, start=1):
        document = shown(path, settings, personal)
        documents.append(document)
        if not as_json:
            print_shown(document, last=number == len(files))
        if (picture := numbered(plot, number, len(files))) is not None:
            from linetest.reports.trace_plot import write_plot

            write_plot(picture, views_of(document))
    if as_json:
        print_json(documents[0] if len(documents) == 1 else {"schema": "linetest.traces/1", "traces": documents})
    return PASSED


@command.command(
    help=_(
        "Compare two traces of one fibre from one end: what is new, gone or changed, and how sure that is. Exit code "
        "0: nothing significant changed; 1: something did; 2: these two cannot be compared, with the reason.\n\n"
        "Example: linetest otdr compare birth.sor today.sor"
    )
)
@click.argument("before", type=click.Path(path_type=Path))
@click.argument("after", type=click.Path(path_type=Path))
@click.option("--launch", "launch_m", type=float, metavar=_("METRES"), help=_("Length of the launch reel."))
@click.option("--receive", "receive_m", type=float, metavar=_("METRES"), help=_("Length of the receive reel."))
@json_option
@standard_options
def compare(before: Path, after: Path, launch_m: float | None, receive_m: float | None, as_json: bool) -> int:
    """Print the changes, the significant ones first."""
    import msgspec

    from linetest.otdr.compare import compare as compare_traces
    from linetest.otdr.shot import load_shots
    from linetest.reports.trace_changes import render_changes

    settings = with_reels(None, launch_m, receive_m)
    old, new = load_shots(before, settings)[0], load_shots(after, settings)[0]
    found = compare_traces(old.trace, old.analysis, new.trace, new.analysis)
    document: dict[str, Any] = {
        "schema": "linetest.trace-comparison/1",
        "before": str(before),
        "after": str(after),
        **msgspec.to_builtins(found),
    }
    if as_json:
        print_json(document)
    else:
        click.echo(render_changes(document))
    return FAILED if any(change.significant for change in found.changes) else PASSED


@command.command(
    help=_(
        "Write a trace without the names of cables, places and people. Samples and events stay the same, and the "
        "checksum is made right where it is known how the maker computes it.\n\n"
        "Example: linetest otdr redact drop.sor drop-redacted.sor"
    )
)
@click.argument("source", metavar="IN", type=click.Path(path_type=Path))
@click.argument("target", metavar="OUT", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help=_("Overwrite OUT."))
@json_option
@standard_options
def redact(source: Path, target: Path, force: bool, as_json: bool) -> int:
    """Redact, read the result again, and only then put it in its place."""
    import hashlib

    from linetest.load import load_bounded
    from linetest.otdr.redact import redact as redact_trace
    from linetest.otdr.shot import LARGEST_FILE
    from linetest.otdr.sor import read_sor
    from linetest.reports.files import write_report

    if target.exists() and not force:
        raise UsageError(_("{file}: is there already").format(file=target), _("name another file, or say --force"))
    body = load_bounded(source, LARGEST_FILE)
    trace = read_sor(str(source), body)
    new = redact_trace(body, trace)
    _check_unchanged(source, trace, read_sor(str(target), new))
    write_report(target, new)
    hashes = [hashlib.sha256(one).hexdigest() for one in (body, new)]
    if as_json:
        print_json(
            {
                "schema": "linetest.redaction/1",
                "in": {"file": str(source), "sha256": hashes[0], "bytes": len(body)},
                "out": {"file": str(target), "sha256": hashes[1], "bytes": len(new)},
            }
        )
    else:
        for path, sha256 in zip((source, target), hashes, strict=True):
            click.echo(f"{sha256}  {safe_text(str(path))}")
    return PASSED


def _check_unchanged(source: Path, old: "Trace", new: "Trace") -> None:
    """Refuse a redacted file that lost anything of what was measured, or kept a name."""
    from linetest.cli.otdr_show import personal_texts

    same = len(old.acquisitions) == len(new.acquisitions) and all(
        a._replace(counts=b.counts) == b and a.counts.tobytes() == b.counts.tobytes()
        for a, b in zip(old.acquisitions, new.acquisitions, strict=True)
    )
    if not same or (old.table, old.fixed) != (new.table, new.fixed) or personal_texts(new):
        raise BadFile(
            _("{file}: cannot be redacted without changing what was measured; nothing was written").format(file=source),
            _("keep the file, and report which instrument wrote it"),
        )
