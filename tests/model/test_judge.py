"""The rules of judging, each with a case on both sides of its edge."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linetest.model.codes import Hint, Reason, Verdict
from linetest.model.judge import judge, judge_all, overall
from linetest.model.limit import Limit
from linetest.model.reading import Reading

SOURCE = "a test"


def next_reading(value: float | None, **more: Any) -> Reading:
    return Reading(metric="copper.next_db", value=value, unit=more.pop("unit", "dB"), **more)


def light(value: float | None, wavelength_nm: float = 1490, **more: Any) -> Reading:
    return Reading(metric="optical.power_dbm", value=value, unit="dBm", where={"wavelength_nm": wavelength_nm}, **more)


def below_40(**more: Any) -> Limit:
    return Limit(metric="copper.next_db", max=-40.0, strict=True, source=SOURCE, **more)


def window(**more: Any) -> Limit:
    return Limit(metric="optical.power_dbm", min=-27.0, max=-8.0, source=SOURCE, **more)


@pytest.mark.parametrize(
    ("value", "verdict"),
    [
        (-40.0001, Verdict.PASS),
        (-40.0, Verdict.FAIL),
        (-40.0 - 5e-10, Verdict.FAIL),  # closer than 1e-9 counts as equal
        (-40.0 - 2e-9, Verdict.PASS),
        (-39.9, Verdict.FAIL),
    ],
)
def test_a_value_equal_to_a_strict_limit_fails(value: float, verdict: Verdict) -> None:
    assert judge(next_reading(value), below_40()).verdict is verdict


@pytest.mark.parametrize(
    ("value", "verdict", "margin"),
    [
        (-27.0, Verdict.PASS, 0.0),
        (-8.0, Verdict.PASS, 0.0),
        (-27.5, Verdict.FAIL, -0.5),
        (-7.0, Verdict.FAIL, -1.0),
        (-20.0, Verdict.PASS, 7.0),
        (-10.0, Verdict.PASS, 2.0),
    ],
)
def test_a_window_is_closed_and_the_margin_is_to_the_nearer_side(value: float, verdict: Verdict, margin: float) -> None:
    check = judge(light(value), window())
    assert check.verdict is verdict
    assert check.margin == pytest.approx(margin)


def test_the_hint_says_which_side_was_broken() -> None:
    assert judge(light(-30.0), window()).hint == Hint.LOW_LIGHT
    assert judge(light(0.0), window()).hint == Hint.TOO_MUCH_LIGHT


def test_the_rooms_own_hint_goes_before_the_metrics() -> None:
    assert judge(next_reading(-20.0, hint=Hint.SPLIT_PAIR), below_40()).hint == Hint.SPLIT_PAIR
    assert judge(next_reading(-60.0, hint=Hint.SPLIT_PAIR), below_40()).hint is None


@pytest.mark.parametrize(
    ("reading", "reason"),
    [
        (next_reading(None, reason=Reason.TIMEOUT), Reason.TIMEOUT),
        (next_reading(None), Reason.NOT_MEASURED),
        (next_reading(math.nan), Reason.GARBLED),
        (next_reading(-math.inf), Reason.GARBLED),
        (next_reading(-60.0, unit="dBm"), Reason.WRONG_UNIT),
        (next_reading(3.0), Reason.OUT_OF_WINDOW),
        (next_reading(-300.0), Reason.OUT_OF_WINDOW),
    ],
)
def test_what_cannot_be_judged_is_inconclusive_with_its_reason(reading: Reading, reason: Reason) -> None:
    check = judge(reading, below_40())
    assert check.verdict is Verdict.INCONCLUSIVE
    assert check.reason == reason
    assert check.margin is None


@given(st.one_of(st.none(), st.floats(), st.floats(min_value=-200, max_value=0.1)))
def test_a_pass_is_always_a_finite_value_inside_the_limit(value: float | None) -> None:
    check = judge(next_reading(value), below_40())
    if check.verdict is Verdict.PASS:
        assert value is not None
        assert math.isfinite(value)
        assert value < -40.0
    if check.verdict is Verdict.FAIL:
        assert value is not None
        assert value > -40.0 - 1e-8


def test_near_the_limit_is_marginal_on_both_sides() -> None:
    limit = below_40(marginal=1.0)
    assert [judge(next_reading(value), limit).marginal for value in (-42.0, -40.5, -39.5, -38.0)] == [
        False,
        True,
        True,
        False,
    ]


def test_a_breach_that_only_warns_passes_marked() -> None:
    check = judge(next_reading(-30.0), below_40(on_breach="warn"))
    assert (check.verdict, check.marginal, check.hint) == (Verdict.PASS, True, Hint.NEAR_END_CROSSTALK)


def test_a_required_limit_without_a_reading_is_inconclusive() -> None:
    (check,) = judge_all([below_40()], [])
    assert (check.verdict, check.reason) == (Verdict.INCONCLUSIVE, Reason.NOT_MEASURED)


def test_only_a_limit_that_is_not_required_may_be_skipped_with_its_reason() -> None:
    limit = below_40(required=False)
    (missing,) = judge_all([limit], [])
    (silent,) = judge_all([limit], [next_reading(None, reason=Reason.TIMEOUT)])
    assert (missing.verdict, missing.reason) == (Verdict.SKIPPED, Reason.NOT_MEASURED)
    assert (silent.verdict, silent.reason) == (Verdict.SKIPPED, Reason.TIMEOUT)


def test_conditions_choose_the_readings() -> None:
    limits = [window(wavelength_nm=1490), window(wavelength_nm=1550)]
    checks = judge_all(limits, [light(-20.0, 1490)])
    assert [check.verdict for check in checks] == [Verdict.PASS, Verdict.INCONCLUSIVE]
    assert checks[1].where == {"wavelength_nm": 1550}


def test_limits_for_another_kind_of_line_are_left_out() -> None:
    limits = [window(access=["ftth-gpon"])]
    assert judge_all(limits, [light(-20.0)], access="adsl") == []
    assert len(judge_all(limits, [light(-20.0)], access="ftth-gpon")) == 1


def test_a_line_of_points_is_interpolated_and_ends_where_its_points_end() -> None:
    limit = Limit(
        metric="copper.next_db",
        line=[(100e3, -60.0), (1e6, -40.0)],
        along="frequency_hz",
        log_x=True,
        source=SOURCE,
    )
    at = {"frequency_hz": 10**5.5}
    assert judge(next_reading(-50.1, where=at), limit).verdict is Verdict.PASS
    assert judge(next_reading(-49.9, where=at), limit).verdict is Verdict.FAIL
    outside = judge(next_reading(-90.0, where={"frequency_hz": 2e6}), limit)
    assert (outside.verdict, outside.reason) == (Verdict.INCONCLUSIVE, Reason.OUT_OF_WINDOW)


def test_any_fail_then_any_inconclusive_then_pass_and_nothing_judged_is_inconclusive() -> None:
    passed, failed = judge(light(-20.0), window()), judge(light(-40.0), window())
    unknown = judge(light(None), window())
    skipped = judge_all([window(required=False)], [])
    assert overall([passed, unknown, failed]) is Verdict.FAIL
    assert overall([passed, unknown]) is Verdict.INCONCLUSIVE
    assert overall([passed, *skipped]) is Verdict.PASS
    assert overall(skipped) is Verdict.INCONCLUSIVE
    assert overall([]) is Verdict.INCONCLUSIVE
