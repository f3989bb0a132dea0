"""Ethernet frames to and from one place, with a stack of VLAN tags that is kept exactly.

A frame that comes with another stack than the one that is sent is never taken for an answer: Linux hands a raw socket
that listens on the untagged interface the tagged frames, too, so a server there answers a tagged call, and untagged.

Two ways: a network interface of Linux (AF_PACKET, packet(7)), and ``bench:udp://127.0.0.1:PORT``, where each frame is a
datagram to the simulated network, which needs no rights.
"""

import os
import socket
import struct
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol
from urllib.parse import urlsplit

from linetest.errors import DeviceError, UsageError
from linetest.model.codes import Reason
from linetest.transports.address import BENCH
from linetest.transports.frames_linux import open_interface
from linetest.transports.interface import not_usable
from linetest.words.text import _

BROADCAST = b"\xff" * 6
TPIDS = {0x8100: "802.1Q", 0x88A8: "802.1ad"}
"""EtherTypes of a VLAN tag, and the standard each is from."""
UNTAGGED = "untagged"
_MOST_TAGS = 8
_HEAD = 12  # DA and SA
_SHORTEST = 60  # IEEE 802.3 clause 4.2.3.3, without FCS
_LONGEST = 65_535
_MOST_STRAYS = 1000
_MTU = 1500
_TAG = 4
_CUSTOMER_TAG = 0x8100  # linux/net/packet/af_packet.c, packet_extra_vlan_len_allowed
_VLANS = 4095  # the last number is reserved: IEEE 802.1Q table 9-2


class Tag(NamedTuple):
    """One VLAN tag, without its priority."""

    tpid: int
    """A key of `TPIDS`."""
    vlan: int


class Frame(NamedTuple):
    """A frame that came."""

    dst: bytes
    src: bytes
    tags: tuple[Tag, ...]
    """The outermost first."""
    ethertype: int
    payload: bytes
    """Padding included."""
    at_s: float
    """When it came, on the monotonic clock."""


class Wire(Protocol):
    """Where octets of frames go and come from."""

    name: str
    mac: bytes
    mtu: int
    """Octets behind the head of an untagged frame."""

    def send(self, octets: bytes) -> None:
        """Send one frame."""

    def receive(self, timeout_s: float) -> tuple[bytes, float] | None:
        """Return the next frame, its tags in it, and when it came on the monotonic clock; None when none came."""

    def leave_out(self, program: bytes | None) -> None:
        """Hear only what a filter of the kernel lets pass; everything when None."""

    def close(self) -> None:
        """Close it."""


class FrameLink:
    """Frames with one stack of VLAN tags, over a `Wire`."""

    def __init__(self, wire: Wire, tags: tuple[Tag, ...] = ()) -> None:
        self._wire = wire
        self._head = b"".join(struct.pack("!HH", tag.tpid, tag.vlan) for tag in tags)
        self.name = wire.name
        self.mac = wire.mac
        room = wire.mtu + (_TAG if tags and tags[0].tpid == _CUSTOMER_TAG else 0)
        self.mtu = min(room - _TAG * len(tags), _MTU)
        """Octets behind the head and its tags. Linux leaves room beside its MTU for one tag of 802.1Q, no more."""
        self.tags = tags
        self.strays: deque[Frame] = deque(maxlen=_MOST_STRAYS)
        """Frames to this very station that came with other tags than `tags`: the last thousand."""
        self.watcher: Callable[[bytes], None] | None = None
        """Called with every frame that is sent, that is taken, and that goes to `strays`."""

    def send(self, dst: bytes, ethertype: int, payload: bytes) -> float:
        """Send one frame with the stack of tags; return when, on the monotonic clock.

        Raises:
            Unreachable: the interface is down or gone.
        """
        octets = self.head(dst, ethertype) + payload
        octets = octets.ljust(_SHORTEST, b"\0")
        at_s = time.monotonic()
        self._wire.send(octets)
        self._show(octets)
        return at_s

    def head(self, dst: bytes, ethertype: int) -> bytes:
        """Return what stands before the payload of a frame that is sent."""
        return dst + self.mac + self._head + ethertype.to_bytes(2, "big")

    def receive(self, timeout_s: float) -> Frame | None:
        """Return the next frame to this station, or to a group, that carries exactly the stack of tags.

        None when none came in time, whatever else came.

        Raises:
            Unreachable: the interface is down or gone.
        """
        end = time.monotonic() + timeout_s
        while True:
            came = self._wire.receive(max(end - time.monotonic(), 0.0))
            if came is None:
                return None
            frame = dissect(*came)
            if frame is not None and frame.src != self.mac:
                if frame.tags == self.tags and (frame.dst == self.mac or frame.dst[0] & 1):
                    self._show(came[0])
                    return frame
                if frame.tags != self.tags and frame.dst == self.mac:
                    self._show(came[0])
                    self.strays.append(frame)
            if time.monotonic() >= end:
                return None

    def leave_out(self, program: bytes | None) -> None:
        """Hear only what a filter of the kernel lets pass, as another reads the rest; everything when None.

        Raises:
            Unreachable: the system does not do it.
        """
        self._wire.leave_out(program)

    def close(self) -> None:
        """Close it."""
        self._wire.close()

    def _show(self, octets: bytes) -> None:
        if self.watcher is not None:
            self.watcher(octets)


def dissect(octets: bytes, at_s: float) -> Frame | None:
    """Return the frame in `octets`; None for what is too short to be one. Beyond the eighth a tag is payload."""
    tags: list[Tag] = []
    at = _HEAD
    while len(octets) >= at + 2:
        ethertype = int.from_bytes(octets[at : at + 2], "big")
        at += 2
        if ethertype not in TPIDS or len(tags) == _MOST_TAGS or len(octets) < at + 4:
            return Frame(octets[:6], octets[6:_HEAD], tuple(tags), ethertype, octets[at:], at_s)
        tags.append(Tag(ethertype, int.from_bytes(octets[at : at + 2], "big") & 0x0FFF))
        at += 2
    return None


def tags_words(tags: tuple[Tag, ...]) -> str:
    """Return a stack in words, such as ``802.1ad 10 + 802.1Q 41``."""
    return tags_code(tags) if tags else _("untagged")


def tags_code(tags: tuple[Tag, ...]) -> str:
    """Return the same as a record holds it, in every language."""
    return " + ".join(f"{TPIDS[tag.tpid]} {tag.vlan}" for tag in tags) or UNTAGGED


def read_tags(texts: Sequence[str]) -> tuple[Tag, ...]:
    """Return a stack of tags from what a person wrote, the outer one first: ``802.1ad:10``, or ``41`` for 802.1Q.

    Raises:
        UsageError: one of them is none.
    """
    tags = []
    for text in texts:
        standard, colon, number = text.rpartition(":")
        tpid = next((tpid for tpid, name in TPIDS.items() if name.lower() == (standard or "802.1q").lower()), None)
        if tpid is None or bool(colon) != bool(standard) or not number.isdecimal() or not 0 < int(number) < _VLANS:
            raise UsageError(
                _("{text!r} is not a VLAN tag").format(text=text), _("write a VLAN from 1 to 4094, or 802.1ad:VLAN")
            )
        tags.append(Tag(tpid, int(number)))
    return tuple(tags)


def open_link(place: str, tags: tuple[Tag, ...] = (), program: bytes | None = None) -> FrameLink:
    """Open the link at `place`, the name of an interface or ``bench:udp://127.0.0.1:PORT``.

    Args:
        place: where it is.
        tags: the stack of all frames, the outer one first.
        program: a filter of `linetest.transports.packet_filter` that keeps a real interface from handing over more.

    Raises:
        UsageError: the address of the bench is none.
        DeviceError: there is no such interface (no-such-object), the right is missing (no-permission), it carries no
            Ethernet or this system has no raw sockets for frames (unreadable).
        Unreachable: it is down.
    """
    if place.startswith(BENCH):
        return FrameLink(BenchWire(place), tags)
    if not hasattr(socket, "AF_PACKET"):
        raise DeviceError(
            _("{interface}: frames can be sent on Linux only").format(interface=place),
            _("start this laptop from a Linux stick, or use one with Linux"),
            reason=Reason.UNREADABLE,
        )
    return FrameLink(open_interface(place, is_tagged=bool(tags), program=program), tags)


class BenchWire:
    """A simulated wire: each frame is one datagram; it hears nothing before it has sent its first."""

    def __init__(self, place: str) -> None:
        parts = urlsplit(place.removeprefix(BENCH))
        try:
            port = parts.port
        except ValueError:
            port = None
        if parts.scheme != "udp" or parts.hostname != "127.0.0.1" or not port:
            raise UsageError(
                _("{address!r} is not an address of a simulated network").format(address=place),
                _("write bench:udp://127.0.0.1:PORT"),
            )
        self.name = place
        self.mac = b"\x02" + os.urandom(5)  # locally administered, and nobody else's
        self.mtu = _MTU + _TAG * _MOST_TAGS
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.connect(("127.0.0.1", port))

    def send(self, octets: bytes) -> None:
        """Send one frame."""
        try:
            self._socket.send(octets)
        except OSError as error:
            raise not_usable(self.name, error) from error

    def receive(self, timeout_s: float) -> tuple[bytes, float] | None:
        """Return the next frame and when it came; None when none came in time."""
        self._socket.settimeout(max(timeout_s, 1e-6))
        try:
            return self._socket.recv(_LONGEST), time.monotonic()
        except TimeoutError:
            return None
        except OSError as error:
            raise not_usable(self.name, error) from error

    def leave_out(self, program: bytes | None) -> None:
        """Do nothing: no kernel stands between."""

    def close(self) -> None:
        """Leave the simulated segment."""
        self._socket.close()
