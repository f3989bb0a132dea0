"""What changed along a fibre since an earlier trace: each difference with its uncertainty and significance."""

from math import sqrt
from typing import Literal

import msgspec

from linetest.otdr.event import Analysis, Event, EventKind
from linetest.otdr.matching import check_alike, combine, match_places, tolerance_m
from linetest.otdr.trace import Acquisition, Trace

SIGNIFICANT_SIGMAS = 3.0
"""A difference beyond so many of its standard uncertainties did not happen by chance (0.3 %)."""
REPEAT_DB = 0.01
"""How well the loss of one joint repeats from visit to visit, above its noise: launch, temperature. Own choice."""
REPEAT_REFLECTANCE_DB = 1.0
"""Of a reflectance: makers state 2 dB at twice the standard uncertainty in their data sheets. Own choice of one."""
REPEAT_DB_PER_KM = 0.005
"""Of the attenuation of a section, above its noise. Own choice."""
SHORTEST_SECTION_PULSES = 10.0
"""A slope over less is the tail of its events more than fibre. Own choice."""

Kind = Literal[
    "event-new", "event-gone", "loss-changed", "reflectance-changed", "section-changed", "end-moved", "end-lost"
]


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One quantity that both traces have, or an event that only one has."""

    what: Kind
    distance_m: float
    """On the scale of the earlier trace."""
    event: str
    before: float | None
    """None where the earlier trace has nothing there."""
    after: float | None
    unit: str
    difference: float | None
    """After minus before; of an event that is new or gone its own loss."""
    u: float | None
    """Standard uncertainty of the difference."""
    sigmas: float | None
    """How many times its uncertainty the difference is."""
    significant: bool


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """What `compare` hands back."""

    changes: list[Change]
    """In rising distance, those that are not significant included."""
    tolerance_m: float
    sigmas: float = SIGNIFICANT_SIGMAS
    """From how many standard uncertainties on a change is significant."""
    warnings: list[str] = []


def compare(before: Trace, a: Analysis, after: Trace, b: Analysis) -> Comparison:
    """Return every difference between two traces of one fibre from one end.

    Another group index only scales the distances, so those of the later trace are brought to the scale of the earlier
    one. The first pulse width of each file counts.

    Raises:
        UsageError: other wavelengths, or pulse widths too far apart.
    """
    warnings = check_alike(before, after)
    old, new = before.acquisitions[0], after.acquisitions[0]
    scaled = _scaled(b, new.group_index / old.group_index)
    within_m = tolerance_m(old, new, None if a.end_m is None else a.end_m - a.start_m)
    olds, news = _compared(a), _compared(scaled)
    matched = match_places([event.distance_m for event in olds], [event.distance_m for event in news], within_m)
    changes = [_only(olds[i], gone=True) for i in range(len(olds)) if i not in matched]
    changes += [_only(event, gone=False) for j, event in enumerate(news) if j not in matched.values()]
    for i, j in matched.items():
        changes += _of_event(olds[i], news[j])
        if i > 0 and matched.get(i - 1) == j - 1:
            length_m = olds[i].distance_m - olds[i - 1].distance_m
            changes += _of_section(olds[i], news[j], length_m, (old, a), (new, scaled))
    changes += _of_end(a, scaled, old)
    return Comparison(
        changes=sorted(changes, key=lambda change: change.distance_m), tolerance_m=within_m, warnings=warnings
    )


def _scaled(analysis: Analysis, scale: float) -> Analysis:
    events = [
        msgspec.structs.replace(
            event,
            distance_m=event.distance_m * scale,
            section_db_per_km=None if event.section_db_per_km is None else event.section_db_per_km / scale,
        )
        for event in analysis.events
    ]
    return msgspec.structs.replace(
        analysis, events=events, end_m=None if analysis.end_m is None else analysis.end_m * scale
    )


def _compared(analysis: Analysis) -> list[Event]:
    """Return the events that are joints of the link: echoes are nothing, the end is compared by itself."""
    return [event for event in analysis.events if event.kind not in (EventKind.GHOST, EventKind.END, EventKind.LAUNCH)]


def _only(event: Event, *, gone: bool) -> Change:
    """Return an event that one trace does not have: against a loss of nothing, or by its reflection alone."""
    loss_db = event.loss_db
    u = combine(event.loss_u_db, REPEAT_DB)
    sigmas = None if loss_db is None or u is None else abs(loss_db) / u
    reflects = event.reflectance_db is not None
    return Change(
        what="event-gone" if gone else "event-new",
        distance_m=event.distance_m,
        event=event.kind,
        before=loss_db if gone else None,
        after=None if gone else loss_db,
        unit="dB",
        difference=None if loss_db is None else -loss_db if gone else loss_db,
        u=u,
        sigmas=sigmas,
        significant=reflects or (sigmas is not None and sigmas > SIGNIFICANT_SIGMAS),
    )


def _of_event(old: Event, new: Event) -> list[Change]:
    changes = []
    if old.loss_db is not None and new.loss_db is not None:
        u = combine(old.loss_u_db, new.loss_u_db, REPEAT_DB)
        changes.append(_difference("loss-changed", old, old.loss_db, new.loss_db, u, "dB"))
    # One that was cut off is at least so strong: it says nothing about a difference.
    if old.reflectance_db is not None and new.reflectance_db is not None and not (old.saturated or new.saturated):
        u = combine(REPEAT_REFLECTANCE_DB, REPEAT_REFLECTANCE_DB)
        changes.append(_difference("reflectance-changed", old, old.reflectance_db, new.reflectance_db, u, "dB"))
    return changes


def _of_section(
    old: Event, new: Event, length_m: float, before: tuple[Acquisition, Analysis], after: tuple[Acquisition, Analysis]
) -> list[Change]:
    """Return the change of the attenuation before an event whose predecessor is the same one in both traces."""
    shortest_m = SHORTEST_SECTION_PULSES * max(before[0].pulse_m, after[0].pulse_m)
    if old.section_db_per_km is None or new.section_db_per_km is None or length_m < shortest_m:
        return []
    u = combine(_slope_u(length_m, *before), _slope_u(length_m, *after), REPEAT_DB_PER_KM)
    return [_difference("section-changed", old, old.section_db_per_km, new.section_db_per_km, u, "dB/km")]


def _slope_u(length_m: float, acquisition: Acquisition, analysis: Analysis) -> float:
    """Return the standard uncertainty in dB/km of a straight line through a section, by its noise.

    The slope of n equally spaced points over a length L is known to sigma * sqrt(12 / n) / L; points within one pulse
    tell the same.
    """
    points = max(length_m / max(acquisition.pulse_m, acquisition.step_m), 2.0)
    return analysis.noise_rms_db * sqrt(12.0 / points) / (length_m / 1e3)


def _of_end(a: Analysis, b: Analysis, old: Acquisition) -> list[Change]:
    if a.end_m is None:
        return []
    end = next((event for event in a.events if event.kind is EventKind.END), None)
    at = end or Event(kind=EventKind.END, distance_m=a.end_m)
    if b.end_m is None:
        lost = _difference("end-lost", at, a.end_m, None, None, "m")
        return [msgspec.structs.replace(lost, significant=True)]
    other = next((event for event in b.events if event.kind is EventKind.END), None)
    # No edge is known better than within half of a pulse, spread evenly: its width over the root of twelve.
    edge_m = old.pulse_m / sqrt(12.0)
    u = combine(edge_m, at.distance_u_m or 0.0, (other.distance_u_m if other else None) or 0.0)
    return [_difference("end-moved", at, a.end_m, b.end_m, u, "m")]


def _difference(what: Kind, at: Event, before: float, after: float | None, u: float | None, unit: str) -> Change:
    difference = None if after is None else after - before
    sigmas = None if difference is None or not u else abs(difference) / u
    return Change(
        what=what,
        distance_m=at.distance_m,
        event=at.kind,
        before=before,
        after=after,
        unit=unit,
        difference=difference,
        u=u,
        sigmas=sigmas,
        significant=sigmas is not None and sigmas > SIGNIFICANT_SIGMAS,
    )
