"""Electrical values as they are typed, and the profiles that judge them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linetest.acceptance.measure import check_profile
from linetest.catalog import load_profile
from linetest.cli.copper_enter import _VALUES
from linetest.copper.electricals import (
    BY_NAME,
    QUANTITIES,
    VOLTAGES,
    ElectricalSettings,
    measure,
    parse_value,
    wanted_by,
)
from linetest.copper.settings import settings_of
from linetest.errors import UsageError
from linetest.model.codes import Reason, Verdict, Warn
from linetest.model.judge import judge_all, overall
from linetest.model.record import Check

SETTINGS = ElectricalSettings()
GOOD = {
    "foreign-ac": "0.4",
    "foreign-dc": "0",
    "insulation-ab": "620M",
    "insulation-ae": "0.62 G",
    "insulation-be": "> 500",
}
PROFILES = ("copper-pair-carrier-2005", "copper-pair-field-2018", "copper-pair-adsl-loop")


def judged(profile: str, typed: dict[str, str]) -> list[Check]:
    loaded = load_profile(profile)
    return judge_all(loaded.profile.limit, measure(typed, loaded.profile.limit, SETTINGS).readings)


@pytest.mark.parametrize(
    ("name", "text", "value", "bound"),
    [
        ("insulation-ab", "620", 620.0, None),
        ("insulation-ab", "620M", 620.0, None),
        ("insulation-ab", "620 MOhm", 620.0, None),
        ("insulation-ab", "0.62 G", 620.0, None),
        ("insulation-ab", "0.62GΩ", 620.0, None),
        ("insulation-ab", "30k", 0.03, None),
        ("insulation-ab", "500 ohm", 0.0005, None),
        ("insulation-ab", "> 1000", 1000.0, "at-least"),
        ("insulation-ab", "<=0.1M", 0.1, "at-most"),
        ("loop-resistance", "850", 850.0, None),
        ("loop-resistance", "0.85k", 850.0, None),
        ("capacitance-ae", "0.05", 0.05, None),
        ("capacitance-ae", "50n", 0.05, None),
        ("capacitance-ae", "47 nF", 0.047, None),
        ("capacitance-ae", "0.05 µF", 0.05, None),
        ("foreign-dc", "-48.5 V", -48.5, None),
        ("foreign-ac", "350 mV", 0.35, None),
        ("longitudinal-balance", "61 dB", 61.0, None),
        ("capacitive-balance", "98.5%", 98.5, None),
    ],
)
def test_values_as_they_are_typed(name: str, text: str, value: float, bound: str | None) -> None:
    found = parse_value(BY_NAME[name], text)
    assert found.value == pytest.approx(value)
    assert found.bound == bound


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("insulation-ab", "620m", "is not a value in MOhm"),  # milli and mega are a factor of 10^9 apart
        ("insulation-ab", "620 V", "is not a value in MOhm"),
        ("insulation-ab", "0,62G", "is not a value in MOhm"),
        ("insulation-ab", "-1", "cannot be"),
        ("insulation-ab", "99999T", "cannot be"),
        ("loop-resistance", "inf", "is not a value in Ohm"),
        ("loop-resistance", "1e3", "is not a value in Ohm"),
        ("capacitance-ae", "5 F", "cannot be|is not"),
        ("capacitance-ae", "200", "cannot be"),
        ("foreign-ac", "-3", "cannot be"),
        ("foreign-ac", "230V AC", "is not a value in V"),
        ("longitudinal-balance", "60%", "is not a value in dB"),
        ("longitudinal-balance", "60k", "is not a value in dB"),
        ("capacitive-balance", "101", "cannot be"),
        ("insulation-ab", "", "is not a value"),
    ],
)
def test_nonsense_is_refused_with_the_range(name: str, text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        parse_value(BY_NAME[name], text)
    assert caught.value.what.startswith(f"{name}: ")
    assert "cannot be" not in caught.value.what or "between" in caught.value.hint


@given(st.sampled_from(sorted(BY_NAME)), st.text(alphabet="0123456789.-+<> kMGmnuVFΩ%dBohm", max_size=20))
def test_what_is_typed_is_a_value_inside_of_its_range_or_refused(name: str, text: str) -> None:
    from linetest.model.metrics import METRICS

    try:
        found = parse_value(BY_NAME[name], text)
    except UsageError:
        return
    metric = METRICS[BY_NAME[name].metric]
    assert metric.lowest <= found.value <= metric.highest


def test_the_command_has_an_option_for_each_quantity() -> None:
    assert list(_VALUES) == [quantity.name for quantity in QUANTITIES]


def test_the_voltages_are_measured_first_whatever_the_profile_limits() -> None:
    assert wanted_by([])[:2] == list(VOLTAGES)
    for name in PROFILES:
        assert wanted_by(load_profile(name).profile.limit)[:2] == list(VOLTAGES)


@pytest.mark.parametrize("name", PROFILES)
def test_the_shipped_profiles_stop_where_the_room_does(name: str) -> None:
    loaded = load_profile(name)
    check_profile(loaded)
    assert settings_of(loaded).electricals == SETTINGS
    assert {limit.max for limit in loaded.profile.limit if limit.id in ("VOLTAGE-AC", "VOLTAGE-DC")} == {50.0}


def test_a_good_pair_passes() -> None:
    assert overall(judged("copper-pair-carrier-2005", GOOD)) is Verdict.PASS


@pytest.mark.parametrize(
    ("insulation", "verdict", "marked"),
    [
        ("501", Verdict.PASS, False),
        ("499", Verdict.PASS, True),
        ("50", Verdict.PASS, True),
        ("49.9", Verdict.FAIL, True),
        ("> 20", Verdict.INCONCLUSIVE, False),
        ("< 20", Verdict.FAIL, True),
    ],
)
def test_insulation_in_three_bands(insulation: str, verdict: Verdict, marked: bool) -> None:
    checks = judged("copper-pair-carrier-2005", {**GOOD, "insulation-ab": insulation})
    assert overall(checks) is verdict
    own = [check for check in checks if check.id in ("INSULATION-AB", "INSULATION-AB-GOOD")]
    assert any(check.marginal for check in own) is marked


def test_sources_differ_and_each_is_its_own_profile() -> None:
    typed = {**GOOD, "insulation-ab": "40", "longitudinal-balance": "59.5"}
    carrier = {check.id: check.verdict for check in judged("copper-pair-carrier-2005", typed)}
    field = {check.id: check.verdict for check in judged("copper-pair-field-2018", typed)}
    assert (carrier["INSULATION-AB"], field["INSULATION-AB"]) == (Verdict.FAIL, Verdict.PASS)
    assert (carrier["BALANCE"], field["BALANCE"]) == (Verdict.PASS, Verdict.FAIL)


@pytest.mark.parametrize(
    ("ohm", "verdict", "marked"),
    [("790", Verdict.PASS, False), ("850", Verdict.PASS, True), ("901", Verdict.FAIL, True)],
)
def test_loop_resistance_for_adsl(ohm: str, verdict: Verdict, marked: bool) -> None:
    checks = judged("copper-pair-adsl-loop", {"foreign-ac": "0", "foreign-dc": "0", "loop-resistance": ohm})
    assert (overall(checks), any(check.marginal for check in checks)) == (verdict, marked)


@pytest.mark.parametrize(("name", "volts"), [("foreign-ac", "50.1"), ("foreign-dc", "-63"), ("foreign-dc", "> 60")])
def test_above_50_v_nothing_else_is_measured(name: str, volts: str) -> None:
    limits = load_profile("copper-pair-carrier-2005").profile.limit
    measured = measure({**GOOD, name: volts}, limits, SETTINGS)
    assert measured.warnings == [Warn.SAFETY_STOP, Warn.ENTERED_BY_HAND]
    told = {one.metric for one in measured.readings if one.value is not None}
    assert told == {"copper.foreign_ac_v", "copper.foreign_dc_v"}
    assert {one.reason for one in measured.readings if one.value is None} == {Reason.NOT_SAFE}
    assert overall(judge_all(limits, measured.readings)) is Verdict.FAIL


def test_nobody_is_sent_to_measure_the_rest_of_a_dangerous_pair() -> None:
    checks = judged("copper-pair-carrier-2005", {"foreign-ac": "63"})
    assert {check.reason for check in checks if check.verdict is not Verdict.FAIL} == {Reason.NOT_SAFE}


def test_exactly_50_v_is_not_above() -> None:
    assert overall(judged("copper-pair-carrier-2005", {**GOOD, "foreign-ac": "50"})) is Verdict.PASS


def test_what_was_typed_is_the_evidence() -> None:
    measured = measure(GOOD, [], SETTINGS, pair="7")
    assert measured.evidence[0].body.decode().splitlines()[2:4] == ["insulation-ab: 620M", "insulation-ae: 0.62 G"]
    assert {one.where["pair"] for one in measured.readings} == {"7"}
