"""Curves for pictures: few enough points to keep, none of the peaks lost."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from linetest.copper.expected import expected_of
from linetest.copper.found import Found
from linetest.copper.quantities import FEXT, INSERTION_LOSS, NEXT
from linetest.copper.settings import CopperSettings
from linetest.copper.sweep import Sweep
from linetest.thin import thin_out

MOST_CURVES = 12
"""Of one metric and end, as a cable of 25 pairs has 600 combinations; the worst of each judged pair is always kept."""
MOST_LOSS_CURVES = 25
"""Each pair has one."""

_NAMES = {NEXT: "NEXT", FEXT: "FEXT", INSERTION_LOSS: "IL"}


def curves_of(sweep: Sweep, found: list[Found], settings: CopperSettings) -> Iterator[dict[str, Any]]:
    """Yield NEXT, FEXT and insertion loss as the curves of cli.md, and what a model says of NEXT and FEXT."""
    yield from _measured(sweep, found)
    losses = {one.sent_end: one for one in found if one.metric == INSERTION_LOSS}
    for one in found:
        if one.metric in (NEXT, FEXT) and one.sent_end == settings.ends[0] and one.cut.frequency_hz.size:
            yield from _reference(one, losses[one.sent_end], settings)


def _measured(sweep: Sweep, found: list[Found]) -> Iterator[dict[str, Any]]:
    for one in (one for one in found if one.metric in _NAMES and one.cut.frequency_hz.size):
        for victim, disturber in _worst_first(one):
            where = one.where(sweep, victim, disturber)
            source = f" from {where['disturber']}" if "disturber" in where else ""
            values_db = one.curves_db[:, victim, disturber]
            kept = thin_out(values_db)
            y = values_db[kept].astype(object)
            y[np.isnan(values_db[kept])] = None
            yield {
                "name": f"{_NAMES[one.metric]} {where['pair']}{source} ({one.end} end)",
                "metric": one.metric,
                **where,
                "x": one.cut.frequency_hz[kept].tolist(),
                "y": y.tolist(),
                "x_unit": "Hz",
                "y_unit": "dB",
                "limit": _limit_points(one),
            }


def _reference(found: Found, loss: Found, settings: CopperSettings) -> Iterator[dict[str, Any]]:
    """Yield what a model says of one disturber on such a line, where it can say anything."""
    expected = expected_of(loss, None, 1, near=found.metric == NEXT, settings=settings)
    if expected is None:
        return
    kept = np.flatnonzero(~np.isnan(expected.gain_db))
    kept = kept[thin_out(expected.gain_db[kept])] if kept.size else kept
    if kept.size:
        length_m = expected.length_m
        yield {
            "name": f"{_NAMES[found.metric]} reference",
            "metric": found.metric,
            "reference": {
                "model": settings.reference_model,
                "disturbers": 1,
                **({} if length_m is None else {"length_m": length_m, "wire": settings.reference_wire}),
            },
            "x": loss.cut.frequency_hz[kept].tolist(),
            "y": expected.gain_db[kept].tolist(),
            "x_unit": "Hz",
            "y_unit": "dB",
            "limit": None,
        }


def _worst_first(found: Found) -> list[tuple[int, int]]:
    """Return each judged victim with its worst disturber, filled up to `MOST_CURVES` with the largest values."""
    measured = found.measured()
    order = np.argsort(-found.worst.value_db[measured], kind="stable")
    places = [(int(victim), int(disturber)) for victim, disturber in np.argwhere(measured)[order]]
    worst = set(enumerate(found.worst.disturber().tolist())) if found.limits else set()
    kept = [place for place in places if place in worst]
    most = MOST_LOSS_CURVES if found.metric == INSERTION_LOSS else MOST_CURVES
    kept += [place for place in places if place not in worst][: max(most - len(kept), 0)]
    return sorted(kept, key=places.index)


def _limit_points(found: Found) -> list[list[float]] | None:
    """Return the limit as points [x, y] over the band; None without one or with two sides."""
    limit = found.limits[0] if found.limits else None
    if limit is None:
        return None
    if limit.line is not None:
        return [list(point) for point in limit.line]
    flat = limit.max if limit.max is not None else limit.min
    return None if flat is None else [[edge_hz, flat] for edge_hz in found.cut.band_hz]
