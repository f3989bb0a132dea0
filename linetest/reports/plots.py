"""Pictures as SVG text, drawn without a window and without words.

Only numbers and units stand in a picture: its words are in the caption beside it, in the reader's language
and font. A matplotlib without a Chinese font would draw boxes.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from typing import TYPE_CHECKING, Any

from linetest.model.codes import Verdict
from linetest.model.record import Check
from linetest.model.values import digits_of, frequency_words, plain_number, value_words
from linetest.reports.curves import Curve, Family
from linetest.safe import safe_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe and Ito's colours, which people with any colour vision tell apart; so do thickness and dashes.
_LINE, WORST, LIMIT, _WINDOW, INK = "#8a8f98", "#0072b2", "#d55e00", "#cfe3f3", "#1d2733"
_REFERENCE = "#5a6675"
_MOST_IN_A_LABEL = 3
_BAR = 0.34  # of the room of one row
_MOST_POINTS_AS_LINES = 60_000  # more are drawn as dots, so that a page of 50 pairs stays small
_SETTINGS: Any = {
    "svg.fonttype": "path",  # the same on every computer, and no text that could be taken for markup
    "svg.hashsalt": "linetest",  # the same record gives the same bytes
    "font.family": ["DejaVu Sans"],  # comes with matplotlib
    "axes.edgecolor": "#8a8f98",
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": INK,
    "ytick.color": INK,
    "path.simplify_threshold": 0.3,
}
NO_METADATA = {"Date": None, "Creator": None, "Type": None, "Format": None}


@contextmanager
def drawing(font_size: float = 9) -> Iterator[type["Figure"]]:
    """Give the class of a figure, and the settings to draw with.

    The drawing library is loaded here, by the first picture: most records have none, and should not wait for it.
    """
    import matplotlib
    from matplotlib.figure import Figure

    with matplotlib.rc_context(_SETTINGS | {"font.size": font_size}):
        yield Figure


def draw_family(family: Family) -> str:
    """Return the curves as SVG: all thin, the worst thick with its worst point marked, the limit dashed."""
    with drawing() as figure_of:
        figure = figure_of(figsize=(6.2, 2.9), layout="constrained")
        axes = figure.add_subplot()
        in_khz = family.curves[0].x_unit == "Hz"
        scale = 1e-3 if in_khz else 1.0
        _draw_curves(axes, family, scale)
        if family.reference:
            x, y = _xy(family.reference.curve, scale)
            axes.plot(x, y, color=_REFERENCE, linewidth=0.9, linestyle=(0, (2, 2)), zorder=3.5)
        if family.limit:
            _draw_limit(axes, family, scale)
        if in_khz:
            _log_axis(axes, family)
        axes.set_xlabel("kHz" if in_khz else plain_words(family.curves[0].x_unit))
        axes.set_ylabel(plain_words(family.curves[0].y_unit))
        axes.grid(visible=True, which="both", color="#e3e6ea", linewidth=0.6)
        axes.set_axisbelow(True)
        if family.numbered:
            _number_curves(axes, family, scale)
        return svg_text(figure)


def draw_windows(checks: list[Check]) -> str:
    """Return levels in their windows as SVG: one bar for each check from its lower to its upper limit."""
    with drawing() as figure_of:
        figure = figure_of(figsize=(7.2, 0.7 + 0.62 * len(checks)), layout="constrained")
        axes = figure.add_subplot()
        for row, check in enumerate(checks):
            _draw_window(axes, row, check)
        axes.set_yticks(range(len(checks)), [_window_label(check) for check in checks])
        axes.set_ylim(len(checks) - 0.35, -0.65)
        axes.margins(x=0.12)
        axes.set_xlabel(plain_words(checks[0].unit))
        axes.tick_params(axis="y", length=0)
        axes.grid(visible=True, axis="x", color="#e3e6ea", linewidth=0.6)
        axes.set_axisbelow(True)
        return svg_text(figure)


def _draw_curves(axes: "Axes", family: Family, scale: float) -> None:
    from matplotlib.collections import LineCollection

    as_dots = sum(len(curve.x) for curve in family.curves) > _MOST_POINTS_AS_LINES
    lines = [list(zip(*_xy(curve, scale), strict=True)) for curve in family.curves if curve.x]
    axes.add_collection(LineCollection(lines, colors=_LINE, linewidths=0.7, alpha=0.8, rasterized=as_dots))
    axes.autoscale_view()
    worst, check = family.worst_curve, family.worst
    if worst is None or check is None or check.value is None:
        return
    frequency_hz = plain_number(check.where.get("frequency_hz")) or 0.0
    axes.plot(*_xy(worst, scale), color=WORST, linewidth=2.2, zorder=3)
    axes.plot([frequency_hz * scale], [check.value], marker="o", markersize=8, color=WORST, mec="white", zorder=5)
    drawn = [x for x in worst.x if x > 0] or [1.0]
    at_right = frequency_hz > math.sqrt(min(drawn) * max(drawn))
    axes.annotate(
        f"{value_words(check.value, plain_words(check.unit), digits_of(check))} @ {frequency_words(frequency_hz)}",
        (frequency_hz * scale, check.value),
        xytext=(-10 if at_right else 10, 9),
        textcoords="offset points",
        ha="right" if at_right else "left",
        color=INK,
        fontweight="bold",
        bbox={"facecolor": "white", "edgecolor": WORST, "linewidth": 0.8, "boxstyle": "round,pad=0.3"},
        zorder=6,
    )


def _number_curves(axes: "Axes", family: Family, scale: float) -> None:
    """Write at the right end which pairs' curves end there; those that end together share a label."""
    lines = 22
    bottom, top = axes.get_ylim()
    apart = (top - bottom) / lines
    ends: list[tuple[float, float, list[str]]] = []
    for curve in sorted(family.curves, key=lambda curve: _last(curve) or 0.0):
        if (y := _last(curve)) is None:
            continue
        if ends and y - ends[-1][0] < apart / 4.0:
            ends[-1][2].append(curve.pair or "")
        else:
            ends.append((y, curve.x[-1] * scale, [curve.pair or ""]))
    room = bottom - apart
    for number, (y, x, pairs) in enumerate(ends):
        room = min(max(y, room + apart), top - apart * (len(ends) - 1 - number))
        label = ", ".join(plain_words(pair, 6) for pair in pairs[:_MOST_IN_A_LABEL])
        axes.annotate(
            label + (" ..." if len(pairs) > _MOST_IN_A_LABEL else ""),
            (x, y),
            xytext=(1.02, room),
            textcoords=("axes fraction", "data"),
            fontsize=7,
            va="center",
            color=INK,
            arrowprops={"arrowstyle": "-", "color": _LINE, "linewidth": 0.5, "shrinkA": 0, "shrinkB": 0},
            annotation_clip=False,
        )


def _last(curve: Curve) -> float | None:
    return curve.y[-1] if curve.y else None


def _draw_limit(axes: "Axes", family: Family, scale: float) -> None:
    axes.plot(
        [x * scale for x, _y in family.limit],
        [y for _x, y in family.limit],
        color=LIMIT,
        linewidth=1.6,
        linestyle=(0, (6, 3)),
        zorder=4,
    )
    x, y = family.limit[0]
    label = value_words(y, plain_words(family.curves[0].y_unit))
    axes.annotate(label, (x * scale, y), xytext=(4, 4), textcoords="offset points", color=LIMIT, zorder=6)


def _log_axis(axes: "Axes", family: Family) -> None:
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    lowest = min((x for curve in family.curves for x in curve.x if x > 0), default=None)
    if lowest is None:
        return
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _place: f"{x:g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())


def _draw_window(axes: "Axes", row: int, check: Check) -> None:
    low, high = plain_number(check.limit.get("min")) or 0.0, plain_number(check.limit.get("max")) or 0.0
    axes.barh(row, high - low, left=low, height=_BAR, color=_WINDOW, edgecolor=WORST, linewidth=0.8)
    for bound in (low, high):
        _write(axes, f"{bound:g}", bound, row + _BAR / 2, -3, va="top", color=LIMIT)
    if (value := plain_number(check.value)) is None:
        _write(axes, "?", (low + high) / 2, row, 0, va="center", fontweight="bold", color=INK)
        return
    failed = check.verdict is Verdict.FAIL
    marker, colour = ("X", LIMIT) if failed else ("o", WORST)
    axes.plot([value], [row], marker=marker, markersize=9, color=colour, mec="white", clip_on=False)
    words = value_words(value, plain_words(check.unit), digits_of(check))
    _write(axes, words, value, row - _BAR / 2, 3, va="bottom", fontweight="bold", color=INK)


def _write(axes: "Axes", words: str, x: float, y: float, up: float, **style: Any) -> None:
    axes.annotate(words, (x, y), xytext=(0, up), textcoords="offset points", ha="center", **style)


def _window_label(check: Check) -> str:
    wavelength_nm = plain_number(check.where.get("wavelength_nm"))
    return f"{wavelength_nm:g} nm" if wavelength_nm is not None else plain_words(check.id or check.metric)


def _xy(curve: Curve, scale: float) -> tuple[list[float], list[float]]:
    return [x * scale for x in curve.x], [math.nan if y is None else y for y in curve.y]


def plain_words(text: str, most: int = 24) -> str:
    """Return `text` without what the font may lack; a ``$`` would start a formula."""
    return safe_text(text).encode("ascii", "replace").decode().replace("$", "?")[:most]


def svg_text(figure: "Figure") -> str:
    """Return a figure as SVG, the same bytes for the same figure."""
    text = StringIO()
    figure.savefig(text, format="svg", transparent=True, dpi=200, metadata=NO_METADATA)
    return text.getvalue()
