"""The light that a simulated meter looks at."""

import random
from collections.abc import Mapping

NOISE_DB = 0.02
"""The largest deviation of one reading from the true level."""
_CALIBRATION_DB_PER_NM = 0.01


class Light:
    """Light in a fibre: one level per wavelength, with a little noise that a seed decides.

    A meter has no filter: it sees what is there. What it shows is the level of the source nearest to the
    wavelength it is set to, wrong by its calibration when the two differ; so a meter on a wrong wavelength
    shows a plausible wrong value.
    """

    def __init__(self, levels_dbm: Mapping[float, float], seed: int = 1) -> None:
        self._levels_dbm = dict(levels_dbm)
        self._noise = random.Random(seed)

    def power_dbm(self, wavelength_nm: float) -> float:
        """Return what a meter calibrated for `wavelength_nm` sees at this moment."""
        source_nm = min(self._levels_dbm, key=lambda known: abs(known - wavelength_nm))
        error_db = _CALIBRATION_DB_PER_NM * abs(source_nm - wavelength_nm)
        return self._levels_dbm[source_nm] - error_db + self._noise.uniform(-NOISE_DB, NOISE_DB)


def watts(power_dbm: float) -> float:
    """Return the power in watts, as a meter with a linear display would show it."""
    return float(10.0 ** (power_dbm / 10.0 - 3.0))
