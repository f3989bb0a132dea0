"""What a record's pictures are made of: families of curves, and levels inside a window."""

import math
from typing import Any, NamedTuple

import msgspec

from linetest.errors import BadFile
from linetest.model.record import Check, Record
from linetest.model.values import limit_points, plain_number
from linetest.words.text import _

Points = list[tuple[float, float]]
_MOST_NUMBERED = 25


class Curve(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of ``details.curves``; `limit` is a number or a list of points, as the room gives it."""

    name: str
    x: list[float]
    y: list[float | None]
    x_unit: str
    y_unit: str
    metric: str = ""
    pair: str | None = None
    """With `disturber` and `end`: whose curve it is; None where the room does not say."""
    disturber: str | None = None
    end: str | None = None
    direction: str | None = None
    """``down`` or ``up`` of what a modem tells."""
    reference: dict[str, Any] | None = None
    """Of a curve that nobody measured: the model it comes from."""
    limit: Any = None

    def __post_init__(self) -> None:
        """Refuse a curve that has not as many y as x."""
        if len(self.x) != len(self.y):
            raise ValueError(f"{len(self.x)} x and {len(self.y)} y")


class Reference(NamedTuple):
    """A curve to compare with: what a model says of such a cable."""

    curve: Curve
    model: str
    disturbers: int
    length_m: float | None
    wire: str | None


class Family(NamedTuple):
    """Curves that belong on one pair of axes."""

    name: str
    """The metric, or the word that the names of the curves begin with."""
    curves: list[Curve]
    worst: Check | None
    """The check with the smallest margin at a point of these curves; it is marked. None where its curve is not kept."""
    worst_curve: Curve | None
    """The curve that the worst point lies on."""
    limit: Points
    reference: Reference | None = None

    @property
    def numbered(self) -> bool:
        """Tell whether each curve is one pair's own, and few enough to say whose at its end."""
        whose = [curve.pair for curve in self.curves if curve.disturber is None]
        return not self.limit and 1 < len(whose) == len(self.curves) <= _MOST_NUMBERED and None not in whose


def curve_families(record: Record) -> list[Family]:
    """Return the curves of the record, those of one quantity together, in the record's order.

    Raises:
        BadFile: ``details.curves`` is not a list of curves.
    """
    sorted_in: dict[tuple[str, str, str], list[Curve]] = {}
    references: dict[str, Reference] = {}
    for curve in _read(record):
        name = curve.metric or curve.name.partition(" ")[0]
        if curve.reference is not None:
            references[name] = _reference(curve, curve.reference)
        else:
            sorted_in.setdefault((name, curve.x_unit, curve.y_unit), []).append(curve)
    return [
        _family(record, name, curves)._replace(reference=references.get(name))
        for (name, _x, _y), curves in sorted_in.items()
    ]


def windows(record: Record) -> list[Check]:
    """Return the checks whose value has to lie between two numbers of its unit: levels in a window."""
    return [
        check
        for check in record.checks
        if plain_number(check.limit.get("min")) is not None
        and plain_number(check.limit.get("max")) is not None
        and check.unit != "octets"
    ]


def _read(record: Record) -> list[Curve]:
    try:
        return msgspec.convert(record.details.get("curves", []), list[Curve])
    except (msgspec.ValidationError, ValueError) as error:
        what = _("record {id}: details.curves cannot be drawn: {fault}").format(id=record.id, fault=error)
        raise BadFile(what) from error


def _reference(curve: Curve, said: dict[str, Any]) -> Reference:
    disturbers = plain_number(said.get("disturbers"))
    return Reference(
        curve,
        str(said.get("model"))[:40],
        int(disturbers) if disturbers is not None else 1,
        plain_number(said.get("length_m")),
        None if said.get("wire") is None else str(said["wire"])[:20],
    )


def _family(record: Record, name: str, curves: list[Curve]) -> Family:
    checks = [
        check
        for check in record.checks
        if _same_quantity(check.metric, name) and check.value is not None and check.margin is not None
    ]
    at_a_point = [check for check in checks if plain_number(check.where.get("frequency_hz")) is not None]
    worst = min(at_a_point, key=lambda check: check.margin or 0.0, default=None)
    limit = _limit(next((curve.limit for curve in curves if curve.limit is not None), None), curves)
    if not limit and worst is not None:
        said = [worst.limit[name] for name in ("line", "max", "min") if worst.limit.get(name) is not None]
        limit = _limit(said[0] if said else None, curves)  # a limit of 0 dB is one
    worst_curve = None if worst is None else _curve_of(worst, curves)
    return Family(name, curves, worst if worst_curve else None, worst_curve, limit)


def _curve_of(check: Check, curves: list[Curve]) -> Curve | None:
    """Return the check's curve: that of its pair, disturber and end; of several such the nearest at its point."""
    own = [curve for curve in curves if all(said in (None, check.where.get(key)) for key, said in _place_of(curve))]
    value, frequency_hz = plain_number(check.value) or 0.0, plain_number(check.where.get("frequency_hz")) or 0.0
    return min(own, key=lambda curve: abs(_value_at(curve, frequency_hz) - value), default=None)


def _place_of(curve: Curve) -> list[tuple[str, str | None]]:
    return [("pair", curve.pair), ("disturber", curve.disturber), ("end", curve.end)]


def _value_at(curve: Curve, x: float) -> float:
    """Return y at the curve's nearest point; infinity where there is none, so that it is never near."""
    place = min(range(len(curve.x)), key=lambda number: abs(curve.x[number] - x), default=None)
    y = None if place is None else curve.y[place]
    return math.inf if y is None else y


def _same_quantity(metric: str, name: str) -> bool:
    """Tell whether a family is of that metric: by its name, or as people call it: NEXT."""
    return name == metric or name.lower() == metric.partition(".")[2].rpartition("_")[0]


def _limit(limit: object, curves: list[Curve]) -> Points:
    """Return the limit as points: a number holds over all x, a line where its points are."""
    if (number := plain_number(limit)) is not None:
        every_x = [x for curve in curves for x in curve.x]
        return [(min(every_x), number), (max(every_x), number)] if every_x else []
    return limit_points(limit) or []
