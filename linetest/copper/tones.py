"""What a DSL modem or DSLAM tells of its line, as readings: margin, attenuation, noise, dips, missing tones, errors.

Never crosstalk: a modem hears the noise of all sources together, so nothing of it says how one pair disturbs another.
"""

from collections.abc import Iterator
from typing import Any, get_args

import msgspec
import numpy as np

from linetest.copper.tones_curves import curves_of, frequencies_hz
from linetest.copper.tones_dips import Dip, find_dips, tap_length_m
from linetest.copper.tones_settings import ToneSettings
from linetest.devices.dsl_open import DslReading
from linetest.model.codes import Reason, Warn
from linetest.model.dsl import NUMBERS, Bands, Direction, DslLine, Quantity, ToneCurve, in_bands
from linetest.model.metrics import METRICS
from linetest.model.reading import Measurement, Reading

_DIRECTIONS: tuple[Direction, Direction] = get_args(Direction)
_OF_SYNC = ("snr_margin_db", "line_attenuation_db")
"""What a line that is not in sync cannot have, and a profile may ask for."""
_FIRST = ("snr_margin_db", "line_attenuation_db", "rate_kbps", "attainable_kbps")
"""The numbers that stand before the errors where a person reads them."""


def measure(told: DslReading, settings: ToneSettings) -> Measurement:
    """Return the readings of a line, the details with its curves, and the evidence.

    The same texts and settings always give the same measurement.
    """
    line = told.line
    doubtful = _unit_is_doubtful(line, settings)
    found = [(curve, _dips(line, curve, settings)) for curve in _of_quantity(line, "hlog_db")]
    readings = [
        *_numbers(line, _FIRST, doubtful=doubtful),
        *_noise(line),
        *(reading for curve, dips in found for reading in _dip_readings(line, curve, dips, settings)),
        *_missing(line),
        *_counts(line),
        *_numbers(line, tuple(name for name in NUMBERS if name not in _FIRST), doubtful=doubtful),
    ]
    return Measurement(
        readings=[msgspec.structs.replace(reading, device=told.device) for reading in readings],
        details={
            "tones": {
                "drivers": told.drivers,
                "if_index": told.if_index,
                "standard": line.standard,
                "profile": line.profile,
                "status": line.status,
                "in_sync": line.in_sync,
                "spacing_hz": line.spacing_hz,
                "told": {side: msgspec.to_builtins(line.side(side)) for side in _DIRECTIONS},
                "dips": [
                    {"direction": curve.direction, "frequency_hz": dip.frequency_hz, "depth_db": dip.depth_db}
                    for curve, dips in found
                    for dip in dips or []
                ],
                "unread": line.unread,
                "settings": msgspec.to_builtins(settings),
            },
            "curves": list(curves_of(line)),
        },
        evidence=told.evidence,
        warnings=[str(Warn.UNIT_DOUBTFUL)] if doubtful else [],
        simulated=told.simulated,
    )


def _unit_is_doubtful(line: DslLine, settings: ToneSettings) -> bool:
    """Tell whether a margin in tenths would be too low for a line in sync: then the device counts in whole dB."""
    if line.in_sync is False:
        return False
    margins = [side.snr_margin_db for side in (line.down, line.up) if "snr_margin_db" in side.tenths]
    return any(margin is not None and margin < settings.whole_db_below_db for margin in margins)


def _numbers(line: DslLine, names: tuple[str, ...], *, doubtful: bool) -> Iterator[Reading]:
    """Yield the numbers of both directions that are told, and why there is none of those that sync would give."""
    for name in names:
        for direction in _DIRECTIONS:
            side = line.side(direction)
            value: float | None = getattr(side, name)
            reason: Reason | None = None
            if line.in_sync is False:
                value, reason = None, Reason.NO_SYNC
            elif doubtful and name in side.tenths:
                value, reason = None, Reason.UNIT_DOUBTFUL
            if value is not None or (reason is not None and (name in _OF_SYNC or doubtful)):
                yield _reading(f"copper.{name}", value, _where(direction), reason)


def _counts(line: DslLine) -> Iterator[Reading]:
    """Yield the counters of errors, those of both directions together."""
    names = dict.fromkeys([*line.down.counts, *line.up.counts])
    for name in sorted(names, key=lambda name: name not in ("CRC", "ES")):
        for direction in _DIRECTIONS:
            side = line.side(direction)
            if name in side.counts:
                where = {"counter": name, **_where(direction)}
                where |= {"since": side.counted_since} if side.counted_since else {}
                yield _reading("copper.error_count", side.counts[name], where)


def _noise(line: DslLine) -> Iterator[Reading]:
    for curve in _of_quantity(line, "qln_dbm_hz"):
        values = [value for value in curve.values if value is not None]
        if values:
            yield _reading("copper.noise_floor_dbm_hz", float(np.median(values)), _where(curve.direction))


def _missing(line: DslLine) -> Iterator[Reading]:
    """Yield how many of each direction's tones carry nothing between the first and the last that do, band by band."""
    if line.in_sync is False:
        return
    for curve in _of_quantity(line, "bits"):
        if curve.direction is None:
            continue
        told = line.down_bands if curve.direction == "down" else line.up_bands
        inside = empty = 0
        for first, last in told or [(0, len(curve.values) * curve.group)]:
            loaded = _loaded(curve, [(first, last)])
            used = np.flatnonzero(loaded)
            if used.size:
                inside += int(used[-1] - used[0]) + 1
                empty += int(used[-1] - used[0]) + 1 - used.size
        if inside:
            yield _reading("copper.missing_tones_percent", 100.0 * empty / inside, _where(curve.direction))


def _loaded(curve: ToneCurve, bands: Bands) -> list[bool]:
    return [bool(value) and in_bands(bands, at * curve.group) for at, value in enumerate(curve.values)]


def _dips(line: DslLine, curve: ToneCurve, settings: ToneSettings) -> list[Dip] | None:
    """Return the dips; None where too little was measured, as in the upstream of ADSL with its 25 tones."""
    return find_dips(frequencies_hz(line, curve), _array(curve), settings)


def _dip_readings(line: DslLine, curve: ToneCurve, dips: list[Dip] | None, settings: ToneSettings) -> Iterator[Reading]:
    """Yield the deepest dip, 0 dB where there is none, and the length of a tap where the dips are sure of it."""
    if dips is None:
        return
    where = _where(curve.direction)
    deepest = max(dips, key=lambda dip: dip.depth_db, default=None)
    if deepest is None:
        yield _reading("copper.hlog_dip_db", 0.0, where)
        return
    yield _reading("copper.hlog_dip_db", deepest.depth_db, {**where, "frequency_hz": deepest.frequency_hz})
    length_m = tap_length_m(dips, frequencies_hz(line, curve), _array(curve), settings)
    if length_m is not None:
        yield _reading("copper.bridged_tap_m", length_m, where)


def _of_quantity(line: DslLine, quantity: Quantity) -> list[ToneCurve]:
    return [curve for curve in line.curves if curve.quantity == quantity]


def _array(curve: ToneCurve) -> "np.ndarray[Any, np.dtype[np.float64]]":
    return np.array([np.nan if value is None else value for value in curve.values], dtype=np.float64)


def _where(direction: Direction | None) -> dict[str, Any]:
    return {} if direction is None else {"direction": direction}


def _reading(metric: str, value: float | None, where: dict[str, Any], reason: Reason | None = None) -> Reading:
    return Reading(metric=metric, value=value, unit=METRICS[metric].unit, where=where, reason=reason)
