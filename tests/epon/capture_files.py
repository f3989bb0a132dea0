"""A small writer of captures for the tests of the reader: frames with preamble and FCS, in every kind of file."""

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

MPCP_DA = bytes.fromhex("0180c2000001")
OLT = bytes.fromhex("020000000001")
ONU = bytes.fromhex("0200000000a1")
CLOCK_NS = 1_700_000_000_123_456_000


def crc8(octets: bytes) -> int:
    """As the standard describes the shift register: x^8+x^2+x+1, least significant bit first, from zero."""
    register = 0
    for octet in octets:
        for bit in range(8):
            feedback = (register ^ octet >> bit) & 1
            register >>= 1
            if feedback:
                register ^= 0b1110_0000
    return register


def preamble(llid: int, *, mode: int = 0, lead: int = 7, security: int = 0x55) -> bytes:
    octets = bytes([0xD5, 0x55, security, mode << 7 | llid >> 8, llid & 0xFF])
    return b"\x55" * (lead - 6) + octets + bytes([crc8(octets)])


def with_fcs(frame: bytes) -> bytes:
    return frame + struct.pack("<I", zlib.crc32(frame))


def mpcpdu(opcode: int, body: bytes, *, timestamp: int = 0, destination: bytes = MPCP_DA, source: bytes = ONU) -> bytes:
    """Without FCS."""
    return (destination + source + struct.pack(">HHI", 0x8808, opcode, timestamp) + body).ljust(60, b"\0")


@dataclass(frozen=True)
class Record:
    """A frame in a file; `length` is what the header claims where that is not the truth."""

    octets: bytes
    time_ns: int = CLOCK_NS
    length: int | None = None

    @property
    def claimed(self) -> int:
        return len(self.octets) if self.length is None else self.length


def pcap(
    records: Sequence[Record], *, order: str = "<", tick_ns: int = 1, network: int = 259, snap: int = 65535
) -> bytes:
    magic = 0xA1B23C4D if tick_ns == 1 else 0xA1B2C3D4
    parts = [struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, snap, network)]
    for record in records:
        seconds, rest_ns = divmod(record.time_ns, 10**9)
        parts.append(struct.pack(order + "IIII", seconds, rest_ns // tick_ns, len(record.octets), record.claimed))
        parts.append(record.octets)
    return b"".join(parts)


def block(order: str, kind: int, body: bytes) -> bytes:
    body += bytes(-len(body) % 4)
    size = struct.pack(order + "I", 12 + len(body))
    return struct.pack(order + "I", kind) + size + body + size


def section(order: str = "<") -> bytes:
    return block(order, 0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1))


def interface(
    order: str = "<", link: int = 259, *, snap: int = 65535, options: Sequence[tuple[int, bytes]] = ()
) -> bytes:
    packed = b"".join(
        struct.pack(order + "HH", code, len(value)) + value + bytes(-len(value) % 4) for code, value in options
    )
    return block(order, 1, struct.pack(order + "HHI", link, 0, snap) + packed + (bytes(4) if options else b""))


def enhanced(order: str, record: Record, *, number: int = 0, ticks: int | None = None) -> bytes:
    ticks = record.time_ns if ticks is None else ticks
    head = struct.pack(order + "IIIII", number, ticks >> 32, ticks & 0xFFFFFFFF, len(record.octets), record.claimed)
    return block(order, 6, head + record.octets)


def obsolete(order: str, record: Record, *, number: int = 0) -> bytes:
    head = struct.pack(
        order + "HHIIII",
        number,
        7,
        record.time_ns >> 32,
        record.time_ns & 0xFFFFFFFF,
        len(record.octets),
        record.claimed,
    )
    return block(order, 2, head + record.octets)


def simple(order: str, record: Record) -> bytes:
    return block(order, 3, struct.pack(order + "I", record.claimed) + record.octets)


NANOSECONDS = ((9, b"\x09"),)


def pcapng(records: Sequence[Record], order: str = "<") -> bytes:
    body = b"".join(enhanced(order, record) for record in records)
    return section(order) + interface(order, options=NANOSECONDS) + body
