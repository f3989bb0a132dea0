"""Causes that no plan helps to find: what fell together is told from what only ended alike, or left open."""

import numpy as np
import pytest

from linetest.acceptance.preventive import preventive, rules_of
from linetest.bench.plant_values import made_plant
from linetest.catalog import load_profile
from linetest.model.trend import Preventive
from linetest.pon.trend_days import LightReadings
from linetest.reports.preventive_text import render_preventive
from tests.accuracy.plant import Tally, score
from tests.pon.test_trend import Course, level, listed, readings, slope, step


def both(first: Course, second: Course) -> Course:
    """Return what two losses make together; each begins at 0 dB."""
    return lambda at: -20.0 + first(at) + second(at)


def quiet(first: int, last: int) -> dict[str, Course]:
    return {f"0/1/0:{onu}": level(-21.0) for onu in range(first, last + 1)}


def shared(found: Preventive) -> list[tuple[str, set[str]]]:
    return [(visit.cause, {onu.onu for onu in visit.onus}) for visit in found.visits if visit.shared > 1]


def test_a_step_of_another_day_is_none_of_the_group() -> None:
    group = {f"0/1/0:{onu}": step(-20.0, -1.0, 30.0) for onu in range(1, 5)}
    other: dict[str, Course] = {"0/1/0:9": step(-20.0, -1.0, 45.0)}
    found = listed(readings(group | other | quiet(10, 20)))
    assert shared(found) == [("splitter-leg", set(group))]
    assert {visit.place for visit in found.visits} >= {"olt7 0/1/0:9"}


def test_who_lost_light_of_its_own_as_well_is_one_of_the_group() -> None:
    group = {f"0/1/0:{onu}": step(-20.0, -1.0, 30.0) for onu in range(1, 5)}
    more = {"0/1/0:5": both(step(0.0, -1.0, 30.0), step(0.0, -2.0, 12.0))}
    found = listed(readings(group | more | quiet(10, 20)))
    assert shared(found) == [("splitter-leg", set(group | more))]
    (own,) = [visit for visit in found.visits if visit.shared == 1]
    assert own.down_db == pytest.approx(2.0, abs=0.15)


def test_losses_that_only_end_alike_are_left_apart() -> None:
    courses = {f"0/1/0:{onu}": slope(-20.0, -0.011 - 0.0005 * onu) for onu in range(1, 4)}
    found = listed(readings(courses | quiet(10, 20), noise_db=0.15))
    assert found.visits
    assert not shared(found)


def dark_up(given: LightReadings) -> LightReadings:
    return LightReadings(**{**vars(given), "olt_rx_dbm": np.full_like(given.olt_rx_dbm, np.nan)})


def test_what_the_olt_does_not_tell_is_neither_nothing_nor_a_bend() -> None:
    given = dark_up(readings({f"0/1/0:{onu}": step(-20.0, -1.0, 30.0) for onu in range(1, 7)}))
    (visit,) = listed(given).visits
    assert (visit.cause, visit.bent, visit.up_db) == ("port-or-feeder", False, None)
    text = render_preventive(listed(given))
    assert "1.00 dB lost, at once" in text or "0.99 dB lost, at once" in text or "1.01 dB lost, at once" in text
    assert "dB up" not in text
    assert all(len(line) <= 80 for line in text.splitlines())


def test_a_little_less_upstream_may_be_the_module_or_a_bend() -> None:
    courses = {f"0/1/0:{onu}": step(-20.0, -0.6, 30.0) for onu in range(1, 7)}
    (visit,) = listed(readings(courses, up=step(-22.0, -0.03, 30.0))).visits
    assert visit.cause == "port-or-feeder"
    (bent,) = listed(readings(courses, up=step(-22.0, -0.12, 30.0))).visits
    assert (bent.cause, bent.bent) == ("feeder", True)


@pytest.mark.slow
def test_nothing_is_invented_on_a_plant_without_a_plan() -> None:
    tally = Tally()
    score(made_plant(9, olts=2), 9, 1, tally, planned=False)
    assert tally.causes == 14
    assert not tally.invented
    assert len(tally.misnamed) <= 1
    assert not tally.missed


def test_another_profile_has_the_same_rules() -> None:
    given = readings({f"0/1/0:{onu}": step(-20.0, -1.0, 30.0) for onu in range(1, 7)})
    loaded = load_profile("pon-trend-epon")
    found = preventive(given, {}, loaded, rules_of(loaded), simulated=False)
    assert shared(found)[0][0] == "feeder"
