"""One link seen from four sides: the one that does not fit is named, or nobody is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linetest.model.codes import Hint, Reason
from linetest.model.reading import Reading
from linetest.optical.reconcile import Suspect, Told, reconcile
from linetest.optical.reconcile_readings import measured, told_by
from linetest.optical.reconcile_settings import ReconcileSettings
from tests.accuracy.one_link import FOUR, named

SETTINGS = ReconcileSettings()
# 20 dB at 1490 nm and 20.26 dB at 1310 nm to the socket, 2 km, a cord of 0.4 dB.
FITS = Told(
    meter_dbm=-16.0,
    olt_tx_dbm=4.0,
    onu_rx_dbm=-16.4,
    onu_tx_dbm=2.0,
    olt_rx_dbm=-18.66,
    otdr_loss_db=20.26,
    otdr_nm=1310.0,
    length_m=2000.0,
)


def test_readings_of_one_link_fit() -> None:
    answer = reconcile(FITS, SETTINGS)
    assert answer.agree is True
    assert answer.loss_db == pytest.approx(20.0, abs=1e-9)
    assert [side.residual_db for side in answer.sides] == pytest.approx([0.0] * 4, abs=1e-9)


@pytest.mark.parametrize(
    ("told", "suspect", "off_db", "hint"),
    [
        (FITS._replace(meter_dbm=-24.0), "meter", 8.0, Hint.DIRTY_METER),
        (FITS._replace(meter_dbm=-8.0), "meter", -8.0, Hint.WRONG_METER_SETTING),
        (FITS._replace(onu_rx_dbm=-24.4), "onu-rx", 8.0, Hint.BAD_ONU),
        (FITS._replace(olt_rx_dbm=-26.66), "olt-rx", 8.0, Hint.WEAK_LASER),
        (FITS._replace(otdr_loss_db=12.26), "otdr", -8.0, Hint.OTHER_FIBRE),
        (FITS._replace(otdr_loss_db=28.26, otdr_nm=1625.0), "otdr", 8.26, Hint.BENT_DROP),
        (FITS._replace(olt_tx_dbm=12.0), "olt-tx", 8.0, Hint.OTHER_PORT),
        (FITS._replace(onu_rx_dbm=-24.4, olt_rx_dbm=-26.66), "patch-cord", 8.0, Hint.DIRTY_CORD),
        (FITS._replace(onu_rx_dbm=-8.4, olt_rx_dbm=-10.66), "patch-cord", -8.0, Hint.OTHER_ONU),
    ],
)
def test_the_one_that_does_not_fit_is_named_with_its_size(
    told: Told, suspect: Suspect, off_db: float, hint: Hint
) -> None:
    answer = reconcile(told, SETTINGS)
    assert answer.suspect == suspect
    assert answer.off_db == pytest.approx(off_db, abs=0.01)
    assert answer.loss_db == pytest.approx(20.0, abs=0.01)
    (count, *_others) = measured(told, SETTINGS).readings
    assert (count.value, count.hint, count.where) == (1.0, hint, {"told_by": suspect})


def test_two_sides_that_differ_name_nobody() -> None:
    answer = reconcile(Told(meter_dbm=-30.0, olt_tx_dbm=4.0, onu_rx_dbm=-16.4), SETTINGS)
    assert (answer.agree, answer.suspect, answer.loss_db) == (False, None, None)
    assert {"meter", "onu-rx"} <= set(answer.candidates)


def test_without_a_trace_the_way_back_and_the_light_of_the_olt_cannot_be_told_apart() -> None:
    answer = reconcile(FITS._replace(otdr_loss_db=None, olt_rx_dbm=-28.66), SETTINGS)
    assert answer.suspect is None
    assert set(answer.candidates) >= {"olt-rx", "olt-tx"}
    (count, *_others) = measured(FITS._replace(otdr_loss_db=None, olt_rx_dbm=-28.66), SETTINGS).readings
    assert (count.value, count.reason) == (None, Reason.NOT_DECIDABLE)


def test_two_faults_name_nobody() -> None:
    answer = reconcile(FITS._replace(meter_dbm=-30.0, otdr_loss_db=40.0), SETTINGS)
    assert answer.suspect is None
    assert answer.agree is False


@pytest.mark.parametrize("told", [Told(), Told(meter_dbm=-16.0), Told(meter_dbm=-16.0, olt_tx_dbm=4.0)])
def test_fewer_than_two_sides_are_nothing_to_compare(told: Told) -> None:
    assert reconcile(told, SETTINGS).agree is None
    (count, *_others) = measured(told, SETTINGS).readings
    assert (count.value, count.reason) == (None, Reason.NOT_MEASURED)


def test_loss_beyond_the_plan_says_wrong_splitter() -> None:
    planned = ReconcileSettings(planned_loss_db=16.5)
    excess = next(one for one in measured(FITS, planned).readings if one.metric == "optical.excess_loss_db")
    assert excess.value == pytest.approx(3.5)


def reading(metric: str, value: float | None, **where: object) -> Reading:
    return Reading(metric=metric, value=value, unit="", where=where)


def test_readings_are_taken_by_wavelength_and_first_come() -> None:
    rows = [
        reading("optical.power_dbm", -50.0, wavelength_nm=1550.0),
        reading("optical.power_dbm", None, wavelength_nm=1490.0),
        reading("optical.power_dbm", -16.0, wavelength_nm=1490.0),
        reading("optical.power_dbm", -17.0, wavelength_nm=1490.0),
        reading("pon.distance_m", 2000.0),
        reading("otdr.link_loss_db", 20.3, wavelength_nm=1310.0),
    ]
    told = told_by(rows, SETTINGS)
    assert (told.meter_dbm, told.length_m, told.otdr_loss_db, told.otdr_nm) == (-16.0, 2000.0, 20.3, 1310.0)


def test_a_trace_of_the_drop_alone_does_not_count() -> None:
    rows = [
        reading("otdr.link_loss_db", 0.4, wavelength_nm=1310.0),
        reading("otdr.length_m", 400.0),
        reading("pon.distance_m", 2000.0),
    ]
    assert told_by(rows, SETTINGS).otdr_loss_db is None


level = st.one_of(st.none(), st.floats(-60.0, 20.0))


@given(st.builds(Told, level, level, level, level, level, level, st.sampled_from([1310.0, 1550.0, 850.0]), level))
def test_whatever_is_told_there_is_an_answer_and_never_two(told: Told) -> None:
    answer = reconcile(told._replace(length_m=None if told.length_m is None else abs(told.length_m) * 1000), SETTINGS)
    assert (answer.suspect is None) or (answer.agree is False and not answer.candidates)
    if answer.agree is True:
        assert answer.loss_db is not None


@pytest.mark.parametrize("suspect", FOUR)
def test_a_hundred_planted_disagreements_are_named(suspect: Suspect) -> None:
    assert named(suspect, 6.0, 10.0) == (100, 0)
    assert named(suspect, 2.0, 6.0)[1] == 0


@pytest.mark.parametrize("suspect", FOUR)
def test_beside_its_birth_readings_two_decibels_are_named(suspect: Suspect) -> None:
    assert named(suspect, 2.0, 6.0, with_birth=True) == (100, 0)


def test_birth_readings_that_did_not_fit_are_no_measure() -> None:
    bad = FITS._replace(meter_dbm=-30.0)
    assert reconcile(FITS, SETTINGS, bad) == reconcile(FITS, SETTINGS)
    few = Told(meter_dbm=-16.0, olt_tx_dbm=4.0, onu_rx_dbm=-16.4)
    assert reconcile(FITS, SETTINGS, few) == reconcile(FITS, SETTINGS)


def test_what_a_module_is_always_off_by_is_not_held_against_it() -> None:
    always = FITS._replace(onu_rx_dbm=-18.4)
    answer = reconcile(always._replace(olt_rx_dbm=-21.66), SETTINGS, always)
    assert answer.suspect == "olt-rx"
    assert answer.off_db == pytest.approx(3.0, abs=0.05)


def test_links_without_a_fault_fit() -> None:
    right, wrong = named(None, 0.0, 0.0)
    assert right >= 99
    assert wrong <= 1


@pytest.mark.parametrize("wrong", [{"agree_share": 1.0}, {"lead": -1.0}, {"meter_within_db": 0.0}])
def test_settings_that_cannot_be_meant_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"share|below zero|above zero"):
        ReconcileSettings(**wrong)
