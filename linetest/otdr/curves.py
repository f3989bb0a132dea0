"""The trace as a curve for pictures."""

from typing import Any

import numpy as np

from linetest.otdr.shot import Shot
from linetest.otdr.trace import nominal_nm
from linetest.thin import thin_out

BEHIND_END = 0.15
"""How much is kept behind the end, as a share of the fibre: noise and echoes show that it is the end. Own choice."""


def curve_of(shot: Shot, *, reverse: bool) -> dict[str, Any]:
    """Return one curve of cli.md: distance in m against one-way loss in dB, which rises along the fibre."""
    acquisition = shot.acquisition
    kept = thin_out(acquisition.loss_db()[: _interesting(shot)])
    nominal = nominal_nm(acquisition.wavelength_nm)
    direction = " reverse" if reverse else ""
    return {
        "name": f"{nominal:g} nm {acquisition.pulse_width_ns:g} ns{direction}",
        "metric": "otdr.trace",
        "wavelength_nm": nominal,
        "pulse_width_ns": acquisition.pulse_width_ns,
        "reverse": reverse,
        # To the millimetre and the millionth of a decibel: finer than any instrument, and half as long in the record.
        "x": np.round(acquisition.first_m + acquisition.step_m * kept, 3).tolist(),
        "y": np.round(acquisition.counts[kept] * acquisition.db_per_count, 6).tolist(),
        "x_unit": "m",
        "y_unit": "dB",
    }


def _interesting(shot: Shot) -> int:
    """Return how many samples show the fibre and a little of what is behind its end."""
    acquisition, analysis = shot.acquisition, shot.analysis
    count = len(acquisition.counts)
    if analysis.fibre_end_m is None:
        return count
    last_m = max([analysis.fibre_end_m, *(event.distance_m for event in analysis.events)]) - acquisition.first_m
    return min(count, max(2, int(last_m * (1.0 + BEHIND_END) / acquisition.step_m)))
