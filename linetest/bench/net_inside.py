"""The network behind a simulated access line: hosts that answer echo requests, name servers, datagrams.

It takes IPv4 packets of the customer and returns the answers; who carries them (a PPPoE session, Ethernet frames) does
not matter. Written from RFC 791, RFC 792, RFC 768 and RFC 1191; it shares nothing with the host that is tested.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import IPv4Address

Answerer = Callable[[bytes, int, bytes], bytes | None]
"""Called with the customer's address, port and payload; returns what is answered, None for silence."""

_HEAD = struct.Struct("!BBHHHBBH4s4s")
_ICMP, _UDP = 1, 17
_DF = 0x4000


@dataclass
class Inside:
    """The hosts, and what is wrong with the way to them."""

    gateway: str = "10.64.0.1"
    routers: tuple[str, ...] = ()
    """The routers on the way, the customer's nearest first: a packet's time to live ends at them."""
    silent_hosts: tuple[str, ...] = ()
    """Addresses that answer nothing."""
    largest_packet: int = 1500
    """What passes the narrowest link."""
    black_hole: bool = False
    """The narrow link drops large packets without a word, instead of "fragmentation needed"."""
    drop_every: int = 0
    """Every so many packets one is lost; 0 for none."""
    services: dict[tuple[str, int], Answerer] = field(default_factory=dict)
    """Who answers datagrams to an address and a port."""
    count: int = 0

    def answer(self, packet: bytes) -> list[bytes]:
        """Return the packets that answer one of the customer."""
        if len(packet) < _HEAD.size or packet[0] != 0x45:
            return []
        _v, _tos, total, _id, flags, ttl, protocol, _sum, src, dst = _HEAD.unpack_from(packet)
        packet = packet[:total]
        self.count += 1
        if self.drop_every and self.count % self.drop_every == 0:
            return []
        if ttl <= len(self.routers):
            quoted = b"\x0b\0\0\0" + bytes(4) + packet[:28]
            return [_packet(_ICMP, IPv4Address(self.routers[ttl - 1]).packed, src, _summed(quoted, 2))]
        if total > self.largest_packet and flags & _DF:
            return [] if self.black_hole else [self._too_big(packet, src)]
        if str(IPv4Address(dst)) in self.silent_hosts:
            return []
        if protocol == _ICMP and packet[20:21] == b"\x08":
            return [_packet(_ICMP, dst, src, _summed(b"\0\0\0\0" + packet[24:], 2))]
        return self._datagram(packet, src, dst) if protocol == _UDP else []

    def _datagram(self, packet: bytes, src: bytes, dst: bytes) -> list[bytes]:
        near, far, length, _sum = struct.unpack_from("!HHHH", packet, 20)
        service = self.services.get((str(IPv4Address(dst)), far))
        if service is None:
            quoted = b"\x03\x03\0\0" + bytes(4) + packet[:28]
            return [_packet(_ICMP, dst, src, _summed(quoted, 2))]
        said = service(src, near, packet[28 : 20 + length])
        if said is None:
            return []
        datagram = struct.pack("!HHHH", far, near, 8 + len(said), 0) + said
        pseudo = dst + src + struct.pack("!HH", _UDP, len(datagram))
        check = _sum_of(pseudo + datagram) or 0xFFFF
        return [_packet(_UDP, dst, src, datagram[:6] + struct.pack("!H", check) + datagram[8:])]

    def _too_big(self, packet: bytes, src: bytes) -> bytes:
        quoted = b"\x03\x04\0\0" + struct.pack("!HH", 0, self.largest_packet) + packet[:28]
        return _packet(_ICMP, IPv4Address(self.gateway).packed, src, _summed(quoted, 2))


def _packet(protocol: int, src: bytes, dst: bytes, body: bytes) -> bytes:
    head = _HEAD.pack(0x45, 0, 20 + len(body), 1, 0, 62, protocol, 0, src, dst)
    return _summed(head, 10) + body


def _summed(octets: bytes, at: int) -> bytes:
    return octets[:at] + struct.pack("!H", _sum_of(octets)) + octets[at + 2 :]


def _sum_of(octets: bytes) -> int:
    """Return the checksum over octets in which its own place is zero."""
    total = 0
    for at in range(0, len(octets), 2):
        total += int.from_bytes(octets[at : at + 2].ljust(2, b"\0"), "big")
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF
