"""What linetest itself measured along a fibre; the shape of `details` in a record follows from it."""

from enum import StrEnum
from typing import Literal

import msgspec


class EventKind(StrEnum):
    """What an event is."""

    LAUNCH = "launch"
    """The instrument's own connector, and a reel before the fibre under test."""
    NON_REFLECTIVE = "non-reflective"
    REFLECTIVE = "reflective"
    MERGED = "merged"
    """Two or more that the pulse cannot separate: one loss for all of them."""
    SPLITTER = "splitter"
    MACROBEND = "macrobend"
    """A loss that grows with the wavelength: known only from two traces."""
    GHOST = "ghost"
    """An echo: nothing is there."""
    END = "end"


EndReason = Literal["end", "out-of-range", "noise"]


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One event; what could not be measured is None. Uncertainties are one standard deviation."""

    kind: EventKind
    distance_m: float
    """From the distance zero of the file's own table; of a launch reel negative."""
    loss_db: float | None = None
    """Negative for a gainer: a change of backscatter, not gain."""
    reflectance_db: float | None = None
    saturated: bool = False
    """The reflection was cut off: its reflectance is at least what stands there."""
    section_db_per_km: float | None = None
    """Attenuation of the fibre between the event before and this one."""
    cumulative_db: float | None = None
    """Loss from the start of the link to behind this event."""
    distance_u_m: float | None = None
    loss_u_db: float | None = None
    method: str | None = None
    """How the loss was measured: ``lsa-4-point`` or ``2-point``; None without a loss."""
    echo_of_m: list[float] = []
    """Of a ghost: the reflectors whose distances add up to it."""


class Analysis(msgspec.Struct, frozen=True, kw_only=True):
    """All events of one trace in rising distance, and the link as a whole."""

    events: list[Event]
    start_m: float
    """Where the link starts: behind a launch reel, else at the instrument's connector."""
    end_m: float | None
    """Where the link ends, before a receive reel; None if it was not found."""
    end_reason: EndReason
    fibre_end_m: float | None
    """Where all glass ends, a receive reel included; None if it was not found."""
    link_loss_db: float | None
    link_loss_u_db: float | None
    orl_db: float | None
    orl_saturated: bool = False
    """A reflection was cut off: the optical return loss is at most what stands there."""
    noise_rms_db: float
    """Of a sample in the strong part of the trace, relative to it (5 log)."""
    noise_floor_db: float | None
    """The level of the noise behind the end, as loss on the scale of the samples; None without any."""
    methods: dict[str, str]
    """Quantity to method, such as ``{"loss": "lsa-4-point"}``."""
