"""The interfaces of a pcapng capture: link type and clock (draft-ietf-opsawg-pcapng, section 4.2)."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from linetest.epon.frames import Int64s

_OPTIONS_AT = 16
_RESOLUTION, _FCS_LENGTH, _TIME_OFFSET = 9, 13, 14
_POWER_OF_TWO = 0x80
_BILLION = 1_000_000_000
_LATEST_S = 1 << 33  # keeps a hostile clock inside of 64 bits of nanoseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Interface:
    """What its description block says."""

    link_type: int
    link_at: int
    """Where in the capture that stands."""
    snap_length: int
    resolution: int
    """if_tsresol: a tick is 10^-n seconds, or 2^-n with the highest bit set."""
    offset_s: int
    has_fcs: bool | None
    """None where it does not say."""

    @property
    def is_nanosecond(self) -> bool:
        """A tick is a nanosecond or less."""
        return self.resolution & ~_POWER_OF_TWO >= (30 if self.resolution & _POWER_OF_TWO else 9)

    def time_ns(self, ticks: Int64s) -> Int64s:
        """Return times since 1970; of a clock beyond the year 2242 they are wrong, but they are times."""
        power = self.resolution & ~_POWER_OF_TWO
        if self.resolution & _POWER_OF_TWO:
            seconds, rest_ns = _binary(ticks, power)
        else:
            seconds, rest_ns = _decimal(ticks, power)
        return (np.clip(seconds + self.offset_s, 0, _LATEST_S) * _BILLION + rest_ns).astype(np.int64)


def _decimal(ticks: Int64s, power: int) -> tuple[Int64s, Int64s]:
    if power > 18:  # a tick is less than the smallest part of a second that 64 bits hold
        return ticks // 10**18 // 10 ** min(power - 18, 18), np.zeros_like(ticks)
    seconds, rest = np.divmod(ticks, 10**power)
    return seconds, rest * 10 ** (9 - power) if power <= 9 else rest // 10 ** (power - 9)


def _binary(ticks: Int64s, power: int) -> tuple[Int64s, Int64s]:
    if power > 62:
        return np.zeros_like(ticks), np.zeros_like(ticks)
    seconds, rest = ticks >> power, ticks & (1 << power) - 1
    spare = max(power - 32, 0)
    return seconds, (rest >> spare) * _BILLION >> power - spare


def read_interface(block: bytes, order: str, offset: int) -> Interface:
    """Return what an interface description block says.

    Args:
        block: From its type to its second length.
        order: The section's byte order.
        offset: Where in the capture it stands.

    Raises:
        struct.error: it is too short.
    """
    link_type, _reserved, snap_length = struct.unpack_from(order + "HHI", block, 8)
    options = dict(_options(block[_OPTIONS_AT:-4], order))
    fcs_length = options.get(_FCS_LENGTH, b"")
    time_offset = options.get(_TIME_OFFSET, b"")
    return Interface(
        link_type=link_type,
        link_at=offset + 8,
        snap_length=snap_length,
        resolution=(options.get(_RESOLUTION) or b"\x06")[0],
        offset_s=struct.unpack(order + "q", time_offset)[0] if len(time_offset) == 8 else 0,
        has_fcs=fcs_length[0] > 0 if fcs_length else None,
    )


def _options(octets: bytes, order: str) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 4 <= len(octets):
        code, length = struct.unpack_from(order + "HH", octets, at)
        if code == 0:
            return
        yield code, octets[at + 4 : at + 4 + length]
        at += 4 + length + -length % 4
