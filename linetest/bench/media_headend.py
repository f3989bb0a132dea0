"""The head end of television on a simulated segment: it hears IGMP in frames and sends what was asked for.

Written from RFC 2236 and RFC 3376; it shares nothing with the host that is tested.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from ipaddress import IPv4Address

from linetest.bench.media_sender import MediaChannel
from linetest.bench.media_stream import PACKETS_PER_DATAGRAM, datagrams
from linetest.bench.net_wire import Seen, Wire

_IPV4, _IGMP, _UDP = 0x0800, 2, 17
_V2_REPORT, _V2_LEAVE, _V3_REPORT = 0x16, 0x17, 0x22
_JOINS, _INCLUDES = (2, 4, 5), (1, 3)  # kinds of a group record: IS_EX, TO_EX, ALLOW; IS_IN, TO_IN; BLOCK is the other
_TTL = 16


@dataclass
class HeadendSettings:
    """What a head end is like."""

    channels: list[MediaChannel]
    tags: bytes = b""
    """VLAN tags of the frames that it hears, as they stand in a frame."""
    sends_tags: bytes | None = None
    """Those of the frames that it sends, where it is wrong; else `tags`."""
    version: int = 2
    """What it speaks: 2 or 3. What is of another version is not heard."""
    asks_after_s: float | None = 0.05
    """From the first join to a query for all groups; None for none."""
    within_tenths: int = 2
    """How long an answer may take, in tenths of a second."""
    address: str = "10.99.0.1"
    mac: bytes = b"\x02\xcc\x00\x00\x00\x01"


@dataclass
class Headend:
    """The station."""

    wire: Wire
    settings: HeadendSettings
    heard: list[tuple[str, str, str]] = field(default_factory=list)
    """What it was told, in order: ``join``, ``leave`` or ``answer``; the group; and from which address."""
    wanted: set[str] = field(default_factory=set)
    _begun: bool = False

    def hear(self, frame: Seen) -> None:
        """Take a frame."""
        if frame.ethertype != _IPV4 or frame.tags != self.settings.tags or len(frame.payload) < 28:
            return
        packet = frame.payload
        head = (packet[0] & 0x0F) * 4
        total = int.from_bytes(packet[2:4], "big")
        is_right = packet[8] == 1 and packet[20:24] == bytes.fromhex("94040000") and frame.dst == _mac(packet[16:20])
        message = packet[head:total]
        if packet[9] != _IGMP or not is_right or _sum(packet[:head]) or _sum(message):
            return
        for what, group in self._told(message):
            self._take(what, group, str(IPv4Address(packet[12:16])))

    def query(self, group: str | None = None) -> None:
        """Ask for one group or for all; only from within a station."""
        body = struct.pack("!BBH4s", 0x11, self.settings.within_tenths, 0, IPv4Address(group or 0).packed)
        if self.settings.version == 3:
            body += bytes([2, 125, 0, 0])
        message = body[:2] + _sum(body).to_bytes(2, "big") + body[4:]
        self._send(group or "224.0.0.1", _IGMP, message, ttl=1)

    def _told(self, message: bytes) -> Iterator[tuple[str, str]]:
        kind = message[0]
        if self.settings.version == 2 and kind in (_V2_REPORT, _V2_LEAVE):
            group = str(IPv4Address(message[4:8]))
            known = "answer" if group in self.wanted else "join"
            yield (known if kind == _V2_REPORT else "leave"), group
        if self.settings.version == 3 and kind == _V3_REPORT:
            at = 8
            for _record in range(int.from_bytes(message[6:8], "big")):
                record, _words, sources = struct.unpack_from("!BBH", message, at)
                group = str(IPv4Address(message[at + 4 : at + 8]))
                is_wanted = record in _JOINS or (record in _INCLUDES and sources > 0)
                known = "answer" if group in self.wanted else "join"
                yield (known if is_wanted else "leave"), group
                at += 8 + 4 * sources

    def _take(self, what: str, group: str, who: str) -> None:
        self.heard.append((what, group, who))
        if what == "join":
            self.wanted.add(group)
            for channel in self.settings.channels:
                if channel.group == group:
                    self.wire.later(channel.join_s, lambda channel=channel: self._begin(channel))  # type: ignore[misc]
            if not self._begun and self.settings.asks_after_s is not None:
                self.wire.later(self.settings.asks_after_s, self.query)
            self._begun = True
        elif what == "leave" and group in self.wanted:
            leave_s = next((one.leave_s for one in self.settings.channels if one.group == group), 0.0)
            self.query(group)
            self.wire.later(leave_s, lambda: self.wanted.discard(group))

    def _begin(self, channel: MediaChannel) -> None:
        stream = datagrams(first_number=channel.first_number, fault=channel.fault, mbps=channel.mbps)
        self._go_on(channel, stream, 8e-6 * PACKETS_PER_DATAGRAM * 188 / channel.mbps)

    def _go_on(self, channel: MediaChannel, stream: Iterator[list[bytes]], turn_s: float) -> None:
        if channel.group not in self.wanted:
            return
        for body in next(stream):
            self._send(channel.group, _UDP, struct.pack("!HHHH", 4000, channel.port, 8 + len(body), 0) + body, ttl=_TTL)
        self.wire.later(turn_s, lambda: self._go_on(channel, stream, turn_s))

    def _send(self, to: str, protocol: int, body: bytes, *, ttl: int) -> None:
        settings = self.settings
        ends = IPv4Address(settings.address).packed, IPv4Address(to).packed
        head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(body), 0, 0, ttl, protocol, 0, *ends)
        packet = head[:10] + _sum(head).to_bytes(2, "big") + head[12:] + body
        tags = settings.tags if settings.sends_tags is None or protocol == _IGMP else settings.sends_tags
        self.wire.send(self, _mac(ends[1]), settings.mac, tags, _IPV4, packet)


def _mac(group: bytes) -> bytes:
    return b"\x01\x00\x5e" + bytes([group[1] & 0x7F]) + group[2:]


def _sum(octets: bytes) -> int:
    """Return the Internet checksum; 0 over what holds its own."""
    octets += b"\0" * (len(octets) % 2)
    total: int = sum(struct.unpack(f"!{len(octets) // 2}H", octets))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
