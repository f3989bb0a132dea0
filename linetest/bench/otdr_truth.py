"""The exact truth about a simulated trace: what a perfect event finder would say."""

from dataclasses import dataclass
from itertools import pairwise
from math import log10
from typing import Literal

import numpy as np

from linetest.bench.fibre import Echo, Fibre, Instrument, Joint, Kind, echoes, reflectors
from linetest.bench.otdr_light import backscattered, scattered


@dataclass(frozen=True, kw_only=True)
class TrueEvent:
    """One event; distances are from the distance zero of the table, negative in a launch reel."""

    kind: Kind
    distance_m: float
    loss_db: float | None = None
    """As an OTDR sees it from this side: with half of the change of backscatter, so negative for a gainer."""
    true_loss_db: float | None = None
    reflectance_db: float | None = None
    section_db_per_km: float | None = None
    """Of the glass before it."""
    echo_of_m: tuple[float, ...] = ()
    """Of a ghost, with the next."""
    rise_db: float | None = None
    """Of a ghost: its height above backscatter and the rms of the noise there, 5 log; a low one cannot be seen."""


@dataclass(frozen=True, kw_only=True)
class Truth:
    """All events within the range of the trace, in rising distance, and the link."""

    events: tuple[TrueEvent, ...]
    zero_m: float
    """Where distance zero lies, from the first sample."""
    start_m: float
    end_m: float | None
    """None where the fibre goes on behind the last sample."""
    end_reason: Literal["end", "out-of-range"]
    fibre_end_m: float | None
    """Where all glass ends, a receive reel included."""
    link_loss_db: float
    """As an OTDR sees it, from the start to `end_m` or else the last sample, with the joints to the reels."""
    true_link_loss_db: float
    orl_db: float
    """Of all light that comes back from the link, its two ends included, against what enters it."""


def truth_of(fibre: Fibre, instrument: Instrument) -> Truth:
    """Return what is true about the trace that `otdr_light.shoot` makes of the same fibre and instrument."""
    zero_m = fibre.zero_m
    reach_m = (instrument.samples - 1) * instrument.step_m
    edges_m = fibre.edges_m
    first, last = int(fibre.launch), len(fibre.sections) - 1 - int(fibre.receive)
    end_m = edges_m[last + 1] if edges_m[last + 1] <= reach_m else None
    fibre_end_m = edges_m[-1] if edges_m[-1] <= reach_m else None
    events = [event for event in _events(fibre, instrument) if event.distance_m + zero_m <= reach_m]
    true_db, seen_db = _link_loss(fibre, first, last, reach_m)
    return Truth(
        events=tuple(sorted(events, key=lambda event: event.distance_m)),
        zero_m=zero_m,
        start_m=0.0,
        end_m=None if end_m is None else end_m - zero_m,
        end_reason="end" if end_m is not None else "out-of-range",
        fibre_end_m=None if fibre_end_m is None else fibre_end_m - zero_m,
        link_loss_db=seen_db,
        true_link_loss_db=true_db,
        orl_db=_orl_db(fibre, instrument, first, min(edges_m[last + 1], reach_m)),
    )


def _events(fibre: Fibre, instrument: Instrument) -> list[TrueEvent]:
    zero_m = fibre.zero_m
    events = [
        TrueEvent(kind="launch", distance_m=-zero_m, reflectance_db=instrument.connector_reflectance_db),
        TrueEvent(
            kind="end",
            distance_m=fibre.edges_m[-1] - zero_m,
            reflectance_db=fibre.end_reflectance_db,
            section_db_per_km=fibre.sections[-1].db_per_km,
        ),
    ]
    for (before, behind), joint, at_m in zip(pairwise(fibre.sections), fibre.joints, fibre.edges_m[1:], strict=False):
        events.append(
            TrueEvent(
                kind=_kind(joint),
                distance_m=at_m - zero_m,
                loss_db=joint.loss_db + (before.backscatter_db - behind.backscatter_db) / 2.0,
                true_loss_db=joint.loss_db,
                reflectance_db=joint.reflectance_db,
                section_db_per_km=before.db_per_km,
            )
        )
    events += [_ghost(echo, fibre, instrument) for echo in echoes(fibre, instrument)]
    return events


def _ghost(echo: Echo, fibre: Fibre, instrument: Instrument) -> TrueEvent:
    beside = float(backscattered(fibre, instrument, np.array([echo.distance_m]))[0]) + instrument.noise_power
    return TrueEvent(
        kind="ghost",
        distance_m=echo.distance_m - fibre.zero_m,
        loss_db=0.0,
        echo_of_m=tuple(distance_m - fibre.zero_m for distance_m in echo.of_m),
        rise_db=5.0 * log10(1.0 + echo.power / beside),
    )


def _kind(joint: Joint) -> Kind:
    if joint.made != "joint":
        return joint.made
    return "non-reflective" if joint.reflectance_db is None else "reflective"


def _link_loss(fibre: Fibre, first: int, last: int, reach_m: float) -> tuple[float, float]:
    """Return the true and the seen loss of the sections `first` to `last`, the joints to the reels included."""
    ended = last
    while ended > first and fibre.edges_m[ended] > reach_m:
        ended -= 1
    whole = fibre.edges_m[ended + 1] <= reach_m
    start_db = fibre.ends_db[first - 1] if first else 0.0
    if whole and ended < len(fibre.sections) - 1:  # behind the joint to the receive reel
        ended += 1
        end_db = fibre.starts_db[ended]
    else:
        glass_m = min(fibre.edges_m[ended + 1], reach_m) - fibre.edges_m[ended]
        end_db = fibre.starts_db[ended] + glass_m * fibre.sections[ended].db_per_km / 1000.0
    change_db = fibre.sections[max(first - 1, 0)].backscatter_db - fibre.sections[ended].backscatter_db
    return end_db - start_db, end_db - start_db + change_db / 2.0


def _orl_db(fibre: Fibre, instrument: Instrument, first: int, end_m: float) -> float:
    """Return minus 10 log of returned over entering power: backscatter and reflections of the link, both ends in.

    The definition of IEC 61300-3-6; the light enters before the joint at the start.
    """
    start_m = fibre.edges_m[first]
    entering_db = fibre.ends_db[first - 1] if first else 0.0
    here, there = scattered(fibre, np.array([start_m, end_m]))
    returned = float(there - here) * instrument.scatter_per_m
    returned += sum(
        10.0 ** ((mirror.reflectance_db - 2.0 * mirror.before_db) / 10.0)
        for mirror in reflectors(fibre, instrument)
        if start_m <= mirror.distance_m <= end_m
    )
    return -10.0 * log10(returned) - 2.0 * entering_db
