"""What one name of a metric means."""

import msgspec

from linetest.model.codes import Reason


class Metric(msgspec.Struct, frozen=True, kw_only=True):
    """What one metric name means."""

    name: str
    unit: str
    title: str
    """What a technician calls it; English, translated when it is shown."""
    meaning: str
    """What exactly is measured, as one sentence."""
    lowest: float
    highest: float
    hint_low: str | None = None
    """The `Hint` when a check fails because the value is too low."""
    hint_high: str | None = None
    beyond: str = Reason.OVER_RANGE
    """The `Reason` when a reading is only a bound, and the limit lies beyond it."""
