"""A limit of a profile: one metric, what it may be, and who says so."""

from itertools import pairwise
from math import isfinite, log
from typing import Any, Literal

import msgspec

from linetest.model.reading import Reading
from linetest.words.text import _


class Limit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One ``[[limit]]`` of a profile file."""

    metric: str
    source: str
    """Standard and clause, operator document or maker's manual that the number was read in."""
    id: str | None = None
    min: float | None = None
    max: float | None = None
    line: list[tuple[float, float]] | None = None
    """Points of a limit that depends on one `where` key, instead of `min` and `max`."""
    along: str | None = None
    """The `where` key that `line` runs along, such as ``frequency_hz``."""
    bound: Literal["min", "max"] = "max"
    """Which side `line` bounds."""
    log_x: bool = False
    """Interpolate `line` over the logarithm of x, as standards draw limits over frequency."""
    strict: bool = False
    """A value equal to the limit fails."""
    marginal: float | None = None
    """A margin smaller than this is marked, in the metric's unit: the accuracy of the measurement."""
    required: bool = True
    if_any: bool = False
    """Speaks of what need not be there, such as splices: where there is none, there is nothing to check."""
    source_read: bool = True
    """False when the number was taken from what others say of the source: reports say so beside it."""
    on_breach: Literal["fail", "warn"] = "fail"
    # Conditions: the limit speaks only of readings whose `where` has the same value.
    wavelength_nm: float | None = None
    event: str | None = None
    end: str | None = None
    direction: str | None = None
    between: str | None = None
    point: str | None = None
    access: list[str] | None = None
    """The kinds of line that this limit is for; all when absent."""
    band_hz: tuple[float, float] | None = None
    """The band that has to be measured; a room measures inside of it."""

    def __post_init__(self) -> None:
        """Refuse a limit that says nothing or contradicts itself."""
        if not self.source.strip():
            raise ValueError(_("a limit needs its source"))
        _check_numbers(self)
        if self.line is not None:
            _check_line(self)
        elif self.min is None and self.max is None:
            raise ValueError(_("a limit needs min, max or line"))
        elif self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(_("min is above max"))

    @property
    def room(self) -> str:
        """Return the room that measures what is limited."""
        return self.metric.partition(".")[0]

    def conditions(self) -> dict[str, Any]:
        """Return what a reading's `where` must say for this limit to speak of it."""
        keys = ("wavelength_nm", "event", "end", "direction", "between", "point")
        return {key: value for key in keys if (value := getattr(self, key)) is not None}

    def speaks_of(self, reading: Reading) -> bool:
        """Tell whether this limit is for that reading."""
        if reading.metric != self.metric:
            return False
        return all(reading.where.get(key) == value for key, value in self.conditions().items())

    def bounds_at(self, where: dict[str, Any]) -> tuple[float | None, float | None]:
        """Return (min, max) at that place; (None, None) where a `line` does not reach."""
        if self.line is None:
            return self.min, self.max
        x = where.get(self.along or "")
        value = interpolate(self.line, float(x), log_x=self.log_x) if isinstance(x, int | float) else None
        return (value, None) if self.bound == "min" else (None, value)


def _check_numbers(limit: Limit) -> None:
    """Refuse NaN and infinity: a limit that nothing breaks is none."""
    points = [number for point in limit.line or [] for number in point]
    numbers = [limit.min, limit.max, limit.marginal, limit.wavelength_nm, *(limit.band_hz or ()), *points]
    if not all(isfinite(number) for number in numbers if number is not None):
        raise ValueError(_("a limit's numbers must be finite"))
    if limit.band_hz is not None and limit.band_hz[0] >= limit.band_hz[1]:
        raise ValueError(_("band_hz needs two rising frequencies"))
    if limit.marginal is not None and limit.marginal < 0.0:
        raise ValueError(_("marginal is below zero"))


def _check_line(limit: Limit) -> None:
    line = limit.line or []
    if limit.min is not None or limit.max is not None:
        raise ValueError(_("a limit has either line or min and max"))
    if limit.along is None:
        raise ValueError(_("a line needs along, the key it runs along"))
    if len(line) < 2 or any(b[0] <= a[0] for a, b in pairwise(line)):
        raise ValueError(_("a line needs two points or more with rising x"))
    if limit.log_x and line[0][0] <= 0:
        raise ValueError(_("log_x needs x above zero"))


def interpolate(line: list[tuple[float, float]], x: float, *, log_x: bool) -> float | None:
    """Return the line's value at `x`, None outside of its points."""
    for (x0, y0), (x1, y1) in pairwise(line):
        if x0 <= x <= x1:
            part = log(x / x0) / log(x1 / x0) if log_x else (x - x0) / (x1 - x0)
            return y0 + part * (y1 - y0)
    return None
