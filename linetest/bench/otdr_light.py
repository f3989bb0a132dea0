"""What comes back from a simulated fibre, sample by sample, and what the simulated OTDR makes of it."""

import numpy as np
from numpy.typing import NDArray

from linetest.bench.fibre import Fibre, Instrument, echoes, reflectors

Powers = NDArray[np.float64]

_NEPER_PER_DB = np.log(10.0) / 10.0
_EDGE_STEPS = (-0.375, -0.125, 0.125, 0.375)


def shoot(fibre: Fibre, instrument: Instrument, seed: int = 1) -> NDArray[np.uint16]:
    """Return the trace as the instrument writes it, (samples,), counted down from its saturation."""
    power = received(fibre, instrument)
    power += np.random.default_rng(seed).normal(0.0, instrument.noise_power, instrument.samples)
    power /= instrument.saturation_power
    lowest = 10.0 ** (-instrument.clipped_count * instrument.db_per_count / 5.0)
    loss_db = -5.0 * np.log10(np.clip(power, lowest, 1.0))
    return np.minimum(np.rint(loss_db / instrument.db_per_count), instrument.clipped_count).astype(np.uint16)


def received(fibre: Fibre, instrument: Instrument) -> Powers:
    """Return the power at the detector's output without noise, (samples,); sample 0 is at the instrument."""
    at_m = np.arange(instrument.samples, dtype=np.float64) * instrument.step_m
    power = backscattered(fibre, instrument, at_m)
    for mirror in reflectors(fibre, instrument):
        mirrored = float(10.0 ** ((mirror.reflectance_db - 2.0 * mirror.before_db) / 10.0))
        _add_pulse(power, mirror.distance_m, mirrored, instrument)
    for echo in echoes(fibre, instrument):
        _add_pulse(power, echo.distance_m, echo.power, instrument)
    return _with_tail(power, instrument)


def scattered(fibre: Fibre, at_m: Powers) -> Powers:
    """Return the two-way transmission integrated from the instrument to `at_m` (rising), brighter glass weighing more.

    Closed form for each section, so that a step between two samples lies exactly where it is.
    """
    integral = np.zeros(len(at_m))
    edges_m = fibre.edges_m
    before = 0.0
    for section, start_m, end_m, start_db in zip(fibre.sections, edges_m, edges_m[1:], fibre.starts_db, strict=False):
        first, last = np.searchsorted(at_m, (start_m, end_m))
        decay_per_m = max(2.0 * section.db_per_km / 1000.0 * _NEPER_PER_DB, 1e-15)
        weight = 10.0 ** ((section.backscatter_db - 2.0 * start_db) / 10.0) / decay_per_m
        integral[first:last] = before - weight * np.expm1(-decay_per_m * (at_m[first:last] - start_m))
        before -= weight * np.expm1(-decay_per_m * (end_m - start_m))
        integral[last:] = before
    return integral


def backscattered(fibre: Fibre, instrument: Instrument, at_m: Powers) -> Powers:
    """Return what the glass under the pulse scatters back at each place: that of the pulse width before it."""
    power = np.zeros(len(at_m))
    for share in _EDGE_STEPS:
        head_m = at_m + share * instrument.rise_ns * instrument.m_per_ns
        power += scattered(fibre, head_m) - scattered(fibre, head_m - instrument.pulse_m)
    return power * (instrument.scatter_per_m / len(_EDGE_STEPS))


def _add_pulse(power: Powers, distance_m: float, height: float, instrument: Instrument) -> None:
    """Add one reflected pulse: a rectangle whose edges take the detector's rise time."""
    rise_m = max(instrument.rise_ns * instrument.m_per_ns, 1e-6)
    first = max(0, int((distance_m - rise_m) / instrument.step_m))
    last = int((distance_m + instrument.pulse_m + rise_m) / instrument.step_m) + 2
    behind_m = np.arange(first, min(last, len(power))) * instrument.step_m - distance_m
    rising = np.clip(behind_m / rise_m + 0.5, 0.0, 1.0)
    falling = np.clip((behind_m - instrument.pulse_m) / rise_m + 0.5, 0.0, 1.0)
    power[first : first + len(behind_m)] += height * (rising - falling)


def _with_tail(power: Powers, instrument: Instrument) -> Powers:
    """Return the power with the share that the detector shows late."""
    if instrument.tail_share == 0.0:
        return power
    late = np.exp(-np.arange(len(power)) * (instrument.step_m / instrument.tail_m))
    late *= instrument.tail_share / late.sum()
    size = 1 << (2 * len(power) - 1).bit_length()
    smeared = np.fft.irfft(np.fft.rfft(power, size) * np.fft.rfft(late, size), size)[: len(power)]
    return (1.0 - instrument.tail_share) * power + smeared
