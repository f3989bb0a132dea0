"""A simulated Ethernet segment: stations that hear each other, and a port for the program that is tested.

The port is a UDP socket of this computer, where each datagram is a frame, or an interface of a network name space. All
stations live in one thread: they are called one after the other, and ask to be called later instead of waiting.
"""

import heapq
import itertools
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple, Protocol

_TPIDS = (0x8100, 0x88A8)
_LONGEST = 65_535
_IDLE_S = 0.05
_JOIN_S = 5.0
_SOL_PACKET, _AUXDATA, _OUTGOING = 263, 8, 4
_ALL_FRAMES = 3


class Seen(NamedTuple):
    """A frame, taken apart."""

    dst: bytes
    src: bytes
    tags: bytes
    """Its VLAN tags as they stand in the frame, without priorities; empty without any."""
    ethertype: int
    payload: bytes


class Station(Protocol):
    """Something on the segment."""

    def hear(self, frame: Seen) -> None:
        """Take a frame that another one sent; to whom it is sent is the station's own business."""


class Wire:
    """The segment. Made by `open_wire`."""

    def __init__(self, port: "_Port") -> None:
        self.stations: list[Station] = []
        self.passed: list[bytes] = []
        """All frames, in their order, for a test that looks behind."""
        self._port = port
        self._later: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._is_over = False

    @property
    def address(self) -> str:
        """Where the tested program finds it: ``bench:udp://127.0.0.1:PORT``, or the name of an interface."""
        return self._port.address

    def send(self, sender: Station, dst: bytes, src: bytes, tags: bytes, ethertype: int, payload: bytes) -> None:
        """Send a frame from a station to all others and to the port."""
        octets = (dst + src + tags + ethertype.to_bytes(2, "big") + payload).ljust(60, b"\0")
        self.passed.append(octets)
        self._port.send(octets)
        self._tell(octets, sender)

    def later(self, delay_s: float, action: Callable[[], None]) -> None:
        """Call `action` after a while; only from within a station, or before the wire runs."""
        heapq.heappush(self._later, (time.monotonic() + delay_s, next(self._order), action))

    def run(self) -> None:
        """Carry frames until `stop`."""
        while not self._is_over:
            now_s = time.monotonic()
            while self._later and self._later[0][0] <= now_s:
                heapq.heappop(self._later)[2]()
            wait_s = min(self._later[0][0] - now_s, _IDLE_S) if self._later else _IDLE_S
            octets = self._port.receive(max(wait_s, 1e-4))
            if octets is not None:
                self.passed.append(octets)
                self._tell(octets, None)

    def stop(self) -> None:
        """End `run`."""
        self._is_over = True

    def _tell(self, octets: bytes, sender: Station | None) -> None:
        frame = take_apart(octets)
        if frame is None:
            return
        for station in self.stations:
            if station is not sender:
                station.hear(frame)


@contextmanager
def open_wire(interface: str | None = None) -> Iterator[Wire]:
    """Open a segment whose port is a free UDP port, or a network interface (which needs root)."""
    port: _Port = _UdpPort() if interface is None else _CardPort(interface)
    wire = Wire(port)
    thread = threading.Thread(target=wire.run, name="bench wire", daemon=True)
    thread.start()
    try:
        yield wire
    finally:
        wire.stop()
        thread.join(_JOIN_S)
        port.close()


def take_apart(octets: bytes) -> Seen | None:
    """Return the parts of a frame; None for what is none."""
    at = 12
    tags = b""
    while len(octets) >= at + 4 and int.from_bytes(octets[at : at + 2], "big") in _TPIDS:
        number = int.from_bytes(octets[at + 2 : at + 4], "big") & 0x0FFF
        tags += octets[at : at + 2] + number.to_bytes(2, "big")
        at += 4
    if len(octets) < at + 2:
        return None
    return Seen(octets[:6], octets[6:12], tags, int.from_bytes(octets[at : at + 2], "big"), octets[at + 2 :])


class _Port(Protocol):
    address: str

    def send(self, octets: bytes) -> None: ...

    def receive(self, timeout_s: float) -> bytes | None: ...

    def close(self) -> None: ...


class _UdpPort:
    """Sends to all who ever sent: they are cards on one segment."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.address = f"bench:udp://127.0.0.1:{self._socket.getsockname()[1]}"
        self._clients: set[tuple[str, int]] = set()

    def send(self, octets: bytes) -> None:
        for client in tuple(self._clients):
            try:
                self._socket.sendto(octets, client)
            except OSError:
                self._clients.discard(client)  # it is gone

    def receive(self, timeout_s: float) -> bytes | None:
        self._socket.settimeout(timeout_s)
        try:
            octets, client = self._socket.recvfrom(_LONGEST)
        except (TimeoutError, ConnectionError):
            return None
        self._clients.add(client)
        return octets or None  # whoever only listens says so by an empty datagram

    def close(self) -> None:
        self._socket.close()


class _CardPort:
    """An interface; the tag that the kernel takes out of a frame is put back."""

    def __init__(self, interface: str) -> None:
        self.address = interface
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self._socket.setsockopt(_SOL_PACKET, _AUXDATA, 1)
        self._socket.bind((interface, _ALL_FRAMES))

    def send(self, octets: bytes) -> None:
        self._socket.send(octets)

    def receive(self, timeout_s: float) -> bytes | None:
        self._socket.settimeout(timeout_s)
        try:
            octets, beside, _flags, sender = self._socket.recvmsg(_LONGEST, 64)
        except TimeoutError:
            return None
        if sender[2] == _OUTGOING:
            return None
        for _level, _kind, body in beside:
            status, _l, _c, _m, _n, tci, tpid = struct.unpack("=IIIHHHH", body[:20])
            if status & 0x10:
                return octets[:12] + struct.pack("!HH", tpid, tci) + octets[12:]
        return octets

    def close(self) -> None:
        self._socket.close()
