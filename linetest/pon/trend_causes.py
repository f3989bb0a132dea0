"""Which ONUs lost light together, and where: what a whole card, port or splitter shares is looked for first.

What the ONUs of a place share is taken from each of them; what is left is looked for one stage nearer to the ONUs,
and last in the drop of each. Lost light is positive, in dB: downstream at the ONU, upstream at the OLT.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from linetest.model.trend import CauseName
from linetest.model.trend_rules import TrendRules
from linetest.pon.trend_days import NORMAL_MAD, Bools, Days, Floats, Ints, row_medians
from linetest.pon.trend_levels import Levels
from linetest.pon.trend_places import STAGES, Stage, Topology


@dataclass(frozen=True, kw_only=True)
class Cause:
    """Light that some ONUs lost for one reason, or one ONU for its own."""

    cause: CauseName
    place: str
    """The OLT's name and the card, port, splitter or ONU; for an inferred one the port that it is behind."""
    rows: Ints
    """The ONUs, as rows of `Days`."""
    down_db: float
    up_db: float
    at_once: bool
    """It came within days; else it grew."""
    since_s: float
    """When it began, seconds since 1970, to the day."""
    bent: bool
    """The longer wavelength lost much more."""
    inferred: bool
    """No plan names the splitter: these ONUs of a port lost the same at the same time."""


class _Shared(NamedTuple):
    rows: Ints
    down_db: float
    up_db: float
    up_u_db: float


class Causes:
    """Finds the causes of a plant's losses, from the OLT to the drops."""

    def __init__(self, days: Days, down: Levels, up: Levels, topology: Topology, rules: TrendRules) -> None:
        """Begin with all that each ONU lost since its birth."""
        self._days, self._topology, self._rules = days, topology, rules
        self._levels = (down, up)
        self._lost = [-down.change_db, -up.change_db]
        self._u = [down.change_u_db, up.change_u_db]
        self._curves = [
            down.birth.level_dbm[:, None] - days.onu_rx_dbm,
            up.birth.level_dbm[:, None] - days.olt_rx_dbm,
        ]

    def find(self, listed: Bools) -> list[Cause]:
        """Return what many share, then what each has of its own; each of the `listed` ONUs is in one of them."""
        found: list[Cause] = []
        for stage in STAGES:
            for place, rows in self._topology.places(stage):
                shared = self._shared(rows, self._children(stage, rows))
                if shared is not None:
                    found += self._took(stage, place, shared, rows, inferred=False)
        for place, rows in self._topology.places("port"):
            unknown = rows[self._topology.without_splitter[rows]]
            for alike in self._alike(unknown):
                shared = self._of(alike)
                found += self._took("splitter-leg", place, shared, self._fitting(unknown, shared), inferred=True)
        named = listed.copy()
        for cause in found:
            named[cause.rows] = False
        return found + list(self._own(named))

    def _children(self, stage: Stage, rows: Ints) -> list[Ints] | None:
        """Return the places within a place, those of the next stage that a plan names; None where none does."""
        for nearer in STAGES[STAGES.index(stage) + 1 :]:
            inside = self._topology.split(nearer, rows)
            if inside:
                return inside
        return None

    def _shared(self, rows: Ints, children: list[Ints] | None) -> _Shared | None:
        """Return what the ONUs of a place lost together; None when they did not."""
        rules = self._rules
        decided = rows[np.isfinite(self._lost[0][rows]) | np.isfinite(self._lost[1][rows])]
        if len(decided) < rules.fewest:
            return None
        middles = [float(row_medians(lost[decided][None, :])[0]) for lost in self._lost]
        way = int(np.nan_to_num(np.abs(middles)).argmax())
        if not abs(middles[way]) >= rules.common_db:
            return None
        has = np.abs(self._lost[way][decided] - middles[way]) <= rules.alike_db + 2.0 * self._u[way][decided]
        if has.sum() < rules.fewest or not self._is_all_over(decided, has, children):
            return None
        return self._of(decided[has])

    def _is_all_over(self, rows: Ints, has: Bools, children: list[Ints] | None) -> bool:
        """Tell whether the place has it, and not only one of the places within."""
        if children is None:
            unplanned = self._topology.without_splitter[rows].any()
            return bool(has.mean() >= (self._rules.unplanned_share if unplanned else self._rules.share))
        shares = [has[np.isin(rows, child)] for child in children]
        shares = [share for share in shares if len(share)]
        whole = [share.mean() >= 0.5 for share in shares]
        most = all(one for one, share in zip(whole, shares, strict=True) if len(share) >= self._rules.fewest)
        return bool(has.mean() >= self._rules.share and most and sum(whole) >= 2)

    def _of(self, rows: Ints) -> _Shared:
        down_db, up_db = (float(row_medians(lost[rows][None, :])[0]) for lost in self._lost)
        scatter = row_medians(np.abs(self._lost[1][rows] - up_db)[None, :])[0] * NORMAL_MAD
        own = np.nan_to_num(row_medians(self._u[1][rows][None, :])[0], nan=1.0)
        up_u_db = 1.25 * max(float(np.nan_to_num(scatter)), float(own)) / np.sqrt(len(rows))
        return _Shared(rows, float(np.nan_to_num(down_db)), float(np.nan_to_num(up_db)), float(up_u_db))

    def _took(self, stage: Stage, place: str, shared: _Shared, rows: Ints, *, inferred: bool) -> list[Cause]:
        """Take from each ONU what its place lost while the ONU was there; light that came back is no cause."""
        curves = [row_medians(curve[shared.rows].T) for curve in self._curves]
        only_up = shared.down_db < self._rules.one_way_share * shared.up_db
        has = rows
        for way, (lost, curve, levels) in enumerate(zip(self._lost, self._curves, self._levels, strict=True)):
            smooth = _smoothed(curves[way])
            part_db = smooth[levels.last_day[rows]] - smooth[levels.first_day[rows]]
            lost[rows] -= part_db
            curve[rows] -= smooth[None, :] - smooth[levels.first_day[rows]][:, None]
            if way == int(only_up):
                # A box that came later found the light as it is: it lost nothing.
                was_there = part_db >= (shared.down_db, shared.up_db)[way] / 2.0
                # What an ONU lost more is its own, and looked for in its turn.
                has = rows[was_there & (lost[rows] >= -self._rules.alike_db - 2.0 * self._u[way][rows])]
        if max(shared.down_db, shared.up_db) < self._rules.common_db:
            return []
        name = _common_name(stage, only_up=only_up, only_down=self._only_down(shared))
        return [self._cause(name, place, shared._replace(rows=has), curves[int(only_up)], inferred=inferred)]

    def _only_down(self, shared: _Shared) -> bool:
        return shared.up_db < max(3.0 * shared.up_u_db, self._rules.one_way_share * shared.down_db)

    def _fitting(self, rows: Ints, shared: _Shared) -> Ints:
        """Return the ONUs that lost what some of them share, each in its time, and those themselves."""
        course = _smoothed(row_medians(self._curves[0][shared.rows].T))
        down = self._levels[0]
        part_db = course[down.last_day[rows]] - course[down.first_day[rows]]
        fits = np.abs(self._lost[0][rows] - part_db) <= self._rules.alike_db + 2.0 * self._u[0][rows]
        fits &= self._lost[0][rows] >= self._rules.common_db
        return np.union1d(rows[fits & (part_db >= shared.down_db / 2.0)], shared.rows)

    def _cause(self, name: CauseName, place: str, shared: _Shared, curve: Floats, *, inferred: bool) -> Cause:
        at_once, begun = _course(curve, self._rules)
        fibre = name not in ("olt-transmitter", "olt-receiver", "olt-card", "onu-laser", "weak-light")
        return Cause(
            cause=name,
            place=place,
            rows=shared.rows,
            down_db=shared.down_db,
            up_db=shared.up_db,
            at_once=at_once,
            since_s=self._days.first_s + begun * 86_400.0,
            bent=fibre and shared.up_db < self._rules.bent_share * shared.down_db,
            inferred=inferred,
        )

    def _own(self, listed: Bools) -> Iterator[Cause]:
        """Yield what ONUs lost beyond what they share, and those that are to be listed and share nothing."""
        sure = [lost >= self._rules.common_db + 2.0 * u for lost, u in zip(self._lost, self._u, strict=True)]
        for row in np.flatnonzero(sure[0] | sure[1] | listed):
            shared = _Shared(
                np.array([row]),
                float(np.nan_to_num(self._lost[0][row])),
                float(np.nan_to_num(self._lost[1][row])),
                float(np.nan_to_num(self._u[1][row])),
            )
            only_up = not sure[0][row] and shared.down_db < self._rules.bent_share * shared.up_db
            name: CauseName = "onu-laser" if only_up else "drop"
            if max(shared.down_db, shared.up_db) < self._rules.common_db / 2.0:
                name = "weak-light"
            place = f"{self._days.names[row].olt} {self._days.names[row].onu}"
            yield self._cause(name, place, shared, self._curves[int(only_up)][row], inferred=False)

    def _alike(self, rows: Ints) -> Iterator[Ints]:
        """Yield ONUs of a port, among those whose splitter no plan names, that lost the same at the same time."""
        rules = self._rules
        left = np.array(
            [row for row in rows if self._lost[0][row] >= rules.common_db + 2.0 * self._u[0][row]], dtype=np.int64
        )
        while len(left) >= rules.fewest:
            marks = np.concatenate([_marks(curve[left]) for curve in self._curves], axis=1)
            apart = np.nanmax(np.abs(marks[:, None, :] - marks[None, :, :]), axis=2, initial=0.0)
            near = apart <= rules.alike_db
            best = near[near.sum(axis=1).argmax()]
            if best.sum() < rules.fewest:
                return
            yield left[best]
            left = left[~best]


def _common_name(stage: Stage, *, only_up: bool, only_down: bool) -> CauseName:
    if stage in ("splitter", "splitter-leg"):
        return stage
    if only_up:
        return "olt-receiver"
    if only_down:
        return "olt-card" if stage == "card" else "olt-transmitter"
    return "feeder"


def _course(curve: Floats, rules: TrendRules) -> tuple[bool, int]:
    """Return whether a loss came at once, and the day on which it began."""
    there = np.flatnonzero(np.isfinite(curve))
    if len(there) < 2:
        return False, 0
    smooth = _smoothed(curve)[there]
    end = smooth[-1]
    begun = np.flatnonzero(smooth < rules.begun_share * end)
    first = min(int(begun[-1]) + 1, len(there) - 1) if len(begun) else 0
    after = smooth[min(first + 2, len(smooth) - 1)]
    before = smooth[max(first - 1, 0)]
    return bool(after - before >= rules.at_once_share * end), int(there[first])


def _smoothed(curve: Floats) -> Floats:
    """Return a course over days without gaps and without noise: the median of five days, a straight line in a gap."""
    around = np.lib.stride_tricks.sliding_window_view(np.pad(curve, 2, constant_values=np.nan), 5)
    smooth = row_medians(around)
    known = np.flatnonzero(np.isfinite(smooth))
    if not len(known):
        return np.zeros_like(curve)
    filled: Floats = np.interp(np.arange(len(curve)), known, smooth[known])
    return filled


def _marks(curves: Floats, count: int = 6) -> Floats:
    """Return the course of each row as few numbers: its medians over as many spans of days."""
    edges = np.linspace(0, curves.shape[1], count + 1).astype(np.int64)
    return np.stack([row_medians(curves[:, a:b]) for a, b in pairwise(edges)], axis=1)
