"""Random simulated traces with exact truth, for scoring the event finder; each is decided by its seed."""

from dataclasses import replace
from math import log
from typing import NamedTuple

import numpy as np

from linetest.bench.fibre import Fibre, Instrument, Joint, Section
from linetest.bench.fibres import broken, otdr
from linetest.bench.otdr_light import received, shoot
from linetest.bench.otdr_truth import Truth, truth_of
from linetest.otdr.trace import Acquisition

_NEPER_PER_5LOG_DB = log(10.0) / 5.0
_MOST_SAMPLES = 65_536
_MOST_DB = 25.0


class Trial(NamedTuple):
    """A trace and the truth about it; distances of both start at the truth's distance zero."""

    acquisition: Acquisition
    truth: Truth


def splice_trial(seed: int, snr: float = 10.0, loss_db: float = 0.1) -> Trial:
    """Return a fibre with one splice, from 10 ns to 10 us with 8 to 60 samples to a pulse.

    Args:
        seed: decides all but the step.
        snr: of the step at the splice: its loss over the noise rms of the trace (5 log) averaged over one pulse.
        loss_db: of the splice.
    """
    random = np.random.default_rng(seed)
    per_pulse = float(random.uniform(8.0, 60.0))
    shown = _instrument(random, float(10.0 ** random.uniform(1.0, 4.0)), per_pulse)
    db_per_km = float(random.uniform(0.18, 0.40))
    before_m = _length_m(random, shown, 4.0 / db_per_km * 1000.0)
    behind_m = _length_m(random, shown, 3.0 / db_per_km * 1000.0)
    fibre = Fibre(
        sections=(Section(before_m, db_per_km), Section(behind_m, db_per_km)),
        joints=(Joint(loss_db),),
        end_reflectance_db=float(random.uniform(-55.0, -14.7)),
    )
    shown = _with_samples(random, shown, before_m + behind_m)
    noise_rms_db = loss_db / snr * per_pulse**0.5
    return _trial(fibre, _with_noise(shown, fibre, before_m, noise_rms_db), seed)


def random_plant(seed: int) -> Trial:
    """Return a line as the field has them: reels, splices, connectors, gainers, splitters, ghosts, breaks.

    Most of its joints are at least five pulses apart; about one in ten is nearer to the one before. About one in
    ten fibres is broken, and about one in twelve is longer than the range.
    """
    random = np.random.default_rng(seed)
    wavelength_nm = float(random.choice([1310.0, 1550.0, 1625.0]))
    pulse_width_ns = float(random.choice([10.0, 30.0, 100.0, 275.0, 500.0, 1000.0, 2500.0, 10_000.0]))
    shown = _instrument(random, pulse_width_ns, float(random.uniform(8.0, 60.0)), wavelength_nm)
    fibre = _plant(random, shown)
    if random.uniform() < 0.1:
        away_m = (fibre.edges_m[-1] - fibre.zero_m) * float(random.uniform(0.3, 0.95))
        fibre = broken(fibre, away_m, None if random.uniform() < 0.5 else float(random.uniform(-45.0, -14.7)))
    all_m = fibre.edges_m[-1] * (float(random.uniform(0.4, 0.9)) if random.uniform() < 0.08 else 1.0)
    shown = _with_samples(random, shown, all_m)
    return _trial(fibre, _with_noise(shown, fibre, all_m, float(10.0 ** random.uniform(-2.5, 0.3))), seed)


def _instrument(
    random: np.random.Generator, pulse_width_ns: float, per_pulse: float, wavelength_nm: float = 1550.0
) -> Instrument:
    plain = otdr(wavelength_nm, pulse_width_ns, 1.0, 1)
    return replace(
        plain,
        step_m=plain.pulse_m / per_pulse,
        rise_ns=pulse_width_ns * float(random.uniform(0.03, 0.2)),
        tail_m=plain.pulse_m * float(random.uniform(0.3, 1.5)),
        tail_share=float(10.0 ** random.uniform(-4.0, -2.7)),
        headroom_db=float(random.uniform(8.0, 18.0)),
        connector_reflectance_db=float(random.uniform(-60.0, -35.0)),
    )


def _length_m(random: np.random.Generator, instrument: Instrument, most_m: float) -> float:
    """Return 15 pulses or more, as long as the loss and the number of samples allow."""
    longest_m = min(most_m, 0.4 * _MOST_SAMPLES * instrument.step_m, 600.0 * instrument.pulse_m)
    shortest_m = min(15.0 * instrument.pulse_m, longest_m)
    return float(np.exp(random.uniform(log(shortest_m), log(longest_m))))


def _plant(random: np.random.Generator, shown: Instrument) -> Fibre:
    """Return sections and joints whose total loss a trace can show."""
    db_per_km = float(random.uniform(0.18, 0.40))
    launch, receive = random.uniform() < 0.6, random.uniform() < 0.4
    sections: list[Section] = []
    joints: list[Joint] = []
    if launch:
        sections.append(Section(shown.pulse_m * float(random.uniform(8.0, 30.0)), db_per_km))
        joints.append(_connector(random))
    splitter_left = random.uniform() < 0.15
    count = int(random.integers(1, 9))
    most_pulses = float(np.clip(_MOST_DB / count / db_per_km * 1000.0 / shown.pulse_m, 6.0, 300.0))
    for _number in range(count):
        if sections and len(joints) < len(sections):
            joints.append(_joint(random, splitter_left))
            splitter_left = splitter_left and joints[-1].made != "splitter"
        near = bool(joints) and random.uniform() < 0.1
        pulses = float(random.uniform(0.6, 3.0) if near else np.exp(random.uniform(log(5.0), log(most_pulses))))
        brighter_db = float(random.normal(0.0, 0.15))
        sections.append(Section(shown.pulse_m * pulses, db_per_km * float(random.uniform(0.95, 1.05)), brighter_db))
    if receive:
        joints.append(_connector(random))
        sections.append(Section(shown.pulse_m * float(random.uniform(8.0, 30.0)), db_per_km))
    end_db = None if random.uniform() < 0.15 else float(random.uniform(-55.0, -14.7))
    return Fibre(
        sections=tuple(sections), joints=tuple(joints), launch=launch, receive=receive, end_reflectance_db=end_db
    )


def _joint(random: np.random.Generator, splitter: bool) -> Joint:
    kind = random.uniform()
    if splitter and kind < 0.4:
        ways = int(random.choice([2, 4, 8, 16, 32]))
        return Joint(10.0 * float(np.log10(ways)) + float(random.uniform(0.5, 2.0)), None, "splitter")
    if kind < 0.75:
        return Joint(float(random.exponential(0.12)))
    return _connector(random)


def _connector(random: np.random.Generator) -> Joint:
    """Return a connector; one in four is dirty enough to make ghosts."""
    worst_db, best_db = (-28.0, -15.0) if random.uniform() < 0.25 else (-60.0, -28.0)
    return Joint(float(random.uniform(0.05, 0.6)), float(random.uniform(worst_db, best_db)))


def _with_samples(random: np.random.Generator, instrument: Instrument, fibre_m: float) -> Instrument:
    """Return the instrument with a range that shows that much fibre and, mostly, some noise behind it."""
    samples = int(fibre_m * float(random.uniform(1.05, 1.8)) / instrument.step_m)
    return replace(instrument, samples=max(256, samples))


def _with_noise(instrument: Instrument, fibre: Fibre, at_m: float, rms_db: float) -> Instrument:
    """Return the instrument with so much noise that a sample of the trace just before `at_m` has that rms, 5 log."""
    quiet = received(fibre, instrument)
    edge_m = instrument.rise_ns * instrument.m_per_ns
    just_before = min(len(quiet) - 1, max(0, int((at_m - edge_m) / instrument.step_m)))
    noise = float(quiet[just_before]) * _NEPER_PER_5LOG_DB * rms_db
    return replace(instrument, noise_db=10.0 * float(np.log10(noise * instrument.averages**0.5)))


def _trial(fibre: Fibre, instrument: Instrument, seed: int) -> Trial:
    truth = truth_of(fibre, instrument)
    acquisition = Acquisition(
        counts=shoot(fibre, instrument, seed),
        db_per_count=instrument.db_per_count,
        step_m=instrument.step_m,
        first_m=-truth.zero_m,
        pulse_m=instrument.pulse_m,
        pulse_width_ns=instrument.pulse_width_ns,
        wavelength_nm=instrument.wavelength_nm,
        group_index=instrument.group_index,
        backscatter_db=instrument.backscatter_db,
    )
    return Trial(acquisition, truth)
