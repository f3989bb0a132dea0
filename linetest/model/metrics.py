"""Every metric that linetest measures: its unit, its meaning, and the range that physics allows.

The range is not a limit: a value outside of it was not measured but misread, and is never judged.
"""

import msgspec

from linetest.model.codes import Hint
from linetest.words.text import N_


class Metric(msgspec.Struct, frozen=True, kw_only=True):
    """What one metric name means."""

    name: str
    unit: str
    meaning: str
    """An English sentence, translated when it is shown."""
    lowest: float
    highest: float
    hint_low: str | None = None
    """The `Hint` when a check fails because the value is too low."""
    hint_high: str | None = None


def _crosstalk(name: str, meaning: str, hint: str) -> Metric:
    return Metric(name=name, unit="dB", meaning=meaning, lowest=-200.0, highest=0.1, hint_high=hint)


_ALL = (
    Metric(
        name="optical.power_dbm",
        unit="dBm",
        meaning=N_("Optical power at the meter's input, at the wavelength the meter was set to"),
        lowest=-110.0,  # facts: anything outside -110..+40 dBm is never averaged or judged
        highest=40.0,
        hint_low=Hint.LOW_LIGHT,
        hint_high=Hint.TOO_MUCH_LIGHT,
    ),
    _crosstalk("copper.next_db", N_("Near-end crosstalk of one pair from one other, as gain"), Hint.NEAR_END_CROSSTALK),
    _crosstalk("copper.fext_db", N_("Far-end crosstalk of one pair from one other, as gain"), Hint.FAR_END_CROSSTALK),
    _crosstalk(
        "copper.psnext_db", N_("Near-end crosstalk of one pair from all others together, as gain"), Hint.NEAR_END_CROSSTALK
    ),
    _crosstalk(
        "copper.psfext_db", N_("Far-end crosstalk of one pair from all others together, as gain"), Hint.FAR_END_CROSSTALK
    ),
    Metric(
        name="copper.elfext_db",
        unit="dB",
        meaning=N_("Far-end crosstalk relative to the level of the disturbing pair at its far end"),
        lowest=-200.0,
        highest=160.0,
        hint_high=Hint.FAR_END_CROSSTALK,
    ),
    Metric(
        name="copper.acrf_db",
        unit="dB",
        meaning=N_("Far-end crosstalk relative to the level of the disturbed pair at its far end"),
        lowest=-200.0,
        highest=160.0,
        hint_high=Hint.FAR_END_CROSSTALK,
    ),
    Metric(
        name="copper.pselfext_db",
        unit="dB",
        meaning=N_("Equal-level far-end crosstalk of one pair from all others together"),
        lowest=-200.0,
        highest=160.0,
        hint_high=Hint.FAR_END_CROSSTALK,
    ),
    Metric(
        name="copper.insertion_loss_db",
        unit="dB",
        meaning=N_("Loss of a pair from its near to its far end, at one frequency"),
        lowest=-0.1,
        highest=200.0,
    ),
)

METRICS: dict[str, Metric] = {metric.name: metric for metric in _ALL}
