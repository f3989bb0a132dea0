"""A small IPv4 host of our own, over Ethernet frames or a PPPoE session: datagrams and echo requests.

It does not touch the system's own addresses and routes. One thread reads, so that the other side's questions are
answered whatever a test does meanwhile. Fragments that come are not put together. It has no TCP: a port of the system
carries that (`IpHost.carrier`).
"""

import os
import queue
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import AddressValueError, IPv4Address
from typing import Protocol

from linetest.errors import DeviceError, Unreachable, UsageError
from linetest.service.packets_ipv4 import ICMP, UDP, Ipv4, fragments, icmp, ipv4, read_ipv4, read_udp, udp
from linetest.service.path import Conversation, Echo, How
from linetest.transports.carrier import Carrier, Envelope
from linetest.words.text import _

_SLICE_S = 0.2  # the thread sees within this time that it is over
_JOIN_S = 2.0
_IP_HEAD, _ICMP_HEAD = 20, 8
_ECHO_REPLY, _UNREACHABLE, _ECHO_REQUEST, _EXPIRED = 0, 3, 8, 11
_TOO_BIG = 4  # code of `_UNREACHABLE`: fragmentation needed and DF set
_MOST_WAITING = 1000  # datagrams of one conversation
_MOST_NARROWER, _NARROWER_S = 3, 1.0
_LEAST_MTU = 576  # always goes: RFC 791 section 3.1
_LEAST_PORT, _PORTS = 49_152, 16_384  # RFC 6335 section 6


class Medium(Protocol):
    """What carries the packets."""

    mtu: int

    def send(self, dst: bytes, packet: bytes) -> None:
        """Send one IPv4 packet."""

    def receive(self, until_s: float) -> tuple[bytes, float] | None:
        """Return a packet and when it came; None when none came until then, or something else came."""

    def envelope(self, dst: bytes) -> Envelope | None:
        """Return how packets to an address lie in frames; None when nobody answers for the next router."""


class IpHost:
    """The host; see `linetest.service.path.IpPath`. To be opened by `opened_host`."""

    def __init__(
        self, medium: Medium, address: IPv4Address, *, how: How, gateway: str | None, dns_servers: list[str]
    ) -> None:
        self.how: How = how
        self.address = str(address)
        self.gateway = gateway
        self.mtu = medium.mtu
        self.dns_servers = dns_servers
        self.simulated = False
        self._own = address.packed
        self._medium = medium
        self._fault: DeviceError | None = None
        self._is_over = False
        self._numbers = int.from_bytes(os.urandom(2), "big")
        self._talks: dict[tuple[bytes, int, int], _Talk] = {}
        self._echoes: dict[bytes, queue.Queue[tuple[Ipv4, float]]] = {}
        self._thread = threading.Thread(target=self._read, name="userland host", daemon=True)

    @contextmanager
    def udp(self, server: str, port: int) -> Iterator[Conversation]:
        """Open a conversation with an IPv4 address.

        Raises:
            UsageError: it is none.
        """
        far = _packed(server)
        near_port = _LEAST_PORT + self._number() % _PORTS
        key = (far, port, near_port)
        talk = self._talks[key] = _Talk(self, far, port, near_port)
        try:
            yield talk
        finally:
            del self._talks[key]

    def echo(
        self, host: str, octets: int, timeout_s: float, *, dont_fragment: bool = False, hops: int | None = None
    ) -> Echo:
        """Send one echo request as an IP packet of `octets` in all, and wait for its answer.

        Raises:
            UsageError: `host` is no IPv4 address.
            DeviceError: the session or the interface is gone.
        """
        far = _packed(host)
        if dont_fragment and octets > self.mtu:
            return Echo(too_big_for=self.mtu)
        mark = os.urandom(4)  # identifier and sequence number
        came: queue.Queue[tuple[Ipv4, float]] = queue.Queue(_MOST_WAITING)
        self._echoes[mark] = came
        try:
            request = icmp(_ECHO_REQUEST, 0, mark, bytes(max(octets - _IP_HEAD - _ICMP_HEAD, 0)))
            sent_s = self.send(far, ICMP, request, dont_fragment=dont_fragment, hops=hops)
            answer = self.wait(came, sent_s + timeout_s)
        finally:
            del self._echoes[mark]
        return Echo() if answer is None else _echo(answer[0], answer[1] - sent_s)

    def send(
        self, far: bytes, protocol: int, payload: bytes, *, dont_fragment: bool = False, hops: int | None = None
    ) -> float:
        """Send one packet; return when, on the monotonic clock.

        Raises:
            DeviceError: the session or the interface is gone.
        """
        self.check()
        number = self._number()
        packet = ipv4(protocol, self._own, far, payload, number=number, dont_fragment=dont_fragment, hops=hops)
        sent_s = time.monotonic()
        for piece in fragments(packet, self.mtu):
            self._medium.send(far, piece)
        return sent_s

    def datagram(self, far: bytes, port: int, near_port: int, payload: bytes) -> None:
        """Send one datagram."""
        self.send(far, UDP, udp(self._own, far, near_port, port, payload))

    def wait(self, came: "queue.Queue[tuple[Ipv4, float]]", until_s: float) -> tuple[Ipv4, float] | None:
        """Return what comes into a queue; None when nothing does in time.

        Raises:
            DeviceError: the session or the interface is gone.
        """
        while True:
            left_s = until_s - time.monotonic()
            try:
                return came.get(timeout=min(max(left_s, 0.0), _SLICE_S)) if left_s > 0 else came.get_nowait()
            except queue.Empty:
                self.check()
                if left_s <= 0:
                    return None

    def carrier(self, server: str) -> Carrier:
        """Return an open port by which the system's TCP goes to a server over this connection.

        Raises:
            DeviceError: a right is missing (no-permission), or this system has no such ports (no-tcp).
            Unreachable: the session or the interface is gone, or nobody answers for the next router.
        """
        self.check()
        far = _packed(server)
        envelope = self._medium.envelope(far)
        if envelope is None:
            raise Unreachable(
                _("{address}: no way there: nobody answers for the next router").format(address=server),
                _("check the address, and that the line is up"),
            )
        return Carrier(envelope, self._own, self._mtu_to(server), server)

    def _mtu_to(self, server: str) -> int:
        """Return the longest packet that reaches a server: Linux learns that only of what it has a route to."""
        mtu = self.mtu
        for _router in range(_MOST_NARROWER):
            told = self.echo(server, mtu, _NARROWER_S, dont_fragment=True).too_big_for
            if told is None or told >= mtu:
                break
            mtu = max(told, _LEAST_MTU)
        return mtu

    def check(self) -> None:
        """Raise `DeviceError` where the session or the interface is gone."""
        if self._fault is not None:
            raise self._fault

    def _number(self) -> int:
        self._numbers = (self._numbers + 1) & 0xFFFF
        return self._numbers

    def _read(self) -> None:
        while not self._is_over:
            try:
                came = self._medium.receive(time.monotonic() + _SLICE_S)
                packet = read_ipv4(came[0]) if came is not None else None
                if came is not None and packet is not None and packet.dst == self._own and not packet.is_fragment:
                    self._take(packet, came[1])
            except DeviceError as error:
                self._fault = error
                return

    def _take(self, packet: Ipv4, at_s: float) -> None:
        waiting: queue.Queue[tuple[Ipv4, float]] | None = None
        if packet.protocol == UDP:
            datagram = read_udp(packet)
            talk = self._talks.get((packet.src, datagram[0], datagram[1])) if datagram is not None else None
            waiting = talk.came if talk is not None else None
        elif packet.protocol == ICMP and len(packet.payload) >= _ICMP_HEAD:
            kind = packet.payload[0]
            if kind == _ECHO_REQUEST:
                self.send(packet.src, ICMP, icmp(_ECHO_REPLY, 0, packet.payload[4:8], packet.payload[8:]))
            waiting = self._echoes.get(_mark(packet.payload))
        if waiting is not None and not waiting.full():
            waiting.put((packet, at_s))

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def stop(self) -> None:
        """End reading."""
        self._is_over = True
        self._thread.join(_JOIN_S)


@contextmanager
def opened_host(host: IpHost) -> Iterator[IpHost]:
    """Let the host answer and listen within the block."""
    host.start()
    try:
        yield host
    finally:
        host.stop()


class _Talk:
    """Datagrams to and from one server."""

    def __init__(self, host: IpHost, far: bytes, port: int, near_port: int) -> None:
        self.came: queue.Queue[tuple[Ipv4, float]] = queue.Queue(_MOST_WAITING)
        self._host = host
        self._far = (far, port, near_port)

    def send(self, payload: bytes) -> None:
        """Send one datagram."""
        self._host.datagram(*self._far, payload)

    def receive(self, timeout_s: float) -> bytes | None:
        """Return the next datagram of the server; None when none came in time."""
        came = self._host.wait(self.came, time.monotonic() + timeout_s)
        datagram = read_udp(came[0]) if came is not None else None
        return datagram[2] if datagram is not None else None


def _packed(host: str) -> bytes:
    try:
        return IPv4Address(host).packed
    except AddressValueError as error:
        raise UsageError(
            _("{host!r} is not an IPv4 address").format(host=host),
            _("over a connection of our own, write addresses instead of names"),
        ) from error


def _mark(message: bytes) -> bytes:
    """Return identifier and sequence number of an echo reply, or of the request that an error quotes."""
    if message[0] == _ECHO_REPLY:
        return message[4:8]
    quoted = message[_ICMP_HEAD:]
    head = (quoted[0] & 0x0F) * 4 if quoted else 0
    is_whole = _IP_HEAD <= head <= len(quoted) - _ICMP_HEAD
    if message[0] not in (_UNREACHABLE, _EXPIRED) or not is_whole or quoted[9] != ICMP:
        return b""
    return quoted[head + 4 : head + 8]


def _echo(answer: Ipv4, rtt_s: float) -> Echo:
    kind, code = answer.payload[0], answer.payload[1]
    if kind == _ECHO_REPLY:
        return Echo(rtt_s=rtt_s)
    if kind == _EXPIRED:
        return Echo(expired_at=str(IPv4Address(answer.src)))
    if code == _TOO_BIG:
        # RFC 1191 section 4; a router older than it says 0, and then 576 always goes (RFC 791).
        return Echo(too_big_for=int.from_bytes(answer.payload[6:8], "big") or _LEAST_MTU)
    return Echo(unreachable_by=str(IPv4Address(answer.src)))
