"""Which ONUs moved together, told from their light alone where no plan names their splitter.

Fibre that some ONUs share takes the same from each of them on the same days, so that the difference of their courses
stays flat, downstream and upstream. Two losses that only end alike do not: another day or another pace shows in some
week between. Courses are tables of ONUs x days, lost light in dB, NaN where nothing was told.
"""

from collections.abc import Iterator
from math import comb
from typing import NamedTuple

import numpy as np

from linetest.model.trend_rules import TrendRules
from linetest.pon.trend_days import Bools, Floats, Ints, row_medians

_FEWEST_WEEKS = 2
"""Light that was told in fewer weeks has no course that could be compared."""


class Courses(NamedTuple):
    """What some ONUs lost day by day."""

    lost: tuple[Floats, Floats]
    """Down and up."""
    noise: tuple[Floats, Floats]
    """How much a day's value of each ONU scatters."""

    def of(self, rows: Ints) -> "Courses":
        """Return those of some ONUs."""
        down, up = (table[rows] for table in self.lost)
        return Courses((down, up), (self.noise[0][rows], self.noise[1][rows]))


class Together(NamedTuple):
    """ONUs that moved together, as places in the courses."""

    plain: Ints
    """Those that lost nothing else: they tell what was lost."""
    others: Ints
    """Those that lost something of their own as well."""


def moved_together(courses: Courses, starts: Bools, rules: TrendRules) -> Iterator[Together]:
    """Yield groups, the largest first; an ONU is in one of them at most.

    Args:
        courses: Of the ONUs of one port.
        starts: Which of them lost enough to begin a group.
        rules: What is alike, and how many make a group.
    """
    free, starts = np.ones(len(starts), dtype=np.bool_), starts.copy()
    while starts.sum() >= rules.fewest:
        rows = np.flatnonzero(starts)
        among = courses.of(rows)
        near = np.stack([_near(among, row, rules) for row in range(len(rows))])
        first = int(near.sum(axis=1).argmax())
        core = rows[near[first]]
        plain = core[_is_flat(_less(courses.of(core), _middle(courses.of(core))), rules)]
        if len(plain) < rules.fewest or not _is_no_chance(courses.of(plain), len(rows), rules):
            starts[rows[first]] = False
            continue
        free[plain] = False
        left = np.flatnonzero(free)
        others = left[_has_it_too(courses.of(left), _middle(courses.of(plain)), rules)]
        free[others] = False
        starts &= free
        yield Together(plain, others)


def _has_it_too(courses: Courses, shared: tuple[Floats, Floats], rules: TrendRules) -> Bools:
    """Tell which ONUs lost what is shared and one thing of their own.

    Either their light falls plainly as that of the others on the way down, and only the laser loses more; or what they
    lost cannot be one loss of their own alone.
    """
    rest = _less(courses, shared)
    laser = _flat_weeks(rest.lost[0], rest.noise[0], rules)
    alone = _is_flat(_without_own(courses), rules)
    return np.asarray(_is_flat(_without_own(rest), rules) & (laser | ~alone))


def _near(courses: Courses, row: int, rules: TrendRules) -> Bools:
    """Tell which ONUs moved as one of them did, whose noise comes on top of their own."""
    rest = _less(courses, (courses.lost[0][row], courses.lost[1][row]))
    down_db, up_db = (np.asarray(np.hypot(noise, noise[row])) for noise in courses.noise)
    return _is_flat(Courses(rest.lost, (down_db, up_db)), rules)


def _middle(courses: Courses) -> tuple[Floats, Floats]:
    """Return the course that ONUs share, day by day."""
    return row_medians(courses.lost[0].T), row_medians(courses.lost[1].T)


def _less(courses: Courses, other: tuple[Floats, Floats]) -> Courses:
    """Return the courses less another one."""
    down, up = (table - one[None, :] for table, one in zip(courses.lost, other, strict=True))
    return Courses((down, up), courses.noise)


def _is_flat(courses: Courses, rules: TrendRules) -> Bools:
    """Tell which courses are flat both down and up; a direction that is not told says nothing."""
    down, up = (_flat_weeks(table, noise, rules) for table, noise in zip(courses.lost, courses.noise, strict=True))
    untold = [~np.isfinite(table).any(axis=1) for table in courses.lost]
    return np.asarray((down | untold[0]) & (up | untold[1]) & ~(untold[0] & untold[1]))


def _flat_weeks(table: Floats, noise: Floats, rules: TrendRules) -> Bools:
    """Tell which courses stay in every week as they are in the middle of all, noise aside."""
    there = np.isfinite(table)
    weeks = np.arange(0, table.shape[1], rules.together_days)
    count = np.add.reduceat(there, weeks, axis=1, dtype=np.int64)
    total = np.add.reduceat(np.where(there, table, 0.0), weeks, axis=1)
    mean = np.where(count >= 2, total / np.maximum(count, 1), np.nan)
    away = np.abs(mean - row_medians(mean)[:, None])
    away -= rules.sure_sigmas * rules.noise_factor * noise[:, None] / np.sqrt(np.maximum(count, 1))
    told = np.isfinite(mean).sum(axis=1) >= _FEWEST_WEEKS
    return np.asarray(told & ~(away > rules.together_db).any(axis=1))


def _is_no_chance(courses: Courses, starts: int, rules: TrendRules) -> bool:
    """Tell whether losses that have nothing to do with one another would hardly look so alike.

    One of those would have to end as high as the others within what cannot be told apart, anywhere from nothing to
    twice as much, and to begin in the same days: a step within a span, growth within what moves its end by as much.
    """
    course = _middle(courses)[0]
    there = np.flatnonzero(np.isfinite(course))
    spans = max(len(course) / rules.together_days, 1.0)
    size_db = float(np.median(course[there[-rules.together_days :]]))
    noise = float(np.median(courses.noise[0])) / np.sqrt(rules.together_days)
    told_db = rules.together_db + rules.sure_sigmas * rules.noise_factor * noise
    at_once = np.max(np.abs(course[there[2:]] - course[there[:-2]]), initial=0.0) >= rules.at_once_share * size_db
    share = min(told_db / max(size_db, 1e-6), 1.0)
    alike = share * min(2.0 / spans if at_once else 2.0 * share, 1.0)
    many = len(courses.noise[0])
    return bool(comb(max(starts, many), many) * alike ** (many - 1) <= rules.chance)


def _without_own(courses: Courses) -> Courses:
    """Return the courses without the one loss, a step or a steady growth until now, that explains each best."""
    down, up = (_without_event(table) for table in courses.lost)
    return Courses((down, up), courses.noise)


def _without_event(table: Floats) -> Floats:
    day = np.arange(table.shape[1], dtype=np.float64)
    since = day[None, :] - day[1:, None]
    shapes = np.concatenate([since >= 0.0, np.maximum(since + 1.0, 0.0)])
    there = np.isfinite(table).astype(np.float64)
    value = np.nan_to_num(table)
    count = np.maximum(there.sum(axis=1), 1.0)[:, None]
    mean = there @ shapes.T / count
    spread = there @ (shapes**2).T - count * mean**2
    common = value @ shapes.T - value.sum(axis=1)[:, None] * mean
    # Light that is lost: what grows brighter is explained by none of them.
    size = np.where(spread > 1e-9, np.maximum(common, 0.0) / np.maximum(spread, 1e-9), 0.0)
    best = (size * common).argmax(axis=1)
    rows = np.arange(len(table))
    rest: Floats = table - size[rows, best][:, None] * shapes[best]
    return rest
