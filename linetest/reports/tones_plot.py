"""What a modem tells over its tones as pictures: noise and response in one, SNR and bits in another."""

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from linetest.model.values import plain_number
from linetest.reports.curves import Curve, Family
from linetest.reports.plots import INK, LIMIT, WORST, drawing, plain_words, svg_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_TOGETHER = (("QLN", "Hlog"), ("SNR", "bits"))
_MOST_DIPS = 20
# Down and up differ by colour and by dashes; a curve of one direction alone that does not say which is drawn as down.
_STYLES: dict[str | None, dict[str, Any]] = {
    "up": {"color": LIMIT, "linewidth": 1.3, "linestyle": (0, (3, 1.2))},
    "down": {"color": WORST, "linewidth": 1.3},
}


class Panels(NamedTuple):
    """Quantities over one another on the same tones."""

    names: list[str]
    curves: list[list[Curve]]
    """Of each name."""
    spacing_hz: float | None
    dips: list[tuple[float, str | None]]
    """Frequency and direction of each dip of Hlog."""


def panels_of(families: list[Family], details: dict[str, Any]) -> list[Panels]:
    """Return what is drawn together; nothing of a record that no modem told."""
    told = details.get("tones")
    if not isinstance(told, dict):
        return []
    spacing_hz = plain_number(told.get("spacing_hz"))
    by_name = {family.name: family.curves for family in families if family.curves[0].x_unit == "Hz"}
    panels = []
    for together in _TOGETHER:
        names = [name for name in together if name in by_name]
        if names:
            dips = _dips(told) if "Hlog" in names else []
            spacing = spacing_hz if spacing_hz and spacing_hz > 0 else None
            panels.append(Panels(names, [by_name[name] for name in names], spacing, dips))
    return panels


def draw_tones(panels: Panels) -> str:
    """Return the curves as SVG, each quantity on axes of its own, gaps where nothing was measured."""
    count = len(panels.names)
    with drawing() as figure_of:
        figure = figure_of(figsize=(6.2, 0.8 + 1.8 * count), layout="constrained")
        every: list[Axes] = list(figure.subplots(count, 1, sharex=True, squeeze=False)[:, 0])
        for axes, name, curves in zip(every, panels.names, panels.curves, strict=True):
            for curve in curves:
                _draw_curve(axes, curve, steps=name == "bits")
            axes.set_ylabel(plain_words(curves[0].y_unit))
            axes.grid(visible=True, color="#e3e6ea", linewidth=0.6)
            axes.set_axisbelow(True)
            if name == "Hlog":
                _mark_dips(axes, curves, panels.dips)
        every[-1].set_xlabel("kHz")
        every[0].margins(x=0.01)
        if panels.spacing_hz:
            _tone_axis(every[0], panels.spacing_hz)
        return svg_text(figure)


def _draw_curve(axes: "Axes", curve: Curve, *, steps: bool) -> None:
    x = [hz / 1e3 for hz in curve.x]
    y = [math.nan if value is None else value for value in curve.y]
    style = _STYLES["up" if curve.direction == "up" else "down"]
    axes.plot(x, y, drawstyle="steps-mid" if steps else "default", **style)
    alone = [place for place in range(len(y)) if _is_alone(y, place)]
    axes.plot([x[place] for place in alone], [y[place] for place in alone], ".", markersize=3, color=style["color"])


def _is_alone(y: list[float], place: int) -> bool:
    """Tell whether a value has gaps at both sides: no line would show it."""
    beside = [y[other] for other in (place - 1, place + 1) if 0 <= other < len(y)]
    return not math.isnan(y[place]) and all(math.isnan(value) for value in beside)


def _mark_dips(axes: "Axes", curves: list[Curve], dips: list[tuple[float, str | None]]) -> None:
    for frequency_hz, direction in dips:
        for curve in (one for one in curves if one.direction == direction and one.x):
            y = curve.y[min(range(len(curve.x)), key=lambda place: abs(curve.x[place] - frequency_hz))]
            if y is not None:
                offset: dict[str, Any] = {"xytext": (0, -9), "textcoords": "offset points", "ha": "center", "va": "top"}
                axes.plot([frequency_hz / 1e3], [y], marker="^", markersize=6, color=INK, mec="white", zorder=5)
                axes.annotate(f"{frequency_hz / 1e3:.4g}", (frequency_hz / 1e3, y), color=INK, fontsize=8, **offset)


def _tone_axis(axes: "Axes", spacing_hz: float) -> None:
    from matplotlib.ticker import MaxNLocator

    def tone_of(khz: Any) -> Any:
        return khz * 1e3 / spacing_hz

    def khz_of(tone: Any) -> Any:
        return tone * spacing_hz / 1e3

    above = axes.secondary_xaxis("top", functions=(tone_of, khz_of))
    above.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8))
    above.tick_params(labelsize=8)


def _dips(told: dict[str, Any]) -> list[tuple[float, str | None]]:
    dips = told.get("dips")
    if not isinstance(dips, list):
        return []
    found = [
        (frequency_hz, one.get("direction"))
        for one in dips
        if isinstance(one, dict) and (frequency_hz := plain_number(one.get("frequency_hz"))) is not None
    ]
    return found[:_MOST_DIPS]
