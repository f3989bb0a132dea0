"""Indicators as SVG text: bars with their targets, and how each went over the months; numbers only, as in `plots`."""

from typing import TYPE_CHECKING

from linetest.model.tally import Indicator
from linetest.reports.kpi_words import label_of, value_of
from linetest.reports.plots import drawing, svg_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Okabe and Ito's colours; a missed one is hatched too, so that nothing hangs on colour.
_MET, _MISSED, _OPEN, _TARGET, _GRID = "#0072b2", "#d55e00", "#8a8f98", "#1d2733", "#e3e6ea"
_WIDTH_IN = 4.6  # narrow, so that a telephone shows it as large as a desk does
_ROW_IN = 0.3
_LOW = ("K2", "K6", "K8", "K9")
"""Shares that are a few percent: a scale to 100 would hide them."""
_COLUMNS = 2


def draw_bars(indicators: list[Indicator]) -> str:
    """Return one bar for each value, a mark at its target: shares large and small and hours have their own scales."""
    panels = [panel for panel in _panels(indicators) if panel]
    with drawing() as figure_of:
        rows = [len(panel) + 1.2 for panel in panels]
        figure = figure_of(figsize=(_WIDTH_IN, _ROW_IN * sum(rows) + 0.3), layout="constrained")
        grid = figure.add_gridspec(len(panels), 1, height_ratios=rows)
        for number, panel in enumerate(panels):
            _draw_panel(figure.add_subplot(grid[number]), panel)
        return svg_text(figure)


def draw_months(months: list[str], series: list[list[Indicator]]) -> str:
    """Return a small picture for each indicator over the months; `series` holds one list of values for each."""
    with drawing() as figure_of:
        rows = -(-len(series) // _COLUMNS)
        figure = figure_of(figsize=(_WIDTH_IN, 1.15 * rows), layout="constrained")
        for number, values in enumerate(series, start=1):
            axes = figure.add_subplot(rows, _COLUMNS, number)
            _draw_series(axes, months, values)
        return svg_text(figure)


def _panels(indicators: list[Indicator]) -> list[list[Indicator]]:
    drawn = [one for one in indicators if one.value is not None]
    low = [one for one in drawn if one.unit == "percent" and (one.id in _LOW or one.share == "complaint")]
    hours = [one for one in drawn if one.unit == "hours"]
    return [[one for one in drawn if one not in low and one not in hours], low, hours]


def _draw_panel(axes: "Axes", panel: list[Indicator]) -> None:
    most = max(max(float(one.value or 0), _target(one) or 0.0) for one in panel)
    for row, one in enumerate(panel):
        value = float(one.value or 0)
        axes.barh(
            row, value, height=0.62, color=_colour(one), hatch="//" if one.met is False else None, edgecolor="white"
        )
        axes.annotate(
            value_of(one),
            (max(value, _target(one) or 0.0), row),
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
        )
        if (target := _target(one)) is not None:
            axes.plot([target, target], [row - 0.42, row + 0.42], color=_TARGET, linewidth=2.0)
    axes.set_yticks(range(len(panel)), [label_of(one) for one in panel])
    axes.set_ylim(len(panel) - 0.4, -0.6)
    axes.set_xlim(0, (most or 1.0) * 1.2)
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel("%" if panel[0].unit == "percent" else "h")
    axes.grid(visible=True, axis="x", color=_GRID, linewidth=0.6)
    axes.set_axisbelow(True)


def _draw_series(axes: "Axes", months: list[str], values: list[Indicator]) -> None:
    known = [(number, float(one.value), one) for number, one in enumerate(values) if one.value is not None]
    axes.plot([number for number, _value, _one in known], [value for _number, value, _one in known], color=_OPEN)
    for number, value, one in known:
        axes.plot(
            [number],
            [value],
            marker="X" if one.met is False else "o",
            color=_colour(one),
            mec="white",
            markersize=7,
            clip_on=False,
        )
    if (target := _target(values[-1])) is not None:
        axes.axhline(target, color=_TARGET, linewidth=1.0, linestyle=(0, (4, 3)))
    axes.set_xticks([0, len(months) - 1], [months[0], months[-1]])
    axes.set_xlim(-0.3, len(months) - 0.7)
    axes.set_ylim(bottom=0)
    axes.margins(y=0.2)
    axes.set_title(f"{label_of(values[0])}  {'%' if values[0].unit == 'percent' else 'h'}", fontsize=9, loc="left")


def _target(one: Indicator) -> float | None:
    if one.target is None:
        return None
    return float(one.target.max if one.target.max is not None else one.target.min or 0)


def _colour(one: Indicator) -> str:
    return {True: _MET, False: _MISSED, None: _OPEN}[one.met]
