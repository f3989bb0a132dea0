"""Both directions of one link: the mean of two one-way losses is the loss, whatever the backscatter does at the joint.

From one end a joint between unlike fibres shows too much loss, from the other too little, even a gain. The difference
is their backscatter's; half the sum is free of it (ITU-T G.650.3, bidirectional backscatter measurement).
"""

from typing import Literal, NamedTuple

import msgspec

from linetest.errors import UsageError
from linetest.otdr.event import Analysis, Event, EventKind
from linetest.otdr.matching import COVERAGE, check_alike, combine, match_places, mean, tolerance_m
from linetest.otdr.trace import Acquisition, Trace
from linetest.otdr.unseen import step_at
from linetest.words.text import _

LARGEST_INDEX_DIFFERENCE = 0.0005
"""Moves an event at 60 km by 20 m, as far as events match. Own choice."""
_EDGES = (EventKind.LAUNCH, EventKind.END)
# Where both directions see the same place differently, the first of these is what it is.
_FIRST_OF = (
    EventKind.SPLITTER,
    EventKind.MERGED,
    EventKind.MACROBEND,
    EventKind.REFLECTIVE,
    EventKind.NON_REFLECTIVE,
)

Ways = Literal["both", "forward", "reverse"]


class TwoWayEvent(NamedTuple):
    """One place of the link; positions are those of the forward trace."""

    event: Event
    """With the mean of both losses, or the one that there is."""
    ways: Ways
    """From where its loss was measured."""
    forward_loss_db: float | None
    reverse_loss_db: float | None

    @property
    def gainer(self) -> bool:
        """Tell whether one direction shows a gain, beyond its uncertainty, and the other a loss."""
        losses = (self.forward_loss_db, self.reverse_loss_db)
        if losses[0] is None or losses[1] is None:
            return False
        # Of the mean; a single loss is uncertain by the square root of two more.
        uncertain_db = COVERAGE * 2.0**0.5 * (self.event.loss_u_db or 0.0)
        return min(losses[0], losses[1]) < -uncertain_db and max(losses[0], losses[1]) > 0.0

    @property
    def backscatter_step_db(self) -> float | None:
        """Return by how much the backscatter falls at the joint, seen forward: what made the losses differ."""
        return mean(self.forward_loss_db, None if self.reverse_loss_db is None else -self.reverse_loss_db)


class TwoWays(NamedTuple):
    """A link measured from both ends."""

    events: list[TwoWayEvent]
    analysis: Analysis
    """The forward one with these events, and the mean of both link losses."""
    tolerance_m: float
    """Within which events were matched."""
    length_difference_m: float
    warnings: list[str]


class _Ends(NamedTuple):
    """Two analyses whose ends were both found, with their samples."""

    a: Analysis
    b: Analysis
    a_length_m: float
    b_length_m: float
    a_samples: Acquisition
    b_samples: Acquisition

    def mirrored_m(self, distance_m: float) -> float:
        """Return a reverse place on the forward scale; what the lengths differ by is shared between both ends."""
        return self.a.start_m + (self.a_length_m + self.b_length_m) / 2.0 - (distance_m - self.b.start_m)

    def seen_back_m(self, distance_m: float) -> float:
        """Return a forward place on the reverse scale."""
        return self.b.start_m + (self.a_length_m + self.b_length_m) / 2.0 - (distance_m - self.a.start_m)


def average(forward: Trace, a: Analysis, reverse: Trace, b: Analysis) -> TwoWays:
    """Match the events of both directions and average their losses.

    Both links are laid upon each other from end to end, reels left out. The first pulse width of each file counts.
    Where only one end shows an event, the other one is measured there too; what it cannot tell keeps its one-way loss
    and says so.

    Raises:
        UsageError: for two traces that cannot be averaged, with both values and what to do.
    """
    ends = _both_ends(forward, a, reverse, b)
    warnings = check_alike(forward, reverse)
    _check_index(forward, reverse)
    within_m = tolerance_m(forward.acquisitions[0], reverse.acquisitions[0], ends.a_length_m)
    _check_lengths(forward, reverse, ends, within_m)
    events = _merge(ends, within_m)
    analysis = msgspec.structs.replace(
        a,
        events=[one.event for one in events],
        link_loss_db=mean(a.link_loss_db, b.link_loss_db),
        link_loss_u_db=_half(combine(a.link_loss_u_db, b.link_loss_u_db)),
        methods={**a.methods, "directions": "mean-of-both"},
    )
    return TwoWays(events, analysis, within_m, ends.b_length_m - ends.a_length_m, warnings)


def _both_ends(forward: Trace, a: Analysis, reverse: Trace, b: Analysis) -> _Ends:
    for trace, analysis in ((forward, a), (reverse, b)):
        if analysis.end_m is None:
            raise UsageError(
                _("{file}: the end of the fibre was not found, so the other direction cannot be laid upon it").format(
                    file=trace.name
                ),
                _("measure with a longer range, a wider pulse or longer averaging"),
            )
    assert a.end_m is not None
    assert b.end_m is not None
    samples = forward.acquisitions[0], reverse.acquisitions[0]
    return _Ends(a, b, a.end_m - a.start_m, b.end_m - b.start_m, *samples)


def _check_index(forward: Trace, reverse: Trace) -> None:
    a, b = forward.acquisitions[0].group_index, reverse.acquisitions[0].group_index
    if abs(a - b) > LARGEST_INDEX_DIFFERENCE:
        raise UsageError(
            _("{first} was measured with the group index {a:.5f}, {second} with {b:.5f}: places do not match").format(
                first=forward.name, second=reverse.name, a=a, b=b
            ),
            _("set the index of the fibre on both instruments and save the traces again"),
        )


def _check_lengths(forward: Trace, reverse: Trace, ends: _Ends, within_m: float) -> None:
    if abs(ends.a_length_m - ends.b_length_m) > within_m:
        raise UsageError(
            _("{first} shows {a:.1f} m of fibre, {second} {b:.1f} m: they differ by more than {within:.1f} m").format(
                first=forward.name, second=reverse.name, a=ends.a_length_m, b=ends.b_length_m, within=within_m
            ),
            _("check that both are of the same fibre; name launch and receive reels with --launch and --receive"),
        )


def _merge(ends: _Ends, within_m: float) -> list[TwoWayEvent]:
    """Return all places in rising distance: the forward events, each with its reverse one, and reverse ones alone."""
    forward, reverse = _real(ends.a.events), _real(ends.b.events)[::-1]
    seen_a = [i for i, event in enumerate(forward) if _has_loss(event)]
    seen_b = [j for j, event in enumerate(reverse) if _has_loss(event)]
    places_b = [ends.mirrored_m(reverse[j].distance_m) for j in seen_b]
    matched = match_places([forward[i].distance_m for i in seen_a], places_b, within_m)
    partners = {seen_a[i]: seen_b[j] for i, j in matched.items()}
    sections = _sections(forward, reverse, {**_edges(forward, reverse, ends, within_m), **partners})
    rows = [
        _both(event, reverse[partners[i]], sections[i], ends) if i in partners else _forward(event, sections[i], ends)
        for i, event in enumerate(forward)
    ]
    rows += [TwoWayEvent(event, "forward", None, None) for event in ends.a.events if event.kind is EventKind.GHOST]
    rows += [_reverse(reverse[j], ends) for j in seen_b if j not in partners.values() and reverse[j].kind not in _EDGES]
    return sorted((_completed(row, ends, within_m) for row in rows), key=lambda row: row.event.distance_m)


def _completed(row: TwoWayEvent, ends: _Ends, within_m: float) -> TwoWayEvent:
    """Return a joint that one direction shows with what the other one measures there, if that says anything."""
    event, lone_db = row.event, row.event.loss_db
    if row.ways == "both" or lone_db is None or event.kind in (*_EDGES, EventKind.GHOST):
        return row
    if row.ways == "forward":
        step = step_at(ends.b_samples, ends.b, ends.seen_back_m(event.distance_m), within_m)
    else:
        step = step_at(ends.a_samples, ends.a, event.distance_m, within_m)
    if step is None or COVERAGE * step.loss_u_db > abs(lone_db):
        return row
    both = msgspec.structs.replace(
        event, loss_db=mean(lone_db, step.loss_db), loss_u_db=_half(combine(event.loss_u_db, step.loss_u_db))
    )
    forward_db, reverse_db = (lone_db, step.loss_db) if row.ways == "forward" else (step.loss_db, lone_db)
    return TwoWayEvent(both, "both", forward_db, reverse_db)


def _real(events: list[Event]) -> list[Event]:
    return [event for event in events if event.kind is not EventKind.GHOST]


def _has_loss(event: Event) -> bool:
    """Tell whether an event can have a partner: the edges of a link only where a reel shows their loss."""
    return event.kind not in _EDGES or event.loss_db is not None


def _edges(forward: list[Event], reverse: list[Event], ends: _Ends, within_m: float) -> dict[int, int]:
    """Return which events are the two ends of the link: where one direction starts, the other one ends."""
    start_a = [i for i, event in enumerate(forward) if event.distance_m <= ends.a.start_m + within_m]
    start_b = [j for j, event in enumerate(reverse) if event.distance_m <= ends.b.start_m + within_m]
    end_a = [i for i, event in enumerate(forward) if event.kind is EventKind.END]
    end_b = [j for j, event in enumerate(reverse) if event.kind is EventKind.END]
    return {**dict(zip(start_a[-1:], end_b, strict=False)), **dict(zip(end_a, start_b[:1], strict=False))}


def _sections(forward: list[Event], reverse: list[Event], partners: dict[int, int]) -> list[float | None]:
    """Return the attenuation before each forward event: the mean where both directions measured the same section.

    `reverse` is in forward order: what stands before its event in the trace stands behind it here.
    """
    found = []
    for i, event in enumerate(forward):
        same = i > 0 and i in partners and partners.get(i - 1) == partners[i] - 1
        other = reverse[partners[i] - 1].section_db_per_km if same else None
        both = mean(event.section_db_per_km, other)
        found.append(event.section_db_per_km if both is None else both)
    return found


def _both(a: Event, b: Event, section_db_per_km: float | None, ends: _Ends) -> TwoWayEvent:
    loss_db = mean(a.loss_db, b.loss_db)
    lone = a if a.loss_db is not None else b
    reflections = [event for event in (a, b) if event.reflectance_db is not None]
    strongest = max(reflections, key=lambda event: event.reflectance_db or 0.0, default=a)
    event = msgspec.structs.replace(
        a,
        kind=next((kind for kind in _FIRST_OF if kind in (a.kind, b.kind)), a.kind),
        loss_db=lone.loss_db if loss_db is None else loss_db,
        loss_u_db=lone.loss_u_db if loss_db is None else _half(combine(a.loss_u_db, b.loss_u_db)),
        reflectance_db=strongest.reflectance_db,
        saturated=strongest.saturated,
        section_db_per_km=section_db_per_km,
        cumulative_db=_cumulative(a, b, ends),
        method=lone.method if loss_db is None or a.method == b.method else f"{a.method}+{b.method}",
    )
    ways: Ways = "both" if loss_db is not None else "forward" if lone is a else "reverse"
    return TwoWayEvent(event, ways, a.loss_db, b.loss_db)


def _cumulative(a: Event, b: Event, ends: _Ends) -> float | None:
    """Return the mean loss to behind the event; from the other end that is the link without what lies before it."""
    if b.cumulative_db is None or b.loss_db is None or ends.b.link_loss_db is None:
        return a.cumulative_db
    seen_back_db = ends.b.link_loss_db - b.cumulative_db + b.loss_db
    return mean(a.cumulative_db, seen_back_db)


def _forward(event: Event, section_db_per_km: float | None, ends: _Ends) -> TwoWayEvent:
    at_end = event.kind is EventKind.END and event.cumulative_db is not None
    whole_db = mean(ends.a.link_loss_db, ends.b.link_loss_db) if at_end else None
    kept = msgspec.structs.replace(
        event,
        section_db_per_km=section_db_per_km,
        cumulative_db=event.cumulative_db if whole_db is None else whole_db,
    )
    return TwoWayEvent(kept, "forward", event.loss_db, None)


def _reverse(event: Event, ends: _Ends) -> TwoWayEvent:
    """Return an event that only the other end shows; what lies before it there lies behind it here."""
    moved = msgspec.structs.replace(
        event, distance_m=ends.mirrored_m(event.distance_m), section_db_per_km=None, cumulative_db=None
    )
    return TwoWayEvent(moved, "reverse", None, event.loss_db)


def _half(value: float | None) -> float | None:
    return None if value is None else value / 2.0
