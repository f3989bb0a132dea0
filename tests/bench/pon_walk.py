"""A pcap of a PON walked with struct alone, for the tests of the simulator that wrote it."""

import struct
from typing import NamedTuple

LASER_AND_SYNC_TQ = 32 + 52 + 32
LEAST_PROCESSING_TQ = 1024
WRAP = 2**32


class Record(NamedTuple):
    """One frame as the file has it."""

    number: int
    time_ns: int
    security: int
    mode: int
    llid: int
    crc8: int
    frame: bytes

    @property
    def ethertype(self) -> int:
        return int.from_bytes(self.frame[12:14], "big")

    @property
    def opcode(self) -> int:
        return int.from_bytes(self.frame[14:16], "big") if self.ethertype == 0x8808 else 0

    @property
    def timestamp(self) -> int:
        return int.from_bytes(self.frame[16:20], "big")

    @property
    def source(self) -> str:
        return self.frame[6:12].hex(":")


def walk(body: bytes) -> list[Record]:
    """Return the records of a nanosecond pcap, little endian, link type 259 with seven octets of preamble."""
    magic, _major, _minor, _zone, _sigfigs, _snap, link = struct.unpack_from("<IHHiIII", body)
    assert (magic, link) == (0xA1B23C4D, 259)
    at = 24
    records: list[Record] = []
    while at < len(body):
        second, nanosecond, kept, length = struct.unpack_from("<IIII", body, at)
        octets = body[at + 16 : at + 16 + kept]
        assert kept == length == len(octets)
        assert octets[:3] == b"\x55\xd5\x55"
        llid = int.from_bytes(octets[4:6], "big")
        time_ns = second * 10**9 + nanosecond
        records.append(Record(len(records) + 1, time_ns, octets[3], llid >> 15, llid & 0x7FFF, octets[6], octets[7:]))
        at += 16 + kept
    return records


class Grant(NamedTuple):
    """One grant of a GATE."""

    gate: Record
    start: int
    length: int
    discovery: bool
    forced: bool


def grants_of(gate: Record) -> list[Grant]:
    flags = gate.frame[20]
    found = []
    for place in range(flags & 7):
        start, length = struct.unpack_from(">IH", gate.frame, 21 + 6 * place)
        found.append(Grant(gate, start, length, bool(flags & 8), bool(flags >> 4 + place & 1)))
    return found


def apart(later: int, earlier: int) -> int:
    """Return the signed difference of two clock values."""
    return (later - earlier + WRAP // 2) % WRAP - WRAP // 2
