"""The link as a whole: where it begins and ends, what it loses, and how much light comes back from it."""

from typing import NamedTuple

import msgspec
import numpy as np

from linetest.otdr.bins import Line, line_through
from linetest.otdr.echoes import echoes_behind_end
from linetest.otdr.event import Analysis, EndReason, Event, EventKind
from linetest.otdr.labels import events_of, join_close, reflectance_db, saturated, sharp_starts
from linetest.otdr.marks import Marks, Span, measure_sides, steady
from linetest.otdr.noise import POWER_A_DB
from linetest.otdr.trace import Acquisition

METHODS = {
    "loss": "lsa-4-point",
    "position": "matched-filter",
    "reflectance": "peak-over-backscatter",
    "section": "lsa",
    "link_loss": "lsa-extrapolated",
    "orl": "integrated-power",
}
_LEAST_END_DB = 0.3
"""A lower rise at the end is noise: a cut or bent fibre hardly reflects."""
_REEL_SHARE = 0.05
"""How exactly the length of a reel is known when its connector is looked for."""


class Extent(NamedTuple):
    """How far the trace reaches, in bins."""

    head: int
    """The instrument's connector."""
    end: int | None
    """Where all glass ends."""
    edge_db: float | None
    """The strong edge of the noise; None where the trace ends in fibre."""


def analysis_of(
    acquisition: Acquisition,
    span: Span,
    marks: Marks,
    extent: Extent,
    launch_m: float | None,
    receive_m: float | None,
) -> Analysis:
    """Return everything that was measured of one trace."""
    marks, joined = join_close(marks, span)
    sides = measure_sides(marks, span)
    first = sharp_starts(acquisition, span, marks, sides)
    place_m = [acquisition.first_m + at * acquisition.step_m for at in first.tolist()]
    sections = _sections(span, marks)
    head_m, start_m = span.bins.at_m(extent.head), _link_start_m(acquisition, span, extent, place_m, launch_m)
    fibre_end_m = None if extent.end is None else span.bins.at_m(extent.end)
    if fibre_end_m is not None:  # open at the end of the reel: no link behind it
        start_m = min(start_m, fibre_end_m)
    end_m = _link_end_m(acquisition, fibre_end_m, place_m, receive_m)
    # Levels are taken before the connector at the start and behind the one at the end: both belong to the link.
    begin_db = _level_db(sections, _section_at(place_m, start_m, "left"), _bin(span, start_m))
    events = [
        msgspec.structs.replace(
            event,
            distance_m=at_m,
            cumulative_db=_less(_level_db(sections, number + 1, int(marks.start[number])), begin_db),
        )
        for number, (event, at_m) in enumerate(
            zip(events_of(acquisition, span, marks, sides, joined, extent.head), place_m, strict=True)
        )
    ]
    ends = [] if fibre_end_m is None else [_end(acquisition, span, sections, fibre_end_m, begin_db)]
    link_loss_db = None
    if end_m is not None:
        side = "left" if end_m == fibre_end_m else "right"
        link_loss_db = _less(_level_db(sections, _section_at(place_m, end_m, side), _bin(span, end_m)), begin_db)
    return Analysis(
        events=[
            Event(kind=EventKind.LAUNCH, distance_m=head_m),
            *events,
            *ends,
            *_behind(span, extent, [event for event in (*events, *ends) if event.reflectance_db is not None], head_m),
        ],
        start_m=start_m,
        end_m=end_m,
        end_reason=_end_reason(extent),
        fibre_end_m=fibre_end_m,
        link_loss_db=link_loss_db,
        link_loss_u_db=None if link_loss_db is None else _uncertainty_db(span, sections),
        orl_db=None if end_m is None or begin_db is None else _orl_db(acquisition, span, start_m, end_m, begin_db),
        orl_saturated=any(event.saturated for event in (*events, *ends)),
        noise_rms_db=float(span.noise_db[(span.first + span.end) // 2]) if span.end > span.first else 0.0,
        noise_floor_db=extent.edge_db,
        methods=METHODS,
    )


def nothing_found(acquisition: Acquisition) -> Analysis:
    """Return what can be said of a trace that is too short to hold fibre."""
    return Analysis(
        events=[Event(kind=EventKind.LAUNCH, distance_m=acquisition.first_m)],
        start_m=acquisition.first_m,
        end_m=None,
        end_reason="out-of-range",
        fibre_end_m=None,
        link_loss_db=None,
        link_loss_u_db=None,
        orl_db=None,
        noise_rms_db=0.0,
        noise_floor_db=None,
        methods=METHODS,
    )


def _sections(span: Span, marks: Marks) -> Line:
    """Return the lines of all sections, one more than there are marks; NaN where there is no fibre to measure."""
    begin, end = np.concatenate(([span.first], marks.stop)), np.concatenate((marks.start, [span.end]))
    last = np.where(end - begin > 4, end - 1, end)
    line = steady(line_through(span.bins.sums, np.minimum(begin, end - 1).clip(0), last), span)
    return line._replace(mean=np.where(end - begin < 3, np.nan, line.mean))


def _section_at(place_m: list[float], at_m: float, side: str) -> int:
    """Return the section that ends (left) or begins (right) at an event, or that holds the place."""
    near = 1e-6
    return int(np.searchsorted(place_m, at_m - near if side == "left" else at_m + near))


def _level_db(sections: Line, number: int, bin_index: int) -> float | None:
    level_db = float(sections.mean[number] + sections.slope[number] * (bin_index - sections.middle[number]))
    return None if np.isnan(level_db) else level_db


def _less(level_db: float | None, begin_db: float | None) -> float | None:
    return None if level_db is None or begin_db is None else level_db - begin_db


def _bin(span: Span, at_m: float) -> int:
    return round((at_m - span.bins.first_m) / span.bins.bin_m)


def _link_start_m(
    acquisition: Acquisition, span: Span, extent: Extent, place_m: list[float], launch_m: float | None
) -> float:
    """Return where the link starts: behind the launch reel that is named, or that the file's offset tells of."""
    head_m = span.bins.at_m(extent.head)
    if launch_m is None:
        if head_m > -2.0 * acquisition.pulse_m:
            return head_m
        return _nearest_m(place_m, 0.0, -head_m, acquisition)
    return _nearest_m(place_m, head_m + launch_m, launch_m, acquisition)


def _link_end_m(
    acquisition: Acquisition, fibre_end_m: float | None, place_m: list[float], receive_m: float | None
) -> float | None:
    if fibre_end_m is None or not receive_m:
        return fibre_end_m
    return _nearest_m(place_m, fibre_end_m - receive_m, receive_m, acquisition)


def _nearest_m(place_m: list[float], wanted_m: float, reel_m: float, acquisition: Acquisition) -> float:
    """Return the event nearest to a place, where a reel of that length may end; the place itself without one."""
    reach_m = max(_REEL_SHARE * reel_m, 2.0 * acquisition.pulse_m, 4.0 * acquisition.step_m)
    near = [at_m for at_m in place_m if abs(at_m - wanted_m) <= reach_m]
    return min(near, key=lambda at_m: abs(at_m - wanted_m), default=wanted_m)


def _end(acquisition: Acquisition, span: Span, sections: Line, fibre_end_m: float, begin_db: float | None) -> Event:
    last, at = len(sections.mean) - 1, _bin(span, fibre_end_m)
    level_db = _level_db(sections, last, at)
    long_enough = sections.size[last] >= 4 * span.bins.pulse and level_db is not None
    top_db = float(span.bins.loss_db[at : at + 4 * span.bins.pulse].min(initial=np.inf))
    height_db = -np.inf if level_db is None else level_db - top_db
    seen = height_db > _LEAST_END_DB
    return Event(
        kind=EventKind.END,
        distance_m=fibre_end_m,
        reflectance_db=float(reflectance_db(acquisition, np.array(height_db))) if seen else None,
        saturated=seen and saturated(acquisition, span, at, at + 4 * span.bins.pulse),
        section_db_per_km=float(sections.slope[last]) * 1e3 / span.bins.bin_m if long_enough else None,
        cumulative_db=_less(level_db, begin_db),
        distance_u_m=span.bins.bin_m / 12.0**0.5,
    )


def _behind(span: Span, extent: Extent, reflecting: list[Event], head_m: float) -> list[Event]:
    if extent.end is None or extent.edge_db is None:
        return []
    places_m = [event.distance_m for event in reflecting if event.kind is not EventKind.GHOST]
    return echoes_behind_end(span, extent.end, extent.edge_db, places_m, head_m)


def _end_reason(extent: Extent) -> EndReason:
    if extent.end is not None:
        return "end"
    return "out-of-range" if extent.edge_db is None else "noise"


def _uncertainty_db(span: Span, sections: Line) -> float:
    """Return the uncertainty of the link's loss: that of the lines at its two ends."""
    noise_db = span.pulse_noise_db[[span.first, span.end - 1]]
    count = np.maximum(sections.size[[0, -1]], 1.0)
    return float(np.sqrt((noise_db**2 * 4.0 * span.bins.pulse / count).sum()))


def _orl_db(acquisition: Acquisition, span: Span, start_m: float, end_m: float, begin_db: float) -> float:
    """Return the optical return loss: light that enters the link over all light that comes back from it.

    Each pulse length of fibre returns a share B + 10 log10(w) of what reaches it, a reflection as much more as it
    stands higher; both have lost twice the one-way loss before. The reflection at the end belongs to the link.
    """
    first = max(_bin(span, start_m), 0)
    end = min(_bin(span, end_m) + 2 * span.bins.pulse, len(span.bins.loss_db))
    power = begin_db - span.bins.loss_db[first:end]
    power *= POWER_A_DB
    np.exp(power, out=power)
    share = float(power.sum()) * span.bins.bin_m / acquisition.pulse_m
    pulse_db = acquisition.backscatter_db + 10.0 * np.log10(acquisition.pulse_width_ns)
    return float(-pulse_db - 10.0 * np.log10(max(share, 1e-12)))
