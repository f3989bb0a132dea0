"""What every picture and table of an OTDR trace is made of, taken from a record's details."""

import math
from bisect import bisect_right
from collections.abc import Iterable
from itertools import pairwise
from typing import Any, NamedTuple

import msgspec

from linetest.errors import BadFile
from linetest.model.codes import Verdict
from linetest.model.places import event_words
from linetest.model.record import Check
from linetest.model.values import ABSENT, fixed_number, plain_number
from linetest.reports.curves import Curve
from linetest.words.text import N_, _

METRIC = "otdr.trace"
"""The metric of the curves that are traces: x in metres, y as loss in dB, which rises along the fibre."""

_GAINER = N_("gainer")
# What a metric of an event says about; the loss has one metric for each kind of event.
_COLUMNS = {"otdr.reflectance_db": "reflectance", "otdr.section_db_per_km": "section"}
_WORST_FIRST = (Verdict.FAIL, Verdict.INCONCLUSIVE)
_MARKS = {Verdict.FAIL: "!", Verdict.INCONCLUSIVE: "?"}
_SAME_NAME_NM = 15.0
_COVERAGE = 2.0  # standard deviations: a smaller gain may be none
_NOISE_DB = 6.0
"""How much of the noise behind the end is shown below its peaks: the rest is clipped and says nothing."""


class TraceEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of ``details.events``; a kind of a newer version stands for itself."""

    kind: str
    distance_m: float
    number: int | None = None
    loss_db: float | None = None
    reflectance_db: float | None = None
    saturated: bool = False
    section_db_per_km: float | None = None
    cumulative_db: float | None = None
    loss_u_db: float | None = None
    gainer: bool | None = None
    """None where only one direction was measured."""
    forward_loss_db: float | None = None
    reverse_loss_db: float | None = None
    ways: str | None = None
    """Of two directions: from where it was seen."""


class _Details(msgspec.Struct, frozen=True, kw_only=True):
    events: list[TraceEvent] = []
    wavelength_nm: float | None = None
    pulse_width_ns: float | None = None
    reverse: bool = False
    end_m: float | None = None
    traces: list[Any] | None = None
    curves: list[Any] = []


class Span(NamedTuple):
    """A part of the plane: distances in metres, losses in dB."""

    x0: float
    x1: float
    y0: float
    y1: float


class TraceView(NamedTuple):
    """One trace with its events, ready to be drawn."""

    title: str
    """In words that need no translation: ``1550 nm, 500 ns``."""
    reverse: bool
    """Taken from the other end."""
    x_m: list[float]
    loss_db: list[float]
    """Rises along the fibre: a screen draws it downwards. As long as `x_m`."""
    events: list[TraceEvent]
    """In rising distance, each with its number."""
    verdicts: dict[tuple[int, str], Verdict]
    """(number, column) to the worst verdict that is no pass."""
    end_m: float | None

    @property
    def heading(self) -> str:
        """Return what stands over the picture and the table."""
        return _("{trace}, from the other end").format(trace=self.title) if self.reverse else self.title

    @property
    def both_ways(self) -> bool:
        """Tell whether the events are those of both directions."""
        return any(event.ways is not None for event in self.events)

    def whole(self) -> Span:
        """Return the part of the plane where there are samples."""
        return Span(self.x_m[0], self.x_m[-1], min(self.loss_db), max(self.loss_db))

    def interesting(self) -> Span:
        """Return the part that is shown first: the fibre with a little of the noise behind its end."""
        whole = self.whole()
        glass = max([self.end_m or whole.x0, *(event.distance_m for event in self.events if event.kind != "ghost")])
        far = max([self.end_m or whole.x1, *(event.distance_m for event in self.events)])
        near = min([whole.x0, *(event.distance_m for event in self.events)])
        x1 = far + 0.12 * (far - near)
        shown = [y for x, y in zip(self.x_m, self.loss_db, strict=True) if x <= x1]
        tail = sorted(shown[-max(len(shown) // 20, 1) :])
        bottom = min(max(shown), max(tail[len(tail) // 4] + _NOISE_DB, self.loss_at(near + 0.98 * (glass - near))))
        margin = max(0.04 * (bottom - whole.y0), 0.1)
        return Span(near, max(min(x1, whole.x1), near + 1.0), whole.y0 - margin, bottom + margin)

    def loss_at(self, x_m: float) -> float:
        """Return the backscatter just before a place: the weakest of the samples there, as a reflection is no loss."""
        behind = bisect_right(self.x_m, x_m) or 1
        return max(self.loss_db[max(behind - 3, 0) : behind])

    def verdict_of(self, event: TraceEvent) -> Verdict | None:
        """Return the worst verdict of an event, None where nothing was broken or left open."""
        found = [verdict for (number, _column), verdict in self.verdicts.items() if number == event.number]
        return next((verdict for verdict in _WORST_FIRST if verdict in found), None)

    def sections(self) -> list[tuple[float, float, float]]:
        """Return the measured sections of fibre as (start, end, dB/km); nothing begins at an echo."""
        real = [event for event in self.events if event.kind != "ghost"]
        return [
            (before.distance_m, event.distance_m, event.section_db_per_km)
            for before, event in pairwise(real)
            if event.section_db_per_km is not None
        ]


class EventRow(NamedTuple):
    """The cells of one event; a value that broke its limit ends in ``!``, one that could not be judged in ``?``."""

    number: str
    place: str
    kind: str
    loss: str
    forward: str
    """With `reverse` what each direction showed; absent where there is only one."""
    reverse: str
    reflectance: str
    section: str
    cumulative: str
    verdict: Verdict | None


def views_of(details: dict[str, Any], checks: Iterable[Check] = ()) -> list[TraceView]:
    """Return the traces that `details` hold; those without a curve are left out.

    Raises:
        BadFile: the details are not those of traces.
    """
    try:
        found = msgspec.convert(details, _Details)
        # What both directions say together stands above the traces, in the place of the first one's own events.
        each = [found, *(msgspec.convert(one, _Details) for one in (found.traces or [])[1:])]
        curves = [
            msgspec.convert(curve, Curve)
            for curve in found.curves
            if isinstance(curve, dict) and curve.get("metric") == METRIC
        ]
    except (msgspec.ValidationError, ValueError) as error:
        raise BadFile(_("the details of the trace cannot be drawn: {fault}").format(fault=error)) from error
    kept = [check for check in checks if check.metric.startswith("otdr.") and check.verdict in _WORST_FIRST]
    views = [_view(one, curve, kept) for one, curve in zip(each, curves, strict=False)]
    return [view for view in views if view is not None]


def event_rows(view: TraceView) -> list[EventRow]:
    """Return the event table in words."""
    return [
        EventRow(
            number=str(event.number),
            place=fixed_words(event.distance_m, 1),
            kind=kind_words(event),
            loss=_loss_words(event) + _mark(view, event, "loss"),
            forward=fixed_words(event.forward_loss_db, 3),
            reverse=fixed_words(event.reverse_loss_db, 3),
            reflectance=_reflectance_words(event) + _mark(view, event, "reflectance"),
            section=fixed_words(event.section_db_per_km, 3) + _mark(view, event, "section"),
            cumulative=fixed_words(event.cumulative_db, 3),
            verdict=view.verdict_of(event),
        )
        for event in view.events
    ]


def kind_words(event: TraceEvent) -> str:
    """Return what a technician calls the event; a gain is a change of backscatter and has its own word."""
    gain = event.gainer
    if gain is None:
        gain = event.kind == "non-reflective" and (event.loss_db or 0.0) < -_COVERAGE * (event.loss_u_db or 0.0)
    if not gain:
        return event_words(event.kind)
    return _(_GAINER) if event.kind == "non-reflective" else f"{event_words(event.kind)}, {_(_GAINER)}"


def fixed_words(value: float | None, digits: int) -> str:
    """Return a number of a column whose head names the unit; `ABSENT` for None."""
    if value is None:
        return ABSENT
    return fixed_number(value, digits)


def _view(found: _Details, curve: Curve, checks: list[Check]) -> TraceView | None:
    points = [(x, y) for x, y in zip(curve.x, curve.y, strict=True) if y is not None and _drawable(x, y)]
    points.sort(key=lambda point: point[0])
    if len(points) < 2 or points[0][0] == points[-1][0]:
        return None
    events = sorted((event for event in found.events if _drawable(event.distance_m)), key=lambda one: one.distance_m)
    numbered = [
        event if event.number is not None else msgspec.structs.replace(event, number=place)
        for place, event in enumerate(events, start=1)
    ]
    said = [
        "" if found.wavelength_nm is None else f"{found.wavelength_nm:g} nm",
        "" if found.pulse_width_ns is None else f"{found.pulse_width_ns:g} ns",
    ]
    return TraceView(
        title=", ".join(word for word in said if word),
        reverse=found.reverse,
        x_m=[x for x, _y in points],
        loss_db=[y for _x, y in points],
        events=numbered,
        verdicts={} if found.reverse else _verdicts(checks, found),
        end_m=found.end_m,
    )


def _verdicts(checks: list[Check], found: _Details) -> dict[tuple[int, str], Verdict]:
    """Return what was not passed, by event and column, of the checks that speak of this trace."""
    worst: dict[tuple[int, str], Verdict] = {}
    for check in checks:
        number = check.where.get("number")
        if isinstance(number, int) and _is_of(check, found):
            key = number, _COLUMNS.get(check.metric, "loss")
            if worst.get(key) is not Verdict.FAIL:
                worst[key] = check.verdict
    return worst


def _is_of(check: Check, found: _Details) -> bool:
    """Tell whether a check is of a trace's pulse and wavelength: readings have the name of the laser, 1550 for 1548."""
    nm, ns = (plain_number(check.where.get(key)) for key in ("wavelength_nm", "pulse_width_ns"))
    far_off = nm is not None and found.wavelength_nm is not None and abs(nm - found.wavelength_nm) > _SAME_NAME_NM
    return not far_off and (ns is None or found.pulse_width_ns is None or ns == found.pulse_width_ns)


def _drawable(*numbers: float) -> bool:
    return all(math.isfinite(number) and abs(number) < 1e9 for number in numbers)


def _loss_words(event: TraceEvent) -> str:
    if event.loss_db is None or event.loss_u_db is None:
        return fixed_words(event.loss_db, 3)
    return f"{fixed_words(event.loss_db, 3)}±{fixed_words(event.loss_u_db, 3)}"


def _reflectance_words(event: TraceEvent) -> str:
    return ("≥" if event.saturated and event.reflectance_db is not None else "") + fixed_words(event.reflectance_db, 1)


def _mark(view: TraceView, event: TraceEvent, column: str) -> str:
    """Return the mark behind a value; a space keeps the column straight where other rows have one."""
    verdict = view.verdicts.get((event.number or 0, column))
    return _MARKS[verdict] if verdict else " " * bool(view.verdicts)
