"""The octets of a simulated PON: preamble with LLID, MPCP messages, what users send.

After the public descriptions of IEEE 802.3 clauses 64.3.6 and 65.1.3.2. A frame here is its octets from DA on,
without FCS, at least 60 long; its MPCP timestamp is zero until `stamped` puts one in. Times are in TQ of 16 ns.
"""

import struct
import zlib
from collections.abc import Sequence

BROADCAST_LLID = 0x7FFF
MPCP_GROUP = bytes.fromhex("0180c2000001")
SLOW_GROUP = bytes.fromhex("0180c2000002")
EVERYBODY = b"\xff" * 6

GATE, REPORT, REGISTER_REQ, REGISTER, REGISTER_ACK = range(2, 7)

ASKS = 1
"""Flags of REGISTER_REQ."""
DEREGISTERS, ACCEPTS = 2, 3
"""Flags of REGISTER."""

CLEAR = 0x55
"""The security octet of a frame in clear."""
CHURNED = 0x56
"""The security octet of an encrypted frame with key 0; bit 0 is the key's index."""

LEAST_OCTETS = 60
_BESIDE_OCTETS = 8 + 4 + 12
"""Of a frame on the wire: preamble, FCS and the gap behind it."""
_OCTETS_PER_TQ = 2

_CRC8_TABLE: list[int] = []
for _octet in range(256):
    for _bit in range(8):
        _octet = (_octet >> 1) ^ 0xE0 if _octet & 1 else _octet >> 1
    _CRC8_TABLE.append(_octet)


def crc8(octets: bytes) -> int:
    """Return the CRC-8 of a preamble: x^8+x^2+x+1, least bit first, from 0 (65.1.3.2.3)."""
    value = 0
    for octet in octets:
        value = _CRC8_TABLE[value ^ octet]
    return value


def preamble(llid: int, mode: int, *, lead: int, security: int = CLEAR, sld: int = 0xD5, flip: int = 0) -> bytes:
    """Return the `lead` octets before DA, 6 to 8 of them; `flip` damages the CRC-8."""
    covered = bytes((sld, 0x55, security, mode << 7 | llid >> 8, llid & 0xFF))
    return b"\x55" * (lead - 6) + covered + bytes((crc8(covered) ^ flip,))


def fcs(frame: bytes) -> bytes:
    """Return the four octets behind a frame."""
    return zlib.crc32(frame).to_bytes(4, "little")


def padded(frame: bytes) -> bytes:
    """Return the frame with zeros up to the least length."""
    return frame.ljust(LEAST_OCTETS, b"\0")


def duration_tq(frame: bytes) -> int:
    """Return how long the frame and the gap behind it take at 1 Gbit/s."""
    return -(-(len(frame) + _BESIDE_OCTETS) // _OCTETS_PER_TQ)


def stamped(frame: bytes, timestamp: int) -> bytes:
    """Return an MPCPDU with its timestamp."""
    return frame[:16] + struct.pack(">I", timestamp & 0xFFFFFFFF) + frame[20:]


def mpcpdu(opcode: int, source: bytes, body: bytes, destination: bytes = MPCP_GROUP) -> bytes:
    """Return an MPCPDU; `body` lies behind the timestamp."""
    return padded(destination + source + struct.pack(">HHI", 0x8808, opcode, 0) + body)


def gate(
    source: bytes, grants: Sequence[tuple[int, int]], *, force_report: int = 0, sync_tq: int | None = None
) -> bytes:
    """Return a GATE.

    Args:
        source: the OLT.
        grants: start (32 bits) and length of each; may be empty.
        force_report: bit i asks for a REPORT in grant i.
        sync_tq: makes it a discovery GATE.
    """
    flags = len(grants) | (sync_tq is not None) << 3 | force_report << 4
    body = bytes((flags,)) + b"".join(struct.pack(">IH", start & 0xFFFFFFFF, length) for start, length in grants)
    return mpcpdu(GATE, source, body + (b"" if sync_tq is None else struct.pack(">H", sync_tq)))


def report(source: bytes, queue_sets: Sequence[dict[int, int]]) -> bytes:
    """Return a REPORT; each set says how much waits in a queue (number 0 to 7), in TQ."""
    body = bytes((len(queue_sets),))
    for waiting in queue_sets:
        body += bytes((sum(1 << queue for queue in waiting),))
        body += b"".join(struct.pack(">H", waiting[queue]) for queue in sorted(waiting))
    return mpcpdu(REPORT, source, body)


def register_req(source: bytes, flags: int, pending: int) -> bytes:
    """Return a REGISTER_REQ."""
    return mpcpdu(REGISTER_REQ, source, bytes((flags, pending)))


def register(source: bytes, onu: bytes, llid: int, flags: int, *, sync_tq: int, pending: int) -> bytes:
    """Return a REGISTER, which goes to the ONU's own MAC."""
    return mpcpdu(REGISTER, source, struct.pack(">HBHB", llid, flags, sync_tq, pending), onu)


def register_ack(source: bytes, llid: int, *, sync_tq: int, flags: int = 1) -> bytes:
    """Return a REGISTER_ACK."""
    return mpcpdu(REGISTER_ACK, source, struct.pack(">BHH", flags, llid, sync_tq))


def tagged(destination: bytes, source: bytes, vid: int | None, ethertype: int, payload: bytes) -> bytes:
    """Return a user's frame, with an 802.1Q tag unless `vid` is None."""
    tag = b"" if vid is None else struct.pack(">HH", 0x8100, vid)
    return padded(destination + source + tag + struct.pack(">H", ethertype) + payload)


def ipv4_udp(source: bytes, destination: bytes, payload: bytes, port: int) -> bytes:
    """Return an IPv4 packet with a UDP datagram (without UDP checksum, RFC 768)."""
    udp = struct.pack(">HHHH", port, port, 8 + len(payload), 0) + payload
    head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0x4000, 64, 17, 0, source, destination)
    total = sum(struct.unpack(">10H", head))
    total = (total & 0xFFFF) + (total >> 16)
    check = ~((total & 0xFFFF) + (total >> 16)) & 0xFFFF
    return head[:10] + struct.pack(">H", check) + head[12:] + udp


def arp_request(source: bytes, sender: bytes, wanted: bytes) -> bytes:
    """Return an ARP request (RFC 826), behind the EtherType 0x0806."""
    return struct.pack(">HHBBH6s4s6s4s", 1, 0x0800, 6, 4, 1, source, sender, bytes(6), wanted)
