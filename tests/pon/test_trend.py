"""Light of ONUs over time: what drifted, what fell together, what will leave its window, and what nobody can tell."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest

from linetest.acceptance.preventive import preventive, rules_of
from linetest.bench.plant_values import made_plant, sweep_moments
from linetest.catalog import load_profile
from linetest.errors import UsageError
from linetest.model.trend import Preventive
from linetest.pon.trend_days import DAY_S, LightReadings, OnuName, by_day, row_medians
from linetest.pon.trend_places import Hung
from tests.accuracy.plant import Tally, score

PROFILE = load_profile("pon-trend")
BEGINS_S = 1_787_011_200.0
Floats = npt.NDArray[np.float64]
Course = Callable[[Floats], Floats]


def readings(
    courses: dict[str, Course], days: int = 60, noise_db: float = 0.03, up: Course | None = None
) -> LightReadings:
    """Return twice a day what each ONU's light does; `up` is that of all at the OLT, else it does the same."""
    random = np.random.default_rng(5)
    at = np.arange(0.0, days, 0.5)
    names = [OnuName("olt7", onu, f"BNCH{number:08X}") for number, onu in enumerate(courses)]
    count = len(names)
    down = np.array([course(at) for course in courses.values()]) + random.normal(0.0, noise_db, (count, len(at)))
    back = np.array([(up or course)(at) for course in courses.values()]) - 1.0
    back += random.normal(0.0, noise_db, back.shape)
    flat = at.repeat(count)
    return LightReadings(
        names=names,
        which=np.tile(np.arange(count), len(at)),
        at_s=BEGINS_S + flat * DAY_S,
        onu_rx_dbm=down.T.ravel(),
        onu_tx_dbm=np.full(flat.shape, 2.0),
        olt_rx_dbm=back.T.ravel(),
        temperature_c=40.0 + random.normal(0.0, 1.0, flat.shape),
    )


def listed(given: LightReadings, hung: dict[tuple[str, str], Hung] | None = None) -> Preventive:
    return preventive(given, hung or {}, PROFILE, rules_of(PROFILE), simulated=False)


def level(dbm: float) -> Course:
    return lambda at: np.full(at.shape, dbm)


def slope(dbm: float, db_per_day: float) -> Course:
    return lambda at: dbm + db_per_day * at


def step(dbm: float, size_db: float, on: float) -> Course:
    return lambda at: np.where(at >= on, dbm + size_db, dbm)


def test_steady_light_is_no_visit_and_falling_light_is_one_with_its_day() -> None:
    found = listed(readings({"0/1/0:1": level(-20.0), "0/1/0:2": slope(-24.0, -0.04)}))
    (visit,) = found.visits
    assert (visit.cause, visit.place, visit.at_once) == ("drop", "olt7 0/1/0:2", False)
    way = visit.onus[0].down
    assert way.change_db == pytest.approx(-2.36, abs=0.1)
    assert way.db_per_month == pytest.approx(-1.2, abs=0.1)
    # It is at -26.4 dBm and crosses -27 dBm in 15 days.
    assert visit.leaves_in_days == pytest.approx(15.5, abs=2.0)
    assert way.leaves_percent is not None
    assert way.leaves_percent > 95.0
    assert way.leaves_on is not None
    earliest, likely, latest = way.leaves_on
    assert earliest is not None
    assert latest is not None
    assert likely is not None
    assert earliest <= likely <= latest


def test_a_step_is_told_from_drift_and_no_rate_is_made_of_it() -> None:
    (visit,) = listed(readings({"0/1/0:1": step(-22.0, -1.5, 50.0)})).visits
    assert visit.at_once
    assert visit.since == by_date(50)
    assert visit.onus[0].down.db_per_month == pytest.approx(0.0, abs=0.3)
    assert visit.leaves_in_days is None


def test_a_laser_is_told_from_the_drop() -> None:
    (visit,) = listed(readings({"0/1/0:1": level(-20.0)}, up=slope(-22.0, -0.03))).visits
    assert visit.cause == "onu-laser"


def test_what_falls_together_has_the_place_that_all_share() -> None:
    together = {f"0/1/0:{onu}": step(-20.0 - onu / 10.0, -1.0, 30.0) for onu in range(1, 7)}
    apart: dict[str, Course] = {f"0/1/0:{onu}": level(-21.0) for onu in range(7, 13)}
    hung = {("olt7", f"0/1/0:{onu}"): Hung(cabinet="C1", splitter="S1" if onu < 7 else "S2") for onu in range(1, 13)}
    (visit,) = listed(readings(together | apart), hung).visits
    assert (visit.cause, visit.shared, visit.inferred) == ("splitter-leg", 6, False)
    (guess,) = listed(readings(together | apart)).visits
    assert (guess.cause, guess.shared, guess.inferred) == ("splitter-leg", 6, True)
    (whole,) = listed(readings(together)).visits
    assert (whole.cause, whole.place, whole.shared) == ("feeder", "olt7 0/1/0", 6)


def test_a_port_that_sends_less_is_no_feeder() -> None:
    courses = {f"0/1/0:{onu}": step(-20.0, -1.0, 30.0) for onu in range(1, 7)}
    (visit,) = listed(readings(courses, up=level(-22.0))).visits
    assert visit.cause == "olt-transmitter"


def test_few_days_tell_nothing_and_are_no_pass() -> None:
    found = listed(readings({"0/1/0:1": slope(-22.0, -0.3)}, days=5))
    assert not found.visits
    assert found.undecided == {"too-few-points": 1}


def test_noise_that_hides_half_a_decibel_is_not_decidable() -> None:
    found = listed(readings({"0/1/0:1": slope(-20.0, -0.02)}, days=12, noise_db=1.5))
    assert not found.visits
    assert found.undecided == {"not-decidable": 1}


def test_another_box_at_the_same_place_begins_anew() -> None:
    given = readings({"0/1/0:1": step(-20.0, -3.0, 30.0)})
    late = given.at_s >= BEGINS_S + 30.0 * DAY_S
    names = [*given.names, OnuName("olt7", "0/1/0:1", "BNCHFFFFFFFF")]
    changed = LightReadings(**{**vars(given), "names": names, "which": np.where(late, 1, 0)})
    assert not listed(changed).visits
    assert by_day(changed, rules_of(PROFILE)).replaced.tolist() == [True]


def test_without_a_reading_there_is_nothing() -> None:
    empty = np.array([])
    none = LightReadings(
        names=[],
        which=empty.astype(np.int64),
        at_s=empty,
        onu_rx_dbm=empty,
        onu_tx_dbm=empty,
        olt_rx_dbm=empty,
        temperature_c=empty,
    )
    found = listed(none)
    assert (found.looked_at, found.visits, found.from_on) == (0, [], None)


def test_medians_leave_out_what_is_absent() -> None:
    table = np.array([[1.0, np.nan, 3.0], [np.nan, np.nan, np.nan], [5.0, 1.0, 2.0]])
    np.testing.assert_array_equal(row_medians(table), [2.0, np.nan, 2.0])


def test_a_profile_of_limits_is_refused() -> None:
    with pytest.raises(UsageError, match="gpon-b-plus"):
        rules_of(load_profile("gpon-b-plus"))


def test_on_a_made_plant_all_is_found_and_named() -> None:
    tally = Tally()
    score(made_plant(31, olts=1), 31, 2, tally, planned=True)
    assert (tally.missed, tally.misnamed, tally.invented) == ([], [], [])
    assert len(tally.false) <= 1
    assert tally.drifted > 50


def test_the_same_readings_in_any_sweep_order_of_onus_give_the_same_list() -> None:
    plant = made_plant(33, olts=1, cards=1, ports=2)
    from tests.accuracy.plant_readings import readings_of_plant

    given = readings_of_plant(plant, sweep_moments(plant, 33, 1))
    order = np.lexsort((-given.which, given.at_s))
    turned = LightReadings(**{name: value if name == "names" else value[order] for name, value in vars(given).items()})
    assert listed(given).visits == listed(turned).visits


def by_date(day: int) -> str:
    return str(np.datetime64(int(BEGINS_S + day * DAY_S), "s").astype("datetime64[D]"))
