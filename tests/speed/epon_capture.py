"""Writes the capture that EPON speeds are measured on: a faultless PON of 64 ONUs, 35 % MPCP, mean frame 445 octets.

Each slot belongs to one ONU in turn. In it the OLT sends that ONU the grant of its slot one round later, and the ONU
sends a REPORT and users' frames, IPv4 filled at random. Nanosecond pcap with preamble and FCS.
"""

import struct
import zlib
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
Int64s = npt.NDArray[np.int64]

_ONUS = 64
_SLOT_TQ = 2000
_GRANT_TQ = 1700
_TQ_NS = 16
_BEGIN_NS = 1_700_000_000_000_000_000 // _TQ_NS * _TQ_NS
_REGISTRATION_TQ = 20_000
_USERS = (3, 4, 4, 3, 4, 4, 4)  # users' frames of a slot: with GATE and REPORT 40 frames, of which 14 are MPCP
_PATTERN = [kind for users in _USERS for kind in range(2 + users)]
_AFTER_TQ = np.array([10, 100, 200, 300, 850, 950])  # of each kind: GATE, REPORT, up, down, up, down
_SLOTS_AT_ONCE = 7 * 2500
_MPCP_SIZE = 64
_OLT = 0x0200_0000_0001
_MPCP_DA = 0x0180_C200_0001
_PCAP_HEAD = 16
_EXPERIMENTAL = 253  # an IP protocol that tshark and scapy do not look into


def write_capture(path: Path, frames: int) -> None:
    """Write a capture of at least so many frames; at most some thousands more."""
    octets = np.random.default_rng(5).integers(1, 256, 1 << 24, np.uint8)
    with path.open("wb") as stream:
        stream.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 65535, 259))
        written = _write_registrations(stream)
        slot = 0
        while written < frames:
            slots = min(_SLOTS_AT_ONCE, -(-(frames - written) // 40) * 7)
            body, count = _slots(slot, slots, octets)
            stream.write(body.data)
            slot += slots
            written += count


def _slots(first: int, slots: int, octets: Bytes) -> tuple[Bytes, int]:
    """Return the records of some slots, and how many."""
    kind = np.tile(_PATTERN, slots // 7)
    slot = first + np.repeat(np.arange(slots), np.tile([2 + users for users in _USERS], slots // 7))
    onu = slot % _ONUS
    tq = _ONUS * _REGISTRATION_TQ + slot * _SLOT_TQ + _AFTER_TQ[kind]
    rng = np.random.default_rng(first)
    size = np.where(kind < 2, _MPCP_SIZE, rng.integers(64, 1216, kind.size))
    length = 7 + size
    at = np.concatenate([[0], np.cumsum(_PCAP_HEAD + length)])
    body = np.resize(octets[int(rng.integers(0, 1 << 20)) :], int(at[-1]))
    at = at[:-1]
    _put(body, at, _record_heads(tq, length))
    is_down = np.isin(kind, (0, 3, 5))
    _put(body, at + 16, _preambles(onu + 1))
    da = at + 23
    user = 0x0600_0000_0100 + onu
    for chosen, head in (
        (np.flatnonzero(kind == 0), _gates),
        (np.flatnonzero(kind == 1), _reports),
    ):
        _put(body, da[chosen], head(onu[chosen], tq[chosen], slot[chosen]))
    ups = np.flatnonzero((kind >= 2) & ~is_down)
    _put(body, da[ups], _users(np.full(ups.size, _OLT + 1), user[ups], size[ups]))
    downs = np.flatnonzero((kind >= 2) & is_down)
    _put(body, da[downs], _users(user[downs], np.full(downs.size, _OLT + 1), size[downs]))
    _put_fcs(body, da, da + size)
    return body, kind.size


def _record_heads(tq: Int64s, length: Int64s) -> Bytes:
    time_ns = _BEGIN_NS + tq * _TQ_NS
    return np.stack([time_ns // 10**9, time_ns % 10**9, length, length], axis=1).astype("<u4").view(np.uint8)


def _preambles(llid: Int64s) -> Bytes:
    """Return preambles of mode 0."""
    table = np.array([list(_preamble(value)) for value in range(_ONUS + 1)], np.uint8)
    return table[llid]


def _preamble(port: int) -> bytes:
    octets = bytes([0xD5, 0x55, 0x55]) + struct.pack(">H", port)
    crc = 0
    for octet in octets:
        crc ^= octet
        for _bit in range(8):
            crc = crc >> 1 ^ 0xE0 if crc & 1 else crc >> 1
    return b"\x55" + octets + bytes([crc])


def _mpcpdus(opcode: int, source: Int64s, timestamp: Int64s) -> Bytes:
    pdus = np.zeros((source.size, _MPCP_SIZE), np.uint8)
    pdus[:, :6] = _octets(np.full(source.size, _MPCP_DA), 6)
    pdus[:, 6:12] = _octets(source, 6)
    pdus[:, 12:16] = [0x88, 0x08, 0, opcode]
    pdus[:, 16:20] = _octets(timestamp, 4)
    return pdus


def _gates(onu: Int64s, tq: Int64s, slot: Int64s) -> Bytes:
    pdus = _mpcpdus(2, np.full(onu.size, _OLT), tq)
    pdus[:, 20] = 0x11  # one grant, report in it
    slot_tq = _ONUS * _REGISTRATION_TQ + (slot + _ONUS) * _SLOT_TQ
    pdus[:, 21:25] = _octets(slot_tq - _rtt_tq(onu), 4)
    pdus[:, 25:27] = _octets(np.full(onu.size, _GRANT_TQ), 2)
    return pdus


def _reports(onu: Int64s, tq: Int64s, _slot: Int64s) -> Bytes:
    pdus = _mpcpdus(3, _mac(onu), tq - _rtt_tq(onu))
    pdus[:, 20:27] = [2, 0x01, 0x01, 0x00, 0x01, 0x02, 0x00]
    return pdus


def _users(destination: Int64s, source: Int64s, size: Int64s) -> Bytes:
    heads = np.zeros((size.size, 34), np.uint8)
    heads[:, :6] = _octets(destination, 6)
    heads[:, 6:12] = _octets(source, 6)
    heads[:, 12:16] = [0x08, 0x00, 0x45, 0x00]
    heads[:, 16:18] = _octets(size - 18, 2)
    heads[:, 22:24] = [64, _EXPERIMENTAL]
    heads[:, 26:34] = [10, 0, 0, 1, 10, 0, 0, 2]
    return heads


def _mac(onu: Int64s) -> Int64s:
    return 0x0200_0000_0100 + onu


def _rtt_tq(onu: Int64s) -> Int64s:
    return 300 + 50 * onu


def _octets(values: Int64s, count: int) -> Bytes:
    return values.astype(">i8").view(np.uint8).reshape(-1, 8)[:, 8 - count :]


def _put(body: Bytes, at: Int64s, rows: Bytes) -> None:
    """Write each row at its place."""
    size = rows.shape[1]
    places = np.ndarray((body.size - size + 1,), f"V{size}", body, 0, (1,))
    places[at] = np.ascontiguousarray(rows).view(f"V{size}")[:, 0]


def _put_fcs(body: Bytes, begin: Int64s, end: Int64s) -> None:
    view = body.data
    crcs = [zlib.crc32(view[first : last - 4]) for first, last in zip(begin.tolist(), end.tolist(), strict=True)]
    _put(body, end - 4, np.array(crcs, "<u4").view(np.uint8).reshape(-1, 4))


def _write_registrations(stream: BinaryIO) -> int:
    """Write how each ONU registers; return the number of frames."""
    count = 0
    for onu in range(_ONUS):
        begin = onu * _REGISTRATION_TQ
        rtt, mac, llid = 300 + 50 * onu, 0x0200_0000_0100 + onu, onu + 1
        window = begin + 2000  # in the ONU's clock; its REGISTER_REQ comes 100 TQ later
        talk = (
            (begin, 0xFFFF, _MPCP_DA, _OLT, begin, struct.pack(">HBIHH", 2, 9, window, 5_000, 40)),
            (window + rtt + 100, 0x7FFF, _MPCP_DA, mac, window + 100, struct.pack(">HBB", 4, 1, 16)),
            (begin + 8_000, 0xFFFF, mac, _OLT, begin + 8_000, struct.pack(">HHBHB", 5, llid, 3, 40, 16)),
            (begin + 8_100, llid, _MPCP_DA, _OLT, begin + 8_100, struct.pack(">HBIH", 2, 1, begin + 12_000, 500)),
            (begin + 12_100 + rtt, llid, _MPCP_DA, mac, begin + 12_100, struct.pack(">HBHH", 6, 1, llid, 40)),
        )
        for tq, port, destination, source, timestamp, body in talk:
            frame = destination.to_bytes(6, "big") + source.to_bytes(6, "big") + b"\x88\x08" + body[:2]
            frame = (frame + timestamp.to_bytes(4, "big") + body[2:]).ljust(_MPCP_SIZE - 4, b"\0")
            octets = _preamble(port) + frame + struct.pack("<I", zlib.crc32(frame))
            stream.write(_record_heads(np.array([tq]), np.array([len(octets)])).tobytes() + octets)
            count += 1
    return count
