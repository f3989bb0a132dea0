"""The simulated OTDR against physics: what is on the trace is what the formulas say, without any reader or finder."""

import time
from dataclasses import replace
from math import log, log10
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from linetest.bench.fibre import Fibre, Instrument, Joint, Section
from linetest.bench.fibres import FIBRES, ftth_drop, macrobend, point_to_point
from linetest.bench.otdr_light import received, shoot
from linetest.bench.otdr_truth import truth_of

QUIET = Instrument(noise_db=-300.0, tail_share=0.0, step_m=0.5, samples=40_000)
PLAIN = Fibre(sections=(Section(12_000.0, 0.2),))


def loss_db(fibre: Fibre, instrument: Instrument, seed: int = 1) -> NDArray[np.float64]:
    return shoot(fibre, instrument, seed).astype(np.float64) * instrument.db_per_count


def line_at(trace: NDArray[np.float64], step_m: float, from_m: float, to_m: float, at_m: float) -> tuple[float, float]:
    """Return slope in dB/km and level at a place, by least squares."""
    x = np.arange(round(from_m / step_m), round(to_m / step_m))
    slope, level = np.polyfit(x * step_m - at_m, trace[x], 1)
    return float(slope) * 1000.0, float(level)


def step_at(fibre: Fibre, at_m: float) -> float:
    trace = loss_db(fibre, QUIET)
    before = line_at(trace, QUIET.step_m, at_m - 1000.0, at_m - 1.0, at_m)[1]
    behind = line_at(trace, QUIET.step_m, at_m + QUIET.pulse_m + 1.0, at_m + 1000.0, at_m)[1]
    return behind - before


@given(st.floats(0.15, 0.5))
@settings(max_examples=10)
def test_the_slope_is_the_attenuation(db_per_km: float) -> None:
    trace = loss_db(Fibre(sections=(Section(12_000.0, db_per_km),)), QUIET)
    assert line_at(trace, QUIET.step_m, 100.0, 11_900.0, 0.0)[0] == pytest.approx(db_per_km, abs=1e-4)


@pytest.mark.parametrize("pulse_width_ns", [30.0, 300.0, 3000.0])
def test_the_level_is_that_of_the_pulse(pulse_width_ns: float) -> None:
    shown = replace(QUIET, pulse_width_ns=pulse_width_ns)
    at_m = 5000.0
    level_db = 10.0 * log10(received(PLAIN, shown)[round(at_m / shown.step_m)])
    there_and_back_db = 2.0 * 0.2 * (at_m - shown.pulse_m / 2.0) / 1000.0
    assert level_db == pytest.approx(shown.backscatter_db + 10.0 * log10(pulse_width_ns) - there_and_back_db, abs=1e-3)


@given(st.floats(0.01, 3.0), st.floats(-1.0, 1.0))
@settings(max_examples=10)
def test_a_step_is_the_loss_and_half_the_change_of_backscatter(loss: float, brighter_db: float) -> None:
    fibre = Fibre(sections=(Section(5000.0, 0.2), Section(5000.0, 0.2, brighter_db)), joints=(Joint(loss),))
    wanted_db = loss - brighter_db / 2.0
    assert step_at(fibre, 5000.0) == pytest.approx(wanted_db, abs=1e-3)
    assert truth_of(fibre, QUIET).events[1].loss_db == pytest.approx(wanted_db)


def test_a_gainer_from_both_sides_averages_to_its_loss() -> None:
    sections = (Section(5000.0, 0.2), Section(5000.0, 0.2, 0.6))
    forward = step_at(Fibre(sections=sections, joints=(Joint(0.05),)), 5000.0)
    reverse = step_at(Fibre(sections=sections[::-1], joints=(Joint(0.05),)), 5000.0)
    assert forward < -0.2 < 0.3 < reverse
    assert (forward + reverse) / 2.0 == pytest.approx(0.05, abs=1e-3)


@pytest.mark.parametrize(("pulse_width_ns", "reflectance_db"), [(100.0, -45.0), (1000.0, -35.0), (30.0, -55.0)])
def test_the_peak_gives_the_reflectance(pulse_width_ns: float, reflectance_db: float) -> None:
    sections = (Section(5000.0, 0.2), Section(5000.0, 0.2))
    shown = replace(QUIET, pulse_width_ns=pulse_width_ns)
    trace = loss_db(Fibre(sections=sections, joints=(Joint(0.0, reflectance_db),)), shown)
    before = line_at(trace, shown.step_m, 4000.0, 4998.0, 5000.0)[1]
    height_db = before - trace[round((5000.0 + 2.0) / shown.step_m)]
    found_db = shown.backscatter_db + 10.0 * log10(pulse_width_ns) + 10.0 * log10(10.0 ** (height_db / 5.0) - 1.0)
    assert found_db == pytest.approx(reflectance_db, abs=0.03)


def test_a_reflection_is_as_wide_as_the_pulse_and_starts_where_it_is() -> None:
    shown = replace(QUIET, rise_ns=20.0)
    for at_m in (5000.0, 5000.17, 5000.4):
        sections = (Section(at_m, 0.2), Section(5000.0, 0.2))
        power = received(Fibre(sections=sections, joints=(Joint(0.0, -30.0),)), shown)
        near = np.arange(round(4950.0 / 0.5), round(5050.0 / 0.5))
        above = (power[near] - power[near[0]]) / (power[near].max() - power[near[0]])
        rises_m = float(np.interp(0.5, above[:120], near[:120] * 0.5))
        falls_m = float(np.interp(-0.5, -above[110:], near[110:] * 0.5))
        assert rises_m == pytest.approx(at_m, abs=0.02)
        assert falls_m - rises_m == pytest.approx(QUIET.pulse_m, abs=0.04)


def test_the_energy_that_comes_back_is_the_return_loss() -> None:
    fibre = Fibre(
        sections=(Section(4000.0, 0.2), Section(3000.0, 0.3, 0.4)),
        joints=(Joint(0.7, -38.0),),
        end_reflectance_db=-30.0,
    )
    returned = float(received(fibre, QUIET).sum()) * QUIET.step_m / QUIET.pulse_m
    assert truth_of(fibre, QUIET).orl_db == pytest.approx(-10.0 * log10(returned), abs=0.01)


def test_the_return_loss_of_endless_glass() -> None:
    fibre = Fibre(sections=(Section(400_000.0, 0.2),), end_reflectance_db=None)
    shown = replace(QUIET, samples=1_000_000, connector_reflectance_db=None)
    neper_per_m = 2.0 * 0.2 / 1000.0 * log(10.0) / 10.0
    assert truth_of(fibre, shown).orl_db == pytest.approx(-10.0 * log10(shown.scatter_per_m / neper_per_m), abs=1e-6)


def test_averaging_lowers_the_noise_and_it_grows_toward_the_end() -> None:
    shown = replace(QUIET, noise_db=-62.0, averages=65_536)
    noise = shown.noise_power
    assert noise == pytest.approx(10.0**-6.2 / 256.0)
    clean = received(PLAIN, shown)
    noisy = loss_db(PLAIN, shown, seed=7)
    for at in (4000, 22_000):
        there = slice(at, at + 1500)
        rms_db = float(np.std(noisy[there] - loss_db(PLAIN, QUIET)[there]))
        assert rms_db == pytest.approx(5.0 / log(10.0) * noise / clean[there].mean(), rel=0.06)
    behind = noisy[30_000:]
    assert np.mean(behind == 65.535) == pytest.approx(0.5, abs=0.03), "half of the noise is negative, thus clipped"


def test_an_echo_stands_at_the_sum_of_its_ways() -> None:
    fibre = Fibre(
        sections=(Section(500.0, 0.2), Section(1500.0, 0.2), Section(2500.0, 0.2)),
        joints=(Joint(0.3, -20.0), Joint(0.4, -22.0)),
        launch=True,
    )
    shown = replace(QUIET, connector_reflectance_db=-30.0)
    truth = truth_of(fibre, shown)
    ghosts = {round(event.distance_m + 500.0) for event in truth.events if event.kind == "ghost"}
    places = (0, 500, 2000, 4500)
    ways = {far + last - near for near in places for far in places for last in places if far > near and last > near}
    assert ghosts == {way for way in ways if way < 20_000}
    # Behind the end there is nothing but echoes: 9000 m is the end seen again by way of the instrument's connector.
    power = received(fibre, shown)
    one_way_db = 4500.0 * 0.2 / 1000.0 + 0.7
    assert 10.0 * log10(power[round(9002.0 / 0.5)]) == pytest.approx(-14.7 * 2.0 - 30.0 - 4.0 * one_way_db, abs=0.01)
    # Two ways lead to 6000 m: end first and splice second, or the other way round.
    lost_db = 2.0 * (one_way_db - 0.0 + 2000.0 * 0.2 / 1000.0 + 0.3) - 2.0 * (500.0 * 0.2 / 1000.0 + 0.3)
    assert 10.0 * log10(power[round(6002.0 / 0.5)]) == pytest.approx(
        -14.7 - 22.0 - 20.0 - lost_db + 10.0 * log10(2.0), abs=0.01
    )


def test_a_ghost_says_how_high_it_stands() -> None:
    fibre = Fibre(sections=(Section(3000.0, 0.2), Section(5000.0, 0.2)), joints=(Joint(0.2, -20.0),))
    shown = replace(QUIET, connector_reflectance_db=-20.0)
    ghost = next(event for event in truth_of(fibre, shown).events if event.kind == "ghost")
    trace = loss_db(fibre, shown)
    assert ghost.distance_m == pytest.approx(6000.0)
    assert ghost.rise_db == pytest.approx(trace[round(5995.0 / 0.5)] - trace[round(6002.0 / 0.5)], abs=0.01)


def test_a_strong_reflection_is_cut_off_and_has_a_tail() -> None:
    fibre = Fibre(sections=(Section(3000.0, 0.2), Section(5000.0, 0.2)), joints=(Joint(0.0, -20.0),))
    slow = replace(QUIET, tail_share=0.002, tail_m=60.0)
    trace, quick = loss_db(fibre, slow), loss_db(fibre, QUIET)
    assert np.all(trace[6002:6018] == 0.0)
    behind = 6000 + round(QUIET.pulse_m / 0.5) + 4
    assert quick[behind] - trace[behind] > 2.0, "the tail hides the backscatter"
    assert np.argmax(quick[behind:] - trace[behind:] < 0.05) * 0.5 > 5.0 * 60.0 / 5.0
    assert trace[15_000] == pytest.approx(quick[15_000], abs=0.02)


def test_the_range_may_be_too_short() -> None:
    setup = FIBRES["range-too-short"](1550.0)
    truth = truth_of(*setup)
    assert (truth.end_reason, truth.end_m, truth.fibre_end_m) == ("out-of-range", None, None)
    assert all(event.kind != "end" for event in truth.events)
    assert max(event.distance_m for event in truth.events) < 29_000.0
    assert truth.true_link_loss_db < truth_of(*point_to_point()).true_link_loss_db


def test_the_link_lies_between_the_reels() -> None:
    truth = truth_of(*point_to_point(1550.0))
    assert truth.start_m == 0.0
    assert truth.end_m == pytest.approx(50_000.0)
    assert truth.fibre_end_m == pytest.approx(51_000.0)
    assert truth.events[0].distance_m == pytest.approx(-1000.0)
    assert truth.true_link_loss_db == pytest.approx(50.0 * 0.19 + 0.3 + 0.76 + 0.35)


@pytest.mark.parametrize("name", FIBRES)
def test_the_link_loses_what_its_glass_and_its_joints_lose(name: str) -> None:
    fibre, shown = FIBRES[name](1310.0)
    truth = truth_of(fibre, shown)
    last_m = shown.step_m * (shown.samples - 1) - truth.zero_m if truth.end_m is None else truth.end_m
    inside = [event for event in truth.events if 0.0 <= event.distance_m <= last_m and event.kind != "ghost"]
    seen_db = sum(event.loss_db or 0.0 for event in inside)
    true_db = sum(event.true_loss_db or 0.0 for event in inside)
    assert truth.link_loss_db == pytest.approx(seen_db + last_m * 0.33 / 1000.0)
    assert truth.true_link_loss_db == pytest.approx(true_db + last_m * 0.33 / 1000.0)


@pytest.mark.parametrize("name", FIBRES)
def test_every_named_fibre_shows_its_steps(name: str) -> None:
    """Each joint of the truth is on the noiseless trace: the level two pulses behind it is as much lower."""
    fibre, shown = FIBRES[name](1550.0)
    quiet = replace(shown, noise_db=-300.0, tail_share=0.0, headroom_db=30.0, connector_reflectance_db=None)
    fibre = replace(fibre, end_reflectance_db=None)
    trace = loss_db(fibre, quiet)
    truth = truth_of(fibre, quiet)
    away_m = quiet.pulse_m + 2.0 * quiet.step_m + quiet.rise_ns * quiet.m_per_ns
    for event in truth.events:
        if event.loss_db is None or event.kind == "ghost" or event.section_db_per_km is None:
            continue
        at_m = event.distance_m + truth.zero_m
        before, behind = (int((at_m + side * away_m) / quiet.step_m) for side in (-1.0, 1.0))
        glass_db = (behind - before) * quiet.step_m * event.section_db_per_km / 1000.0
        assert trace[behind] - trace[before] - glass_db == pytest.approx(event.loss_db, abs=0.005), event


def test_the_bend_shows_at_the_longer_wavelength() -> None:
    short, long = (truth_of(*macrobend(nm)).events[1] for nm in (1310.0, 1550.0))
    assert short.kind == long.kind == "macrobend"
    assert short.loss_db is not None
    assert long.loss_db is not None
    assert long.loss_db > short.loss_db + 0.5


def test_a_broken_drop_ends_where_it_is_broken() -> None:
    fibre, shown = ftth_drop(broken_at_m=83.0)
    truth = truth_of(fibre, shown)
    assert truth.end_m == pytest.approx(83.0)
    assert [event.kind for event in truth.events] == ["launch", "reflective", "end"]
    assert truth.events[-1].reflectance_db is None
    trace = loss_db(fibre, shown)
    assert np.median(trace[round(620.0 / shown.step_m) : round(660.0 / shown.step_m)]) > trace[3300] + 8.0


def test_the_seed_decides() -> None:
    fibre, shown = ftth_drop()
    assert np.array_equal(shoot(fibre, shown, 3), shoot(fibre, shown, 3))
    assert not np.array_equal(shoot(fibre, shown, 3), shoot(fibre, shown, 4))


def test_a_long_trace_is_quick() -> None:
    shown = replace(point_to_point().instrument, step_m=0.3, samples=262_144)
    fibre = point_to_point().fibre
    started = time.monotonic()
    assert shoot(fibre, shown).shape == (262_144,)
    assert time.monotonic() - started < 1.0


@pytest.mark.parametrize(
    "wrong",
    [
        {"sections": (), "joints": ()},
        {"sections": (Section(1.0, 0.2),), "joints": (Joint(0.1),)},
        {"sections": (Section(1.0, 0.2),), "launch": True},
    ],
)
def test_a_fibre_without_its_joints_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="one joint between"):
        Fibre(**wrong)
