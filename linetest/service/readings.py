"""Readings of the tests of a service: a value in its metric's unit, or the reason why there is none."""

from collections.abc import Sequence
from typing import Any

from linetest.errors import DeviceError
from linetest.model.metrics import METRICS
from linetest.model.reading import Measurement, Reading
from linetest.service.path import IpPath


def reading(metric: str, value: float | None, where: dict[str, Any], reason: str | None = None) -> Reading:
    """Return a reading; `reason` counts only where there is no value."""
    why = reason if value is None else None
    return Reading(metric=metric, value=value, unit=METRICS[metric].unit, where=where, reason=why)


def not_measured(
    metrics: Sequence[str], reason: str, where: dict[str, Any], path: IpPath, error: DeviceError | None = None
) -> Measurement:
    """Return what stands for a test that could not be done: the reason in the place of every reading."""
    trouble = "" if error is None else error_words(error)
    readings = [reading(name, None, where, reason) for name in metrics]
    return Measurement(readings=readings, simulated=path.simulated, trouble=trouble)


def error_words(error: DeviceError) -> str:
    """Return what is wrong and what to try next, for the screen."""
    return f"{error.what}; {error.hint}" if error.hint else error.what
