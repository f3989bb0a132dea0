"""Which ONUs lost light together, and where: what a whole card, port or splitter shares is looked for first.

What the ONUs of a place share is taken from each of them; what is left is looked for one stage nearer to the ONUs,
and last in the drop of each. Lost light is positive, in dB: downstream at the ONU, upstream at the OLT.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from linetest.model.trend import CauseName
from linetest.model.trend_rules import TrendRules
from linetest.pon.trend_days import NORMAL_MAD, Bools, Days, Floats, Ints, noise_db, row_medians
from linetest.pon.trend_levels import Levels
from linetest.pon.trend_places import STAGES, Stage, Topology
from linetest.pon.trend_together import Courses, moved_together

_WHOLE_SHARE = 0.5
"""A place within has what its place lost when at least half of its ONUs have it."""
_FEWEST_PLACES = 2
"""What one place within has alone is its own, and none of the place around it."""
_THERE_SHARE = 0.5
"""A box that saw less than half of a loss came when it was nearly over: it is not told to have lost light by it."""
_NO_LOSS_SHARE = 0.5
"""Who lost less than half of what counts as a loss lost nothing: where it is listed, it was weak from the first day."""
_MEDIAN_ERROR = 1.2533
"""The standard error of a median over that of a mean, for normal noise: the root of pi / 2."""
_SMOOTH_DAYS = 5
"""A course is told by the medians of so many days: two wild ones do not move them, and a step stays a step."""


@dataclass(frozen=True, kw_only=True)
class Cause:
    """Light that some ONUs lost for one reason, or one ONU for its own."""

    cause: CauseName
    place: str
    """The OLT's name and the card, port, splitter or ONU; for an inferred one the port that it is behind."""
    rows: Ints
    """The ONUs, as rows of `Days`."""
    down_db: float | None
    """None where no light was told in this direction."""
    up_db: float | None
    at_once: bool
    """It came within days; else it grew."""
    since_s: float
    """When it began, seconds since 1970, to the day."""
    bent: bool
    """The longer wavelength lost much more."""
    inferred: bool
    """No plan names the splitter: these ONUs of a port lost the same at the same time."""


class _Shared(NamedTuple):
    """What ONUs lost together; NaN, and infinite uncertainty, for a direction in which no light was told."""

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
        self._noise = (noise_db(days.onu_rx_dbm, rules), noise_db(days.olt_rx_dbm, rules))
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
            for shared, alike in self._alike(unknown):
                found += self._took("splitter-leg", place, shared, alike, inferred=True)
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
        apart_db = (self._lost[way][decided] - middles[way]) * np.sign(middles[way])
        has = np.abs(apart_db) <= self._alike_db(way, decided)
        # Who lost more may have lost something of its own as well: that speaks against no place around it.
        if has.sum() < rules.fewest or not self._is_all_over(decided, has, has | (apart_db > 0.0), children):
            return None
        return self._of(decided[has])

    def _is_all_over(self, rows: Ints, has: Bools, may: Bools, children: list[Ints] | None) -> bool:
        """Tell whether the place has it, and not only one of the places within."""
        if children is None:
            unplanned = self._topology.without_splitter[rows].any()
            return bool(has.mean() >= (self._rules.unplanned_share if unplanned else self._rules.share))
        shares = [may[np.isin(rows, child)] for child in children]
        shares = [share for share in shares if len(share)]
        whole = [share.mean() >= _WHOLE_SHARE for share in shares]
        most = all(one for one, share in zip(whole, shares, strict=True) if len(share) >= self._rules.fewest)
        return bool(has.mean() >= self._rules.share and most and sum(whole) >= _FEWEST_PLACES)

    def _alike_db(self, way: int, rows: Ints) -> Floats:
        """Return by how much losses may differ and be alike."""
        return np.asarray(self._rules.alike_db + self._rules.sure_sigmas * self._u[way][rows])

    def _of(self, rows: Ints) -> _Shared:
        down_db, up_db = (float(row_medians(lost[rows][None, :])[0]) for lost in self._lost)
        if not np.isfinite(up_db):
            return _Shared(rows, down_db, np.nan, np.inf)
        scatter = float(row_medians(np.abs(self._lost[1][rows] - up_db)[None, :])[0]) * NORMAL_MAD
        own = float(row_medians(self._u[1][rows][None, :])[0])
        # Weather moves all of them alike: many ONUs are no surer than the meters.
        up_u_db = np.hypot(_MEDIAN_ERROR * max(scatter, own) / np.sqrt(len(rows)), self._rules.least_noise_db)
        return _Shared(rows, down_db, up_db, float(up_u_db))

    def _took(self, stage: Stage, place: str, shared: _Shared, rows: Ints, *, inferred: bool) -> list[Cause]:
        """Take from each ONU what its place lost while the ONU was there; light that came back is no cause."""
        curves = [row_medians(curve[shared.rows].T) for curve in self._curves]
        only_up = bool(np.isfinite(shared.up_db)) and not shared.down_db >= self._rules.one_way_share * shared.up_db
        has = rows
        for way, (lost, curve, levels) in enumerate(zip(self._lost, self._curves, self._levels, strict=True)):
            smooth = _smoothed(curves[way])
            part_db = smooth[levels.last_day[rows]] - smooth[levels.first_day[rows]]
            lost[rows] -= part_db
            curve[rows] -= smooth[None, :] - smooth[levels.first_day[rows]][:, None]
            if way == int(only_up):
                # A box that came later found the light as it is: it lost nothing.
                was_there = part_db >= _THERE_SHARE * (shared.down_db, shared.up_db)[way]
                # What an ONU lost more is its own, and looked for in its turn.
                has = rows[was_there & (lost[rows] >= -self._alike_db(way, rows))]
        if np.nanmax([shared.down_db, shared.up_db]) < self._rules.common_db:
            return []
        name = self._common_name(stage, shared, only_up=only_up)
        return [self._cause(name, place, shared._replace(rows=has), curves[int(only_up)], inferred=inferred)]

    def _common_name(self, stage: Stage, shared: _Shared, *, only_up: bool) -> CauseName:
        """Return what loses light for many ONUs.

        A transmitter takes nothing upstream, a bend of the feeder a little: where that is not clear, or upstream
        was not told, it may be either.
        """
        if stage in ("splitter", "splitter-leg"):
            return stage
        beyond_db = shared.up_db - self._rules.one_way_share * shared.down_db
        if only_up and np.isfinite(beyond_db):
            return "olt-receiver"
        if beyond_db > shared.up_u_db:
            return "feeder"
        if stage == "card":
            return "olt-card"
        return "olt-transmitter" if beyond_db < -shared.up_u_db else "port-or-feeder"

    def _cause(self, name: CauseName, place: str, shared: _Shared, curve: Floats, *, inferred: bool) -> Cause:
        at_once, begun = _course(curve, self._rules)
        fibre = name in ("drop", "splitter-leg", "splitter", "feeder")
        return Cause(
            cause=name,
            place=place,
            rows=shared.rows,
            down_db=_told(shared.down_db),
            up_db=_told(shared.up_db),
            at_once=at_once,
            since_s=self._days.first_s + begun * 86_400.0,
            bent=fibre and shared.up_db + shared.up_u_db < self._rules.bent_share * shared.down_db,
            inferred=inferred,
        )

    def _own(self, listed: Bools) -> Iterator[Cause]:
        """Yield what ONUs lost beyond what they share, and those that are to be listed and share nothing."""
        rules = self._rules
        sure = [lost >= rules.common_db + rules.sure_sigmas * u for lost, u in zip(self._lost, self._u, strict=True)]
        for row in np.flatnonzero(sure[0] | sure[1] | listed):
            down_db, up_db = (float(lost[row]) for lost in self._lost)
            name: CauseName = "drop"
            if not sure[0][row] and down_db < rules.bent_share * up_db:
                name = "onu-laser"
            if np.nanmax([down_db, up_db, 0.0]) < _NO_LOSS_SHARE * rules.common_db:
                name = "weak-light"
            shared = _Shared(np.array([row]), down_db, up_db, float(self._u[1][row]))
            place = f"{self._days.names[row].olt} {self._days.names[row].onu}"
            curve = self._curves[int(name == "onu-laser" or not np.isfinite(down_db))][row]
            yield self._cause(name, place, shared, curve, inferred=False)

    def _alike(self, rows: Ints) -> Iterator[tuple[_Shared, Ints]]:
        """Yield what ONUs of a port lost together, among those whose splitter no plan names, and all that lost it."""
        courses = Courses((self._curves[0], self._curves[1]), self._noise).of(rows)
        starts = self._lost[0][rows] >= self._rules.common_db + self._rules.sure_sigmas * self._u[0][rows]
        # A box that came later than others saw a part of what happened: it may have lost it too, but proves nothing.
        since = self._levels[0].first_day[rows]
        usual = row_medians(np.where(starts, since, np.nan)[None, :])[0]
        starts &= since <= usual + self._rules.together_days
        for plain, others in moved_together(courses, starts, self._rules):
            yield self._of(rows[plain]), rows[np.concatenate([plain, others])]


def _told(lost_db: float) -> float | None:
    return lost_db if np.isfinite(lost_db) else None


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
    """Return a course over days without gaps and without noise: medians, and a straight line in a gap."""
    padded = np.pad(curve, _SMOOTH_DAYS // 2, constant_values=np.nan)
    around = np.lib.stride_tricks.sliding_window_view(padded, _SMOOTH_DAYS)
    smooth = row_medians(around)
    known = np.flatnonzero(np.isfinite(smooth))
    if not len(known):
        return np.zeros_like(curve)
    filled: Floats = np.interp(np.arange(len(curve)), known, smooth[known])
    return filled
