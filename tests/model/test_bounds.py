"""A value that is itself only a bound, limits of what need not be there, and limits whose source nobody read."""

from math import inf
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from linetest.model.codes import Reason, Verdict
from linetest.model.judge import judge, judge_all
from linetest.model.limit import Limit
from linetest.model.reading import Bound, Reading
from linetest.model.values import source_words, value_words

PASS, FAIL, OPEN = Verdict.PASS, Verdict.FAIL, Verdict.INCONCLUSIVE


def reflection(value: float | None, bound: Bound | None = "at-least", reason: str | None = None) -> Reading:
    return Reading(metric="otdr.reflectance_db", value=value, unit="dB", bound=bound, reason=reason)


def limit(**more: Any) -> Limit:
    return Limit(metric="otdr.reflectance_db", source="a test", **more)


@pytest.mark.parametrize(
    ("bound", "limits", "value", "verdict"),
    [
        ("at-least", {"max": -40.0}, -30.0, FAIL),  # the true one is worse still
        ("at-least", {"max": -40.0}, -45.0, OPEN),  # it may be -30
        ("at-least", {"max": -40.0}, -40.0, OPEN),
        ("at-least", {"max": -40.0, "strict": True}, -40.0, FAIL),
        ("at-least", {"min": -40.0}, -30.0, PASS),
        ("at-least", {"min": -40.0}, -45.0, OPEN),
        ("at-least", {"min": -60.0, "max": -40.0}, -50.0, OPEN),
        ("at-least", {"min": -60.0, "max": -40.0}, -70.0, OPEN),
        ("at-least", {"min": -60.0, "max": -40.0}, -30.0, FAIL),
        ("at-most", {"min": -40.0}, -45.0, FAIL),
        ("at-most", {"min": -40.0}, -30.0, OPEN),
        ("at-most", {"max": -40.0}, -45.0, PASS),
        ("at-most", {"max": -40.0}, -30.0, OPEN),
        ("at-most", {"min": -60.0, "max": -40.0}, -50.0, OPEN),
        (None, {"max": -40.0}, -45.0, PASS),
    ],
)
def test_a_bound_decides_only_what_every_value_beyond_it_would(
    bound: Bound | None, limits: dict[str, Any], value: float, verdict: Verdict
) -> None:
    check = judge(reflection(value, bound), limit(**limits))
    assert (check.verdict, check.bound) == (verdict, bound)
    assert check.value == value
    assert check.reason == (Reason.OVER_RANGE if verdict is OPEN else None)


@given(
    st.floats(-100, 0),
    st.one_of(st.none(), st.floats(-100, 0)),
    st.one_of(st.none(), st.floats(-100, 0)),
    st.floats(0, 50),
)
def test_a_decided_bound_is_never_contradicted_by_the_true_value(
    value: float, low: float | None, high: float | None, beyond: float
) -> None:
    assume(low is not None or high is not None)
    assume((inf if high is None else high) >= (-inf if low is None else low))
    assume(value + beyond <= 0.0)
    limits = limit(min=low, max=high)
    said = judge(reflection(value), limits).verdict
    true = judge(reflection(value + beyond, None), limits).verdict
    assert said in (OPEN, true)


def test_what_need_not_be_there_is_checked_where_it_is_and_only_there() -> None:
    splices = limit(max=-40.0, if_any=True)
    assert judge_all([splices], []) == []
    (found,) = judge_all([splices], [reflection(-50.0, None)])
    assert found.verdict is PASS
    # One that is there and could not be measured is not passed over.
    (unknown,) = judge_all([splices], [reflection(None, None, Reason.NOT_DECIDABLE)])
    assert (unknown.verdict, unknown.reason) == (OPEN, Reason.NOT_DECIDABLE)


def test_a_bound_is_shown_as_one() -> None:
    assert value_words(-30.12, "dB", bound="at-least") == "≥ -30.12 dB"
    assert value_words(14.0, "dB", bound="at-most") == "≤ 14.00 dB"
    assert value_words(None, "dB", bound="at-most") == "-"


def test_a_source_that_was_not_read_is_said_so_in_the_record_and_beside_it() -> None:
    quoted = judge(reflection(-50.0, None), limit(max=-40.0, source_read=False)).limit
    assert quoted["source_read"] is False
    assert source_words(quoted) == "a test (the source itself was not read)"
    read = judge(reflection(-50.0, None), limit(max=-40.0)).limit
    assert "source_read" not in read
    assert source_words(read) == "a test"
