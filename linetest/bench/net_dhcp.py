"""Simulated DHCP servers on a simulated segment, rogue ones too. Written from RFC 2131 and RFC 2132.

They share nothing with the client that is tested: a server takes its octets apart by hand.
"""

import struct
from dataclasses import dataclass, field
from ipaddress import IPv4Address

from linetest.bench.net_wire import Seen, Wire

_IPV4 = 0x0800
_BROADCAST = b"\xff" * 6
_COOKIE = bytes.fromhex("63825363")
_DISCOVER, _OFFER, _REQUEST, _ACK, _NAK, _RELEASE = 1, 2, 3, 5, 6, 7


@dataclass
class DhcpServer:
    """One server, and what is wrong with it."""

    wire: Wire
    mac: bytes
    address: str
    offered: str
    gateway: str
    dns: tuple[str, ...] = ()
    tags: bytes = b""
    mask: str = "255.255.255.0"
    lease_s: int = 3600
    more: dict[int, bytes] = field(default_factory=dict)
    """Further options."""
    delay_s: float = 0.0
    silent: int = 0
    """So many messages it does not hear."""
    refuses: bool = False
    """It says NAK to every request."""
    only_class: bytes | None = None
    """It answers this vendor class (option 60) alone."""
    released: list[str] = field(default_factory=list)
    """The addresses that were given back."""
    asked: list[dict[int, bytes]] = field(default_factory=list)
    """The options of all messages that it heard."""

    def hear(self, frame: Seen) -> None:
        """Take a frame of the segment."""
        if frame.tags != self.tags or frame.ethertype != _IPV4 or frame.dst not in (_BROADCAST, self.mac):
            return
        packet = frame.payload
        if len(packet) < 268 or packet[9] != 17 or packet[22:24] != b"\0\x43" or packet[264:268] != _COOKIE:
            return
        options = _options(packet[268:])
        self.asked.append(options)
        if self.silent > 0:
            self.silent -= 1
        elif self.only_class is None or options.get(60) == self.only_class:
            self._answer(packet[28:], options)

    def _answer(self, message: bytes, options: dict[int, bytes]) -> None:
        kind = options.get(53, b"\0")[0]
        if kind == _RELEASE and options.get(54) == IPv4Address(self.address).packed:
            self.released.append(str(IPv4Address(message[12:16])))
        if kind == _DISCOVER:
            self.wire.later(self.delay_s, lambda: self._send(message, _OFFER))
        if kind == _REQUEST and options.get(54) == IPv4Address(self.address).packed:
            is_ours = options.get(50) == IPv4Address(self.offered).packed
            said = _ACK if is_ours and not self.refuses else _NAK
            self.wire.later(self.delay_s, lambda: self._send(message, said))

    def _send(self, message: bytes, kind: int) -> None:
        client = message[28:34]
        yours = IPv4Address(self.offered).packed if kind != _NAK else bytes(4)
        own = IPv4Address(self.address).packed
        reply = b"\x02\x01\x06\0" + message[4:8] + bytes(4) + bytes(4) + yours + bytes(8) + client + bytes(10 + 192)
        told = {53: bytes([kind]), 54: own}
        if kind != _NAK:
            told |= {
                51: struct.pack("!I", self.lease_s),
                1: IPv4Address(self.mask).packed,
                3: IPv4Address(self.gateway).packed,
                **({6: b"".join(IPv4Address(one).packed for one in self.dns)} if self.dns else {}),
                **self.more,
            }
        body = reply + _COOKIE + b"".join(bytes([code, len(one)]) + one for code, one in told.items()) + b"\xff"
        datagram = struct.pack("!HHHH", 67, 68, 8 + len(body), 0) + body
        head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(datagram), 7, 0, 64, 17, 0, own, b"\xff" * 4)
        head = head[:10] + struct.pack("!H", _sum_of(head)) + head[12:]
        self.wire.send(self, _BROADCAST, self.mac, self.tags, _IPV4, head + datagram)


def _options(octets: bytes) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    at = 0
    while at + 1 < len(octets) and octets[at] != 255:
        if octets[at] == 0:
            at += 1
            continue
        found[octets[at]] = octets[at + 2 : at + 2 + octets[at + 1]]
        at += 2 + octets[at + 1]
    return found


def _sum_of(head: bytes) -> int:
    total: int = sum(struct.unpack("!10H", head))
    total = (total & 0xFFFF) + (total >> 16)
    return (total + (total >> 16)) & 0xFFFF ^ 0xFFFF
