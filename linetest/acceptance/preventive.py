"""The list for preventive visits: trends judged by a profile, and put together by what causes them."""

from datetime import UTC, datetime, timedelta

import numpy as np

from linetest.errors import UsageError
from linetest.model.codes import Verdict
from linetest.model.judge import breaks, judge_all
from linetest.model.limit import Limit
from linetest.model.metrics import METRICS
from linetest.model.profile import LoadedProfile
from linetest.model.reading import Reading
from linetest.model.record import Check
from linetest.model.trend import Course, Drifting, JudgedBy, Preventive, Visit
from linetest.model.trend import Way as WayDocument
from linetest.model.trend_rules import TrendRules
from linetest.pon.trend import CHANGES, LEVELS, Trend, Way, Window, trend_of
from linetest.pon.trend_causes import Cause, Causes
from linetest.pon.trend_days import DAY_S, Bools, Floats, LightReadings
from linetest.pon.trend_places import Hung, Topology
from linetest.words.text import _


def preventive(
    readings: LightReadings,
    hung: dict[tuple[str, str], Hung],
    loaded: LoadedProfile,
    rules: TrendRules,
    *,
    simulated: bool,
) -> Preventive:
    """Return the visits to make, worst first.

    Args:
        readings: What was told of all ONUs over time.
        hung: The splitters of those ONUs for which they are known, by OLT and place.
        loaded: The profile with the limits.
        rules: Its rules, or those that the person changed.
        simulated: The readings came from the bench.
    """
    trend = trend_of(readings, windows_of(loaded), rules)
    limits = loaded.profile.limit
    rows = range(len(trend.days.names))
    checks = [judge_all(limits, trend.readings(row)) for row in rows]
    worth = [[check for check in of_one if check.verdict is Verdict.FAIL or check.marginal] for of_one in checks]
    listed = np.array([bool(of_one) for of_one in worth], dtype=np.bool_)
    topology = Topology(names=trend.days.names, hung=hung)
    causes = Causes(trend.days, trend.down.levels, trend.up.levels, topology, rules).find(listed)
    for cause in causes:
        listed[cause.rows] |= _breaks(
            cause, limits
        )  # who shares what is over the limit is over it, however noisy its own readings
    visits = [_visit(trend, cause, worth, listed) for cause in causes if listed[cause.rows].any()]
    failed = sum(any(check.verdict is Verdict.FAIL for check in of_one) for of_one in worth)
    lit = [day for way in (trend.down, trend.up) for day in way.levels.last_day.tolist()]
    return Preventive(
        simulated=simulated,
        judged_by=[
            JudgedBy(
                profile=loaded.profile.name,
                profile_sha256=loaded.sha256,
                olts=sorted({name.olt for name in trend.days.names}),
                looked_at=len(rows),
            )
        ],
        from_on=_day(trend.days.first_s) if rows else None,
        to_on=_day(trend.days.first_s + max(lit) * DAY_S) if rows else None,
        days_ahead=rules.days_ahead,
        confidence=rules.confidence,
        looked_at=len(rows),
        failed=failed,
        close=int(listed.sum()) - failed,
        undecided=_undecided(checks),
        visits=sorted(visits, key=_worst_first),
    )


def joined(lists: list[Preventive]) -> Preventive:
    """Return one list of those that different profiles made, each of its own OLTs; there is at least one."""
    undecided: dict[str, int] = {}
    for reason, count in (item for one in lists for item in one.undecided.items()):
        undecided[reason] = undecided.get(reason, 0) + count
    return Preventive(
        simulated=any(one.simulated for one in lists),
        judged_by=[judged for one in lists for judged in one.judged_by],
        from_on=min((one.from_on for one in lists if one.from_on is not None), default=None),
        to_on=max((one.to_on for one in lists if one.to_on is not None), default=None),
        days_ahead=max(one.days_ahead for one in lists),
        confidence=min(one.confidence for one in lists),
        looked_at=sum(one.looked_at for one in lists),
        failed=sum(one.failed for one in lists),
        close=sum(one.close for one in lists),
        undecided=undecided,
        visits=sorted((visit for one in lists for visit in one.visits), key=_worst_first),
    )


def rules_of(loaded: LoadedProfile) -> TrendRules:
    """Return the rules of a profile; raises `UsageError` for one of another kind."""
    if loaded.profile.trend is None:
        raise UsageError(
            _("profile {name} is of kind {kind}, not of kind {wanted}").format(
                name=loaded.profile.name, kind=loaded.profile.kind, wanted="trend"
            ),
            _("`linetest profile list` shows all profiles; {name} is one for trends").format(name="pon-trend"),
        )
    return loaded.profile.trend


def windows_of(loaded: LoadedProfile) -> dict[str, Window]:
    """Return the windows of light: what the profile's limits say of each level."""
    return {limit.metric: (limit.min, limit.max) for limit in loaded.profile.limit if limit.metric in LEVELS}


def _breaks(cause: Cause, limits: list[Limit]) -> bool:
    """Tell whether what a cause took from many ONUs breaks the limit of a change."""
    if len(cause.rows) == 1:
        return False
    taken = [
        Reading(metric=metric, value=-lost_db, unit=METRICS[metric].unit)
        for metric, lost_db in zip(CHANGES, (cause.down_db, cause.up_db), strict=True)
        if lost_db is not None
    ]
    return any(limit.speaks_of(reading) and breaks(reading, limit) for reading in taken for limit in limits)


def _undecided(checks: list[list[Check]]) -> dict[str, int]:
    """Count the ONUs of which no change could be told, by reason."""
    reasons: dict[str, int] = {}
    for of_one in checks:
        changes = [check for check in of_one if check.metric.endswith("_change_db")]
        if changes and all(check.value is None for check in changes):
            reason = str(changes[0].reason)
            reasons[reason] = reasons.get(reason, 0) + 1
    return reasons


def _visit(trend: Trend, cause: Cause, worth: list[list[Check]], listed: Bools) -> Visit:
    rows: list[int] = cause.rows[listed[cause.rows]].tolist()
    rows.sort(key=lambda row: (_soonest(trend, row), -_lost_db(trend, row)))
    soonest = _soonest(trend, rows[0])
    return Visit(
        cause=cause.cause,
        place=cause.place,
        shared=len(cause.rows),
        onus=[_drifting(trend, row, worth[row]) for row in rows],
        down_db=cause.down_db,
        up_db=cause.up_db,
        at_once=cause.at_once,
        since=_day(cause.since_s),
        bent=cause.bent,
        inferred=cause.inferred,
        leaves_in_days=soonest if np.isfinite(soonest) else None,
        course=_course(trend, rows[0]),
    )


def _worst_first(visit: Visit) -> tuple[float, float, str]:
    """Return what sorts visits: who leaves its window soonest, then how much light so many ONUs lost."""
    leaves = np.inf if visit.leaves_in_days is None else visit.leaves_in_days
    return leaves, -max(visit.down_db or 0.0, visit.up_db or 0.0) * len(visit.onus), visit.place


def _soonest(trend: Trend, row: int) -> float:
    """Return in how many days an ONU leaves its window if that is more likely than not within the days ahead."""
    soonest = np.inf
    for way in (trend.down, trend.up):
        likely = float(way.leaves_in_days[row, 1])
        if np.isfinite(likely) and likely <= trend.rules.days_ahead:
            soonest = min(soonest, likely)
    return soonest


def _lost_db(trend: Trend, row: int) -> float:
    changes = [way.levels.change_db[row] for way in (trend.down, trend.up)]
    return max((-float(one) for one in changes if np.isfinite(one)), default=0.0)


def _drifting(trend: Trend, row: int, worth: list[Check]) -> Drifting:
    name = trend.days.names[row]
    first = min(int(way.levels.first_day[row]) for way in (trend.down, trend.up))
    last = max(int(way.levels.last_day[row]) for way in (trend.down, trend.up))
    return Drifting(
        olt=name.olt,
        onu=name.onu,
        identity=name.identity,
        replaced=bool(trend.days.replaced[row]),
        first_on=_day(trend.days.first_s + first * DAY_S),
        last_on=_day(trend.days.first_s + last * DAY_S),
        down=_way(trend, trend.down, row),
        up=_way(trend, trend.up, row),
        checks=worth,
    )


def _way(trend: Trend, way: Way, row: int) -> WayDocument:
    levels = way.levels
    enough = bool(levels.enough[row])
    last_s = trend.days.first_s + int(levels.last_day[row]) * DAY_S
    days = way.leaves_in_days[row]
    return WayDocument(
        birth_dbm=_number(levels.birth.level_dbm[row]) if enough else None,
        now_dbm=_number(levels.now.level_dbm[row]) if enough else None,
        change_db=_number(way.change_db[row]),
        change_interval_db=_number(way.interval_db[row]) if enough else None,
        db_per_month=_number(way.db_per_month[row]),
        db_per_month_interval=_number(way.db_per_month_interval[row]) if enough else None,
        leaves_percent=_number(way.leaves_percent[row]),
        leaves_on=None
        if np.isnan(days[1])
        else (_ahead(last_s, days[0]), _ahead(last_s, days[1]), _ahead(last_s, days[2])),
    )


def _course(trend: Trend, row: int) -> Course:
    name = trend.days.names[row]

    def told(table: Floats) -> list[float | None]:
        return [_number(value) for value in table[row]]

    return Course(
        olt=name.olt,
        onu=name.onu,
        first_on=_day(trend.days.first_s),
        onu_rx_dbm=told(trend.days.onu_rx_dbm),
        olt_rx_dbm=told(trend.days.olt_rx_dbm),
    )


def _ahead(from_s: float, days: float) -> str | None:
    """Return the day that lies so far ahead; None beyond ten years."""
    return _day(from_s + float(days) * DAY_S) if days < 3660.0 else None


def _day(at_s: float) -> str:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=at_s)).date().isoformat()


def _number(value: float) -> float | None:
    return round(float(value), 4) if np.isfinite(value) else None
