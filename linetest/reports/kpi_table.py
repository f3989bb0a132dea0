"""The indicators for programs: one JSON document, and one row each for spreadsheets."""

import csv
from io import StringIO
from typing import Any

from linetest.model.tally import Indicator, Month
from linetest.safe import safe_cell

_BYTE_ORDER_MARK = "\ufeff"  # as in `csv_table`
_COLUMNS = (
    *("month", "from", "before", "team", "indicator", "share", "unit", "value", "numerator", "denominator"),
    *("target_min", "target_max", "target_strict", "met", "left_out", "left_out_orders", "source"),
)


def kpi_document(months: list[Month]) -> dict[str, Any]:
    """Return all that was counted; the numerator of hours is seconds."""
    return {
        "schema": "linetest.kpi/1",
        "months": [
            {
                "month": month.span.month,
                "from": month.span.start,
                "before": month.span.end,
                "team": month.span.team,
                "indicators": [_object(one) for one in month.indicators],
                "contradictions": month.contradictions,
            }
            for month in months
        ],
    }


def render_kpi_csv(months: list[Month]) -> str:
    """Return one row for each indicator of each month and team; numbers bare, texts quoted, as in `csv_table`."""
    text = StringIO()
    table = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    table.writerow(_COLUMNS)
    for month in months:
        for one in month.indicators:
            row = _row(month, one)
            table.writerow([row[column] for column in _COLUMNS])
    return _BYTE_ORDER_MARK + text.getvalue()


def _object(one: Indicator) -> dict[str, Any]:
    above, target = one.tally.above, one.target
    return {
        "indicator": one.id,
        "share": one.share,
        "unit": one.unit,
        "value": None if one.value is None else float(one.value),
        "numerator": int(above) if above.denominator == 1 else float(above),
        "denominator": one.tally.below,
        "target": None
        if target is None
        else {
            "min": _number(target.min),
            "max": _number(target.max),
            "strict": target.strict,
            "source": target.source,
        },
        "met": one.met,
        "left_out": [left._asdict() for left in one.tally.left_out],
    }


def _row(month: Month, one: Indicator) -> dict[str, Any]:
    target = one.target
    return {
        "month": month.span.month,
        "from": month.span.start.isoformat(),
        "before": month.span.end.isoformat(),
        "team": None if month.span.team is None else safe_cell(month.span.team),
        "indicator": one.id,
        "share": one.share,
        "unit": one.unit,
        "value": None if one.value is None else float(one.value),
        "numerator": float(one.tally.above),
        "denominator": one.tally.below,
        "target_min": _number(target.min) if target else None,
        "target_max": _number(target.max) if target else None,
        "target_strict": ("true" if target.strict else "false") if target else None,
        "met": None if one.met is None else ("true" if one.met else "false"),
        "left_out": len(one.tally.left_out),
        "left_out_orders": safe_cell("; ".join(f"{left.order} {left.reason}" for left in one.tally.left_out)),
        "source": safe_cell(target.source) if target else None,
    }


def _number(bound: object) -> float | None:
    return None if bound is None else float(str(bound))
