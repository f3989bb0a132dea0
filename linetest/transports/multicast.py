"""Datagrams of an IPv4 multicast group on one interface, by the system's own sockets: it joins, so it speaks IGMP.

Numbers: linux/in.h; ip(7).
"""

import socket
import struct
import sys
import time
from pathlib import Path
from typing import NamedTuple

from linetest.errors import DeviceError
from linetest.model.codes import Reason
from linetest.transports.interface import no_such_interface, not_usable
from linetest.transports.multicast_intake import Batch, Intake
from linetest.words.text import _

_IP_MULTICAST_ALL = 49
_MCAST_JOIN_SOURCE_GROUP, _MCAST_LEAVE_SOURCE_GROUP = 46, 47


class Channel(NamedTuple):
    """A group, its port, and its source where only one may send."""

    group: str
    port: int
    source: str | None = None

    def __str__(self) -> str:
        return f"{self.source}@{self.group}:{self.port}" if self.source else f"{self.group}:{self.port}"


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
        self._index = _index(interface)
        self._joined = False
        self._socket, self._intake = self._open()

    @property
    def dropped(self) -> int:
        """Return how many datagrams came that this program did not read in time, since it was opened."""
        return self._intake.dropped

    @property
    def igmp(self) -> str | None:
        """Return which IGMP the system speaks there now, as the querier taught it: ``V2`` or ``V3``."""
        return igmp_version(self.interface)

    @property
    def hides_strangers(self) -> bool:
        """Tell whether what reaches the interface may be thrown away on its way here: see `drops_strangers`."""
        return drops_strangers(self.interface)

    def _open(self) -> tuple[socket.socket, Intake]:
        opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            opened.setsockopt(socket.IPPROTO_IP, _IP_MULTICAST_ALL, 0)
            intake = Intake(opened, self.interface)
            opened.bind((self.channel.group, self.channel.port))
        except OSError as error:
            opened.close()
            raise not_usable(self.interface, error) from error
        return opened, intake

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
        return self._intake.read()

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
