"""Traces as a picture in a file: PNG or SVG, drawn without a window and without words that need a font."""

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from linetest.errors import FileError, UnknownFormat
from linetest.model.codes import Verdict
from linetest.reports.files import write_report
from linetest.reports.plots import NO_METADATA, drawing, plain_words
from linetest.reports.trace_view import TraceEvent, TraceView
from linetest.words.text import _

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_ENDINGS = (".png", ".svg")
# Okabe and Ito's colours; two wavelengths or directions on one pair of axes differ by dashes too.
_LINES = (("#0072b2", "-"), ("#e69f00", "--"), ("#009e73", "-."), ("#cc79a7", ":"))
_EVENT, _FAILED, _ECHO = "#1d2733", "#a61b1b", "#8a8f98"
_LANES = 3
_APART = 0.026  # of the width: two numbers nearer to one another stand in different lanes


def check_plot_name(path: Path) -> None:
    """Refuse a name whose format is not known or whose folder is not there, before anything is measured."""
    if path.suffix.lower() not in _ENDINGS:
        raise UnknownFormat(
            _("{file}: no picture has the ending {ending!r}").format(file=path, ending=path.suffix),
            _("name a file that ends in {endings}").format(endings=", ".join(_ENDINGS)),
        )
    if not path.absolute().parent.is_dir():
        raise FileError(_("{file}: there is no such folder").format(file=path), _("make the folder first"))


def write_plot(path: Path, views: list[TraceView]) -> None:
    """Write the traces as one picture; events are those of the first one.

    Raises:
        FileError: the file cannot be written, or there is nothing to draw.
    """
    if not views:
        raise FileError(_("{file}: there are no samples to draw").format(file=path))
    write_report(path, draw_traces(views, path.suffix.lower().removeprefix(".")))


def draw_traces(views: list[TraceView], image_format: str) -> bytes:
    """Return the picture's bytes; `image_format` is ``png`` or ``svg``."""
    with drawing() as figure_of:
        figure = figure_of(figsize=(11.0, 5.2))
        axes = figure.add_axes((0.07, 0.11, 0.91, 0.75))
        spans = [view.interesting() for view in views]
        low, high = min(span.x0 for span in spans), max(span.x1 for span in spans)
        scale = 1e-3 if high - low >= 2000.0 else 1.0
        for number, view in enumerate(views):
            colour, dashes = _LINES[number % len(_LINES)]
            x = [x * scale for x in view.x_m]
            axes.plot(x, [-y for y in view.loss_db], color=colour, linestyle=dashes, linewidth=1.0)
            axes.lines[-1].set_label(plain_words(view.title + " reverse" * view.reverse, 40))
        axes.set_xlim(low * scale, high * scale)
        axes.set_ylim(-max(span.y1 for span in spans), -min(span.y0 for span in spans))
        _draw_events(axes, views[0], scale)
        _draw_sections(axes, views[0], scale)
        axes.set_xlabel("km" if scale < 1.0 else "m")
        axes.set_ylabel("dB")
        axes.grid(visible=True, color="#e3e6ea", linewidth=0.6)
        axes.set_axisbelow(True)
        if any(view.title for view in views):
            axes.legend(loc="lower left", bbox_to_anchor=(0.0, 0.06), framealpha=0.9, edgecolor="#d5dae1")
        body = BytesIO()
        metadata: dict[str, Any] = NO_METADATA if image_format == "svg" else {"Software": None}
        figure.savefig(body, format=image_format, dpi=150, facecolor="white", metadata=metadata)
        return body.getvalue()


def _draw_events(axes: "Axes", view: TraceView, scale: float) -> None:
    """Draw each event as a line up from the trace to its number above the axes."""
    left, right = axes.get_xlim()
    free = [left - 1.0] * _LANES
    for event in view.events:
        x = event.distance_m * scale
        if not left <= x <= right:
            continue
        lane = next((lane for lane in range(_LANES) if free[lane] <= x), _LANES - 1)
        free[lane] = x + _APART * (right - left)
        _draw_event(axes, view, event, x, lane)


def _draw_event(axes: "Axes", view: TraceView, event: TraceEvent, x: float, lane: int) -> None:
    failed, echo = view.verdict_of(event) is Verdict.FAIL, event.kind == "ghost"
    colour = _FAILED if failed else _ECHO if echo else _EVENT
    above = 1.0 + 0.045 * (lane + 0.7)
    level = -view.loss_at(event.distance_m)
    across = axes.get_xaxis_transform()
    bottom, top = axes.get_ylim()
    foot = (level - bottom) / (top - bottom)
    line: dict[str, Any] = {"color": colour, "linewidth": 1.4 if failed else 0.7, "linestyle": ":" if echo else "-"}
    axes.plot([x, x], [min(max(foot, 0.0), 1.0), above], transform=across, clip_on=False, zorder=4, **line)
    axes.plot([x], [level], marker="X" if failed else "o", markersize=7 if failed else 3.5, color=colour, zorder=5)
    axes.text(
        x,
        above,
        f"{event.number}!" if failed else str(event.number),
        transform=across,
        ha="center",
        va="center",
        fontsize=8,
        fontweight="bold",
        color="white" if failed else colour,
        bbox={"boxstyle": "round,pad=0.25", "facecolor": colour if failed else "white", "edgecolor": colour},
        zorder=6,
    )


def _draw_sections(axes: "Axes", view: TraceView, scale: float) -> None:
    """Write the attenuation of each section that has room for it along the bottom."""
    left, right = axes.get_xlim()
    for start_m, end_m, db_per_km in view.sections():
        start, end = max(start_m * scale, left), min(end_m * scale, right)
        room = (end - start) / (right - left)
        if room > 0.045:
            place: dict[str, Any] = {
                "transform": axes.get_xaxis_transform(),
                "ha": "center",
                "fontsize": 8,
                "color": "#5a6675",
            }
            axes.text((start + end) / 2.0, 0.02, f"{db_per_km:.3f}" + (" dB/km" if room > 0.09 else ""), **place)
