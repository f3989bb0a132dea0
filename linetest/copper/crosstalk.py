"""Crosstalk of a cable from a sweep: one reading per disturbed pair and metric, at its worst point.

A violation inside the part of the band that was swept is a violation; that there is none takes the whole band, all
combinations and enough points. So where a sweep falls short of its band, a reading has its value when it breaks its
limit, else the reason why nothing can be said. This is why the room asks `model.judge.breaks`, although it judges
nothing: no reading alone can say "the value if that is a breach, else unknown". The price is that readings depend on
the bounds; who judges a kept record by other bounds has to measure it again, which `acceptance.again` knows and
nothing else needs to.
"""

from collections.abc import Iterator

import msgspec
import numpy as np

from linetest.copper.band import Cut, cut_to_band
from linetest.copper.details import details_of
from linetest.copper.found import Found, victims_of
from linetest.copper.ports import check_ports
from linetest.copper.quantities import FEXT, HEARD_WHERE_SENT, NEXT, PSFEXT, PSNEXT, SWEPT, quantities
from linetest.copper.settings import CopperSettings
from linetest.copper.sweep import BENCH_MARK, ENDS, BoolArray, FloatArray, Sweep
from linetest.copper.worst import Worst, find_worst
from linetest.errors import UsageError
from linetest.model.codes import Hint, Reason, Warn
from linetest.model.judge import breaks
from linetest.model.limit import Limit
from linetest.model.metrics import METRICS
from linetest.model.reading import EvidenceFile, Measurement, Reading
from linetest.safe import evidence_name
from linetest.words.text import _

_ABSOLUTE = (NEXT, FEXT, PSNEXT, PSFEXT)
"""Metrics that an instrument's floor bounds; the others are differences of two levels."""


def measure(sweep: Sweep, limits: list[Limit], settings: CopperSettings) -> Measurement:
    """Return the readings of all pairs, the details of cli.md and the file as evidence.

    The same sweep, limits and settings always give the same measurement, so that a record can be measured again.

    Args:
        sweep: One file's sweep.
        limits: The profile's limits; those of other rooms are passed over.
        settings: What the customer's rule leaves open.

    Raises:
        BadFile: when the insertion loss contradicts the port map.
        UsageError: when limits of one metric name different bands.
    """
    warnings = [*sweep.warnings, *check_ports(sweep, settings)]
    found = list(_find(sweep, limits, settings))
    victims = victims_of(sweep)
    readings = [reading for one in found for reading in _readings(one, sweep, victims, settings)]
    if any(_near_floor(one, settings).any() for one in found):
        warnings.append(str(Warn.FLOOR_LIMITED))
    if any(_loss_too_low(one.cut, settings) for one in found):
        warnings.append(str(Warn.INSERTION_LOSS_LOW))
    return Measurement(
        readings=readings,
        details=details_of(sweep, found, victims, settings),
        evidence=[EvidenceFile(name=evidence_name(sweep.name), media_type="text/plain", body=sweep.body)],
        warnings=warnings,
        simulated=sweep.body.startswith(BENCH_MARK),
    )


def _find(sweep: Sweep, limits: list[Limit], settings: CopperSettings) -> Iterator[Found]:
    """Yield every copper metric at every wanted end."""
    for sent_end, other_end in ((end, ENDS[1 - ENDS.index(end)]) for end in settings.ends):
        cuts: dict[tuple[float, float], tuple[Cut, dict[str, FloatArray]]] = {}
        for metric in (metric for metric in METRICS if metric in SWEPT):
            end = sent_end if metric in HEARD_WHERE_SENT else other_end
            spoken = [limit for limit in limits if limit.metric == metric and limit.end in (None, end)]
            band_hz = _band_of(metric, spoken, settings)
            if band_hz not in cuts:
                cut = cut_to_band(sweep, band_hz, settings)
                floor_db = settings.insertion_loss_floor_db
                cuts[band_hz] = cut, quantities(cut.gain_db, ENDS.index(sent_end), floor_db)
            cut, curves = cuts[band_hz]
            curves_db = curves[metric]
            worst = _worst(cut, curves_db, spoken)
            yield Found(metric, sent_end, end, spoken, cut, curves_db, worst, _expected(curves_db))


def _expected(curves_db: FloatArray) -> BoolArray:
    """Return (P, D): every pair from every other one, or from all together."""
    _n, pairs, disturbers = curves_db.shape
    if disturbers == 1 and pairs > 1:
        return np.ones((pairs, 1), dtype=np.bool_)
    return ~np.eye(pairs, dtype=np.bool_)


def _worst(cut: Cut, curves_db: FloatArray, limits: list[Limit]) -> Worst:
    if cut.frequency_hz.size == 0:
        nothing = np.full(curves_db.shape[1:], np.nan)
        return Worst(nothing, nothing, nothing)
    # The worst point of a limit that only warns must not hide one that fails.
    failing = [limit for limit in limits if limit.on_breach == "fail"]
    return find_worst(cut.frequency_hz, curves_db, failing or limits)


def _band_of(metric: str, limits: list[Limit], settings: CopperSettings) -> tuple[float, float]:
    bands_hz = {limit.band_hz or settings.band_hz for limit in limits} or {settings.band_hz}
    if len(bands_hz) > 1:
        raise UsageError(
            _("the profile has limits of {metric} for different bands").format(metric=metric),
            _("write them as one limit with a `line` along frequency_hz"),
        )
    return bands_hz.pop()


def _readings(found: Found, sweep: Sweep, victims: list[int], settings: CopperSettings) -> Iterator[Reading]:
    """Yield one reading per victim; without a limit only those that have a value."""
    disturbers = found.worst.disturber()
    near_floor = _near_floor(found, settings)
    for victim in victims:
        disturber = int(disturbers[victim])
        value = _value_at(found, sweep, victim, disturber)
        reason = _reason(found, value, victim, bool(near_floor[victim, disturber]), settings)
        if reason is None and value is not None:
            hint = Hint.SPLIT_PAIR if _split(found, victim, settings) else None
            yield msgspec.structs.replace(value, hint=hint)
        elif found.limits:
            yield Reading(
                metric=found.metric,
                value=None,
                unit=METRICS[found.metric].unit,
                where=found.where(sweep, victim),
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
        hidden = found.metric in (NEXT, PSNEXT) and _loss_too_low(cut, settings)
        return Reason.NOT_DECIDABLE if hidden else Reason.NOT_MEASURED
    return None


def _near_floor(found: Found, settings: CopperSettings) -> BoolArray:
    """Return (P, D): the worst points that are the instrument's noise as likely as crosstalk."""
    if settings.instrument_floor_db is None or found.metric not in _ABSOLUTE:
        return np.zeros(found.expected.shape, dtype=bool)
    return found.worst.value_db <= settings.instrument_floor_db + settings.floor_distance_db


def _loss_too_low(cut: Cut, settings: CopperSettings) -> bool:
    """Tell whether any pair's loss is under the floor of the insertion-loss rule; never when it is off."""
    if settings.insertion_loss_floor_db is None:
        return False
    through = np.diagonal(cut.gain_db[:, 1, :, 0, :], axis1=1, axis2=2)
    return bool(np.any(-through < settings.insertion_loss_floor_db))


def _split(found: Found, victim: int, settings: CopperSettings) -> bool:
    """Tell whether one combination's NEXT stands out among those of its pair."""
    if found.metric != NEXT:
        return False
    values_db = np.sort(found.worst.value_db[victim][found.measured()[victim]])
    return values_db.size > 1 and bool(values_db[-1] - values_db[-2] >= settings.split_pair_db)
