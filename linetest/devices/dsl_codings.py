"""How G.997.1 and G.997.2 code the values of tones as octets: each coding by hand from the standard's formula.

Sources: RFC 5650, xdsl2SCStatusSegmentTable (ITU-T G.997.1, 7.5.1.26 to 7.5.1.29); for G.fast ITU-T G.997.2, as quoted
in a public program (openwrt/luci, pull request 5895).
"""

from collections.abc import Callable
from typing import Literal

Coding = Literal["qln", "hlog", "snr", "bits"]
Values = list[float | None]

_NONE_8 = 255
_LAST_HLOG = 1022  # 1023 stands for no measurement, what is above for nothing
_LAST_GFAST_QLN = 250  # 0 is "-35 or more", 251 "-160.5 or less", 254 and 255 no measurement


def decode(coding: Coding, octets: bytes, *, gfast: bool = False) -> Values | None:
    """Return one value for each group of tones, None for a group without a measurement.

    Args:
        coding: What the octets are.
        octets: As SNMP gave them.
        gfast: The line is G.fast: its noise counts from -35 dBm/Hz, not from -23.

    Returns:
        None when the octets are not of that coding: 16-bit numbers with half of one missing.
    """
    if coding == "qln" and gfast:
        return [_gfast_qln_dbm_hz(n) for n in octets]
    return _CODINGS[coding](octets)


def _qln(octets: bytes) -> Values:
    """Return -23 - n/2 dBm/Hz (G.997.1, 7.5.1.27.3)."""
    return [None if n == _NONE_8 else -23.0 - n / 2.0 for n in octets]


def _gfast_qln_dbm_hz(n: int) -> float | None:
    """Return -35 - n/2 dBm/Hz; what is only a bound, or no measurement, is None (G.997.2)."""
    return -35.0 - n / 2.0 if 0 < n <= _LAST_GFAST_QLN else None


def _hlog(octets: bytes) -> Values | None:
    """Return 6 - m/10 dB of 16-bit numbers, the high octet first (G.997.1, 7.5.1.26.6)."""
    if len(octets) % 2:
        return None
    numbers = [int.from_bytes(octets[at : at + 2], "big") for at in range(0, len(octets), 2)]
    return [6.0 - m / 10.0 if m <= _LAST_HLOG else None for m in numbers]


def _snr(octets: bytes) -> Values:
    """Return -32 + s/2 dB (G.997.1, 7.5.1.28.3)."""
    return [None if s == _NONE_8 else -32.0 + s / 2.0 for s in octets]


def _bits(octets: bytes) -> Values:
    """Return the bits of each tone: two tones in an octet, the first in its high half (G.997.1, 7.5.1.29.1)."""
    return [float(half) for octet in octets for half in (octet >> 4, octet & 0x0F)]


_CODINGS: dict[Coding, Callable[[bytes], Values | None]] = {"qln": _qln, "hlog": _hlog, "snr": _snr, "bits": _bits}
