"""From the records of a window to a block of the arrays that the audit works on."""

import numpy as np

from linetest.epon import mpcp
from linetest.epon.fcs import FCS_SIZE, SHORTEST, check_fcs
from linetest.epon.frames import ABSENT, Block, Bytes, Frames, Int64s, OamFrame
from linetest.epon.preamble import read_preambles
from linetest.epon.records import Records, rows

_TAGGED = (0x8100, 0x88A8)
_SLOW_PROTOCOL, _OAM = 0x8809, 3
_HEAD_SIZE = 14  # DA, SA, EtherType
_LONGEST = np.iinfo(np.int32).max


def decode(records: Records, *, has_fcs: bool, first_number: int) -> Block:
    """Return the block that the records make; destroys what stands between the frames in their buffer.

    Args:
        records: At least one.
        has_fcs: Frames end with their FCS.
        first_number: Number of the first frame in the capture.
    """
    preambles = read_preambles(records)
    lead = np.maximum(preambles.lead, 0).astype(np.int64)
    begin = records.at + lead
    is_whole = records.captured >= records.length
    size = records.captured - lead
    body = np.where(preambles.is_readable, size, 0)  # octets from DA on, without FCS
    if has_fcs:
        body = np.where(is_whole, body - FCS_SIZE, np.minimum(body, records.length - lead - FCS_SIZE))
    high, low = rows(records.buffer, begin, 16).view(">i8").astype(np.int64).T
    ethertype = np.where(body >= _HEAD_SIZE, low >> 16 & 0xFFFF, ABSENT)
    is_tagged = ((ethertype == _TAGGED[0]) | (ethertype == _TAGGED[1])) & (body >= _HEAD_SIZE + 2)
    pdus = np.flatnonzero(ethertype == mpcp.ETHERTYPE)
    slow = np.flatnonzero(ethertype == _SLOW_PROTOCOL)
    return Block(
        mpcp=mpcp.read_mpcp(records, begin[pdus], body[pdus], is_whole[pdus], pdus),
        oam=_read_oam(records.buffer, begin, body, slow),
        frames=Frames(
            number=np.arange(first_number, first_number + records.at.size),
            time_ns=records.time_ns,
            captured=records.captured.astype(np.int32),
            length=np.minimum(records.length, _LONGEST).astype(np.int32),
            lead=preambles.lead,
            security=preambles.security,
            mode=preambles.mode,
            llid=preambles.llid,
            crc8_good=preambles.crc8_good,
            destination=np.where(body >= 6, high >> 16 & 0xFFFF_FFFF_FFFF, ABSENT),
            source=np.where(body >= 12, (high & 0xFFFF) << 32 | low >> 32 & 0xFFFF_FFFF, ABSENT),
            ethertype=ethertype.astype(np.int32),
            vid=np.where(is_tagged, low & 0xFFF, ABSENT).astype(np.int16),
            # the last: it writes into the buffer
            fcs_good=check_fcs(
                records.buffer,
                begin,
                records.at + records.captured,
                has_fcs & is_whole & preambles.is_readable & (size >= SHORTEST),
            ),
        ),
    )


def _read_oam(buffer: Bytes, begin: Int64s, body: Int64s, slow: Int64s) -> list[OamFrame]:
    """Return the OAMPDUs among frames of the slow protocols."""
    found = []
    for row, at, size in zip(slow.tolist(), begin[slow].tolist(), body[slow].tolist(), strict=True):
        octets = bytes(buffer[at + _HEAD_SIZE : at + size])
        if octets and octets[0] == _OAM:
            found.append(OamFrame(row=row, body=octets))
    return found
