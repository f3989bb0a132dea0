"""From DISCOVER to ACK over Ethernet frames (RFC 2131, section 3.1), with the time of each part and what was resent.

The offers of all servers are collected for a while, also after the first one, so that a rogue server is seen.
"""

import random
import secrets
import time
from collections.abc import Callable
from ipaddress import IPv4Address
from typing import NamedTuple

from linetest.service.dhcp_settings import DhcpSettings
from linetest.service.dhcp_wire import Kind, Message, Option, Options, call, read_message, vendor_octets
from linetest.service.host_arp import IPV4
from linetest.service.packets_ipv4 import UDP, ipv4, read_ipv4, read_udp, udp
from linetest.transports.frames import BROADCAST, FrameLink

_CLIENT_PORT, _SERVER_PORT = 68, 67
_NOWHERE, _EVERYWHERE = IPv4Address(0), IPv4Address("255.255.255.255")
_ASKED_FOR = (
    Option.MASK,
    Option.ROUTER,
    Option.DNS,
    Option.HOST_NAME,
    Option.DOMAIN,
    Option.VENDOR,
    Option.LEASE_S,
    Option.RENEW_S,
    Option.REBIND_S,
    Option.VENDOR_OPTION,
)
_ETHERNET = 1
_MOST_ANSWERS = 64
_LATE_ACK_S = 0.5


class Heard(NamedTuple):
    """A message of a server, with who sent the frame it came in."""

    message: Message
    mac: bytes
    at_s: float


class Exchange:
    """One client's way to a lease; what it saw stays readable when it ends early."""

    def __init__(self, link: FrameLink, settings: DhcpSettings) -> None:
        self._link = link
        self._settings = settings
        self._number = secrets.randbelow(2**32)
        self._began_s = time.monotonic()
        self.offers: list[Heard] = []
        """The first of each server."""
        self.chosen: Heard | None = None
        self.answer: Heard | None = None
        """ACK or NAK."""
        self.offer_s: float | None = None
        self.ack_s: float | None = None
        self.resent = {"discover": 0, "request": 0}
        self.broken = 0
        """Messages that could not be read."""

    def discover(self) -> None:
        """Collect the offers of all servers.

        Raises:
            Unreachable: the interface is down or gone.
        """
        sent_s = self._began_s = time.monotonic()
        self._patiently("discover", Kind.DISCOVER, {}, lambda: bool(self.offers), self._take_offer)
        if self.offers:
            self.offer_s = self.offers[0].at_s - sent_s
            self._listen(sent_s + self._settings.offers_s, lambda: False, self._take_offer)

    def request(self, chosen: Heard) -> None:
        """Ask one server for what it offered; on Ctrl-C its answer is awaited for a moment, to be given back.

        Raises:
            Unreachable: the interface is down or gone.
        """
        self.chosen = chosen
        sent_s = time.monotonic()
        options: Options = {Option.REQUESTED: chosen.message.address.packed}
        if (server := chosen.message.server) is not None:
            options[Option.SERVER_ID] = server.packed
        try:
            self._patiently("request", Kind.REQUEST, options, lambda: self.answer is not None, self._take_answer)
        except KeyboardInterrupt:
            self._listen(time.monotonic() + _LATE_ACK_S, lambda: self.answer is not None, self._take_answer)
            raise
        if self.answer is not None:
            self.ack_s = self.answer.at_s - sent_s

    def release(self) -> None:
        """Give the lease back; nobody answers that."""
        if self.answer is None or self.answer.message.kind != Kind.ACK:
            return
        message = self.answer.message
        server = message.server or _EVERYWHERE
        options = {Option.SERVER_ID: server.packed, **self._identity()}
        payload = call(Kind.RELEASE, secrets.randbelow(2**32), self._link.mac, options, own=message.address)
        self._send(payload, message.address, server, self.answer.mac)

    def _identity(self) -> Options:
        wanted = self._settings
        text = wanted.client_id
        return {Option.CLIENT_ID: bytes([_ETHERNET]) + self._link.mac if text is None else b"\0" + text.encode()}

    def _options(self) -> Options:
        wanted = self._settings
        told: Options = self._identity()
        if wanted.host_name is not None:
            told[Option.HOST_NAME] = wanted.host_name.encode()
        if wanted.vendor_class is not None:
            told[Option.VENDOR_CLASS] = wanted.vendor_class.encode()
        if wanted.vendor_option:
            told[Option.VENDOR_OPTION] = vendor_octets(wanted.vendor_option)
        return {**told, Option.WANTED: bytes(_ASKED_FOR)}

    def _patiently(
        self, name: str, kind: int, more: Options, is_done: Callable[[], bool], take: Callable[[Heard], None]
    ) -> None:
        """Send, and send again after waits that double and have some chance in them (RFC 2131, section 4.1)."""
        wait_s = self._settings.timeout_s
        for number in range(self._settings.tries):
            self.resent[name] = number
            waited_s = int(time.monotonic() - self._began_s)
            options = {**more, **self._options()}
            payload = call(kind, self._number, self._link.mac, options, waited_s=waited_s)
            self._send(payload, _NOWHERE, _EVERYWHERE, BROADCAST)
            self._listen(time.monotonic() + wait_s * random.uniform(0.9, 1.1), is_done, take)
            if is_done():
                return
            wait_s *= 2.0

    def _send(self, payload: bytes, src: IPv4Address, dst: IPv4Address, mac: bytes) -> None:
        datagram = udp(src.packed, dst.packed, _CLIENT_PORT, _SERVER_PORT, payload)
        self._link.send(mac, IPV4, ipv4(UDP, src.packed, dst.packed, datagram, dont_fragment=False))

    def _listen(self, until_s: float, is_done: Callable[[], bool], take: Callable[[Heard], None]) -> None:
        while not is_done() and (left_s := until_s - time.monotonic()) > 0.0:
            heard = self._heard(left_s)
            if heard is not None:
                take(heard)

    def _heard(self, timeout_s: float) -> Heard | None:
        frame = self._link.receive(timeout_s)
        packet = read_ipv4(frame.payload) if frame is not None and frame.ethertype == IPV4 else None
        datagram = read_udp(packet) if packet is not None and not packet.is_fragment else None
        if frame is None or datagram is None or datagram[:2] != (_SERVER_PORT, _CLIENT_PORT):
            return None
        try:
            message = read_message(datagram[2])
        except ValueError:
            self.broken += 1
            return None
        if message is None or (message.number, message.mac) != (self._number, self._link.mac):
            return None
        return Heard(message, frame.src, frame.at_s)

    def _take_offer(self, heard: Heard) -> None:
        known = [(one.message.server, one.mac) for one in self.offers]
        is_new = (heard.message.server, heard.mac) not in known
        if heard.message.kind == Kind.OFFER and is_new and len(known) < _MOST_ANSWERS:
            self.offers.append(heard)

    def _take_answer(self, heard: Heard) -> None:
        assert self.chosen is not None
        if heard.message.kind in (Kind.ACK, Kind.NAK) and heard.message.server == self.chosen.message.server:
            self.answer = heard
        else:
            self._take_offer(heard)
