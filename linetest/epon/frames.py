"""What the audit knows of a capture: one array for each field, one row for each frame.

Two ways lead here: the block reader for large files, and scapy's layers for single frames and live taps. Both fill
the same arrays, so that there is one audit. A field that a frame does not have is -1 (`ABSENT`).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Bools = npt.NDArray[np.bool_]
Bytes = npt.NDArray[np.uint8]
Int8s = npt.NDArray[np.int8]
Int16s = npt.NDArray[np.int16]
Int32s = npt.NDArray[np.int32]
Int64s = npt.NDArray[np.int64]
Ticks = npt.NDArray[np.uint32]
"""Times of 32-bit clocks: differences come out modulo 2^32, as the clocks run."""

ABSENT = -1
MOST_GRANTS = 4
"""A GATE has room for so many grants (IEEE 802.3 clause 64.3.6.1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frames:
    """What every frame of a block has; n rows."""

    number: Int64s
    """Number of the frame in the capture, from 1, as other programs count them."""
    time_ns: Int64s
    """Capture time since 1970; of a microsecond capture a multiple of 1,000."""
    captured: Int32s
    """Octets in the file, preamble included."""
    length: Int32s
    """Octets on the wire, preamble included, as the record header claims."""
    lead: Int8s
    """Octets before DA: 6, 7 or 8 with an EPON preamble, 0 on plain Ethernet, -1 where no SLD was found."""
    security: Int16s
    """The fifth preamble octet; 0x55 is clear."""
    mode: Int8s
    """The mode bit, 0 or 1."""
    llid: Int32s
    """15 bits."""
    crc8_good: Int8s
    """1 good, 0 bad."""
    fcs_good: Int8s
    """1 good, 0 bad; -1 where the frame was cut short or the capture has no FCS."""
    destination: Int64s
    """48 bits."""
    source: Int64s
    """48 bits."""
    ethertype: Int32s
    """The first one, such as 0x8100 of a tagged frame; a length below 0x600 stands here as it is."""
    vid: Int16s
    """VLAN of the outer tag (0x8100, 0x88A8), 12 bits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mpcp:
    """The MPCPDUs of a block (EtherType 0x8808, opcodes 2 to 6); k rows."""

    row: Int64s
    """Row in the block's `Frames`."""
    opcode: Int8s
    timestamp: Int64s
    """TQ of 16 ns, 32 bits."""
    grants: Int8s
    """GATE: number of grants, 0 to 4; a claim above 4 stays as it is (to 7), with four grants read."""
    discovery: Int8s
    """GATE: the discovery flag, 0 or 1."""
    force_report: Int8s
    """GATE: bit i asks for a REPORT in grant i."""
    start: Int64s
    """GATE: (k, 4) start times, TQ, 32 bits."""
    grant_length: Int32s
    """GATE: (k, 4) lengths, TQ, 16 bits."""
    sync_time: Int32s
    """Discovery GATE, REGISTER, REGISTER_ACK: TQ."""
    flags: Int16s
    """REGISTER_REQ, REGISTER, REGISTER_ACK."""
    llid: Int32s
    """REGISTER, REGISTER_ACK: the assigned port."""
    pending: Int16s
    """REGISTER_REQ: pending grants; REGISTER: their echo."""
    queue_sets: Int16s
    """REPORT: the number of queue sets it claims."""
    report_good: Int8s
    """REPORT: 1 where sets, bitmaps and length agree, 0 where not."""
    queued: Int64s
    """REPORT: sum of all queues of the last set, TQ."""
    discovery_information: Int32s
    """10G: of a discovery GATE or REGISTER_REQ, 16 bits; -1 where the octets are zero or absent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OamFrame:
    """One slow protocol frame of subtype OAM (EtherType 0x8809, subtype 3)."""

    row: int
    """Row in the block's `Frames`."""
    body: bytes
    """From the subtype octet on, without FCS; as much as was captured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A stretch of a capture, frames in file order."""

    frames: Frames
    mpcp: Mpcp
    oam: list[OamFrame]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What holds for a whole capture."""

    name: str
    """For messages and evidence."""
    has_preamble: bool
    """The link type is EPON (259)."""
    is_nanosecond: bool
    """One capture clock tick is a nanosecond: fine enough for TQ."""
    has_fcs: bool | None
    """Frames end with their FCS; None when the capture does not tell."""
    snap_length: int
    """Octets kept of a frame at most; 0 without limit."""
