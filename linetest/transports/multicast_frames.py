"""Datagrams of a multicast group out of Ethernet frames with VLAN tags: packet(7), or the simulated segment.

Nothing is joined here. A filter in the kernel lets through what carries exactly the tags, so that nothing else costs
time; what another one's filter would do in a real interface is done here for the simulated one.
"""

import socket
import struct
from collections.abc import Iterator

import numpy as np

from linetest.transports.address import BENCH
from linetest.transports.frames import BenchWire, Frame, Tag, dissect
from linetest.transports.frames_linux import ask_for_all
from linetest.transports.interface import no_right, not_usable
from linetest.transports.multicast import Channel
from linetest.transports.multicast_intake import MOST_OCTETS, Batch, Intake
from linetest.transports.packet_filter import attach, group_mac, of_channel

_ALL_FRAMES = 0x0003
_SOL_PACKET, _ADD_MEMBERSHIP, _MULTICAST = 263, 1, 0
_ETHERNET, _TAG, _IP_HEAD, _UDP_HEAD = 14, 4, 20, 8
_IPV4, _UDP = 0x0800, 17
_MOST_AT_ONCE = 1000


class Stream:
    """The datagrams of a channel at one interface, joined or not; see `linetest.transports.multicast.Group`.

    Their UDP checksums are not looked at: a frame that was damaged on the way has a wrong FCS, and the card drops it.
    """

    def __init__(self, interface: str, channel: Channel, tags: tuple[Tag, ...]) -> None:
        """Begin to hear what comes with exactly these tags.

        Raises:
            DeviceError: the right is missing (no-permission).
            Unreachable: the interface is down or gone.
        """
        head = _ETHERNET + _TAG * max(len(tags) - 1, 0) + _IP_HEAD + _UDP_HEAD
        self._length_at = head - 4
        program = of_channel(*channel, tags, head + MOST_OCTETS, is_whole=True)
        self._socket = open_raw(interface, channel, tags, program)
        try:
            self._intake = Intake(self._socket, interface, head)
        except OSError as error:
            self._socket.close()
            raise not_usable(interface, error) from error

    @property
    def dropped(self) -> int:
        """Return how many came that this program did not read in time."""
        return self._intake.dropped

    def read(self) -> Batch:
        """Return what has come since the last call, without waiting.

        Raises:
            Unreachable: the interface is gone.
        """
        batch = self._intake.read()
        rows = len(batch.lengths)
        told = self._intake.heads[:rows, self._length_at : self._length_at + 2].astype(np.int64)
        lengths = np.clip((told[:, 0] << 8 | told[:, 1]) - _UDP_HEAD, 0, batch.lengths)  # a short frame is padded
        return batch._replace(lengths=lengths)

    def close(self) -> None:
        """Stop hearing."""
        self._socket.close()


class BenchStream:
    """The same at the simulated segment."""

    dropped = 0

    def __init__(self, place: str, channel: Channel, tags: tuple[Tag, ...]) -> None:
        """Begin to hear.

        Raises:
            UsageError: the address is none of a simulated segment.
        """
        self._wire = plugged_in(place)
        self._channel, self._tags = channel, tags
        self._matrix = np.zeros((_MOST_AT_ONCE, MOST_OCTETS), np.uint8)

    def read(self) -> Batch:
        """Return what has come since the last call, without waiting."""
        lengths: list[int] = []
        at_ns: list[int] = []
        for frame in heard(self._wire):
            body = datagram_of(frame, self._channel, self._tags)
            if body is not None:
                body = body[:MOST_OCTETS]
                self._matrix[len(lengths), : len(body)] = np.frombuffer(body, np.uint8)
                lengths.append(len(body))
                at_ns.append(round(frame.at_s * 1e9))
        return Batch(self._matrix, np.array(lengths, np.int64), np.array(at_ns, np.int64))

    def close(self) -> None:
        """Leave the segment."""
        self._wire.close()


def open_stream(place: str, channel: Channel, tags: tuple[Tag, ...]) -> Stream | BenchStream:
    """Open the stream of a channel at an interface, or at ``bench:udp://127.0.0.1:PORT``."""
    return (BenchStream if place.startswith(BENCH) else Stream)(place, channel, tags)


def open_raw(interface: str, channel: Channel, tags: tuple[Tag, ...], program: bytes) -> socket.socket:
    """Return a socket for the frames that a filter lets through; the card hands over those of the channel.

    Raises:
        DeviceError: the right is missing (no-permission).
        Unreachable: the interface is down or gone.
    """
    try:
        opened = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    except PermissionError as error:
        raise no_right(interface) from error
    try:
        attach(opened, program)
        opened.bind((interface, _ALL_FRAMES))
        if tags:
            ask_for_all(opened, interface)
        else:
            index, mac = socket.if_nametoindex(interface), group_mac(channel.group)
            request = struct.pack("=iHH8s", index, _MULTICAST, len(mac), mac)
            opened.setsockopt(_SOL_PACKET, _ADD_MEMBERSHIP, request)  # the card lets it in; nothing is sent
    except OSError as error:
        opened.close()
        raise not_usable(interface, error) from error
    return opened


def plugged_in(place: str) -> BenchWire:
    """Return a port of the simulated segment that hears from now on."""
    wire = BenchWire(place)
    wire.send(b"")
    return wire


def heard(wire: BenchWire) -> Iterator[Frame]:
    """Yield the frames that have come, without waiting; at most a thousand."""
    for _frame in range(_MOST_AT_ONCE):
        came = wire.receive(0.0)
        if came is None:
            return
        frame = dissect(*came)
        if frame is not None:
            yield frame


def datagram_of(frame: Frame, channel: Channel, tags: tuple[Tag, ...]) -> bytes | None:
    """Return the datagram of the channel in a frame; None where it is none of it."""
    packet = frame.payload
    is_udp = frame.ethertype == _IPV4 and packet[:1] == b"\x45" and packet[9:10] == bytes([_UDP])
    if frame.tags != tags or not is_udp or len(packet) < _IP_HEAD + _UDP_HEAD:
        return None
    ends = socket.inet_ntoa(packet[12:16]), socket.inet_ntoa(packet[16:20])
    port, length = struct.unpack_from("!HH", packet, _IP_HEAD + 2)
    if ends[1] != channel.group or port != channel.port or channel.source not in (None, ends[0]):
        return None
    return packet[_IP_HEAD + _UDP_HEAD : _IP_HEAD + max(length, _UDP_HEAD)]
