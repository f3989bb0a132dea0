"""A DSL line as its modem or its DSLAM tells it: numbers of each direction, and curves over the tones (ITU-T G.997.1).

Downstream is from the exchange to the customer. A value that was not told, or that the device marks as not measured,
is None.
"""

import re
from typing import Literal

import msgspec

Direction = Literal["down", "up"]
Quantity = Literal["qln_dbm_hz", "hlog_db", "snr_db", "bits"]
Bands = list[tuple[int, int]]
"""First and last tone of each band."""

MOST_TONES = 8192
"""VDSL2 profile 35b has 8192 tones (ITU-T G.993.2 annex Q); no other standard has more."""
_SPACING_HZ = 4312.5  # ITU-T G.992.1, G.992.3, G.992.5, G.993.2
_WIDE_SPACING_HZ = 8625.0  # ITU-T G.993.2, profile 30a
_GFAST_SPACING_HZ = 51_750.0  # ITU-T G.9701
_GFAST = re.compile(r"g\.?\s?fast|G\.?9701", re.IGNORECASE)


class DslSide(msgspec.Struct, frozen=True, kw_only=True):
    """One direction."""

    snr_margin_db: float | None = None
    line_attenuation_db: float | None = None
    """LATN: measured over all tones before the modem trained."""
    signal_attenuation_db: float | None = None
    """SATN: over the tones in use."""
    tx_power_dbm: float | None = None
    """Of the modem that sends in this direction."""
    rate_kbps: float | None = None
    attainable_kbps: float | None = None
    counts: dict[str, float] = {}
    """Counters of errors that were seen in this direction, by their field names such as CRC."""
    counted_since: Literal["link", "start"] | None = None
    tenths: list[str] = []
    """The fields that came as whole numbers of a tenth: devices that count in whole dB are wrong by ten there."""


NUMBERS = tuple(name for name in DslSide.__struct_fields__ if name not in ("counts", "counted_since", "tenths"))
"""The fields of a side that are one number."""


class ToneCurve(msgspec.Struct, frozen=True, kw_only=True):
    """One quantity over the tones; `values[i]` is of the tones from ``i * group`` on."""

    quantity: Quantity
    direction: Direction | None = None
    """None where one list holds both directions and the bands are not known."""
    group: int = 1
    values: list[float | None]


class DslLine(msgspec.Struct, frozen=True, kw_only=True):
    """All that was told of one line."""

    standard: str | None = None
    """As the device writes it, such as ``ADSL2+ Annex A``."""
    profile: str | None = None
    """Of VDSL2, such as ``17a``."""
    status: str | None = None
    in_sync: bool | None = None
    """None when it was not told."""
    down: DslSide = DslSide()
    up: DslSide = DslSide()
    curves: list[ToneCurve] = []
    down_bands: Bands = []
    up_bands: Bands = []
    unread: list[str] = []
    """Lines or objects that look like values and are none."""

    def side(self, direction: Direction) -> DslSide:
        """Return one direction."""
        return self.down if direction == "down" else self.up

    @property
    def spacing_hz(self) -> float:
        """The distance of two tones by the line's standard."""
        if is_gfast(self.standard):
            return _GFAST_SPACING_HZ
        return _WIDE_SPACING_HZ if "30a" in (self.profile or "") else _SPACING_HZ


def is_gfast(standard: str | None) -> bool:
    """Tell whether a line's standard is G.fast, which codes noise 12 dB lower than all before (ITU-T G.997.2)."""
    return standard is not None and _GFAST.search(standard) is not None


def in_bands(bands: Bands, tone: int) -> bool:
    """Tell whether a tone lies in one of the bands."""
    return any(first <= tone <= last for first, last in bands)
