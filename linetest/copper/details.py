"""The copper room's own result, as it stands in a record's `details`."""

import hashlib
from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np

from linetest.copper.curves import curves_of
from linetest.copper.found import Found
from linetest.copper.quantities import (
    ELFEXT,
    FEXT,
    INSERTION_LOSS,
    NEXT,
    PAIR_TO_PAIR,
    POWER_SUMS,
)
from linetest.copper.settings import CopperSettings
from linetest.copper.sweep import FloatArray, Sweep, SweepFile
from linetest.safe import evidence_name

_LOSS_AT_HZ = 300_000.0
"""Where line attenuation of ADSL is compared by custom (ITU-T G.992.1 loops are specified there)."""


def details_of(sweep: Sweep, found: list[Found], victims: list[int], settings: CopperSettings) -> dict[str, Any]:
    """Return the details of cli.md for one sweep; values of a part of the band are those of that part."""
    bands_hz = [one.cut.band_hz for one in found if one.limits] or [settings.band_hz]
    return {
        "sweep": evidence_name(sweep.name),
        "interpreted_as": sweep.interpreted_as,
        "sweeps": [_file(file) for file in sweep.files if file.options is not None],
        **({"pair_order": [pair.name or pair.number for pair in sweep.pairs]} if sweep.joined else {}),
        "reference_ohm": sweep.reference_ohm,
        "swept_hz": [float(sweep.frequency_hz[0]), float(sweep.frequency_hz[-1])],
        "points": len(sweep.frequency_hz),
        "band_hz": [min(low for low, _high in bands_hz), max(high for _low, high in bands_hz)],
        "settings": {**_of_a_sweep(settings), **_definitions(found)},
        "combinations": list(_combinations(sweep, found)),
        "pairs": [_pair(sweep, found, victim, end, settings) for end in settings.ends for victim in victims],
        "pairs_named": sweep.pairs_named,
        **({"contradictions": msgspec.to_builtins(sweep.contradictions)} if sweep.contradictions else {}),
        "curves": list(curves_of(sweep, found, settings)),
    }


def _of_a_sweep(settings: CopperSettings) -> dict[str, Any]:
    return {
        name: value for name, value in msgspec.to_builtins(settings).items() if name not in ("tones", "electricals")
    }


def _file(file: SweepFile) -> dict[str, Any]:
    """Return what it takes to read a file of the evidence again as it was read."""
    sha256 = hashlib.sha256(file.body).hexdigest()
    return {"name": evidence_name(file.name), "sha256": sha256, "read_options": msgspec.to_builtins(file.options)}


def _definitions(found: list[Found]) -> dict[str, Any]:
    """Return what the limits decided that the customer's rule leaves open."""
    judged = list(dict.fromkeys(one.metric for one in found if one.limits))
    quantities = [
        *(["pair-to-pair"] if any(metric in PAIR_TO_PAIR for metric in judged) else []),
        *(["power-sum"] if any(metric in POWER_SUMS for metric in judged) else []),
    ]
    fext = [*(["input-output"] if FEXT in judged else []), *(["equal-level"] if ELFEXT in judged else [])]
    return {"judged_metrics": judged, "quantity": quantities, "fext_definition": fext}


def _combinations(sweep: Sweep, found: list[Found]) -> Iterator[dict[str, Any]]:
    """Yield the worst point of every measured combination of two pairs."""
    for one in (one for one in found if one.metric in PAIR_TO_PAIR):
        for victim, disturber in np.argwhere(one.measured()):
            yield {
                "disturber": None,
                **one.where(sweep, int(victim), int(disturber)),
                "metric": one.metric,
                "worst_db": _number(one.worst.value_db[victim, disturber]),
                "frequency_hz": _number(one.worst.frequency_hz[victim, disturber]),
                "margin_db": _number(one.worst.margin_db[victim, disturber]),
            }


def _pair(sweep: Sweep, found: list[Found], victim: int, end: str, settings: CopperSettings) -> dict[str, Any]:
    """Return what stands for one disturbed pair."""
    of_metric = {one.metric: one for one in found if one.sent_end == end}
    loss = of_metric[INSERTION_LOSS]
    loss_db = loss.curves_db[:, victim, 0]
    at_hz = {"insertion_loss_300_khz": _LOSS_AT_HZ, "insertion_loss_band_edge": loss.cut.band_hz[1]}
    return {
        **loss.where(sweep, victim),
        "end": end,
        **{metric.partition(".")[2]: _number(of_metric[metric].worst.value_db[victim, 0]) for metric in POWER_SUMS},
        **{name: _nearest_point(loss.cut.frequency_hz, loss_db, x, settings) for name, x in at_hz.items()},
        "worst_disturber": {
            name: _disturber(sweep, of_metric[metric], victim) for name, metric in (("next", NEXT), ("fext", FEXT))
        },
    }


def _disturber(sweep: Sweep, found: Found, victim: int) -> str | None:
    disturber = int(found.worst.disturber()[victim])
    return sweep.pairs[disturber].number if found.measured()[victim, disturber] else None


def _nearest_point(
    frequency_hz: FloatArray, loss_db: FloatArray, wanted_hz: float, settings: CopperSettings
) -> dict[str, float] | None:
    """Return the measured point nearest to a frequency; None without one within half of the allowed step."""
    if frequency_hz.size == 0:
        return None
    at = int(np.argmin(np.abs(frequency_hz - wanted_hz)))
    if np.isnan(loss_db[at]) or abs(frequency_hz[at] - wanted_hz) > settings.maximum_step_hz / 2.0:
        return None
    return {"frequency_hz": float(frequency_hz[at]), "insertion_loss_db": float(loss_db[at])}


def _number(value: np.float64) -> float | None:
    """Return a number that JSON can hold, None for NaN."""
    return None if np.isnan(value) else float(value)
