"""Stations of a simulated Ethernet segment that speak IPv4: a gateway, and a rival who has another's address.

Written from RFC 826 and RFC 5227.
"""

import struct
from ipaddress import IPv4Address

from linetest.bench.net_inside import Inside
from linetest.bench.net_wire import Seen, Wire

_ARP, _IPV4 = 0x0806, 0x0800
_REQUEST, _REPLY = 1, 2
_ARP_PACKET = struct.Struct("!HHBBH6s4s6s4s")


class Gateway:
    """Answers for one address, and carries packets to and from what lies behind it."""

    def __init__(self, wire: Wire, address: str, inside: Inside, mac: bytes = b"\x02\xaa\x00\x00\x00\x01") -> None:
        self.address = IPv4Address(address).packed
        self.mac = mac
        self._wire = wire
        self._inside = inside

    def hear(self, frame: Seen) -> None:
        """Take a frame."""
        if frame.ethertype == _ARP:
            _answer_arp(self._wire, self, frame, self.address, self.mac)
        elif frame.ethertype == _IPV4 and frame.dst == self.mac:
            for packet in self._inside.answer(frame.payload):
                self._wire.send(self, frame.src, self.mac, frame.tags, _IPV4, packet)


class Rival:
    """A device that has an address which another one was given."""

    def __init__(self, wire: Wire, address: str, mac: bytes = b"\x02\xee\x00\x00\x00\x66") -> None:
        self.mac = mac
        self._address = IPv4Address(address).packed
        self._wire = wire

    def hear(self, frame: Seen) -> None:
        """Say to whoever asks that the address is its own."""
        if frame.ethertype == _ARP:
            _answer_arp(self._wire, self, frame, self._address, self.mac)


def _answer_arp(wire: Wire, station: Gateway | Rival, frame: Seen, address: bytes, mac: bytes) -> None:
    if len(frame.payload) < _ARP_PACKET.size:
        return
    *_kinds, operation, asker, asker_address, _nobody, wanted = _ARP_PACKET.unpack_from(frame.payload)
    if operation == _REQUEST and wanted == address and asker != mac:
        reply = _ARP_PACKET.pack(1, _IPV4, 6, 4, _REPLY, mac, address, asker, asker_address)
        wire.send(station, asker, mac, frame.tags, _ARP, reply)
