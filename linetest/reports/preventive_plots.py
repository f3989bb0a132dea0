"""The light of the worst ONU of a visit over time, as SVG text; numbers only, as in `plots`."""

from datetime import date, timedelta
from math import nan
from typing import TYPE_CHECKING

from linetest.model.trend import Course, Visit
from linetest.reports.plots import drawing, svg_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Okabe and Ito's colours; the two also differ by their marks.
_DOWN, _UP, _SINCE, _GRID = "#0072b2", "#d55e00", "#1d2733", "#e3e6ea"
_SIZE_IN = (4.2, 1.35)
# Of years, months, days, hours, minutes and seconds, as ConciseDateFormatter wants them; it would name the months.
_TICKS = ["%Y", "%Y-%m", "%m-%d", "%H:%M", "%H:%M", "%S.%f"]
_FIRST_TICKS = ["%Y", "%Y-%m", "%m-%d", "%m-%d", "%H:%M", "%H:%M"]
_BESIDE = ["", "", "%Y", "%Y-%m-%d", "%Y-%m-%d", "%Y-%m-%d"]


def draw_course(visit: Visit) -> str:
    """Return light at the ONU (dots) and at the OLT (crosses), day by day, and when it began to fall (dashed)."""
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    course = visit.course
    with drawing(font_size=8) as figure_of:
        figure = figure_of(figsize=_SIZE_IN, layout="constrained")
        axes = figure.add_subplot()
        days = _days(course)
        _draw(axes, days, course.onu_rx_dbm, _DOWN, "o")
        _draw(axes, days, course.olt_rx_dbm, _UP, "x")
        axes.axvline(date.fromisoformat(visit.since), color=_SINCE, linewidth=0.9, linestyle=(0, (4, 3)))  # type: ignore[arg-type]
        locator = AutoDateLocator(minticks=3, maxticks=6)  # type: ignore[no-untyped-call]
        axes.xaxis.set_major_locator(locator)
        axes.xaxis.set_major_formatter(
            ConciseDateFormatter(locator, formats=_TICKS, zero_formats=_FIRST_TICKS, offset_formats=_BESIDE)  # type: ignore[no-untyped-call]
        )
        axes.grid(visible=True, color=_GRID, linewidth=0.6)
        axes.set_axisbelow(True)
        axes.set_ylabel("dBm")
        low, high = axes.get_ylim()
        if high - low < 2.0:  # noise of a tenth would fill the picture
            axes.set_ylim((low + high) / 2.0 - 1.0, (low + high) / 2.0 + 1.0)
        return svg_text(figure)


def _draw(axes: "Axes", days: list[date], values: list[float | None], colour: str, mark: str) -> None:
    heights = [nan if value is None else value for value in values]
    axes.plot(days, heights, mark, color=colour, markersize=2.2, markeredgewidth=0.8)  # type: ignore[arg-type]


def _days(course: Course) -> list[date]:
    first = date.fromisoformat(course.first_on)
    return [first + timedelta(days=day) for day in range(len(course.onu_rx_dbm))]
