"""Crosstalk of a cable from a sweep: one reading per disturbed pair and metric, at its worst point."""

from collections.abc import Iterator

import numpy as np

from linetest.copper.band import Cut, cut_to_band
from linetest.copper.details import details_of
from linetest.copper.found import Found, victims_of
from linetest.copper.ports import check_ports
from linetest.copper.quantities import HEARD_WHERE_SENT, SWEPT, quantities
from linetest.copper.readings import loss_too_low, near_floor, readings_of
from linetest.copper.settings import CopperSettings
from linetest.copper.sweep import BENCH_MARK, ENDS, BoolArray, FloatArray, Sweep
from linetest.copper.worst import Worst, find_worst
from linetest.errors import UsageError
from linetest.model.codes import Warn
from linetest.model.limit import Limit
from linetest.model.metrics import METRICS
from linetest.model.reading import EvidenceFile, Measurement
from linetest.safe import evidence_name
from linetest.words.text import _

_FAR_BEYOND = 4.0
"""A sweep so many times higher than the band was meant for more: ADSL2+ goes to twice, VDSL2 to eight times of ADSL."""


def measure(sweep: Sweep, limits: list[Limit], settings: CopperSettings) -> Measurement:
    """Return the readings of all pairs, the details of cli.md and the files as evidence.

    The same sweep, limits and settings always give the same measurement, so that a record can be measured again.

    Args:
        sweep: One cable's sweep.
        limits: The profile's limits; those of other rooms are passed over.
        settings: What the customer's rule leaves open.

    Raises:
        BadFile: when the insertion loss contradicts the port map.
        UsageError: when limits of one metric name different bands, or a limit line ends inside its band.
    """
    warnings = [*sweep.warnings, *check_ports(sweep, settings)]
    found = list(_find(sweep, limits, settings))
    victims = victims_of(sweep)
    readings = [reading for one in found for reading in readings_of(one, found, sweep, victims, settings)]
    if sweep.contradictions:
        warnings.append(str(Warn.LOSSES_DIFFER))
    judged_hz = max((one.cut.band_hz[1] for one in found if one.limits), default=settings.band_hz[1])
    if sweep.frequency_hz[-1] > _FAR_BEYOND * judged_hz and any(one.cut.frequency_hz.size for one in found):
        warnings.append(str(Warn.BEYOND_BAND))
    if any(near_floor(one, settings).any() for one in found):
        warnings.append(str(Warn.FLOOR_LIMITED))
    if any(loss_too_low(one.cut, settings) for one in found):
        warnings.append(str(Warn.INSERTION_LOSS_LOW))
    return Measurement(
        readings=readings,
        details=details_of(sweep, found, victims, settings),
        evidence=[
            EvidenceFile(name=evidence_name(file.name), media_type="text/plain", body=file.body) for file in sweep.files
        ],
        warnings=warnings,
        simulated=any(file.body.startswith(BENCH_MARK) for file in sweep.files),
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
            if (curves_db := curves.get(metric)) is None:
                continue
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
    band_hz = bands_hz.pop()
    for line in (limit.line for limit in limits if limit.line and limit.along == "frequency_hz"):
        if (
            line[0][0] > band_hz[0] + settings.edge_tolerance_hz
            or line[-1][0] < band_hz[1] - settings.edge_tolerance_hz
        ):
            raise UsageError(
                _("the profile's limit line of {metric} ends inside its band").format(metric=metric),
                _("give the limit a band_hz that the line covers, or the line more points"),
            )
    return band_hz
