"""Messages of IGMP, versions 2 and 3, in IPv4 packets as a host sends and hears them (RFC 2236, RFC 3376)."""

import struct
from ipaddress import IPv4Address
from typing import Literal, NamedTuple

from linetest.service.packets_ipv4 import checksum, read_ipv4
from linetest.transports.multicast import Channel

IGMP = 2
Version = Literal[2, 3]
ALL_ROUTERS, ALL_V3_ROUTERS = "224.0.0.2", "224.0.0.22"
_QUERY, _V2_REPORT, _V2_LEAVE, _V3_REPORT = 0x11, 0x16, 0x17, 0x22
_HEAD, _V3_QUERY = 8, 12
_SERVICE, _ROUTER_ALERT = 0xC0, bytes.fromhex("94040000")  # RFC 3376 section 4; RFC 2113
_IS_IN, _IS_EX, _TO_IN, _TO_EX, _ALLOW, _BLOCK = range(1, 7)  # RFC 3376 section 4.2.12
_V1_WAIT_S = 10.0  # RFC 2236 section 4
_ANY = IPv4Address(0)


class Query(NamedTuple):
    """What a querier asks."""

    version: Version
    """One of version 1 counts as 2."""
    group: str | None
    """None for all groups."""
    sources: tuple[str, ...]
    """Asked for these only; empty for any."""
    within_s: float
    """The answer is wanted within so long."""
    querier: str


class Packet(NamedTuple):
    """An IPv4 packet and the group that it goes to."""

    to: str
    octets: bytes


def joining(channel: Channel, version: Version, own: IPv4Address) -> Packet:
    """Return the report of a channel that was just joined."""
    return _report(channel, version, own, _ALLOW if channel.source else _TO_EX)


def belonging(channel: Channel, version: Version, own: IPv4Address) -> Packet:
    """Return the answer to a query for a channel that is joined."""
    return _report(channel, version, own, _IS_IN if channel.source else _IS_EX)


def leaving(channel: Channel, version: Version, own: IPv4Address) -> Packet:
    """Return the message that a channel is left."""
    if version == 2:
        return _packet(ALL_ROUTERS, own, _v2(_V2_LEAVE, channel.group))
    return _report(channel, version, own, _BLOCK if channel.source else _TO_IN)


def read_query(octets: bytes) -> Query | None:
    """Return the query in an IPv4 packet; None for every other packet, and for a damaged one."""
    packet = read_ipv4(octets)
    if packet is None or packet.protocol != IGMP or packet.is_fragment or len(packet.payload) < _HEAD:
        return None
    message = packet.payload
    if message[0] != _QUERY or checksum(message) != 0:
        return None
    querier = str(IPv4Address(packet.src))
    group = None if message[4:8] == _ANY.packed else str(IPv4Address(message[4:8]))
    if len(message) < _V3_QUERY:
        return Query(2, group, (), message[1] / 10.0 or _V1_WAIT_S, querier)
    many = int.from_bytes(message[10:12], "big")
    ends = range(_V3_QUERY, min(_V3_QUERY + 4 * many, len(message) - 3), 4)
    sources = tuple(str(IPv4Address(message[at : at + 4])) for at in ends)
    return Query(3, group, sources, _within_s(message[1]), querier)


def _within_s(code: int) -> float:
    """Return the time of a Max Resp Code, a small floating-point number from 128 on (RFC 3376 section 4.1.1)."""
    tenths = code if code < 0x80 else ((code & 0x0F) | 0x10) << (((code >> 4) & 0x07) + 3)
    return tenths / 10.0


def _report(channel: Channel, version: Version, own: IPv4Address, kind: int) -> Packet:
    if version == 2:
        return _packet(channel.group, own, _v2(_V2_REPORT, channel.group))
    sources = [] if channel.source is None else [IPv4Address(channel.source).packed]
    record = struct.pack("!BBH4s", kind, 0, len(sources), IPv4Address(channel.group).packed) + b"".join(sources)
    return _packet(ALL_V3_ROUTERS, own, _summed(struct.pack("!BBHHH", _V3_REPORT, 0, 0, 0, 1) + record))


def _v2(kind: int, group: str) -> bytes:
    return _summed(struct.pack("!BBH4s", kind, 0, 0, IPv4Address(group).packed))


def _summed(message: bytes) -> bytes:
    return message[:2] + checksum(message).to_bytes(2, "big") + message[4:]


def _packet(to: str, own: IPv4Address, message: bytes) -> Packet:
    """Return a message in a packet that no router passes on and every router on the way looks at."""
    total = 20 + len(_ROUTER_ALERT) + len(message)
    head = struct.pack("!BBHHHBBH4s4s", 0x46, _SERVICE, total, 0, 0, 1, IGMP, 0, own.packed, IPv4Address(to).packed)
    head += _ROUTER_ALERT
    return Packet(to, head[:10] + checksum(head).to_bytes(2, "big") + head[12:] + message)
