"""Readings of what was found: the worst point of each disturbed pair, or why nothing can be said.

A violation inside the part of the band that was swept is a violation; that there is none takes the whole band, all
combinations and enough points. So where a sweep falls short of its band, a reading has its value when it breaks its
limit, else the reason why nothing can be said. This is why the room asks `model.judge.breaks`, although it judges
nothing: no reading alone can say "the value if that is a breach, else unknown". The price is that readings depend on
the bounds; who judges a kept record by other bounds has to measure it again, which `acceptance.again` knows and
nothing else needs to.
"""

from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np

from linetest.copper.advice import hint_of
from linetest.copper.band import Cut
from linetest.copper.found import Found
from linetest.copper.quantities import INSERTION_LOSS, NEXT, POWER_SUMS, PSNEXT
from linetest.copper.settings import CopperSettings
from linetest.copper.sweep import BoolArray, Sweep
from linetest.model.codes import Reason
from linetest.model.judge import breaks
from linetest.model.metrics import METRICS
from linetest.model.reading import Bound, Reading


def readings_of(
    found: Found, every: list[Found], sweep: Sweep, victims: list[int], settings: CopperSettings
) -> Iterator[Reading]:
    """Yield one reading per victim; without a limit only those that have a value. `every` metric tells causes."""
    disturbers = found.worst.disturber()
    at_floor = near_floor(found, settings)
    for victim in victims:
        disturber = int(disturbers[victim])
        limited = bool(at_floor[victim, disturber])
        value = _value_at(found, sweep, victim, disturber)
        reason = _reason(found, value, victim, limited, settings)
        if reason is None and value is not None:
            hint = hint_of(value, found, every, (victim, disturber), settings)
            yield msgspec.structs.replace(value, hint=hint, bound=_bound(found) if limited else None)
        elif found.limits:
            missing = _missing(found, sweep, victim) if reason is Reason.NOT_MEASURED else {}
            yield Reading(
                metric=found.metric,
                value=None,
                unit=METRICS[found.metric].unit,
                where={**found.where(sweep, victim), **missing},
                reason=reason,
            )


def _value_at(found: Found, sweep: Sweep, victim: int, disturber: int) -> Reading | None:
    """Return the worst point as a reading; None where nothing was measured."""
    value_db = float(found.worst.value_db[victim, disturber])
    if np.isnan(value_db):
        return None
    frequency_hz = float(found.worst.frequency_hz[victim, disturber])
    return Reading(
        metric=found.metric,
        value=value_db,
        unit=METRICS[found.metric].unit,
        where={**found.where(sweep, victim, disturber), "frequency_hz": frequency_hz},
    )


def _missing(found: Found, sweep: Sweep, victim: int) -> dict[str, Any]:
    """Return, as a part of the place, from which pairs nothing was measured."""
    nothing = np.asarray(np.isnan(found.levels_db()).all(axis=0))[victim]
    nothing[victim] = False
    pairs = [sweep.pairs[int(disturber)].number for disturber in np.flatnonzero(nothing)]
    return {"missing": pairs} if pairs and None not in pairs else {}


def _reason(
    found: Found, value: Reading | None, victim: int, near_floor: bool, settings: CopperSettings
) -> Reason | None:
    """Return why a reading cannot have its value; None where it can."""
    cut = found.cut
    broken = value is not None and any(breaks(value, limit) for limit in found.limits)
    if cut.covered and not (cut.dense and cut.enough):
        return Reason.TOO_FEW_POINTS
    if broken and near_floor:
        return Reason.NOT_DECIDABLE
    if broken and cut.dense:
        return None
    if not cut.covered:
        return Reason.BAND_NOT_COVERED
    if value is None or not found.measured()[victim][found.expected[victim]].all():
        hidden = found.metric in (NEXT, PSNEXT) and loss_too_low(cut, settings)
        return Reason.NOT_DECIDABLE if hidden else Reason.NOT_MEASURED
    return None


def near_floor(found: Found, settings: CopperSettings) -> BoolArray:
    """Return (P, D): the worst points where what was heard is the instrument's noise as likely as a signal.

    Of a power sum the loudest disturber counts: what the others add is less.
    """
    frequency_hz = found.worst.frequency_hz
    if settings.instrument_floor_db is None or found.cut.frequency_hz.size == 0:
        return np.zeros(frequency_hz.shape, dtype=bool)
    levels_db = found.levels_db()
    if found.metric == INSERTION_LOSS:
        levels_db = -found.curves_db
    elif found.metric in POWER_SUMS:
        itself = np.eye(levels_db.shape[1], dtype=bool)
        levels_db = np.fmax.reduce(np.where(itself, np.nan, levels_db), axis=2, keepdims=True)
    at = np.searchsorted(found.cut.frequency_hz, np.nan_to_num(frequency_hz, nan=found.cut.frequency_hz[0]))
    level_db = np.take_along_axis(levels_db, at[None], axis=0)[0]
    near: BoolArray = level_db <= settings.instrument_floor_db + settings.floor_distance_db
    return near & ~np.isnan(frequency_hz)


def _bound(found: Found) -> Bound:
    """Return on which side of a value that is noise the true one lies."""
    return "at-least" if found.metric == INSERTION_LOSS else "at-most"


def loss_too_low(cut: Cut, settings: CopperSettings) -> bool:
    """Tell whether any pair's loss is under the floor of the insertion-loss rule; never when it is off."""
    if settings.insertion_loss_floor_db is None:
        return False
    through = np.diagonal(cut.gain_db[:, 1, :, 0, :], axis1=1, axis2=2)
    return bool(np.any(-through < settings.insertion_loss_floor_db))
