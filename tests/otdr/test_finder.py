"""The event finder against simulated fibres whose truth is exact, and against samples that are no trace at all."""

from dataclasses import replace
from functools import cache
from math import isfinite
from typing import Any, NamedTuple

import msgspec
import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from linetest.bench.fibre import Fibre, Instrument, Section
from linetest.bench.fibres import FIBRES, Setup, ftth_drop
from linetest.bench.otdr_light import shoot
from linetest.bench.otdr_truth import TrueEvent, Truth, truth_of
from linetest.otdr.event import Analysis, Event, EventKind
from linetest.otdr.finder import find_events
from linetest.otdr.trace import Acquisition

SEEDS = (1, 2, 3)
SEEN_DB = 3.0
"""How high an echo has to stand to be named."""
LEAST_SAMPLES, LEAST_PULSES = 8, 2.0
"""A shorter trace is tested by itself."""
FAINT_DB = 0.025
"""A splice that loses less need not be found, however clean the trace is."""
# One trace alone does not tell a bend from a splice.
SEEN_AS = {"macrobend": "non-reflective"}


class Case(NamedTuple):
    """A trace, the truth about it, and what was found."""

    acquisition: Acquisition
    truth: Truth
    found: Analysis


def acquisition_of(setup: Setup, counts: NDArray[np.uint16]) -> Acquisition:
    shown = setup.instrument
    return Acquisition(
        counts=counts,
        db_per_count=shown.db_per_count,
        step_m=shown.step_m,
        first_m=-setup.fibre.zero_m,
        pulse_m=shown.pulse_m,
        pulse_width_ns=shown.pulse_width_ns,
        wavelength_nm=shown.wavelength_nm,
        group_index=shown.group_index,
        backscatter_db=shown.backscatter_db,
    )


@cache
def shot(name: str, seed: int = 1) -> Case:
    setup = FIBRES[name](1550.0)
    acquisition = acquisition_of(setup, shoot(*setup, seed))
    receive_m = setup.fibre.sections[-1].length_m if setup.fibre.receive else None
    return Case(acquisition, truth_of(*setup), find_events(acquisition, receive_m=receive_m))


def is_faint(event: TrueEvent) -> bool:
    return event.loss_db is not None and event.reflectance_db is None and abs(event.loss_db) < FAINT_DB


def true_events(case: Case) -> list[TrueEvent]:
    return [event for event in case.truth.events if event.kind != "ghost" and not is_faint(event)]


def found_events(case: Case) -> list[Event]:
    """Return what was found without the echoes and the faint splices: they may be found or not."""
    faint_m = [event.distance_m for event in case.truth.events if is_faint(event)]
    return [
        event
        for event in case.found.events
        if event.kind is not EventKind.GHOST
        and all(abs(event.distance_m - at_m) > case.acquisition.pulse_m for at_m in faint_m)
    ]


def matched(case: Case) -> list[tuple[Event, TrueEvent]]:
    """Return every true event with the nearest found one."""
    return [
        (min(found_events(case), key=lambda one: abs(one.distance_m - true.distance_m)), true)
        for true in true_events(case)
    ]


def cases(**reasons: tuple[str, ...]) -> pytest.MarkDecorator:
    """Return all fibres with all seeds; `reasons` names those that are known to be wrong: why, and which."""
    why = {case: reason for reason, known in reasons.items() for case in known}
    return pytest.mark.parametrize(
        ("name", "seed"),
        [
            pytest.param(
                name,
                seed,
                id=f"{name}-{seed}",
                marks=[pytest.mark.xfail(reason=why[case].replace("_", " "), strict=True)] if case in why else [],
            )
            for name in FIBRES
            for seed in SEEDS
            if (case := f"{name}-{seed}")
        ],
    )


@cases(
    steps_that_are_not_there_or_a_faint_one_misplaced_behind_a_splitter=("feeder-splitter-1", "feeder-splitter-3"),
    steps_in_the_recovery_from_a_strong_reflection=("ghost-3",),
)
def test_each_event_is_found_as_what_it_is_and_nothing_else(name: str, seed: int) -> None:
    case = shot(name, seed)
    true = [SEEN_AS.get(event.kind, event.kind) for event in true_events(case)]
    assert [str(event.kind) for event in found_events(case)] == true
    for found, event in zip(found_events(case), true_events(case), strict=True):
        assert found.distance_m == pytest.approx(event.distance_m, abs=case.acquisition.pulse_m), event


@cases(
    steps_that_are_not_there_take_a_share_of_the_splitter=("feeder-splitter-1",),
    steps_in_the_recovery_from_a_strong_reflection=("ghost-3",),
    the_recovery_counts_as_fibre_behind_the_last_connector=("receive-reel-1",),
)
def test_losses_are_right_within_what_they_claim(name: str, seed: int) -> None:
    for found, true in matched(shot(name, seed)):
        if true.loss_db is not None:
            assert found.loss_db is not None
            assert found.loss_u_db is not None
            assert abs(found.loss_db - true.loss_db) <= max(0.02, 4.0 * found.loss_u_db), (found, true)


@cases()
def test_reflectances_are_right_and_a_cut_off_one_is_a_bound(name: str, seed: int) -> None:
    for found, true in matched(shot(name, seed)):
        if true.reflectance_db is None or true.kind == "launch":
            continue
        assert found.reflectance_db is not None, true
        if found.saturated:
            assert found.reflectance_db <= true.reflectance_db + 0.5, (found, true)
        else:
            assert found.reflectance_db == pytest.approx(true.reflectance_db, abs=0.5), true


@cases()
def test_the_link_is_right_as_a_whole(name: str, seed: int) -> None:
    acquisition, truth, found = shot(name, seed)
    assert found.end_reason == truth.end_reason
    assert found.start_m == pytest.approx(truth.start_m, abs=acquisition.pulse_m)
    if truth.end_m is None:
        assert (found.end_m, found.link_loss_db) == (None, None)
        return
    assert found.end_m == pytest.approx(truth.end_m, abs=acquisition.pulse_m)
    assert found.fibre_end_m == pytest.approx(truth.fibre_end_m, abs=acquisition.pulse_m)
    assert found.link_loss_db == pytest.approx(truth.link_loss_db, abs=0.05)
    if found.orl_saturated:
        assert found.orl_db is not None
        assert found.orl_db >= truth.orl_db - 0.5  # at most what stands there
    else:
        assert found.orl_db == pytest.approx(truth.orl_db, abs=0.5)


@cases(an_echo_on_the_tail_of_the_end_is_not_named=("ghost-2", "ghost-3"))
def test_an_echo_is_named_and_nothing_else_is_called_one(name: str, seed: int) -> None:
    acquisition, truth, analysis = shot(name, seed)
    echoes = [event for event in truth.events if event.kind == "ghost"]
    named = [event for event in analysis.events if event.kind is EventKind.GHOST]
    for found in named:
        assert min(abs(found.distance_m - one.distance_m) for one in echoes) <= acquisition.pulse_m
        assert found.echo_of_m
    for one in echoes:
        if (one.rise_db or 0.0) > SEEN_DB:
            assert any(abs(found.distance_m - one.distance_m) <= acquisition.pulse_m for found in named), one


def test_a_named_launch_reel_counts_before_the_files_own_zero() -> None:
    setup = ftth_drop()
    without_offset = acquisition_of(setup, shoot(*setup, 1))._replace(first_m=0.0)
    found = find_events(without_offset, launch_m=500.0)
    assert found.start_m == pytest.approx(500.0, abs=1.0)
    assert found.end_m == pytest.approx(900.0, abs=without_offset.pulse_m)
    unnamed = find_events(without_offset)
    assert unnamed.start_m == pytest.approx(0.0, abs=1.0)


def test_without_its_reel_a_link_ends_where_the_glass_ends() -> None:
    setup = FIBRES["receive-reel"](1550.0)
    found = find_events(acquisition_of(setup, shoot(*setup, 1)))
    assert found.end_m == found.fibre_end_m == pytest.approx(3100.0, abs=3.1)


def test_noise_alone_is_no_fibre() -> None:
    shown = replace(ftth_drop().instrument, connector_reflectance_db=None, samples=20_000)
    dark = Fibre(sections=(Section(0.01, 0.2),), end_reflectance_db=None)
    for seed in SEEDS:
        setup = Setup(dark, shown)
        found = find_events(acquisition_of(setup, shoot(dark, shown, seed)))
        assert [event for event in found.events if event.kind not in (EventKind.LAUNCH, EventKind.END)] == []
        assert found.end_m is None or found.end_m - found.start_m < 3.0 * shown.pulse_m


PLAIN = Setup(Fibre(sections=(Section(1.0, 0.2),)), Instrument())


def finite(analysis: Analysis) -> None:
    """Check that nothing is NaN or infinite, in any field of any event."""
    todo: list[Any] = [msgspec.to_builtins(analysis)]
    while todo:
        one = todo.pop()
        if isinstance(one, dict | list):
            todo += one.values() if isinstance(one, dict) else one
        else:
            assert not isinstance(one, float) or isfinite(one), analysis


def ramp(size: int) -> NDArray[np.uint16]:
    return np.linspace(10_000, 30_000, size).astype("<u2")


COUNTS = arrays.arrays(np.dtype("<u2"), st.integers(0, 400), elements=st.integers(0, 65_535))


@pytest.mark.parametrize(("size", "pulse_m"), [(0, 10.0), (1, 10.0), (3, 500.0), (100, 20_000.0)])
def test_a_trace_that_ends_at_once_has_no_events(size: int, pulse_m: float) -> None:
    stub = acquisition_of(PLAIN, ramp(size))._replace(step_m=1.0, pulse_m=pulse_m)
    found = find_events(stub)
    assert [event for event in found.events if event.kind is not EventKind.LAUNCH] == []
    finite(found)


@pytest.mark.slow
@settings(max_examples=60, deadline=2000)  # ms, for each
@given(
    counts=st.one_of(
        COUNTS,
        st.builds(lambda size, value: np.full(size, value, "<u2"), st.integers(0, 3000), st.integers(0, 65_535)),
        st.builds(ramp, st.integers(1, 3000)),
        st.builds(
            lambda size, noise: np.resize(np.concatenate((ramp(size), noise)), 2 * size), st.integers(1, 900), COUNTS
        ),
    ),
    step_m=st.sampled_from([1e-3, 0.16, 5.0, 4000.0]),
    pulse_m=st.sampled_from([1e-3, 0.5, 10.0, 2000.0]),
    reel_m=st.sampled_from([None, 0.0, 150.0, 1e5]),
)
@example(counts=np.full(200_000, 65_535, "<u2"), step_m=1.0, pulse_m=10.0, reel_m=150.0)
@example(
    counts=np.random.default_rng(1).integers(0, 65_536, 200_000).astype("<u2"), step_m=1.0, pulse_m=10.0, reel_m=None
)
def test_samples_that_are_no_trace_neither_crash_nor_give_nan(
    counts: NDArray[np.uint16], step_m: float, pulse_m: float, reel_m: float | None
) -> None:
    assume(len(counts) * step_m > LEAST_PULSES * pulse_m and len(counts) >= LEAST_SAMPLES)
    strange = acquisition_of(PLAIN, counts)._replace(step_m=step_m, pulse_m=pulse_m)
    finite(find_events(strange, launch_m=reel_m, receive_m=reel_m))
