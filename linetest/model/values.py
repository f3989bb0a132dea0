"""Numbers and limits in words: the only place that rounds.

A record comes from outside when it was handed over as a file, so that its limits may hold anything.
"""

import math
from datetime import datetime
from itertools import pairwise
from typing import Any

from linetest.model.limit import interpolate
from linetest.model.record import Check
from linetest.safe import safe_text
from linetest.words.text import _

ABSENT = "-"
_BOUND_SIGNS = {"at-least": "≥ ", "at-most": "≤ "}
_MOST_DIGITS = 9  # behind the point: the judge takes nearer values for equal


def value_words(
    value: float | None,
    unit: str,
    digits: int = 2,
    bound: str | None = None,
    interval: tuple[float, float] | None = None,
) -> str:
    """Return a value with its unit, such as ``-38.20 dB``; `ABSENT` for None, ``≥`` before one that is a bound.

    With what a sample proves: ``100 ppm (20.6 … 292.1 at 95 %)``; of one that is zero, ``0 ppm (< 3 at 95 %)``.
    """
    if value is None:
        return ABSENT
    if interval is not None:
        low, high = (_trimmed(end, digits) for end in interval)
        proved = f"< {high}" if interval[0] == 0.0 else f"{low} … {high}"
        return _("{value} ({interval} at 95 %)").format(value=value_words(value, unit, digits, bound), interval=proved)
    number = fixed_number(value, digits) if unit.startswith("dB") else _trimmed(value, digits)
    return _BOUND_SIGNS.get(bound or "", "") + _with_unit(number, unit)


def digits_of(check: Check) -> int:
    """Return how many digits behind the point show on which side of the limit the value lies.

    Two, unless they would hide it: -39.9996 dB breaks "below -40.0 dB" and is not printed as -40.00 dB.
    """
    if not check.margin:
        return 2
    return next((digits for digits in range(2, _MOST_DIGITS) if round(check.margin, digits)), _MOST_DIGITS)


def limit_words(limit: dict[str, Any], unit: str, where: dict[str, Any] | None = None) -> str:
    """Return a limit such as ``below -40.0 dB`` or ``-27.0 … -8.0 dBm``; a limit line as it is at `where`."""
    low, high = limit_bounds(limit, where or {})
    if low is None and high is None:
        return ABSENT if limit.get("line") is None else _("a line of points")
    strict = limit.get("strict") is True
    if low is not None and high is not None:
        if strict:
            return _("above {low}, below {high}").format(
                low=_bound(low, unit), high=_with_unit(_bound(high, unit), unit)
            )
        return f"{_bound(low, unit)} … {_with_unit(_bound(high, unit), unit)}"
    if high is not None:
        return (_("below {bound}") if strict else _("at most {bound}")).format(
            bound=_with_unit(_bound(high, unit), unit)
        )
    return (_("above {bound}") if strict else _("at least {bound}")).format(bound=_with_unit(_bound(low, unit), unit))


def source_words(limit: dict[str, Any]) -> str:
    """Return who says a limit, and that nobody looked it up there where that is so."""
    source = str(limit.get("source", ""))
    if limit.get("source_read") is False:
        return _("{source} (the source itself was not read)").format(source=source)
    return source


def frequency_words(frequency_hz: float) -> str:
    """Return a frequency as a person on a line says it: ``1087 kHz``, ``17.664 MHz``."""
    if abs(frequency_hz) >= 1e7:
        return f"{frequency_hz / 1e6:.6g} MHz"
    frequency_khz = frequency_hz / 1e3
    return f"{frequency_khz:.5g} kHz" if abs(frequency_khz) < 100 else f"{frequency_khz:.4g} kHz"


def moment_words(moment: str | None) -> str:
    """Return an ISO 8601 moment as people read it, in the zone it was written in: ``2026-11-22 19:00:05 +08:00``."""
    if not moment:
        return ABSENT
    try:
        text = datetime.fromisoformat(moment).isoformat(" ", "seconds")
    except ValueError:
        return moment
    return f"{text[:19]} {text[19:]}".rstrip()


def plain_number(value: object) -> float | None:
    """Return `value` when it is a number that can be printed and drawn, else None."""
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 1e15 or not math.isfinite(value):
        return None
    return float(value)


def limit_bounds(limit: dict[str, Any], where: dict[str, Any]) -> tuple[float | None, float | None]:
    """Return the lower and the upper bound of a limit; of a limit line, the one at `where`."""
    if limit.get("line") is None:
        return plain_number(limit.get("min")), plain_number(limit.get("max"))
    points = limit_points(limit["line"])
    x = plain_number(where.get(str(limit.get("along"))))
    if points is None or x is None:
        return None, None
    bound = interpolate(points, x, log_x=limit.get("log_x") is True and points[0][0] > 0)
    return (bound, None) if limit.get("bound") == "min" else (None, bound)


def limit_points(line: object) -> list[tuple[float, float]] | None:
    """Return the points of a limit line; None for anything else, or where x does not rise."""
    if not isinstance(line, list | tuple) or not all(
        isinstance(point, list | tuple) and len(point) == 2 for point in line
    ):
        return None
    points = [(x, y) for a, b in line if (x := plain_number(a)) is not None and (y := plain_number(b)) is not None]
    rising = all(b[0] > a[0] for a, b in pairwise(points))
    return points if rising and len(points) == len(line) >= 2 else None


def _bound(value: float | None, unit: str) -> str:
    """Return a bound with the digits that the profile gave; of a level or loss at least one behind the point."""
    text = _trimmed(value or 0.0, 6)
    return f"{text}.0" if unit.startswith("dB") and "." not in text else text


def fixed_number(value: float, digits: int) -> str:
    """Return a number with so many digits behind the point, and never ``-0.0``."""
    text = f"{value:.{digits}f}"
    return text.removeprefix("-") if float(text) == 0 else text


def _trimmed(value: float, digits: int) -> str:
    """Return a number without trailing zeros; one that is not zero gets the digits to show it: ``0.002``."""
    shown = next((more for more in range(digits, _MOST_DIGITS + 1) if round(value, more)), digits)
    text = fixed_number(value, shown)
    return text.rstrip("0").rstrip(".") if "." in text else text


def _with_unit(number: str, unit: str) -> str:
    return f"{number} {safe_text(unit)}" if unit else number
