"""Conversions between the units that instruments speak and those that linetest keeps."""

from math import log10


def dbm_from_watts(power_w: float) -> float | None:
    """Return dBm; None for no power or less, which has no logarithm and is never 0.0."""
    return 10.0 * log10(power_w * 1e3) if power_w > 0.0 else None
