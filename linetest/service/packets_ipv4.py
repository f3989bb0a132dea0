"""IPv4 packets with ICMP and UDP, as one small host needs them (RFC 791, RFC 792, RFC 768)."""

import struct
from typing import NamedTuple

ICMP = 1
UDP = 17
_HEAD = struct.Struct("!BBHHHBBH4s4s")
_UDP_HEAD = struct.Struct("!HHHH")
_TTL = 64
_DONT_FRAGMENT, _MORE_FRAGMENTS, _OFFSET = 0x4000, 0x2000, 0x1FFF


class Ipv4(NamedTuple):
    """An IPv4 packet that came whole, or one of its fragments."""

    protocol: int
    src: bytes
    dst: bytes
    payload: bytes
    is_fragment: bool


def ipv4(
    protocol: int,
    src: bytes,
    dst: bytes,
    payload: bytes,
    *,
    number: int = 0,
    dont_fragment: bool = True,
    hops: int | None = None,
) -> bytes:
    """Return a packet; `number` is its identification, `hops` its time to live."""
    flags = _DONT_FRAGMENT if dont_fragment else 0
    total = _HEAD.size + len(payload)
    head = _HEAD.pack(0x45, 0, total, number & 0xFFFF, flags, hops or _TTL, protocol, 0, src, dst)
    return head[:10] + checksum(head).to_bytes(2, "big") + head[12:] + payload


def fragments(packet: bytes, mtu: int) -> list[bytes]:
    """Return a packet of ours without "don't fragment" as pieces of at most `mtu` octets (RFC 791 section 3.2)."""
    if len(packet) <= mtu:
        return [packet]
    step = (mtu - _HEAD.size) // 8 * 8
    body = packet[_HEAD.size :]
    pieces = []
    for at in range(0, len(body), step):
        more = _MORE_FRAGMENTS if at + step < len(body) else 0
        piece = body[at : at + step]
        head = packet[:2] + struct.pack("!H", _HEAD.size + len(piece)) + packet[4:6]
        head += struct.pack("!H", more | at // 8) + packet[8:10] + bytes(2) + packet[12 : _HEAD.size]
        pieces.append(head[:10] + checksum(head).to_bytes(2, "big") + head[12:] + piece)
    return pieces


def read_ipv4(octets: bytes) -> Ipv4 | None:
    """Return the packet in `octets`, its padding taken off; None where its head is damaged."""
    if len(octets) < _HEAD.size:
        return None
    version, _tos, total, _number, flags, _ttl, protocol, _sum, src, dst = _HEAD.unpack_from(octets)
    head = (version & 0x0F) * 4
    if version >> 4 != 4 or not _HEAD.size <= head <= total <= len(octets) or checksum(octets[:head]) != 0:
        return None
    is_fragment = bool(flags & (_MORE_FRAGMENTS | _OFFSET))
    return Ipv4(protocol, src, dst, octets[head:total], is_fragment)


def icmp(kind: int, code: int, rest: bytes, body: bytes) -> bytes:
    """Return an ICMP message; `rest` is the four octets behind the checksum."""
    message = bytes([kind, code, 0, 0]) + rest + body
    return message[:2] + checksum(message).to_bytes(2, "big") + message[4:]


def udp(src: bytes, dst: bytes, src_port: int, dst_port: int, payload: bytes) -> bytes:
    """Return a UDP datagram with its checksum."""
    length = _UDP_HEAD.size + len(payload)
    datagram = _UDP_HEAD.pack(src_port, dst_port, length, 0) + payload
    pseudo = src + dst + struct.pack("!BBH", 0, UDP, length)
    return datagram[:6] + (checksum(pseudo + datagram) or 0xFFFF).to_bytes(2, "big") + datagram[8:]


def read_udp(packet: Ipv4) -> tuple[int, int, bytes] | None:
    """Return source port, destination port and payload; None where it is damaged."""
    if packet.protocol != UDP or len(packet.payload) < _UDP_HEAD.size:
        return None
    src_port, dst_port, length, check = _UDP_HEAD.unpack_from(packet.payload)
    if not _UDP_HEAD.size <= length <= len(packet.payload):
        return None
    pseudo = packet.src + packet.dst + struct.pack("!BBH", 0, UDP, length)
    if check and checksum(pseudo + packet.payload[:length]) != 0:
        return None
    return src_port, dst_port, packet.payload[_UDP_HEAD.size : length]


def checksum(octets: bytes) -> int:
    """Return the Internet checksum (RFC 1071); 0 over what holds its own."""
    octets += b"\0" * (len(octets) % 2)
    total: int = sum(struct.unpack(f"!{len(octets) // 2}H", octets))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
