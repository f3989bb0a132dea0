"""The cells of a report: as many digits as it takes to see on which side of its limit a value lies."""

import pytest

from linetest.model.judge import judge
from linetest.model.limit import Limit
from linetest.model.reading import Reading
from linetest.reports.outline import row_words


@pytest.mark.parametrize(("value", "verdict"), [(-39.9996, "fail"), (-40.0, "fail"), (-40.0004, "pass")])
def test_rounding_never_hides_on_which_side_a_value_lies(value: float, verdict: str) -> None:
    limit = Limit(metric="copper.next_db", max=-40.0, strict=True, source="test")
    check = judge(Reading(metric="copper.next_db", value=value, unit="dB"), limit)
    row = row_words(check)
    assert check.verdict == verdict
    shown, margin = float(row.value.split()[0]), float(row.margin.split()[0])
    assert (shown > -40.0, shown == -40.0) == (value > -40.0, value == -40.0)
    assert (margin < 0) == (value > -40.0)


@pytest.mark.parametrize(
    ("metric", "unit", "margin"),
    [("otdr.section_db_per_km", "dB/km", "0.20 dB/km"), ("optical.power_dbm", "dBm", "0.20 dB")],
)
def test_a_margin_has_the_unit_of_a_difference(metric: str, unit: str, margin: str) -> None:
    check = judge(Reading(metric=metric, value=0.3, unit=unit), Limit(metric=metric, max=0.5, source="test"))
    assert row_words(check).margin == margin
