"""Values of indicators in words: printing does not hide on which side of its target a value lies."""

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

import pytest

from linetest.model.indicators import Target
from linetest.model.tally import Indicator, Span, Tally, Unit
from linetest.reports.kpi_words import counted_words, met_words, target_words, value_of

SPAN = Span("2026-11", datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC), None, datetime.now(UTC))


def indicator(unit: Unit, above: int, below: int | None, target: Target | None) -> Indicator:
    return Indicator("K1", None, unit, SPAN, Tally(Fraction(above), below, []), target)


AT_LEAST = Target(indicator="K1", min=Decimal(95), source="x")
BELOW = Target(indicator="K4", max=Decimal("36.5"), strict=True, source="x")


@pytest.mark.parametrize(
    ("one", "value", "target", "met", "counted"),
    [
        (indicator("percent", 9, 10, AT_LEAST), "90.0 %", "≥ 95 %", "MISSED", "9/10"),
        (indicator("percent", 95, 100, AT_LEAST), "95.0 %", "≥ 95 %", "met", "95/100"),
        (indicator("percent", 9496, 10000, AT_LEAST), "94.96 %", "≥ 95 %", "MISSED", "9496/10000"),
        (indicator("percent", 9500001, 10000000, AT_LEAST), "95.00001 %", "≥ 95 %", "met", "9500001/10000000"),
        (indicator("hours", 131399, 1, BELOW), "36.4997 h", "< 36.5 h", "met", "36.5 h/1"),
        (indicator("hours", 131400, 1, BELOW), "36.5 h", "< 36.5 h", "MISSED", "36.5 h/1"),
        (indicator("percent", 3, None, AT_LEAST), "-", "≥ 95 %", "-", "3/-"),
        (indicator("percent", 1, 3, None), "33.3 %", "-", "-", "1/3"),
    ],
)
def test_a_value_its_target_and_what_was_counted(
    one: Indicator, value: str, target: str, met: str, counted: str
) -> None:
    assert (value_of(one), target_words(one), met_words(one), counted_words(one)) == (value, target, met, counted)
