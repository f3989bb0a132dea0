"""Why crosstalk is too high, as a hint beside the reading: decided by what was measured at all pairs together.

What one combination, or one pair, does that no other does is its own fault. What all do alike is the cable's: as much
as the 1 % worst case models of `reference` allow so many pairs on so long a loop, or more.
"""

import numpy as np

from linetest.copper.expected import expected_of
from linetest.copper.found import Found
from linetest.copper.quantities import FEXT, INSERTION_LOSS, NEXT, POWER_SUMS
from linetest.copper.reference import FULL_BINDER
from linetest.copper.settings import CopperSettings
from linetest.copper.sweep import FloatArray
from linetest.model.codes import Hint
from linetest.model.judge import breaks
from linetest.model.reading import Reading

_ALLOWANCE_DB = 1.0
"""A model and a length that was taken from a loss are no more accurate; field instruments are not either."""
_NEAR_END_SUM, _FAR_END_SUM = (next(sum_ for sum_, part in POWER_SUMS.items() if part == one) for one in (NEXT, FEXT))


def hint_of(
    reading: Reading, found: Found, every: list[Found], place: tuple[int, int], settings: CopperSettings
) -> Hint | None:
    """Return what the room knows of the cause; None where the metric's own advice is all there is to say.

    Args:
        reading: The worst point of `found` at `place`.
        found: One metric.
        every: All metrics of the cable.
        place: The disturbed pair and its worst disturber; 0 stands for all of a power sum.
        settings: What stands out, and which model to compare with.
    """
    if found.metric in (NEXT, FEXT) and (culprit := _standing_out(found, place, settings)) is not None:
        return culprit
    if not any(breaks(reading, limit) for limit in found.limits):
        return None
    if _worse_than_others(found, place[0], settings):
        return None
    of_metric = {one.metric: one for one in every if one.sent_end == found.sent_end}
    if found.metric == FEXT:
        # Up to what a full binder may have the length decides: a loop of a kilometre would attenuate it out of sight.
        return Hint.SHORT_LOOP if _in_model(reading, found, of_metric, place[0], FULL_BINDER, settings) else None
    if found.metric not in (_NEAR_END_SUM, _FAR_END_SUM):
        return None
    single = of_metric[POWER_SUMS[found.metric]]
    if _one_is_enough(reading, found, single, place[0]):
        return None
    disturbers = int(single.measured()[place[0]].sum())
    if not _in_model(reading, found, of_metric, place[0], disturbers, settings):
        return Hint.WORSE_THAN_MODEL
    return Hint.TOO_MANY_DISTURBERS if found.metric == _NEAR_END_SUM else Hint.SHORT_LOOP


def _standing_out(found: Found, place: tuple[int, int], settings: CopperSettings) -> Hint | None:
    """Tell a split pair, whose two pairs hear one another above all, from a pair that all others hear."""
    victim, disturber = place
    worst_db = np.where(found.measured(), found.worst.value_db, -np.inf)
    if not _above_others(worst_db[victim], disturber, settings.split_pair_db):
        return None
    if _above_others(worst_db[disturber], victim, settings.split_pair_db):
        return Hint.SPLIT_PAIR
    hearing = [pair for pair in range(len(worst_db)) if pair != disturber]
    loud = all(_above_others(worst_db[pair], disturber, settings.split_pair_db) for pair in hearing)
    return Hint.LOUD_DISTURBER if loud else None


def _worse_than_others(found: Found, victim: int, settings: CopperSettings) -> bool:
    """Tell whether a pair hears so much more than the other pairs do: then it is that pair, not the cable."""
    worst_db = np.where(found.measured(), found.worst.value_db, -np.inf).max(axis=1)
    others = np.delete(worst_db, victim)
    return bool(others.size and worst_db[victim] - np.median(others) >= settings.split_pair_db)


def _above_others(worst_db: FloatArray, one: int, by_db: float) -> bool:
    """Tell whether one disturber stands so far above all others of a pair; never where there is no other."""
    others = np.delete(worst_db, one)
    highest = others.max(initial=-np.inf)
    return bool(np.isfinite(highest) and worst_db[one] - highest >= by_db)


def _one_is_enough(reading: Reading, found: Found, single: Found, victim: int) -> bool:
    """Tell whether any disturber alone breaks the power sum's limit."""
    values_db, at_hz = single.worst.value_db[victim], single.worst.frequency_hz[victim]
    for value_db, frequency_hz in zip(values_db[~np.isnan(values_db)], at_hz[~np.isnan(values_db)], strict=True):
        where = {**reading.where, "frequency_hz": float(frequency_hz)}
        alone = Reading(metric=found.metric, value=float(value_db), unit=reading.unit, where=where)
        if any(breaks(alone, limit) for limit in found.limits):
            return True
    return False


def _in_model(
    reading: Reading,
    found: Found,
    of_metric: dict[str, Found],
    victim: int,
    disturbers: int,
    settings: CopperSettings,
) -> bool:
    """Tell whether a worst point is no higher than the model of so many disturbers; False where that is not known."""
    loss = of_metric[INSERTION_LOSS]
    expected = expected_of(loss, victim, disturbers, near=found.metric in (NEXT, _NEAR_END_SUM), settings=settings)
    if expected is None or reading.value is None:
        return False
    at = int(np.argmin(np.abs(loss.cut.frequency_hz - float(reading.where["frequency_hz"]))))
    return bool(reading.value <= expected.gain_db[at] + _ALLOWANCE_DB)
