"""IPv4 over Ethernet frames: who has which address (RFC 826), and who else has ours (RFC 5227)."""

import struct
import threading
import time
from ipaddress import IPv4Interface

from linetest.transports.carrier import Envelope
from linetest.transports.frames import BROADCAST, Frame, FrameLink

ARP = 0x0806
IPV4 = 0x0800
_PACKET = struct.Struct("!HHBBH6s4s6s4s")
_REQUEST, _REPLY = 1, 2
_NOBODY = bytes(4)
_TRIES = 3
_TRY_S = 0.5
_MOST_KNOWN = 256


class EthernetMedium:
    """Packets in frames of one link; see `linetest.service.host.Medium`."""

    def __init__(self, link: FrameLink, own: IPv4Interface, gateway: str | None) -> None:
        self.mtu = link.mtu
        self.rivals: set[bytes] = set()
        """MAC addresses of others who say that they have our address."""
        self._link = link
        self._own = own
        self._gateway = None if gateway is None else IPv4Interface(gateway).ip.packed
        self._known: dict[bytes, bytes] = {}
        self._news = threading.Condition()

    def send(self, dst: bytes, packet: bytes) -> None:
        """Send one packet; as in every host it is lost when nobody has the address of the next hop."""
        mac = self._next_mac(dst)
        if mac is not None:
            self._link.send(mac, IPV4, packet)

    def envelope(self, dst: bytes) -> Envelope | None:
        """Return how packets to an address lie in frames; None when nobody has the address of the next hop."""
        mac = self._next_mac(dst)
        return None if mac is None else Envelope(self._link, mac, is_only_far=False, ethertype=IPV4)

    def receive(self, until_s: float) -> tuple[bytes, float] | None:
        """Return a packet and when it came; None when none came until then, or something else came."""
        frame = self._link.receive(until_s - time.monotonic())
        if frame is None:
            return None
        if frame.ethertype == ARP:
            self._arp(frame)
        return (frame.payload, frame.at_s) if frame.ethertype == IPV4 else None

    def _next_mac(self, dst: bytes) -> bytes | None:
        hop = dst if int.from_bytes(dst, "big") in _range(self._own) else self._gateway
        return None if hop is None else self._known.get(hop) or self._resolved(hop)

    def _resolved(self, hop: bytes) -> bytes | None:
        for _try in range(_TRIES):
            self._link.send(BROADCAST, ARP, _arp(_REQUEST, self._link.mac, self._own.ip.packed, bytes(6), hop))
            with self._news:
                if self._news.wait_for(lambda: hop in self._known, _TRY_S):
                    return self._known[hop]
        return None

    def _arp(self, frame: Frame) -> None:
        packet = _read(frame)
        if packet is None:
            return
        kind, mac, sender, wanted = packet
        own = self._own.ip.packed
        if sender == own:
            self.rivals.add(mac)
            return
        if sender != _NOBODY and (sender in self._known or len(self._known) < _MOST_KNOWN):
            with self._news:
                self._known[sender] = mac
                self._news.notify_all()
        if kind == _REQUEST and wanted == own:
            self._link.send(mac, ARP, _arp(_REPLY, self._link.mac, own, mac, sender))


def who_has(link: FrameLink, address: str, timeout_s: float) -> list[bytes]:
    """Return the MAC addresses of all who say within the time that an address is theirs; nobody else hears an answer.

    Nothing else may read the link meanwhile.
    """
    wanted = IPv4Interface(address).ip.packed
    probe = _arp(_REQUEST, link.mac, _NOBODY, bytes(6), wanted)
    end_s = time.monotonic() + timeout_s
    again_s = 0.0
    found: list[bytes] = []
    while (now_s := time.monotonic()) < end_s and len(found) < _MOST_KNOWN:
        if now_s >= again_s:
            link.send(BROADCAST, ARP, probe)
            again_s = now_s + _TRY_S
        frame = link.receive(min(again_s, end_s) - now_s)
        packet = _read(frame) if frame is not None and frame.ethertype == ARP else None
        if packet is not None and packet[2] == wanted and packet[1] not in found:
            found.append(packet[1])
    return found


def _range(own: IPv4Interface) -> range:
    return range(int(own.network.network_address), int(own.network.broadcast_address) + 1)


def _arp(kind: int, mac: bytes, address: bytes, far_mac: bytes, far: bytes) -> bytes:
    return _PACKET.pack(1, IPV4, 6, 4, kind, mac, address, far_mac, far)


def _read(frame: Frame) -> tuple[int, bytes, bytes, bytes] | None:
    """Return operation, sender's MAC and address, and wanted address; None for another kind of ARP."""
    if len(frame.payload) < _PACKET.size:
        return None
    *kinds, mac, sender, _far_mac, wanted = _PACKET.unpack_from(frame.payload)
    return (kinds[4], mac, sender, wanted) if kinds[:4] == [1, IPV4, 6, 4] else None
