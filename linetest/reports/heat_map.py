"""The margin of every two pairs as a map: rows are disturbed, columns disturb."""

import re
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from linetest.errors import BadFile
from linetest.model.judge import EQUAL
from linetest.model.record import Record
from linetest.model.values import fixed_number
from linetest.reports.plots import INK, LIMIT, WORST, drawing, plain_words, svg_text
from linetest.words.text import _

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap

LEGIBLE_PAIRS = 8
"""More do not fit on a telephone's width with numbers that can be read."""
_MOST_PAIRS = 64
_NUMBERED_PAIRS = 25
_SPAN_DB = 20.0
"""A margin of so much or more has the full colour."""
_INCH = 7.2
# From vermilion over white to blue: told apart by people with any colour vision, and by lightness from the middle.
_COLOURS = [LIMIT, "#ffffff", WORST]
_SAME, _UNKNOWN = "#c9ced6", "#ffffff"


class _Combination(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of ``details.combinations``."""

    pair: str | None
    disturber: str | None
    end: str
    metric: str
    margin_db: float | None


class HeatMap(NamedTuple):
    """All combinations of one metric at one end."""

    metric: str
    end: str
    pairs: list[str]
    margin_db: dict[tuple[str, str], float]
    """By disturbed and disturbing pair."""
    strict: bool
    """A margin of zero is a breach."""


def heat_maps(record: Record) -> list[HeatMap]:
    """Return the maps of what has margins, in the record's order; none of two pairs, which have one number.

    Raises:
        BadFile: ``details.combinations`` is not a list of combinations.
    """
    try:
        every = msgspec.convert(record.details.get("combinations", []), list[_Combination])
    except msgspec.ValidationError as error:
        what = _("record {id}: details.combinations cannot be drawn: {fault}").format(id=record.id, fault=error)
        raise BadFile(what) from error
    sorted_in: dict[tuple[str, str], list[_Combination]] = {}
    for one in every:
        if one.end in ("near", "far") and one.pair is not None and one.disturber is not None:
            sorted_in.setdefault((one.metric, one.end), []).append(one)
    maps = [_heat_map(record, metric, end, parts) for (metric, end), parts in sorted_in.items()]
    return [one for one in maps if one.margin_db and 2 < len(one.pairs) <= _MOST_PAIRS]


def draw_heat_map(one: HeatMap) -> str:
    """Return the map as SVG; up to 25 pairs with a number in every cell, of more pairs breaches only are marked."""
    count = len(one.pairs)
    numbered = count <= _NUMBERED_PAIRS
    size = min(10.0, 0.94 * _INCH / count * 72.0 / 3.7)  # points: the widest number has five characters and a cross
    with drawing() as figure_of:
        height = min(_INCH, 0.4 + 0.42 * count)
        figure = figure_of(figsize=(_INCH, height), layout="constrained")
        axes = figure.add_subplot()
        for row, pair in enumerate(one.pairs):
            for column, disturber in enumerate(one.pairs):
                margin_db = one.margin_db.get((pair, disturber))
                _draw_cell(axes, one, (column, row), margin_db, size if numbered else 0.0)
        _frame_smallest(axes, one)
        axes.set_xlim(-0.5, count - 0.5)
        axes.set_ylim(count - 0.5, -0.5)
        labels = [plain_words(pair, 6) for pair in one.pairs]
        axes.set_xticks(range(count), labels, fontsize=min(9.0, size + 1.5))
        axes.set_yticks(range(count), labels, fontsize=min(9.0, size + 1.5))
        axes.xaxis.tick_top()
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
        return svg_text(figure)


def _heat_map(record: Record, metric: str, end: str, parts: list[_Combination]) -> HeatMap:
    names = {name for one in parts for name in (one.pair, one.disturber) if name is not None}
    margins = {(one.pair, one.disturber): one.margin_db for one in parts}
    return HeatMap(
        metric,
        end,
        sorted(names, key=_by_number),
        {(pair or "", disturber or ""): margin for (pair, disturber), margin in margins.items() if margin is not None},
        any(check.metric == metric and check.limit.get("strict") is True for check in record.checks),
    )


def _by_number(label: str) -> list[tuple[int, str]]:
    return [(int(digits or -1), text) for text, digits in re.findall(r"([^0-9]*)([0-9]{0,9})", label)]


def _fails(one: HeatMap, margin_db: float) -> bool:
    return margin_db <= EQUAL if one.strict else margin_db < -EQUAL


def _draw_cell(axes: "Axes", one: HeatMap, at: tuple[int, int], margin_db: float | None, size: float) -> None:
    from matplotlib.patches import Rectangle

    same = at[0] == at[1]
    fails = margin_db is not None and _fails(one, margin_db)
    colour: Any = _SAME if same else _UNKNOWN
    if margin_db is not None:
        colour = _colours()(0.5 + 0.5 * max(-1.0, min(1.0, margin_db / _SPAN_DB)) * 0.65)
    axes.add_patch(Rectangle((at[0] - 0.5, at[1] - 0.5), 1, 1, facecolor=colour, edgecolor="white", linewidth=0.8))
    if same:
        return
    if margin_db is None:
        words = "?"
    elif size:
        words = f"×{fixed_number(margin_db, 1)}" if fails else fixed_number(margin_db, 1)
    else:
        words = "×" if fails else ""
    weight = "bold" if fails else "normal"
    axes.text(*at, words, ha="center", va="center", fontsize=size or 5.0, fontweight=weight, color=INK)


@cache
def _colours() -> "Colormap":
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("margin", _COLOURS)


def _frame_smallest(axes: "Axes", one: HeatMap) -> None:
    from matplotlib.patches import Rectangle

    pair, disturber = min(one.margin_db, key=lambda place: one.margin_db[place])
    x, y = one.pairs.index(disturber) - 0.5, one.pairs.index(pair) - 0.5
    axes.add_patch(Rectangle((x, y), 1, 1, fill=False, edgecolor=INK, linewidth=2.2, zorder=5, clip_on=False))
