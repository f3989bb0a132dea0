"""The one place where a value is held against a limit."""

from math import inf, isfinite

import msgspec

from linetest.model.codes import Hint, Reason, Verdict
from linetest.model.limit import Limit
from linetest.model.metrics import METRICS
from linetest.model.reading import Bound, Reading
from linetest.model.record import Check

EQUAL = 1e-9
"""Values nearer than this are equal: sums of decibels do not end on the digit a person would write."""


def judge(reading: Reading, limit: Limit) -> Check:
    """Return the check of one reading against one limit that speaks of it.

    No value, a value that is not finite, in another unit or beyond what physics allows is inconclusive: never a fail,
    and never a pass. So is a value that is only a bound, or that a sample proves to lie in an interval, where the true
    one could lie on either side of the limit. `margin` is the distance to the nearer bound, negative outside; of an
    interval it is that of the end which decides.
    """
    if reason := _unjudgeable(reading, limit):
        return _check(reading, limit, Verdict.INCONCLUSIVE, reason=reason)
    value = reading.value
    assert value is not None
    low, high = limit.bounds_at(reading.where)
    if low is None and high is None:
        return _check(reading, limit, Verdict.INCONCLUSIVE, reason=Reason.OUT_OF_WINDOW)
    if reading.interval is not None:
        decides = _deciding_end(reading.interval, low, high, limit)
        if decides is None:
            return _check(reading, limit, Verdict.INCONCLUSIVE, reason=METRICS[reading.metric].beyond)
        value = decides
    above_low = inf if low is None else value - low
    below_high = inf if high is None else high - value
    margin = min(above_low, below_high)
    inside = _inside(margin, limit)
    if reading.bound is not None and not _decided(reading.bound, above_low, below_high, limit):
        return _check(reading, limit, Verdict.INCONCLUSIVE, reason=METRICS[reading.metric].beyond)
    close = limit.marginal is not None and abs(margin) < limit.marginal
    if inside:
        hint = Hint.CLOSE_TO_LIMIT if close else None
        return _check(reading, limit, Verdict.PASS, margin=margin, marginal=close, hint=hint)
    metric = METRICS[reading.metric]
    hint_of_breach = reading.hint or (metric.hint_low if above_low < below_high else metric.hint_high)
    if limit.on_breach == "warn":
        return _check(reading, limit, Verdict.PASS, margin=margin, marginal=True, hint=hint_of_breach)
    return _check(reading, limit, Verdict.FAIL, margin=margin, marginal=close, hint=hint_of_breach)


def breaks(reading: Reading, limit: Limit) -> bool:
    """Tell whether the reading fails its limit: then it does so however little else was measured."""
    return judge(reading, limit).verdict is Verdict.FAIL


def judge_all(limits: list[Limit], readings: list[Reading], access: str | None = None) -> list[Check]:
    """Return a check for every limit and reading that belong together, in the order of the limits.

    A required limit without a reading is inconclusive; one that is not required is skipped, with the reason; one of
    what need not be there has no check.
    Limits for another kind of line (`access`) are left out.
    """
    checks: list[Check] = []
    for limit in limits:
        if limit.access is not None and access is not None and access not in limit.access:
            continue
        spoken_of = [reading for reading in readings if limit.speaks_of(reading)]
        checks += [_soften(judge(reading, limit), limit) for reading in spoken_of]
        if not spoken_of and not limit.if_any:
            checks.append(_missing(limit))
    return checks


def overall(checks: list[Check]) -> Verdict:
    """Return the verdict of a record: any fail, else any inconclusive, else pass; nothing judged is inconclusive."""
    return worst([check.verdict for check in checks])


def worst(verdicts: list[Verdict]) -> Verdict:
    """Return the verdict of many; of none, or of skipped ones only, it is inconclusive."""
    for verdict in (Verdict.FAIL, Verdict.INCONCLUSIVE, Verdict.PASS):
        if verdict in verdicts:
            return verdict
    return Verdict.INCONCLUSIVE


def _inside(margin: float, limit: Limit) -> bool:
    return margin > EQUAL if limit.strict else margin >= -EQUAL


def _decided(bound: Bound, above_low: float, below_high: float, limit: Limit) -> bool:
    """Tell whether a value that is a bound decides: the true one lies on its far side.

    Of one that is at least so large, a broken `max` stays broken, and a `min` that is kept stays kept if it is alone.
    """
    near, far = (above_low, below_high) if bound == "at-least" else (below_high, above_low)
    return not _inside(far, limit) or (far == inf and _inside(near, limit))


def _deciding_end(ends: tuple[float, float], low: float | None, high: float | None, limit: Limit) -> float | None:
    """Return the end of an interval that decides: the worst one that still passes, or the best one that still fails.

    None where the limit lies inside of the interval.
    """
    margins = {end: min(inf if low is None else end - low, inf if high is None else high - end) for end in ends}
    worst_end = min(ends, key=margins.__getitem__)
    if _inside(margins[worst_end], limit):
        return worst_end
    if high is not None and not _inside(high - ends[0], limit):
        return ends[0]
    if low is not None and not _inside(ends[1] - low, limit):
        return ends[1]
    return None


def _unjudgeable(reading: Reading, limit: Limit) -> str | None:
    metric = METRICS.get(reading.metric)
    if reading.reason is not None:
        return reading.reason
    if reading.value is None:
        return Reason.NOT_MEASURED
    if metric is None or reading.metric != limit.metric:
        return Reason.NOT_DECIDABLE
    if reading.unit != metric.unit:
        return Reason.WRONG_UNIT
    if not isfinite(reading.value):
        return Reason.GARBLED
    if not metric.lowest <= reading.value <= metric.highest:
        return Reason.OUT_OF_WINDOW
    return None


def _soften(check: Check, limit: Limit) -> Check:
    """Skip, with its reason, a check that could not be made and is not required."""
    if check.verdict is Verdict.INCONCLUSIVE and not limit.required:
        return msgspec.structs.replace(check, verdict=Verdict.SKIPPED)
    return check


def _missing(limit: Limit) -> Check:
    metric = METRICS.get(limit.metric)
    absent = Reading(
        metric=limit.metric,
        value=None,
        unit=metric.unit if metric else "",
        where=limit.conditions(),
        reason=Reason.NOT_MEASURED,
    )
    return _soften(_check(absent, limit, Verdict.INCONCLUSIVE, reason=Reason.NOT_MEASURED), limit)


def _check(
    reading: Reading,
    limit: Limit,
    verdict: Verdict,
    *,
    margin: float | None = None,
    marginal: bool = False,
    reason: str | None = None,
    hint: str | None = None,
) -> Check:
    shown = msgspec.to_builtins(limit)
    del shown["metric"]
    shown.pop("id", None)
    # JSON has no NaN and no infinity; the raw reply in the evidence has them.
    value = reading.value if reading.value is not None and isfinite(reading.value) else None
    return Check(
        id=limit.id,
        metric=reading.metric,
        verdict=verdict,
        value=value,
        unit=reading.unit,
        limit=shown,
        margin=margin,
        marginal=marginal,
        where=reading.where,
        reason=reason,
        hint=hint if verdict is not Verdict.INCONCLUSIVE else reading.hint,
        device=reading.device,
        bound=reading.bound,
        interval=reading.interval,
    )
