"""Pictures of an EPON capture: grants on the OLT's clock, and the messages of a registration; no words but names.

Names of messages are those of the standard and the same in every language; everything else stands in the captions.
"""

from typing import TYPE_CHECKING, Any, NamedTuple

from linetest.model.values import fixed_number
from linetest.reports.plots import drawing, plain_words, svg_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_GRANT, _OVERLAP, _DISCOVERY, _INK, _UP = "#0072b2", "#d55e00", "#c9ced6", "#1d2733", "#009e73"
_BAR = 0.62
_MOST_LANES = 24
_MOST_LADDERS = 8
_MOST_BARS = 60
"""So many grants around the worst place are still told apart."""


_FAR = 20.0
"""Grants that are so many lengths apart belong to different cycles."""


class Bar(NamedTuple):
    """One grant on the line of its LLID."""

    llid: int | None
    """None of a discovery window."""
    start_us: float
    end_us: float
    overlaps: bool


def bars_of(details: dict[str, Any]) -> list[Bar]:
    """Return the grants around an overlap, else those of the last cycle in the record."""
    grants = details.get("grants")
    if not isinstance(grants, list) or not grants:
        return []
    rows = [(one["llid"], float(one["start_us"]), float(one["end_us"])) for one in grants]
    overlapping = [number for number in range(1, len(rows)) if _touches(rows[number - 1], rows[number])]
    middle = overlapping[len(overlapping) // 2] if overlapping else len(rows) - 1
    first, last = _cluster(rows, middle)
    shown = rows[first : last + 1]
    hit = set(overlapping) | {number - 1 for number in overlapping}
    return [Bar(*row, overlaps=first + number in hit) for number, row in enumerate(shown)]


def draw_grants(bars: list[Bar]) -> str:
    """Return the grants as SVG: a line for each LLID, time at the OLT to the right, overlaps hatched."""
    with drawing() as figure_of:
        lanes = sorted({bar.llid for bar in bars if bar.llid is not None})[:_MOST_LANES]
        place: dict[int | None, int] = {llid: row for row, llid in enumerate(lanes)}
        place[None] = len(lanes)
        has_discovery = any(bar.llid is None for bar in bars)
        figure = figure_of(figsize=(7.2, 0.9 + 0.3 * (len(lanes) + has_discovery)), layout="constrained")
        axes = figure.add_subplot()
        zero = min(bar.start_us for bar in bars)
        for bar in bars:
            if bar.llid in place:
                _draw_bar(axes, bar, place[bar.llid], zero)
        labels = [f"LLID {llid}" for llid in lanes] + (["7FFF"] if has_discovery else [])
        axes.set_yticks(range(len(labels)), labels)
        axes.set_ylim(len(labels) - 0.4, -0.6)
        axes.set_xlabel("µs")
        axes.tick_params(axis="y", length=0)
        axes.grid(visible=True, axis="x", color="#e3e6ea", linewidth=0.6)
        axes.set_axisbelow(True)
        return svg_text(figure)


def ladders_of(details: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the ONUs whose registration is in the capture: those that did not get through, else the first one."""
    onus = [one for one in details.get("onus") or [] if isinstance(one, dict) and one.get("ladder")]
    return [one for one in onus if one.get("stopped_at") is not None][:_MOST_LADDERS] or onus[:1]


def draw_ladder(onu: dict[str, Any]) -> str:
    """Return the messages of one registration as SVG: the OLT at the left, the ONU at the right, time downwards."""
    steps = onu["ladder"]
    with drawing() as figure_of:
        figure = figure_of(figsize=(7.2, 0.7 + 0.42 * len(steps)))
        axes = figure.add_axes((0.2, 0.02, 0.6, 0.88))
        for side, name in ((0.0, "OLT"), (1.0, plain_words(str(onu.get("mac") or "ONU")))):
            axes.plot([side, side], [-0.6, len(steps)], color=_INK, linewidth=1.2)
            axes.annotate(name, (side, -0.7), ha="center", va="bottom", fontweight="bold", annotation_clip=False)
        for row, step in enumerate(steps):
            _draw_step(axes, step, row, steps[0]["at_s"])
        axes.set_xlim(0.0, 1.0)
        axes.set_ylim(len(steps), -0.7)
        axes.axis("off")
        return svg_text(figure)


def _cluster(rows: list[tuple[Any, float, float]], middle: int) -> tuple[int, int]:
    """Return the first and last grant of those that lie close together around one of them."""
    lengths = sorted(end - start for _llid, start, end in rows)
    far_us = _FAR * lengths[len(lengths) // 2]
    first = last = middle
    while first > 0 and middle - first < _MOST_BARS // 2 and rows[first][1] - rows[first - 1][2] < far_us:
        first -= 1
    while last + 1 < len(rows) and last - middle < _MOST_BARS // 2 and rows[last + 1][1] - rows[last][2] < far_us:
        last += 1
    return first, last


def _touches(before: tuple[Any, float, float], after: tuple[Any, float, float]) -> bool:
    both_discovery = before[0] is None and after[0] is None
    return after[1] < before[2] and not both_discovery


def _draw_bar(axes: "Axes", bar: Bar, row: int, zero_us: float) -> None:
    colour = _DISCOVERY if bar.llid is None else _OVERLAP if bar.overlaps else _GRANT
    axes.barh(
        row,
        bar.end_us - bar.start_us,
        left=bar.start_us - zero_us,
        height=_BAR,
        color=colour,
        edgecolor=_INK if bar.overlaps else colour,
        linewidth=0.8,
        hatch="////" if bar.overlaps else None,
    )


def _draw_step(axes: "Axes", step: dict[str, Any], row: int, zero_s: float) -> None:
    up = step["way"] == "up"
    begin, end = ((1.0, row), (0.0, row)) if up else ((0.0, row), (1.0, row))
    colour = _UP if up else _GRANT
    axes.annotate("", end, begin, arrowprops={"arrowstyle": "-|>", "color": colour, "linewidth": 1.6})
    says = f" ({plain_words(str(step['says']))})" if step["says"] else ""
    axes.annotate(
        f"{plain_words(str(step['message']))}{says}",
        (0.5, row),
        xytext=(0, 3),
        textcoords="offset points",
        ha="center",
        color=_INK,
    )
    at_ms = fixed_number(1000.0 * (float(step["at_s"]) - float(zero_s)), 3)
    axes.annotate(f"{at_ms} ms", (-0.03, row), ha="right", va="center", color=_INK, annotation_clip=False)
    axes.annotate(f"#{int(step['frame'])}", (1.03, row), ha="left", va="center", color=_INK, annotation_clip=False)
