"""Where light began, where it is, and how fast it goes: a straight line through the days at each end of a table.

A line may hold one step, where a step explains the days much better than none. Uncertainties are standard ones in dB.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from linetest.model.trend_rules import TrendRules
from linetest.pon.trend_days import Bools, Floats, Ints, noise_db


@dataclass(frozen=True, kw_only=True)
class Lines:
    """One straight line for each ONU, with a step in it where there is one."""

    level_dbm: Floats
    """At the end of the line that was asked for: its first or its last day."""
    level_u_db: Floats
    db_per_day: Floats
    db_per_day_u: Floats
    covariance: Floats
    """Of level and rate, for what lies ahead."""
    points: Ints
    """How many days have a value."""


@dataclass(frozen=True, kw_only=True)
class Levels:
    """Light of each ONU at its birth and now, and its rate now."""

    birth: Lines
    now: Lines
    rate: Lines
    """Over the days that tell the rate; its level is that of the last day."""
    first_day: Ints
    last_day: Ints
    enough: Bools
    """There are days enough to tell a change."""

    @cached_property
    def change_db(self) -> Floats:
        """Return now less birth; NaN where there are too few days."""
        return np.where(self.enough, self.now.level_dbm - self.birth.level_dbm, np.nan)

    @cached_property
    def change_u_db(self) -> Floats:
        """Return the standard uncertainty of the change."""
        return np.hypot(self.now.level_u_db, self.birth.level_u_db)


def levels_of(table: Floats, rules: TrendRules) -> Levels:
    """Return the levels of a table of ONUs x days in dBm."""
    there = np.isfinite(table)
    lit = there.any(axis=1)
    first = np.where(lit, there.argmax(axis=1), 0)
    last = np.where(lit, table.shape[1] - 1 - there[:, ::-1].argmax(axis=1), -1)
    span = last - first + 1
    width = np.minimum(rules.level_days, span // 2)
    noise = noise_db(table, rules)
    birth = fitted(_cut(table, first, rules.level_days, width), noise, rules, at_end=False)
    now = fitted(_cut(table, last - rules.level_days + 1, rules.level_days, width, last=True), noise, rules)
    rate_width = np.minimum(rules.rate_days, span)
    rate = fitted(_cut(table, last - rules.rate_days + 1, rules.rate_days, rate_width, last=True), noise, rules)
    enough = (np.minimum(birth.points, now.points) >= rules.least_points) & (span >= rules.least_days)
    return Levels(birth=birth, now=now, rate=rate, first_day=first, last_day=last, enough=enough)


def fitted(days: Floats, noise: Floats, rules: TrendRules, *, at_end: bool = True) -> Lines:
    """Return the line through each row of `days`, its level at the last or the first day."""
    columns = days.shape[1]
    there = np.isfinite(days)
    value = np.where(there, days, 0.0)
    day = np.arange(columns) - (columns - 1.0 if at_end else 0.0)
    count = there.sum(axis=1)
    plain = np.stack([np.ones(columns), day])
    best, covariance, rest = _solve(there, value, plain)
    best, covariance, rest = _with_steps(there, value, plain, (best, covariance, rest), noise, rules)
    scatter = np.sqrt(np.maximum(rest, 0.0) / np.maximum(count - 3, 1))
    sigma = np.maximum(noise, np.where(count > 4, scatter, 0.0)) * rules.noise_factor
    return Lines(
        level_dbm=best[:, 0],
        level_u_db=sigma * np.sqrt(covariance[:, 0, 0]),
        db_per_day=best[:, 1],
        db_per_day_u=sigma * np.sqrt(covariance[:, 1, 1]),
        covariance=sigma**2 * covariance[:, 0, 1],
        points=count,
    )


def _with_steps(
    there: Bools, value: Floats, plain: Floats, lines: tuple[Floats, Floats, Floats], noise: Floats, rules: TrendRules
) -> tuple[Floats, Floats, Floats]:
    """Return the lines, those with a step in them where it explains the days much better."""
    best, covariance, rest = lines
    worth = rules.step_sigmas**2 * noise**2
    off = np.where(there, value - best @ plain, 0.0)
    # No step can take away more than there is: most rows need no search.
    rows = np.flatnonzero((rest > worth) & (np.ptp(off, axis=1) > rules.least_step_db) & (there.sum(axis=1) >= 5))
    there, value, worth = there[rows], value[rows], worth[rows]
    day_0 = int(np.flatnonzero(plain[1] == 0.0)[0])
    for at in range(1, plain.shape[1]):
        after = np.arange(plain.shape[1]) >= at
        # The level is told on the side of the step where day 0 is.
        step = after.astype(np.float64) - after[day_0]
        found, spread, left = _solve(there, value, np.stack([*plain, step]))
        # A step beside fewer than two days of the level that is told is a spike; of the one before a day is enough.
        near = there[:, after == after[day_0]].sum(axis=1)
        seen = (near >= 2) & (near < there.sum(axis=1))
        better = seen & (rest[rows] - left > worth) & (np.abs(found[:, 2]) > rules.least_step_db)
        which = rows[better]
        best[which], covariance[which], rest[which] = found[better, :2], spread[better, :2, :2], left[better]
        worth = np.where(better, 0.0, worth)
    return best, covariance, rest


def _solve(there: Bools, value: Floats, design: Floats) -> tuple[Floats, Floats, Floats]:
    """Return coefficients, their covariance for noise of 1, and the sum of squares that is left, for each row."""
    weight = there.astype(np.float64)
    products = (design[:, None, :] * design[None, :, :]).reshape(-1, design.shape[1])
    normal = (weight @ products.T).reshape(-1, len(design), len(design))
    normal += 1e-9 * np.eye(len(design))  # rows with too few days stay solvable; nobody looks at them
    right = value @ design.T
    covariance = np.linalg.inv(normal).astype(np.float64)
    found: Floats = np.einsum("nij,nj->ni", covariance, right)
    left: Floats = np.einsum("nd,nd->n", value, value) - np.einsum("ni,ni->n", found, right)
    return found, covariance, left


def _cut(table: Floats, start: Ints, columns: int, width: Ints, *, last: bool = False) -> Floats:
    """Return `columns` days of each row from its own `start` on; beyond `width` and beyond the table they are NaN."""
    place = start[:, None] + np.arange(columns)[None, :]
    inside = (place >= 0) & (place < table.shape[1])
    counted = np.arange(columns)[None, :]
    inside &= (counted >= columns - width[:, None]) if last else (counted < width[:, None])
    cut = np.take_along_axis(table, np.clip(place, 0, max(table.shape[1] - 1, 0)), axis=1)
    return np.where(inside, cut, np.nan)
