"""The curves of a line over its tones, as they stand in a record's details for pictures: x in Hz."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from linetest.model.dsl import DslLine, ToneCurve
from linetest.thin import thin_out

_NAMES = {"qln_dbm_hz": ("QLN", "dBm/Hz"), "hlog_db": ("Hlog", "dB"), "snr_db": ("SNR", "dB"), "bits": ("bits", "bit")}
_SIDES = {"down": " down", "up": " up", None: ""}


def frequencies_hz(line: DslLine, curve: ToneCurve) -> NDArray[np.float64]:
    """Return the frequency of each value, (n,): of the first tone of its group (ITU-T G.997.1, 7.5.1.26)."""
    return np.arange(len(curve.values), dtype=np.float64) * (curve.group * line.spacing_hz)


def curves_of(line: DslLine) -> Iterator[dict[str, Any]]:
    """Yield each curve as cli.md has it, without what lies outside of the measured tones."""
    for curve in line.curves:
        values = np.array([np.nan if value is None else value for value in curve.values], dtype=np.float64)
        told = np.flatnonzero(~np.isnan(values) & ((values != 0.0) | (curve.quantity != "bits")))
        if not told.size:
            continue
        part = slice(int(told[0]), int(told[-1]) + 1)
        kept = thin_out(values[part])
        y = values[part][kept].astype(object)
        y[np.isnan(values[part][kept])] = None
        name, unit = _NAMES[curve.quantity]
        yield {
            "name": name + _SIDES[curve.direction],
            "direction": curve.direction,
            "x": frequencies_hz(line, curve)[part][kept].tolist(),
            "y": y.tolist(),
            "x_unit": "Hz",
            "y_unit": unit,
            "limit": None,
        }
