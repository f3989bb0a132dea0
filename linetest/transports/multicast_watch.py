"""Watches an interface for packets of a multicast group whether it is joined or not: packet(7), needs CAP_NET_RAW.

The system hands a program no packet of a group that is not joined, so a socket of the group cannot see what comes
before the join and after the leave. The filter in the kernel lets through what is sent to the group, and of it the
first octets only. Numbers: linux/if_packet.h, linux/filter.h.
"""

import ctypes
import socket
import struct

import numpy as np
from numpy.typing import NDArray

from linetest.transports.interface import no_right, not_usable
from linetest.transports.multicast import Channel, monotonic_of

_IPV4 = 0x0800
_SOL_PACKET, _ADD_MEMBERSHIP, _MR_MULTICAST = 263, 1, 0
_SO_ATTACH_FILTER, _SO_TIMESTAMPNS = 26, 35
_OUTGOING = 4
_QUEUE = 4 << 20
_SNAP = 64
_LOAD_WORD, _LOAD_HEAD_LENGTH, _LOAD_HALF_BEHIND, _EQUAL, _RETURN = 0x20, 0xB1, 0x48, 0x15, 0x06
_MOST_AT_ONCE = 20_000


class Watch:
    """An open interface that is watched for one channel."""

    def __init__(self, interface: str, channel: Channel) -> None:
        """Begin to watch.

        Raises:
            DeviceError: the right is missing (no-permission).
            Unreachable: the interface is down or gone.
        """
        self._interface = interface
        try:
            self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0)
        except PermissionError as error:
            raise no_right(interface) from error
        try:
            _attach_filter(self._socket, channel)
            self._socket.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _QUEUE)
            self._socket.bind((interface, _IPV4))
            index = socket.if_nametoindex(interface)
            group = b"\x01\x00\x5e" + bytes([socket.inet_aton(channel.group)[1] & 0x7F])
            request = struct.pack("=iHH8s", index, _MR_MULTICAST, 6, group + socket.inet_aton(channel.group)[2:])
            self._socket.setsockopt(_SOL_PACKET, _ADD_MEMBERSHIP, request)  # the card lets it in; nothing is sent
        except OSError as error:
            self._socket.close()
            raise not_usable(interface, error) from error
        self._socket.setblocking(False)

    def read(self) -> NDArray[np.int64]:
        """Return when packets came since the last call, in ns of the monotonic clock, without waiting.

        Raises:
            Unreachable: the interface is gone.
        """
        stamps: list[int] = []
        try:
            while len(stamps) < _MOST_AT_ONCE:
                _octets, beside, _flags, sender = self._socket.recvmsg(_SNAP, 64)
                if sender[2] == _OUTGOING:
                    continue
                seconds, rest_ns = struct.unpack_from("=qq", beside[0][2])
                stamps.append(seconds * 1_000_000_000 + rest_ns)
        except BlockingIOError:
            pass  # all that there is was read
        except OSError as error:
            raise not_usable(self._interface, error) from error
        return monotonic_of(np.array(stamps, np.int64))

    def close(self) -> None:
        """Stop watching."""
        self._socket.close()


def _attach_filter(opened: socket.socket, channel: Channel) -> None:
    """Let UDP to the group and port through, cut to `_SNAP` octets; a datagram socket's packets begin with IP."""
    group = int.from_bytes(socket.inet_aton(channel.group), "big")
    program = [
        (_LOAD_WORD, 0, 0, 16),
        (_EQUAL, 0, 4, group),
        (_LOAD_HEAD_LENGTH, 0, 0, 0),
        (_LOAD_HALF_BEHIND, 0, 0, 2),
        (_EQUAL, 0, 1, channel.port),
        (_RETURN, 0, 0, _SNAP),
        (_RETURN, 0, 0, 0),
    ]
    code = b"".join(struct.pack("=HBBI", *step) for step in program)
    kept = ctypes.create_string_buffer(code, len(code))  # the system reads it during the call
    opened.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, struct.pack("@HP", len(program), ctypes.addressof(kept)))
