"""One measured thing, and what a room hands back when it has measured."""

from typing import Any, Literal

import msgspec

from linetest.model.step import StepDone

Bound = Literal["at-least", "at-most"]


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """A value in its unit, or the reason why there is none."""

    metric: str
    """A name from `metrics.METRICS`, such as ``optical.power_dbm``."""
    value: float | None
    """None when absent; never 0.0 for absent, never a sentinel of an instrument."""
    unit: str
    where: dict[str, Any] = {}
    """The place in words and data, such as ``{"pair": "1", "disturber": "3", "frequency_hz": 1087000}``."""
    reason: str | None = None
    """A `Reason` when `value` is None."""
    hint: str | None = None
    """A `Hint` that only the room can know, such as a split pair; it is shown when the check is not passed."""
    device: str | None = None
    at: str | None = None
    """ISO 8601 with offset."""
    bound: Bound | None = None
    """The true value is at least, or at most, `value`: a reflection that was cut off is at least so strong."""
    interval: tuple[float, float] | None = None
    """What a sample proves at 95 %: the true value lies between the two, `value` is what the sample itself showed."""


class EvidenceFile(msgspec.Struct, frozen=True, kw_only=True):
    """A raw thing that proves readings: a transcript, a sweep, a trace."""

    name: str
    """A plain file name, without folders."""
    media_type: str
    body: bytes
    redacted: bytes | None = None
    """The same without personal texts: the only form that may leave the computer; None where there is none."""


class Measurement(msgspec.Struct, frozen=True, kw_only=True):
    """All that a room measured at one go."""

    readings: list[Reading]
    details: dict[str, Any] = {}
    """The room's own result as in cli.md; only values that JSON can hold."""
    evidence: list[EvidenceFile] = []
    warnings: list[str] = []
    steps: list[StepDone] = []
    """What was put back as it had been: a session ended, a group left, an address given back."""
    simulated: bool = False
    """True when any of it came from the bench or from a replay."""
    trouble: str = ""
    """Why a device gave no value, in words for the screen; records keep the reason codes only."""


def merge_details(parts: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the rooms' details as one; lists of the same name, such as ``curves``, follow one another."""
    merged: dict[str, Any] = {}
    for part in parts:
        for key, value in part.items():
            if isinstance(value, list) and isinstance(merged.get(key), list):
                merged[key] = [*merged[key], *value]
            else:
                merged[key] = value
    return merged
