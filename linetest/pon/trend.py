"""What the light of many ONUs did since their first readings, and what it will do at this rate."""

from dataclasses import dataclass
from math import erf
from statistics import NormalDist

import numpy as np

from linetest.model.codes import Reason
from linetest.model.metrics import METRICS
from linetest.model.reading import Reading
from linetest.model.trend_rules import TrendRules
from linetest.pon.trend_days import Days, Floats, LightReadings, by_day
from linetest.pon.trend_levels import Levels, levels_of

LEVELS = ("pon.onu_rx_dbm", "pon.olt_rx_dbm")
"""The metrics whose limits are the windows: light at the ONU, light at the OLT."""
CHANGES = ("pon.onu_rx_change_db", "pon.olt_rx_change_db")
"""What each level did since birth."""
_LEAVING = ("pon.onu_rx_leaves_percent", "pon.olt_rx_leaves_percent")
_DAYS_A_MONTH = 30.0
Window = tuple[float | None, float | None]
"""Least and most light in dBm; None where nothing bounds it."""


@dataclass(frozen=True, kw_only=True)
class Way:
    """Light in one direction: arrays with a place for each ONU, NaN where it is not decidable."""

    metric: str
    """Of the level."""
    levels: Levels
    change_db: Floats
    """Since birth; NaN too where its interval is too wide to say anything."""
    interval_db: Floats
    """Half the width of the interval of the change."""
    db_per_month: Floats
    db_per_month_interval: Floats
    leaves_percent: Floats
    """The chance that the level is outside of its window when the days ahead are over, at this rate."""
    leaves_in_days: Floats
    """ONUs x (earliest, likely, latest); infinity where the rate leads nowhere."""


@dataclass(frozen=True, kw_only=True)
class Trend:
    """The light of all ONUs over time."""

    days: Days
    down: Way
    up: Way
    rules: TrendRules

    def readings(self, row: int) -> list[Reading]:
        """Return what is known of one ONU: for each direction its level, its change, whether it leaves its window."""
        name = self.days.names[row]
        where = {"olt": name.olt, "onu": name.onu}
        found: list[Reading] = []
        for way, change, leaving in zip((self.down, self.up), CHANGES, _LEAVING, strict=True):
            enough = bool(way.levels.enough[row])
            lit = bool(way.levels.last_day[row] >= 0)
            reason = Reason.NOT_DECIDABLE if enough else Reason.TOO_FEW_POINTS if lit else Reason.NO_READING
            for metric, values in (
                (way.metric, way.levels.now.level_dbm),
                (change, way.change_db),
                (leaving, way.leaves_percent),
            ):
                value = float(values[row]) if enough and np.isfinite(values[row]) else None
                found.append(
                    Reading(
                        metric=metric,
                        value=value,
                        unit=METRICS[metric].unit,
                        where=where,
                        reason=None if value is not None else reason,
                    )
                )
        return found


def trend_of(readings: LightReadings, windows: dict[str, Window], rules: TrendRules) -> Trend:
    """Return the trend of all ONUs that are there now.

    Args:
        readings: What was told of them over time.
        windows: By the metric of the level.
        rules: How drift is told from noise.
    """
    days = by_day(readings, rules)
    tables = (days.onu_rx_dbm, days.olt_rx_dbm)
    down, up = (
        _way(metric, levels_of(table, rules), windows.get(metric, (None, None)), rules)
        for metric, table in zip(LEVELS, tables, strict=True)
    )
    return Trend(days=days, down=down, up=up, rules=rules)


def _way(metric: str, levels: Levels, window: Window, rules: TrendRules) -> Way:
    sigmas = NormalDist().inv_cdf(0.5 + rules.confidence / 2.0)
    known = np.where(levels.enough & (levels.rate.points >= rules.least_points), 1.0, np.nan)
    rate, rate_u = levels.rate.db_per_day * known, levels.rate.db_per_day_u
    interval_db = sigmas * levels.change_u_db
    return Way(
        metric=metric,
        levels=levels,
        change_db=np.where(interval_db <= rules.widest_db, levels.change_db, np.nan),
        interval_db=interval_db,
        db_per_month=rate * _DAYS_A_MONTH,
        db_per_month_interval=sigmas * rate_u * _DAYS_A_MONTH,
        leaves_percent=_leaves_percent(levels, window, rules) * known,
        leaves_in_days=_leaves_in_days(levels.now.level_dbm * known, rate, sigmas * rate_u, window),
    )


def _leaves_percent(levels: Levels, window: Window, rules: TrendRules) -> Floats:
    """Return the chance to be outside of the window after the days ahead, by normal errors of level and rate."""
    line, ahead = levels.rate, rules.days_ahead
    expected = line.level_dbm + ahead * line.db_per_day
    u_db = np.sqrt(line.level_u_db**2 + ahead**2 * line.db_per_day_u**2 + 2.0 * ahead * line.covariance)
    chance = np.zeros(len(expected))
    for bound, sign in zip(window, (1.0, -1.0), strict=True):
        if bound is not None:
            beyond = sign * (bound - expected) / np.maximum(u_db, 1e-6)
            chance += [0.5 * (1.0 + erf(one / np.sqrt(2.0))) for one in beyond]
    return np.minimum(chance, 1.0) * 100.0


def _leaves_in_days(level_dbm: Floats, rate: Floats, rate_interval: Floats, window: Window) -> Floats:
    """Return in how many days the level crosses a bound at the steepest, the likely and the flattest rate."""
    rates = np.stack([rate - rate_interval, rate, rate + rate_interval], axis=1)
    soonest = np.full(rates.shape, np.inf)
    for bound, falling in zip(window, (True, False), strict=True):
        if bound is None:
            continue
        sign = -1.0 if falling else 1.0
        room_db = sign * (bound - level_dbm)[:, None]
        towards = sign * (rates if falling else rates[:, ::-1])
        days = np.where(towards > 0.0, room_db / np.where(towards > 0.0, towards, 1.0), np.inf)
        soonest = np.minimum(soonest, np.where(room_db <= 0.0, 0.0, days))
    soonest[np.isnan(level_dbm)] = np.nan
    return soonest
