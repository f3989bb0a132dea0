"""Electrical values as people and testers write them: ``620M``, ``0.62 G``, ``> 500 MOhm``, ``47 nF``."""

import re
from typing import NamedTuple

from linetest.errors import UsageError
from linetest.model.metric import Metric
from linetest.model.reading import Bound
from linetest.model.values import value_words
from linetest.words.text import _

_TYPED = re.compile(
    r"(?P<bound>>=|<=|[<>≥≤])?\s*(?P<number>[+-]?\d{1,12}(?:\.\d{1,9})?)\s*(?P<prefix>[pnuµμmkKMGT]?)\s*"
    r"(?P<unit>[A-Za-z%Ωω]*)",
)
_BOUNDS: dict[str, Bound] = {
    ">": "at-least",
    ">=": "at-least",
    "≥": "at-least",
    "<": "at-most",
    "<=": "at-most",
    "≤": "at-most",
}
_FACTORS = {"p": 1e-12, "n": 1e-9, "u": 1e-6, "µ": 1e-6, "μ": 1e-6, "m": 1e-3, "": 1.0}
_FACTORS |= {"k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}


class _Unit(NamedTuple):
    """How a metric's unit can be written."""

    words: tuple[str, ...]
    """The bare unit, in lower case."""
    prefixes: str
    own_factor: float
    """Of the metric's own unit: 1e6 for MOhm. A number without a prefix is in that unit."""


_OHM = ("ohm", "ohms", "ω", "r")
_UNITS = {
    "MOhm": _Unit(_OHM, "kKMGT", 1e6),
    "Ohm": _Unit(_OHM, "kKM", 1.0),
    "uF": _Unit(("f",), "pnuµμ", 1e-6),
    "V": _Unit(("v", "volt", "volts", "vac", "vdc"), "mk", 1.0),
    "%": _Unit(("%",), "", 1.0),
    "dB": _Unit(("db",), "", 1.0),
}


class Typed(NamedTuple):
    """A value in the metric's own unit."""

    value: float
    bound: Bound | None = None


def parse_typed(text: str, metric: Metric, name: str) -> Typed:
    """Return the value that `text` says; `name` is what it is called for the error.

    Raises:
        UsageError: it is no value of this metric, or lies beyond what can be; the range is named.
    """
    found = _TYPED.fullmatch(text.strip())
    factor = _factor(found, metric.unit) if found else None
    if found is None or factor is None:
        raise UsageError(
            _("{name}: {text!r} is not a value in {unit}").format(name=name, text=text[:40], unit=metric.unit),
            _("write a number with a decimal point, such as {example}").format(example=_example(metric)),
        )
    value = round(float(found["number"]) * factor, 12)
    if not metric.lowest <= value <= metric.highest:
        raise UsageError(
            _("{name}: {value} cannot be").format(name=name, value=value_words(value, metric.unit, 6)),
            _("it lies between {low} and {high}").format(
                low=value_words(metric.lowest, metric.unit), high=value_words(metric.highest, metric.unit)
            ),
        )
    return Typed(value, _BOUNDS.get(found["bound"] or ""))


def _factor(found: re.Match[str], own_unit: str) -> float | None:
    """Return what the typed number is multiplied with; None for a unit of something else."""
    unit = _UNITS[own_unit]
    prefix, word = found["prefix"], found["unit"].lower()
    if (word and word not in unit.words) or (prefix and prefix not in unit.prefixes):
        return None
    if not prefix and not word:
        return 1.0
    return _FACTORS[prefix] / unit.own_factor


def _example(metric: Metric) -> str:
    return {"MOhm": "620, 620M, 0.62G", "Ohm": "850, 0.85k", "uF": "0.05, 50n", "V": "12.5"}.get(metric.unit, "60.5")
