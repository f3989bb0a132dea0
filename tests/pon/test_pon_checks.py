"""Readings of ONUs, and what the profiles make of them."""

from typing import Any

import pytest

from linetest.catalog import load_profile
from linetest.devices.olt import OnuTable
from linetest.devices.olt_rows import OnuRow
from linetest.model.codes import Hint, Verdict
from linetest.model.judge import judge_all
from linetest.model.metrics import METRICS
from linetest.model.onu import OnuState, PortState, Technology
from linetest.model.onu_id import OnuId, parse_onu_id
from linetest.model.reading import Measurement, Reading
from linetest.model.record import Check
from linetest.pon.checks import measure
from linetest.pon.links import rtt_distance_m
from linetest.pon.settings import PonSettings
from linetest.pon.why_down import why_down, why_down_words
from linetest.secrets import Secret

GOOD: dict[str, Any] = {
    "mac": "00:11:22:33:44:05",
    "llid": 7,
    "run_state": "online",
    "onu_rx_dbm": -20.0,
    "onu_tx_dbm": 2.3,
    "olt_rx_dbm": -22.0,
    "distance_m": 2080.0,
    "rtt_tq": 1365.0,
    "temperature_c": 41.0,
    "voltage_v": 3.28,
    "bias_ma": 14.0,
}


def onu(name: str = "0/0/1:5", technology: Technology = "epon", loid: str | None = "LOID-5", **changes: Any) -> OnuRow:
    values = GOOD | changes
    reasons = {field: "no-such-object" for field, value in values.items() if value is None}
    state = OnuState(onu=name, reasons=reasons, **values)
    return OnuRow(state=state, technology=technology, loid=Secret(loid) if loid else None)


def readings(table: OnuTable, wanted: str = "0/0/1:5", settings: PonSettings | None = None) -> dict[str, Reading]:
    found = measure(table, parse_onu_id(wanted), settings or PonSettings())
    return {one.metric: one for one in found.readings}


def failed(table: OnuTable, profile: str = "epon-px20", **changes: Any) -> dict[str, Check]:
    found = measure(table, OnuId(0, 0, 1, 5), PonSettings(**changes))
    checks = judge_all(load_profile(profile).profile.limit, found.readings)
    return {str(check.id): check for check in checks if check.verdict is Verdict.FAIL}


def test_a_good_onu_passes_every_check_of_its_profile() -> None:
    found = measure(OnuTable(onus=[onu()], ports=[PortState(port="0/0/1", tx_dbm=4.5)]), None, PonSettings())
    checks = judge_all(load_profile("epon-px20").profile.limit, found.readings)
    skipped = {check.id for check in checks if check.verdict is Verdict.SKIPPED}
    assert {check.verdict for check in checks} == {Verdict.PASS, Verdict.SKIPPED}
    assert skipped == {"LOSS-BEYOND-PLAN"}  # no plan says what the splitter loses


@pytest.mark.parametrize(
    ("changes", "broken"),
    [
        ({"onu_rx_dbm": -24.1}, "ONU-RX"),
        ({"onu_rx_dbm": -2.5}, "ONU-RX"),
        ({"onu_tx_dbm": -1.5}, "ONU-TX"),
        ({"olt_rx_dbm": -27.5}, "OLT-RX"),
        ({"distance_m": 20_500.0, "rtt_tq": None}, "DISTANCE"),
        ({"llid": 0x7F00}, "LLID-RANGE"),
        ({"llid": 0x8001}, "LLID-RANGE"),
        ({"run_state": "auth-failed", "llid": 7}, "LLID-UNREGISTERED"),
        ({"run_state": "offline", "llid": None}, "REGISTERED"),
    ],
)
def test_each_fault_breaks_its_own_limit(changes: dict[str, Any], broken: str) -> None:
    assert broken in failed(OnuTable(onus=[onu(**changes)]))


@pytest.mark.parametrize(
    ("profile", "rx", "passes"),
    [
        ("gpon-b-plus", -27.0, True),
        ("gpon-b-plus", -27.1, False),
        ("gpon-c-plus", -29.9, True),
        ("gpon-c-plus", -30.1, False),
        ("epon-px10", -24.0, True),
        ("epon-px20-plus", -26.9, True),
        ("epon-px20-plus", -27.1, False),
        ("xgs-pon-n1", -28.1, False),
        ("epon-10g-pr30", -28.4, True),
    ],
)
def test_each_class_has_its_own_window(profile: str, rx: float, passes: bool) -> None:
    assert ("ONU-RX" not in failed(OnuTable(onus=[onu(onu_rx_dbm=rx)]), profile)) is passes


@pytest.mark.parametrize(
    ("state", "cause", "hint", "word"),
    [
        ("dying-gasp", None, Hint.POWER_CUT, "power cut"),
        ("offline", "dying-gasp", Hint.POWER_CUT, "power cut"),
        ("los", "dying-gasp", Hint.FIBRE_CUT, "fibre cut"),  # the cause is of an earlier time
        ("offline", "los", Hint.FIBRE_CUT, "fibre cut"),
        ("auth-failed", None, Hint.NOT_ACCEPTED, "not accepted"),
        ("offline", None, None, "does not tell why"),
        ("offline", "reset", None, "'reset'"),
        ("disabled", None, None, "switched off"),
    ],
)
def test_why_an_onu_is_down(state: str, cause: str | None, hint: Hint | None, word: str) -> None:
    row = onu(run_state=state, last_down_cause=cause)
    assert why_down(row.state) is hint
    assert word in why_down_words(row.state)
    check = failed(OnuTable(onus=[row]))["REGISTERED"]
    assert check.hint == (hint or Hint.ONU_DOWN)


def test_an_onu_that_is_up_is_not_explained() -> None:
    assert why_down(onu(last_down_cause="dying-gasp").state) is None
    assert why_down_words(onu(last_down_cause="dying-gasp").state) == ""


def test_an_unknown_state_is_neither_registered_nor_not() -> None:
    one = readings(OnuTable(onus=[onu(run_state="unknown")]))["pon.online_count"]
    assert (one.value, one.reason) == (None, "not-decidable")


def test_rtt_and_distance_of_a_real_row_agree() -> None:
    """A V1600D tells 2080 m at 1365 TQ; at 672 TQ it is 948 m."""
    assert rtt_distance_m(1365.0, PonSettings()) == pytest.approx(2080.0, abs=1.0)
    assert rtt_distance_m(672.0, PonSettings()) == pytest.approx(947.7, abs=1.0)
    found = readings(OnuTable(onus=[onu(distance_m=3080.0)]))["pon.rtt_distance_error_m"]
    assert found.value == pytest.approx(1000.0, abs=1.0)


def test_the_same_llid_on_one_port_and_on_two() -> None:
    twin = onu("0/0/1:6", mac="00:11:22:33:44:06", loid="LOID-6")
    same = failed(OnuTable(onus=[onu(), twin]))["LLID-DUPLICATE"]
    assert same.where["others"] == ["0/0/1:6"]
    assert same.hint == Hint.SAME_LLID
    elsewhere = onu("0/0/2:6", mac="00:11:22:33:44:06", loid="LOID-6")
    assert failed(OnuTable(onus=[onu(), elsewhere])) == {}


@pytest.mark.parametrize("llid", [0x7FFF, 0x7FFE, 0])
def test_onus_without_a_link_of_their_own_share_nothing(llid: int) -> None:
    twin = onu("0/0/1:6", mac="00:11:22:33:44:06", loid=None, llid=llid)
    assert readings(OnuTable(onus=[onu(llid=llid), twin]))["pon.llid_duplicate_count"].value == 0.0


def test_several_llids_of_one_mac_inform_and_fail_nothing() -> None:
    second = onu("0/0/1:6", llid=8, loid=None)
    found = readings(OnuTable(onus=[onu(), second]))["pon.mac_llid_count"]
    assert (found.value, found.where["llids"]) == (2.0, [7, 8])
    assert failed(OnuTable(onus=[onu(), second])) == {}


def test_a_loid_that_another_onu_uses() -> None:
    other = onu("0/3/4:6", mac="00:11:22:33:44:06", llid=9)
    check = failed(OnuTable(onus=[onu(), other]))["LOID-ELSEWHERE"]
    assert check.where["others"] == ["0/3/4:6"]
    assert "LOID-5" not in repr(check)


def test_a_stranger_that_waits_with_the_same_loid_and_the_onu_itself_that_waits() -> None:
    stranger = onu("0/0/1", mac="00:11:22:33:44:99", llid=None, run_state="registering")
    assert "LOID-ELSEWHERE" in failed(OnuTable(onus=[onu()], found=[stranger]))
    itself = onu("0/0/1", llid=None, run_state="registering")
    assert failed(OnuTable(onus=[onu()], found=[itself])) == {}


def test_others_of_a_second_reading_are_looked_at_too() -> None:
    twin = onu("0/0/1:6", mac="00:11:22:33:44:06", loid="LOID-6")
    found = measure(OnuTable(onus=[onu()]), OnuId(0, 0, 1, 5), PonSettings(), OnuTable(onus=[onu(), twin]))
    assert {one.metric: one.value for one in found.readings}["pon.llid_duplicate_count"] == 1.0


def test_loss_against_the_plan() -> None:
    table = OnuTable(onus=[onu()], ports=[PortState(port="0/0/1", tx_dbm=4.5), PortState(port="0/0/2", tx_dbm=9.0)])
    found = readings(table, settings=PonSettings(splitter_loss_db=17.2))
    assert found["pon.loss_db"].value == pytest.approx(24.5)
    assert found["pon.excess_loss_db"].value == pytest.approx(24.5 - 17.2 - 1.5 - 0.3 * 2.08)
    broken = failed(table, splitter_loss_db=17.2)["LOSS-BEYOND-PLAN"]
    assert broken.hint == Hint.WRONG_SPLITTER_PORT


def test_gpon_has_no_llid_to_check() -> None:
    found = readings(OnuTable(onus=[onu(technology="gpon", llid=None)]))
    assert not any("llid" in metric for metric in found)


def test_an_onu_that_is_not_there_is_a_reading_without_value() -> None:
    found: Measurement = measure(OnuTable(onus=[onu("0/0/1:6")]), OnuId(0, 0, 1, 5), PonSettings())
    (one,) = found.readings
    assert (one.metric, one.value, one.reason, one.where["onu"]) == (
        "pon.online_count",
        None,
        "no-such-object",
        "0/0/1:5",
    )


def test_whatever_is_missing_has_a_reason() -> None:
    nothing: dict[str, Any] = {name: None for name in GOOD if name != "run_state"}
    empty = onu(loid=None, **nothing)
    for one in measure(OnuTable(onus=[empty]), None, PonSettings()).readings:
        assert (one.value is None) is (one.reason is not None), one.metric


def test_only_received_light_is_answered_with_work_on_the_fibre() -> None:
    """A module that sends too much or too little is not mended by an attenuator or a clean connector."""
    hints = {m.name: (m.hint_low, m.hint_high) for m in METRICS.values() if m.name.endswith("x_dbm")}
    of_fibre = ("low-light", "too-much-light")
    assert hints == {
        "pon.onu_rx_dbm": of_fibre,
        "pon.olt_rx_dbm": of_fibre,
        "pon.onu_tx_dbm": (None, None),
        "pon.olt_tx_dbm": (None, None),
    }
