"""The EPON preamble of many frames: SLD, security octet, mode, LLID and CRC-8 (IEEE 802.3 clause 65.1.3.2, 76.2.6)."""

from typing import NamedTuple

import numpy as np

from linetest.epon.frames import ABSENT, Bools, Bytes, Int8s, Int16s, Int32s, Int64s
from linetest.epon.records import Records, rows

_SLD = 0xD5
_IDLE = 0x55
_LONGEST = 8
_SECURITY_MASK, _SECURITY_VALID, _ENCRYPTED = 0xFC, 0x54, 0x02  # DPoE: bits 7..2 are fixed, bit 1 says encrypted


class Preambles(NamedTuple):
    """The preamble fields of `Frames`, and what they mean for the octets behind them."""

    lead: Int8s
    security: Int16s
    mode: Int8s
    llid: Int32s
    crc8_good: Int8s
    is_readable: Bools
    """Behind it stands an Ethernet frame in clear."""


def crc8(octets: bytes) -> int:
    """Return the CRC-8 of IEEE 802.3 clause 65.1.3.2.3: x^8+x^2+x+1, least significant bit first, from zero."""
    crc = 0
    for octet in octets:
        crc ^= octet
        for _bit in range(8):
            crc = crc >> 1 ^ 0xE0 if crc & 1 else crc >> 1
    return crc


def _pair_table(behind: int) -> Bytes:
    """Return what each two octets with `behind` octets behind them add to a CRC-8, which is linear."""
    zeros = bytes(behind)
    high = np.array([crc8(bytes([octet, 0]) + zeros) for octet in range(256)], np.uint8)
    low = np.array([crc8(bytes([octet]) + zeros) for octet in range(256)], np.uint8)
    return (high[:, None] ^ low[None, :]).ravel()


_OF_SLD = crc8(bytes([_SLD, 0, 0, 0, 0]))
_OF_SECURITY = _pair_table(2)
_OF_LLID = _pair_table(0)


def read_preambles(records: Records) -> Preambles:
    """Return the preambles of all records; the SLD may be the first, second or third octet (65.1.3.3.1)."""
    if not records.has_preamble.any():
        return _no_preambles(records)
    octets = rows(records.buffer, records.at, _LONGEST).view(">u8")[:, 0].astype(np.uint64)
    lead = _leads(octets, records.captured)
    found = lead > 0
    octets >>= np.where(found, (_LONGEST - lead) * 8, 0).astype(np.uint64)
    tail = octets.view(np.int64)  # ends with: D5, 55, security, LLID (2), CRC-8
    security = (tail >> 24) & 0xFF
    port = (tail >> 8) & 0xFFFF
    crc = _OF_SLD ^ _OF_SECURITY[(tail >> 24) & 0xFFFF] ^ _OF_LLID[port]
    is_encrypted = found & (security & (_SECURITY_MASK | _ENCRYPTED) == _SECURITY_VALID | _ENCRYPTED)
    lead[~records.has_preamble] = 0
    return Preambles(
        lead=lead,
        security=np.where(found, security, ABSENT).astype(np.int16),
        mode=np.where(found, port >> 15, ABSENT).astype(np.int8),
        llid=np.where(found, port & 0x7FFF, ABSENT).astype(np.int32),
        crc8_good=np.where(found, crc == (tail & 0xFF), ABSENT).astype(np.int8),
        is_readable=(lead >= 0) & ~is_encrypted,
    )


def _leads(octets: "np.ndarray[tuple[int], np.dtype[np.uint64]]", captured: Int64s) -> Int8s:
    """Return 6, 7 or 8 where the SLD stands after no, one or two octets of 55, else -1."""
    lead = np.full(octets.size, ABSENT, np.int8)
    begin = (octets >> np.uint64(40)).view(np.int64)
    for size, mark, shift in ((6, _SLD, 16), (7, _IDLE << 8 | _SLD, 8), (8, _IDLE << 16 | _IDLE << 8 | _SLD, 0)):
        lead[(begin >> shift == mark) & (captured >= size)] = size
    return lead


def _no_preambles(records: Records) -> Preambles:
    absent = np.full(records.at.size, ABSENT, np.int8)
    return Preambles(
        lead=np.zeros(records.at.size, np.int8),
        security=absent.astype(np.int16),
        mode=absent,
        llid=absent.astype(np.int32),
        crc8_good=absent.copy(),
        is_readable=np.ones(records.at.size, np.bool_),
    )
