"""A trace for the HTML page: a picture that stands by itself, and that a small script lets a person zoom into.

The picture is drawn here for paper and for browsers without script. ``trace_page.js`` draws its axes, numbers and
sections anew for what is being looked at; the page's policy names that script by its hash and allows no other.
"""

import hashlib
import math
from base64 import b64encode
from functools import cache
from pathlib import Path
from typing import NamedTuple

from markupsafe import Markup

from linetest.model.codes import Verdict
from linetest.model.record import Record
from linetest.model.sentences import verdict_words
from linetest.reports.trace_view import EventRow, Span, TraceEvent, TraceView, event_rows, kind_words, views_of
from linetest.words.text import _

_WIDTH, _HEIGHT = 900, 430
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 12, 62, 38
"""The margins around the plot; the numbers of the events stand in the upper one, in `_LANES` lanes."""
_LANES = 3
_FRAME = {
    "width": _WIDTH,
    "height": _HEIGHT,
    "left": _LEFT,
    "right": _RIGHT,
    "top": _TOP,
    "bottom": _BOTTOM,
    "lanes": _LANES,
}
_LANE_HEIGHT = 19
_NUMBER_WIDTH = 22
_SECTION_WIDTH = 46  # a narrower section has no room for its attenuation
_TICKS_APART = (90, 55)  # pixels between two lines of the grid, across and down


class Tick(NamedTuple):
    """One line of the grid, in pixels, and what stands at it."""

    at: float
    label: str


class Marker(NamedTuple):
    """One event in the picture, in pixels, and in metres and dB for the script."""

    number: str
    css: str
    x: float
    y: float
    lane: float
    distance_m: float
    loss_db: float
    words: str


class Label(NamedTuple):
    """The attenuation of a section, in pixels, and its ends in metres for the script."""

    x: float
    text: str
    start_m: float
    end_m: float
    hidden: bool


class PageTrace(NamedTuple):
    """All that the template prints of one trace."""

    title: str
    both_ways: bool
    view: Span
    whole: Span
    points: str
    """The curve as ``x,y`` pairs in metres and dB: the plot is an SVG of its own in these units."""
    across: list[Tick]
    down: list[Tick]
    x_unit: str
    markers: list[Marker]
    labels: list[Label]
    rows: list[EventRow]


def page_parts(record: Record) -> dict[str, object]:
    """Return what the template needs for the traces of a record; nothing of a record is marked as safe here.

    Raises:
        BadFile: the record's details cannot be drawn.
    """
    return {
        "traces": [_page_trace(view) for view in views_of(record.details, record.checks)],
        "trace_words": _words(),
        "frame": _FRAME,
        "script": Markup(_script()),
        "script_source": Markup(_script_source()),
    }


def _page_trace(view: TraceView) -> PageTrace:
    span = view.interesting()
    in_km = span.x1 - span.x0 >= 2000.0
    across = [
        Tick(_across(span, x), _tick_words(x / 1000.0 if in_km else x)) for x in _ticks(span.x0, span.x1, _count(0))
    ]
    return PageTrace(
        title=view.heading,
        both_ways=view.both_ways,
        view=span,
        whole=view.whole(),
        points=" ".join(f"{x:.7g},{y:.6g}" for x, y in zip(view.x_m, view.loss_db, strict=True)),
        across=across,
        down=[Tick(_down(span, y), _tick_words(-y)) for y in _ticks(span.y0, span.y1, _count(1))],
        x_unit="km" if in_km else "m",
        markers=_markers(view, span),
        labels=_labels(view, span),
        rows=event_rows(view),
    )


@cache
def _script() -> str:
    """Return the one script that a page may hold."""
    return (Path(__file__).parent / "trace_page.js").read_text(encoding="utf-8")


@cache
def _script_source() -> str:
    """Return the source expression of the Content-Security-Policy that allows `_script` and nothing else."""
    return "'sha256-" + b64encode(hashlib.sha256(_script().encode()).digest()).decode() + "'"


def _words() -> dict[str, str]:
    """Return the words around the picture."""
    return {
        "title": _("Trace"),
        "level": _("relative level in dB, one way"),
        "legend": _(
            "Numbers: events; red with an exclamation mark: outside of a limit; dashed: an echo, nothing is there. "
            "Figures at the bottom: attenuation of the section in dB/km."
        ),
        "handling": _("Wheel or pinch: zoom. Drag: move. Double-click or 0: the whole fibre. Keys: + - and arrows."),
        "in": _("zoom in"),
        "out": _("zoom out"),
        "all": _("the whole fibre"),
        "place": _("place m"),
        "event": _("event"),
        "loss": _("loss dB"),
        "forward": _("forward dB"),
        "reverse": _("back dB"),
        "reflectance": _("reflectance dB"),
        "section": _("section dB/km"),
        "sum": _("sum dB"),
        "result": _("result"),
        "pass": "",
        "fail": verdict_words(Verdict.FAIL),
        "inconclusive": verdict_words(Verdict.INCONCLUSIVE),
    }


def _markers(view: TraceView, span: Span) -> list[Marker]:
    """Return the events with their lanes: each in the first lane where its number has room."""
    free = [-math.inf] * _LANES
    markers = []
    for event in view.events:
        x = _across(span, event.distance_m)
        lane = next((lane for lane in range(_LANES) if free[lane] <= x), _LANES - 1)
        free[lane] = x + _NUMBER_WIDTH
        loss_db = view.loss_at(event.distance_m)
        failed = view.verdict_of(event) is Verdict.FAIL
        markers.append(
            Marker(
                number=f"{event.number}!" if failed else str(event.number),
                css="failed" if failed else "echo" if event.kind == "ghost" else "event",
                x=x,
                y=min(max(_down(span, loss_db), _TOP), _HEIGHT - _BOTTOM),
                lane=_TOP - 10 - _LANE_HEIGHT * lane,
                distance_m=event.distance_m,
                loss_db=loss_db,
                words=_words_of(event),
            )
        )
    return markers


def _words_of(event: TraceEvent) -> str:
    """Return what stands beside the pointer: ``3: reflective, 1234.5 m, 0.123 dB``."""
    parts = [kind_words(event), f"{event.distance_m:.1f} m"]
    parts += [] if event.loss_db is None else [f"{event.loss_db:.3f} dB"]
    return f"{event.number}: " + ", ".join(parts)


def _labels(view: TraceView, span: Span) -> list[Label]:
    return [
        Label(
            x=_across(span, (start_m + end_m) / 2.0),
            text=f"{db_per_km:.3f}",
            start_m=start_m,
            end_m=end_m,
            hidden=_across(span, end_m) - _across(span, start_m) < _SECTION_WIDTH,
        )
        for start_m, end_m, db_per_km in view.sections()
    ]


def _across(span: Span, x_m: float) -> float:
    return _LEFT + (x_m - span.x0) / (span.x1 - span.x0) * (_WIDTH - _LEFT - _RIGHT)


def _down(span: Span, loss_db: float) -> float:
    return _TOP + (loss_db - span.y0) / (span.y1 - span.y0) * (_HEIGHT - _TOP - _BOTTOM)


def _count(axis: int) -> float:
    return ((_WIDTH - _LEFT - _RIGHT), (_HEIGHT - _TOP - _BOTTOM))[axis] / _TICKS_APART[axis]


def _ticks(low: float, high: float, most: float) -> list[float]:
    """Return round numbers between two, 1, 2 or 5 times a power of ten apart, not more than `most`."""
    raw = (high - low) / most
    power = 10.0 ** math.floor(math.log10(raw))
    step = power * next(factor for factor in (1.0, 2.0, 5.0, 10.0) if factor * power >= raw)
    return [number * step for number in range(math.ceil(low / step), math.floor(high / step) + 1)]


def _tick_words(value: float) -> str:
    return f"{value:.6g}" if abs(value) > 1e-9 else "0"
