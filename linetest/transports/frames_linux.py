"""A network interface of Linux as a wire for frames: packet(7).

Where tags are used the card is asked for all frames (promiscuous): many cards hand over none of a VLAN that the system
itself does not use. The system takes that back when the socket is closed, even after a crash.

The kernel takes the outermost VLAN tag out of a frame it hands to a raw socket and tells it beside the frame
(PACKET_AUXDATA); here it is put back. Numbers: linux/if_packet.h, linux/if_ether.h.
"""

import errno
import socket
import struct
import time
from pathlib import Path

from linetest.transports.interface import no_ethernet, no_right, no_such_interface, not_usable
from linetest.transports.packet_filter import attach, detach
from linetest.transports.stamps import NS_OF_S, SO_TIMESTAMPNS, STAMP

_ALL_FRAMES = 0x0003
_SOL_PACKET, _ADD_MEMBERSHIP, _PACKET_AUXDATA = 263, 1, 8
_PACKET_VNET_HDR, _PACKET_IGNORE_OUTGOING = 15, 23
_SO_RCVBUFFORCE = 33
_PROMISCUOUS = 1
_AUXDATA = struct.Struct("=IIIHHHH")  # status, length, captured, mac, net, TCI, TPID
_NO_CHECKSUM_YET, _HAS_TAG, _HAS_TPID = 0x08, 0x10, 0x40
_IPV4_UDP, _UDP_AT = (b"\x08\x00\x45", 17), 34
_OUTGOING = 4
_ETHERNET, _LOOPBACK = 1, 772
_LONGEST = 65_535
_QUEUE = 4 << 20  # octets: the frames that come while Python does something else
_MACS = 12
_MTU = 1500


class LinuxWire:
    """An open interface; see `linetest.transports.frames.Wire`."""

    def __init__(self, interface: str, opened: socket.socket) -> None:
        self.name = interface
        self.mac: bytes = opened.getsockname()[4]
        self.mtu = _mtu(interface)
        self._socket = opened
        self._leaves_out = False

    def send(self, octets: bytes) -> None:
        """Send one frame.

        Raises:
            Unreachable: the interface is down or gone.
        """
        try:
            self._socket.send(octets)
        except OSError as error:
            raise not_usable(self.name, error) from error

    def receive(self, timeout_s: float) -> tuple[bytes, float] | None:
        """Return the next frame, its tags in it, and when the kernel got it, on the monotonic clock.

        Raises:
            Unreachable: the interface is down or gone.
        """
        end = time.monotonic() + timeout_s
        while True:
            self._socket.settimeout(max(end - time.monotonic(), 1e-6))
            try:
                octets, beside, _flags, sender = self._socket.recvmsg(_LONGEST, 256)
            except TimeoutError:
                return None
            except OSError as error:
                raise not_usable(self.name, error) from error
            if sender[2] != _OUTGOING:
                return as_on_the_wire(octets, beside), time.monotonic() - _waited_s(beside)
            if time.monotonic() >= end:
                return None

    def leave_out(self, program: bytes | None) -> None:
        """Hear only what a filter lets pass, and nothing that this computer sends; everything when None.

        Raises:
            Unreachable: the system does not do it.
        """
        try:
            _ignore_outgoing(self._socket, is_wanted=program is not None)
            if program is not None:
                attach(self._socket, program)
            elif self._leaves_out:
                detach(self._socket)
        except OSError as error:
            raise not_usable(self.name, error) from error
        self._leaves_out = program is not None

    def close(self) -> None:
        """Close the interface."""
        self._socket.close()


def open_interface(interface: str, *, is_tagged: bool = False, program: bytes | None = None) -> LinuxWire:
    """Open a network interface.

    Args:
        interface: its name.
        is_tagged: frames with VLAN tags are wanted.
        program: a filter of `linetest.transports.packet_filter` for what comes.

    Raises:
        DeviceError: there is no such interface (no-such-object), the right is missing (no-permission), or it carries
            no Ethernet (unreadable).
        Unreachable: it is down, or the system does not open it.
    """
    known = [name for _number, name in socket.if_nameindex()]
    if interface not in known:
        raise no_such_interface(interface, known)
    try:
        opened = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    except PermissionError as error:
        raise no_right(interface) from error
    try:
        opened.setsockopt(_SOL_PACKET, _PACKET_AUXDATA, 1)
        opened.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _QUEUE)
        if program is not None:
            attach(opened, program)
        opened.bind((interface, _ALL_FRAMES))
        if is_tagged:
            ask_for_all(opened, interface)
    except OSError as error:
        opened.close()
        raise not_usable(interface, error) from error
    if opened.getsockname()[3] not in (_ETHERNET, _LOOPBACK):
        opened.close()
        raise no_ethernet(interface)
    return LinuxWire(interface, opened)


def ask_for_all(opened: socket.socket, interface: str) -> None:
    """Make the card hand over every frame while the socket is open.

    Raises:
        OSError: the interface is gone.
    """
    request = struct.pack("=iHH8x", socket.if_nametoindex(interface), _PROMISCUOUS, 0)
    opened.setsockopt(_SOL_PACKET, _ADD_MEMBERSHIP, request)


def open_filtered(interface: str, program: bytes) -> socket.socket:
    """Return a raw socket that hears what a filter lets pass: frames without their outermost tag.

    Each frame, sent or received, stands behind the 10 octets of a virtio_net head.

    Raises:
        DeviceError: the right is missing (no-permission).
        Unreachable: the interface is down or gone.
    """
    try:
        opened = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    except PermissionError as error:
        raise no_right(interface) from error
    try:
        opened.setsockopt(_SOL_PACKET, _PACKET_VNET_HDR, 1)
        _ignore_outgoing(opened, is_wanted=True)
        opened.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, 2 * _QUEUE)
        attach(opened, program)
        opened.bind((interface, _ALL_FRAMES))
    except OSError as error:
        opened.close()
        raise not_usable(interface, error) from error
    return opened


def _ignore_outgoing(opened: socket.socket, *, is_wanted: bool) -> None:
    """Let the system not even ask the filter about what this computer sends: Linux 4.20 and newer."""
    try:
        opened.setsockopt(_SOL_PACKET, _PACKET_IGNORE_OUTGOING, int(is_wanted))
    except OSError as error:
        if error.errno != errno.ENOPROTOOPT:  # an older one: the filter drops it, as all of ours do
            raise


def _mtu(interface: str) -> int:
    try:
        return int(Path("/sys/class/net", interface, "mtu").read_text(encoding="ascii"))
    except (OSError, ValueError):
        return _MTU


def as_on_the_wire(octets: bytes, beside: list[tuple[int, int, bytes]]) -> bytes:
    """Return a frame with its tag, and without a UDP checksum that was left to a network card to reckon.

    Such a frame has come from this very computer, or from the host of a virtual one: no card has seen it.
    """
    for level, kind, body in beside:
        if (level, kind) == (_SOL_PACKET, _PACKET_AUXDATA) and len(body) >= _AUXDATA.size:
            status, _length, _captured, _mac, _net, tci, tpid = _AUXDATA.unpack_from(body)
            if status & _NO_CHECKSUM_YET:
                octets = _without_checksum(octets)
            if status & _HAS_TAG:
                tag = struct.pack("!HH", tpid if status & _HAS_TPID else 0x8100, tci)
                return octets[:_MACS] + tag + octets[_MACS:]
    return octets


def _without_checksum(octets: bytes) -> bytes:
    """Return a frame whose UDP checksum, if it has one, says that there is none (RFC 768)."""
    is_udp = len(octets) >= _UDP_AT + 8 and (octets[_MACS : _MACS + 3], octets[23]) == _IPV4_UDP
    return octets[: _UDP_AT + 6] + b"\0\0" + octets[_UDP_AT + 8 :] if is_udp else octets


def _waited_s(beside: list[tuple[int, int, bytes]]) -> float:
    """Return how long a frame lay in the queue; none where the wall clock was set meanwhile."""
    for level, kind, body in beside:
        if (level, kind) == (socket.SOL_SOCKET, SO_TIMESTAMPNS) and len(body) >= STAMP.size:
            seconds, rest_ns = STAMP.unpack_from(body)
            waited_s = time.time() - seconds - rest_ns / NS_OF_S
            return waited_s if 0.0 <= waited_s < 1.0 else 0.0
    return 0.0
