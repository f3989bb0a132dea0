"""Watches an interface for packets of a multicast group whether it is joined or not: packet(7), needs CAP_NET_RAW.

The system hands a program no packet of a group that is not joined, so a socket of the group cannot see what comes
before the join and after the leave. The filter in the kernel lets through what is sent to the group with the tags of
the join, and of it the first octets only; a second socket hears what comes to the group with other tags.
"""

import socket
from collections import Counter

import numpy as np
from numpy.typing import NDArray

from linetest.errors import DeviceError
from linetest.transports.address import BENCH
from linetest.transports.frames import Frame, Tag, dissect, tags_code
from linetest.transports.frames_linux import as_on_the_wire
from linetest.transports.interface import not_usable
from linetest.transports.multicast import Channel
from linetest.transports.multicast_frames import datagram_of, heard, open_raw, plugged_in
from linetest.transports.multicast_intake import monotonic_of
from linetest.transports.packet_filter import of_channel, of_group_elsewhere
from linetest.transports.stamps import NS_OF_S, SO_TIMESTAMPNS, STAMP

_SOL_PACKET, _AUXDATA = 263, 8
_QUEUE = 4 << 20
_SNAP = 128
_MOST_AT_ONCE = 20_000
_MOST_STACKS = 16
_IPV4, _ADDRESS_AT = 0x0800, 16


class Watch:
    """An open interface that is watched for one channel."""

    def __init__(self, interface: str, channel: Channel, tags: tuple[Tag, ...] = ()) -> None:
        """Begin to watch for what comes with exactly these tags.

        Raises:
            DeviceError: the right is missing (no-permission).
            Unreachable: the interface is down or gone.
        """
        self.strays: Counter[str] = Counter()
        """How many packets of the group came with other tags, by their tags in words."""
        self._interface = interface
        self._group = socket.inet_aton(channel.group)
        self._ours = open_raw(interface, channel, tags, of_channel(*channel, tags, _SNAP))
        try:
            self._others = open_raw(interface, channel, tags, of_group_elsewhere(channel.group, tags, _SNAP))
        except DeviceError:
            self._ours.close()
            raise
        try:
            self._ours.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
            self._others.setsockopt(_SOL_PACKET, _AUXDATA, 1)
        except OSError as error:
            self.close()
            raise not_usable(interface, error) from error
        for opened in (self._ours, self._others):
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _QUEUE)
            opened.setblocking(False)

    def read(self) -> NDArray[np.int64]:
        """Return when packets came since the last call, in ns of the monotonic clock, without waiting.

        Raises:
            Unreachable: the interface is gone.
        """
        stamps = []
        for _octets, beside in self._came(self._ours):
            seconds, rest_ns = STAMP.unpack_from(beside[0][2])
            stamps.append(seconds * NS_OF_S + rest_ns)
        for octets, beside in self._came(self._others):
            frame = dissect(as_on_the_wire(octets, beside), 0.0)
            if frame is not None:
                note_stray(self.strays, frame, self._group)
        return monotonic_of(np.array(stamps, np.int64))

    def _came(self, opened: socket.socket) -> list[tuple[bytes, list[tuple[int, int, bytes]]]]:
        came: list[tuple[bytes, list[tuple[int, int, bytes]]]] = []
        try:
            while len(came) < _MOST_AT_ONCE:
                octets, beside, _flags, _sender = opened.recvmsg(_SNAP, 128)
                came.append((octets, beside))
        except BlockingIOError:
            pass  # all that there is was read
        except OSError as error:
            raise not_usable(self._interface, error) from error
        return came

    def close(self) -> None:
        """Stop watching."""
        self._ours.close()
        self._others.close()


def note_stray(strays: Counter[str], frame: Frame, group: bytes) -> None:
    """Count a frame under its tags where it is a packet to the group; of a sender's play with tags only the first."""
    if frame.ethertype != _IPV4 or frame.payload[_ADDRESS_AT : _ADDRESS_AT + 4] != group:
        return
    words = tags_code(frame.tags)
    if words in strays or len(strays) < _MOST_STACKS:
        strays[words] += 1


class BenchWatch:
    """The same at the simulated segment."""

    def __init__(self, place: str, channel: Channel, tags: tuple[Tag, ...]) -> None:
        """Begin to watch.

        Raises:
            UsageError: the address is none of a simulated segment.
        """
        self.strays: Counter[str] = Counter()
        self._wire = plugged_in(place)
        self._channel, self._tags = channel, tags

    def read(self) -> NDArray[np.int64]:
        """Return when packets came since the last call, in ns of the monotonic clock, without waiting."""
        moments = []
        for frame in heard(self._wire):
            if frame.tags != self._tags:
                note_stray(self.strays, frame, socket.inet_aton(self._channel.group))
            elif datagram_of(frame, self._channel, self._tags) is not None:
                moments.append(round(frame.at_s * 1e9))
        return np.array(moments, np.int64)

    def close(self) -> None:
        """Leave the segment."""
        self._wire.close()


def open_watch(place: str, channel: Channel, tags: tuple[Tag, ...]) -> Watch | BenchWatch:
    """Watch for a channel at an interface, or at ``bench:udp://127.0.0.1:PORT``."""
    return (BenchWatch if place.startswith(BENCH) else Watch)(place, channel, tags)
