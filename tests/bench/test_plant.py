"""The made plant: the same for a seed, plausible, and its truth apart from what it tells."""

import numpy as np

from linetest.bench.plant_changes import DAY_S
from linetest.bench.plant_layout import made_layout
from linetest.bench.plant_values import made_plant, sweep_moments


def test_a_seed_gives_the_same_plant_and_the_same_values_in_any_order() -> None:
    one, other = made_plant(3, olts=1, cards=1), made_plant(3, olts=1, cards=1)
    moments = sweep_moments(one, 3)
    first = one.tell(moments[10])
    other.tell(moments[40])
    again = other.tell(moments[10])
    np.testing.assert_array_equal(first.onu_rx_dbm, again.onu_rx_dbm)
    np.testing.assert_array_equal(first.olt_rx_dbm, again.olt_rx_dbm)
    assert first.serial == again.serial
    assert not np.array_equal(first.onu_rx_dbm, made_plant(4, olts=1, cards=1).tell(moments[10]).onu_rx_dbm)


def test_places_are_each_once_and_groups_lie_within_one_another() -> None:
    layout = made_layout(5, olts=2, cards=2, ports=4)
    places = [(layout.olts[layout.olt[onu]], layout.place(onu)) for onu in range(layout.count)]
    assert len(set(places)) == layout.count > 500
    for inner, outer in ((layout.box_id, layout.cabinet_id), (layout.cabinet_id, layout.port_id)):
        assert all(len(set(outer[inner == one])) == 1 for one in np.unique(inner))
    assert layout.number.max() <= 64


def test_light_falls_by_what_the_story_says_and_by_no_more() -> None:
    plant = made_plant(7, olts=2)
    story, count = plant.story, plant.layout.count
    early = [plant.tell(story.begins_s + hours * 3600.0) for hours in range(1, 48, 6)]
    late = [plant.tell(story.ends_s - hours * 3600.0) for hours in range(1, 48, 6)]
    fell_db = np.nanmedian([one.onu_rx_dbm for one in early], 0) - np.nanmedian([one.onu_rx_dbm for one in late], 0)
    truth_db = story.lost_db(story.ends_s - DAY_S, count)[0]
    whole = np.isfinite(fell_db) & ~np.isfinite(story.replaced_at_s)
    assert np.abs(fell_db - truth_db)[whole].max() < 0.5
    assert (truth_db > 0.5).sum() > 30


def test_planted_changes_are_over_half_a_decibel_but_for_the_small_ones() -> None:
    story = made_plant(9, olts=2).story
    for change in story.changes:
        grown = min(1.0, (story.ends_s - change.begins_s) / max(change.lasts_s, 1.0))
        size_db = max(change.down_db, change.up_db) * grown
        assert size_db >= 0.49 or 0.04 <= size_db <= 0.41
        assert change.begins_s < story.ends_s


def test_an_onu_that_is_down_tells_nothing_and_one_that_is_replaced_has_another_serial() -> None:
    plant = made_plant(11, olts=1)
    onu, from_s = int(plant.story.away_onu[0]), float(plant.story.away_from_s[0])
    down = plant.tell(from_s + 1.0)
    assert not down.up[onu]
    assert np.isnan([down.onu_rx_dbm[onu], down.olt_rx_dbm[onu], down.onu_tx_dbm[onu]]).all()
    replaced = int(np.flatnonzero(np.isfinite(plant.story.replaced_at_s))[0])
    at_s = float(plant.story.replaced_at_s[replaced])
    assert plant.tell(at_s - 1.0).serial[replaced] != plant.tell(at_s + 1.0).serial[replaced]


def test_values_come_in_the_steps_of_their_olt() -> None:
    plant = made_plant(13, olts=2, cards=1)
    told = plant.tell(plant.story.begins_s)
    tenths = told.olt_rx_dbm[(plant.layout.olt == 1) & told.up] * 10.0
    np.testing.assert_allclose(tenths, np.round(tenths), atol=1e-6)
    hundredths = told.olt_rx_dbm[(plant.layout.olt == 0) & told.up] * 10.0
    assert np.abs(hundredths - np.round(hundredths)).max() > 0.05


def test_sweeps_are_missed_and_once_for_days() -> None:
    plant = made_plant(15, olts=1, cards=1)
    between_s = np.diff(sweep_moments(plant, 15))
    assert between_s.min() > 0.0
    assert between_s.max() > 4.0 * DAY_S
