"""The shapes that many metrics of a service have: a time, a count."""

from linetest.model.metric import Metric

_LONGEST_MS = 3_600_000.0
_MOST_COUNTED = 1e12


def time_ms(name: str, title: str, meaning: str, hint: str | None = None, *, beyond: str | None = None) -> Metric:
    """Return the metric of a time; `hint` is for one that is too long, `beyond` the reason of one that is a bound."""
    more = {} if beyond is None else {"beyond": beyond}
    return Metric(
        name=f"service.{name}_ms",
        unit="ms",
        title=title,
        meaning=meaning,
        lowest=0.0,
        highest=_LONGEST_MS,
        hint_high=hint,
        **more,
    )


def count(name: str, title: str, meaning: str, *, low: str | None = None, high: str | None = None) -> Metric:
    """Return the metric of a number of things; `low` and `high` are the hints for too few and too many."""
    return Metric(
        name=f"service.{name}_count",
        unit="",
        title=title,
        meaning=meaning,
        lowest=0.0,
        highest=_MOST_COUNTED,
        hint_low=low,
        hint_high=high,
    )
