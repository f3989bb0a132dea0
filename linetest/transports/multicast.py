"""Datagrams of an IPv4 multicast group on one interface, by the system's own sockets: it joins, so it speaks IGMP.

Linux stamps each datagram when it comes, and tells how many it had to throw away because this program was too slow: its
own loss is never taken for the line's. Numbers: linux/in.h, asm-generic/socket.h; ip(7), socket(7).
"""

import socket
import struct
import sys
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from linetest.errors import DeviceError
from linetest.model.codes import Reason
from linetest.transports.interface import no_such_interface, not_usable
from linetest.words.text import _

MOST_OCTETS = 2048
"""Of a datagram; what is longer is cut off."""
_MOST_ROWS = 1024
_QUEUE = 8 << 20
_SO_TIMESTAMPNS, _SO_RXQ_OVFL, _SO_RCVBUFFORCE = 35, 40, 33
_IP_MULTICAST_ALL = 49
_MCAST_JOIN_SOURCE_GROUP, _MCAST_LEAVE_SOURCE_GROUP = 46, 47
_STAMP = struct.Struct("=qq")


class Channel(NamedTuple):
    """A group, its port, and its source where only one may send."""

    group: str
    port: int
    source: str | None = None

    def __str__(self) -> str:
        return f"{self.source}@{self.group}:{self.port}" if self.source else f"{self.group}:{self.port}"


class Batch(NamedTuple):
    """Datagrams that were read at one go, in the order they came."""

    octets: NDArray[np.uint8]
    """One a row, `MOST_OCTETS` wide; rows beyond `lengths` hold nothing."""
    lengths: NDArray[np.int64]
    at_ns: NDArray[np.int64]
    """When the system got them, on the monotonic clock."""


class Group:
    """A socket for one group; nothing comes before `join`."""

    def __init__(self, interface: str, channel: Channel) -> None:
        """Open it.

        Raises:
            DeviceError: there is no such interface (no-such-object), or this system is not Linux (unreadable).
            Unreachable: the system does not open it.
        """
        self.interface = interface
        self.channel = channel
        self.dropped = 0
        """Datagrams that came and that this program did not read in time, since it was opened."""
        self._index = _index(interface)
        self._joined = False
        self._matrix = np.zeros((_MOST_ROWS, MOST_OCTETS), np.uint8)
        whole = memoryview(self._matrix.data).cast("B")
        self._rows = [whole[at : at + MOST_OCTETS] for at in range(0, len(whole), MOST_OCTETS)]
        self._socket = self._open()

    def _open(self) -> socket.socket:
        opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            opened.setsockopt(socket.IPPROTO_IP, _IP_MULTICAST_ALL, 0)
            opened.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
            opened.setsockopt(socket.SOL_SOCKET, _SO_RXQ_OVFL, 1)
            _enlarge(opened)
            opened.bind((self.channel.group, self.channel.port))
        except OSError as error:
            opened.close()
            raise not_usable(self.interface, error) from error
        opened.setblocking(False)
        return opened

    def join(self) -> int:
        """Join the group; return when, on the monotonic clock.

        The system sends its report within a tick or two (IGMPv2), so a delay from here is longer by that.

        Raises:
            Unreachable: the interface is down or takes no more groups.
        """
        try:
            at_ns = time.monotonic_ns()
            self._member(join=True)
        except OSError as error:
            raise not_usable(self.interface, error) from error
        self._joined = True
        return at_ns

    def leave(self) -> int:
        """Leave the group, if it is joined; return when, on the monotonic clock.

        Raises:
            Unreachable: the interface is gone; the system has left it then.
        """
        at_ns = time.monotonic_ns()
        if self._joined:
            self._joined = False
            try:
                self._member(join=False)
            except OSError as error:
                raise not_usable(self.interface, error) from error
        return at_ns

    def read(self) -> Batch:
        """Return what has come since the last call, without waiting.

        Raises:
            Unreachable: the interface is gone.
        """
        lengths: list[int] = []
        stamps: list[int] = []
        receive, rows = self._socket.recvmsg_into, self._rows
        try:
            while len(lengths) < _MOST_ROWS:
                length, beside, _flags, _sender = receive([rows[len(lengths)]], 64)
                lengths.append(length)
                stamps.append(0)
                for _level, kind, body in beside:
                    if kind == _SO_TIMESTAMPNS:
                        seconds, rest_ns = _STAMP.unpack_from(body)
                        stamps[-1] = seconds * 1_000_000_000 + rest_ns
                    elif kind == _SO_RXQ_OVFL:
                        self.dropped = int.from_bytes(body[:4], sys.byteorder)
        except BlockingIOError:
            pass  # all that there is was read
        except OSError as error:
            raise not_usable(self.interface, error) from error
        return Batch(self._matrix, np.array(lengths, np.int64), monotonic_of(np.array(stamps, np.int64)))

    def close(self) -> None:
        """Leave and close."""
        self._socket.close()

    def _member(self, *, join: bool) -> None:
        group, source = self.channel.group, self.channel.source
        if source is None:
            option = socket.IP_ADD_MEMBERSHIP if join else socket.IP_DROP_MEMBERSHIP
            self._socket.setsockopt(
                socket.IPPROTO_IP, option, struct.pack("=4s4si", socket.inet_aton(group), b"\0" * 4, self._index)
            )
            return
        option = _MCAST_JOIN_SOURCE_GROUP if join else _MCAST_LEAVE_SOURCE_GROUP
        request = struct.pack("=I4x", self._index) + _storage(group) + _storage(source)
        self._socket.setsockopt(socket.IPPROTO_IP, option, request)


def monotonic_of(stamps_ns: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return stamps of the wall clock on the monotonic clock, as the two stand to each other now."""
    now_ns = time.monotonic_ns()
    passed = np.clip(time.time_ns() - stamps_ns, 0, 1_000_000_000)  # the wall clock may have been set
    return np.maximum.accumulate(now_ns - passed) if len(stamps_ns) else stamps_ns


def host_drops(interface: str) -> int:
    """Return the frames that this computer threw away before any program saw them, since it started.

    Those of the card without room, and of the queue between card and system. 0 where the system does not tell.
    """
    total = 0
    for name in ("rx_missed_errors", "rx_fifo_errors", "rx_over_errors"):
        total += _number(Path("/sys/class/net", interface, "statistics", name))
    try:
        lines = Path("/proc/net/softnet_stat").read_text(encoding="ascii").splitlines()
        return total + sum(int(line.split()[1], 16) for line in lines)
    except (OSError, ValueError, IndexError):
        return total


def igmp_version(interface: str) -> str | None:
    """Return which IGMP the system speaks there now, as the querier taught it: ``V2`` or ``V3``; None if unknown."""
    try:
        lines = Path("/proc/net/igmp").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    words = [line.replace(":", " ").split() for line in lines[1:] if not line.startswith("\t")]
    return next((one[-1] for one in words if len(one) >= 4 and one[1] == interface), None)


def drops_strangers(interface: str) -> bool:
    """Tell whether Linux throws away datagrams from sources it has no way back to on that interface (rp_filter)."""
    return any(_number(Path("/proc/sys/net/ipv4/conf", name, "rp_filter")) == 1 for name in ("all", interface))


def _number(path: Path) -> int:
    try:
        return int(path.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return 0


def _index(interface: str) -> int:
    if sys.platform != "linux":
        raise DeviceError(
            _("{interface}: television can be tested on Linux only").format(interface=interface),
            _("start this laptop from a Linux stick, or use one with Linux"),
            reason=Reason.UNREADABLE,
        )
    known = socket.if_nameindex()
    for number, name in known:
        if name == interface:
            return number
    raise no_such_interface(interface, [name for _number_, name in known])


def _enlarge(opened: socket.socket) -> None:
    try:
        opened.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _QUEUE)  # beyond what the system gives anybody
    except PermissionError:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _QUEUE)


def _storage(address: str) -> bytes:
    """Return a sockaddr_storage."""
    return struct.pack("=HH4s", socket.AF_INET, 0, socket.inet_aton(address)).ljust(128, b"\0")


def parse_channel(text: str) -> Channel:
    """Return a channel from ``GROUP:PORT`` or ``SOURCE@GROUP:PORT``.

    Raises:
        ValueError: it is none.
    """
    source, at, rest = text.strip().rpartition("@")
    group, _colon, port = rest.rpartition(":")
    for address in [group, *([source] if at else [])]:
        if socket.inet_ntoa(socket.inet_pton(socket.AF_INET, address)) != address:
            raise ValueError(address)
    if not 224 <= int(group.partition(".")[0]) < 240 or not 0 < int(port) < 65_536:
        raise ValueError(text)
    return Channel(group, int(port), source or None)
