"""The connection that the operating system has on one interface, as a way to test: IPv4, on Linux.

Every socket is bound to the interface and to its address, so that no packet takes another way. What routers say comes
through the socket's error queue: ip(7), IP_RECVERR; numbers from linux/in.h and linux/errqueue.h.
"""

import errno
import os
import select
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

from linetest.errors import DeviceError, Unreachable, UsageError
from linetest.model.codes import Reason
from linetest.model.reading import Measurement
from linetest.service.access import Access
from linetest.service.path import Conversation, Echo, How, Joined
from linetest.service.restore import Restore
from linetest.service.settings import ServiceSettings
from linetest.service.system_names import name_servers
from linetest.service.system_routes import gateway_of, own_address
from linetest.transports.bound import bound_socket
from linetest.transports.interface import no_such_interface
from linetest.words.text import _

IP_HEAD = 20
ICMP_HEAD = 8
_IP_MTU_DISCOVER, _PMTUDISC_DONT, _PMTUDISC_PROBE = 10, 0, 3
_IP_RECVERR = 11
_ECHO_REQUEST, _ECHO_REPLY, _UNREACHABLE, _FRAGMENTATION_NEEDED, _EXPIRED = 8, 0, 3, 4, 11
_ERROR = struct.Struct("=IBBBBII")  # errno, origin, type, code, padding, info, data: struct sock_extended_err
_FROM_SYSTEM, _FROM_ICMP = 1, 2
_ECHO = struct.Struct("!BBHHH")
_LONGEST = 65_535


class SystemPath:
    """What the system already has; see `linetest.service.path.IpPath`."""

    how: How = "system"
    simulated = False

    def __init__(self, interface: str) -> None:
        """Find the interface's address, its gateway and its name servers.

        Raises:
            DeviceError: there is no such interface (no-such-object), or no IPv4 address on it (offline).
        """
        known = [name for _number, name in socket.if_nameindex()]
        if interface not in known:
            raise no_such_interface(interface, known)
        if not hasattr(socket, "SO_BINDTODEVICE") or not hasattr(socket, "MSG_ERRQUEUE"):
            raise DeviceError(
                _("{interface}: the system's own connection can be tested on Linux only").format(interface=interface),
                _("start this laptop from a Linux stick, or use one with Linux"),
                reason=Reason.UNREADABLE,
            )
        self.interface = interface
        self.mtu = _mtu(interface)
        self.gateway = gateway_of(interface)
        self.address = own_address(interface, lambda: bound_socket(interface, socket.SOCK_DGRAM))
        self.names = name_servers(interface, self.address)
        """The name servers, where they are written, and which of them the system reaches over other interfaces."""
        self.dns_servers = self.names.addresses
        self._sequence = 0

    @contextmanager
    def udp(self, server: str, port: int) -> Iterator[Conversation]:
        """Open a conversation with an IPv4 address; `receive` raises `Unreachable` (refused) where it says no."""
        with closing(bound_socket(self.interface, socket.SOCK_DGRAM)) as opened:
            try:
                opened.connect((server, port))
            except OSError as error:
                raise _no_way(server, error) from error
            yield _Udp(opened, server)

    def echo(
        self, host: str, octets: int, timeout_s: float, *, dont_fragment: bool = False, hops: int | None = None
    ) -> Echo:
        """Send one echo request as an IP packet of `octets` in all (28 or more), and wait for its answer.

        With `dont_fragment` the packet is sent whatever the system has learned of the path before.

        Raises:
            DeviceError: the right is missing (no-permission).
        """
        self._sequence = (self._sequence + 1) % 0x10000
        with closing(self._icmp()) as opened:
            opened.setsockopt(socket.IPPROTO_IP, _IP_RECVERR, 1)
            how = _PMTUDISC_PROBE if dont_fragment else _PMTUDISC_DONT
            opened.setsockopt(socket.IPPROTO_IP, _IP_MTU_DISCOVER, how)
            if hops is not None:
                opened.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, hops)
            request = _Request(host, self._sequence, os.urandom(max(octets - IP_HEAD - ICMP_HEAD, 0)))
            sent_s = time.monotonic()
            try:
                opened.connect((host, 0))
                opened.send(request.octets(_own_identifier(opened)))
            except OSError as error:
                if error.errno == errno.EMSGSIZE:
                    return Echo(too_big_for=self.mtu)
                raise _no_way(host, error) from error
            return _answer(opened, request, sent_s, timeout_s)

    def _icmp(self) -> socket.socket:
        """Return a socket for echo requests: the one that needs no rights where the system allows it."""
        try:
            return bound_socket(self.interface, socket.SOCK_DGRAM, socket.IPPROTO_ICMP)
        except DeviceError:
            return bound_socket(self.interface, socket.SOCK_RAW, socket.IPPROTO_ICMP)


@contextmanager
def joined(access: Access, _settings: ServiceSettings, _restore: Restore) -> Iterator[Joined]:
    """Use the system's connection on the interface of the test point; nothing is changed.

    Raises:
        UsageError: the test point has VLAN tags, which only frames of our own would carry.
    """
    if access.tags:
        raise UsageError(
            _("{interface}: the system's own connection sends no VLAN tags of the test point").format(
                interface=access.address
            ),
            _("test its VLAN interface without tags, or enter the line with --connect dhcp or pppoe"),
        )
    path = SystemPath(access.address)
    entered = {
        "address": path.address,
        "gateway": path.gateway,
        "mtu": path.mtu,
        "dns_servers": path.dns_servers,
        "dns_servers_from": path.names.source,
        "dns_servers_elsewhere": sorted(path.names.elsewhere),
    }
    yield Joined(path=path, measured=Measurement(readings=[], details={"system": entered}))


class _Udp:
    def __init__(self, opened: socket.socket, server: str) -> None:
        self._socket = opened
        self._server = server

    def send(self, payload: bytes) -> None:
        try:
            self._socket.send(payload)
        except ConnectionRefusedError:
            self._socket.send(payload)  # the error was of the datagram before
        except OSError as error:
            raise _no_way(self._server, error) from error

    def receive(self, timeout_s: float) -> bytes | None:
        self._socket.settimeout(max(timeout_s, 1e-6))
        try:
            return self._socket.recv(_LONGEST)
        except TimeoutError:
            return None
        except OSError as error:
            raise _no_way(self._server, error) from error


class _Request(NamedTuple):
    host: str
    sequence: int
    data: bytes

    def octets(self, identifier: int) -> bytes:
        """Return the ICMP message; the kernel puts its own identifier in where it owns the socket."""
        head = _ECHO.pack(_ECHO_REQUEST, 0, 0, identifier, self.sequence)
        return _ECHO.pack(_ECHO_REQUEST, 0, _checksum(head + self.data), identifier, self.sequence) + self.data

    def is_answered_by(self, octets: bytes, is_raw: bool) -> bool:
        """Tell whether a message answers this request: its sequence and all of its random data came back."""
        at = (octets[0] & 0x0F) * 4 if is_raw and octets else 0
        if len(octets) < at + _ECHO.size:
            return False
        kind, _code, _sum, _identifier, sequence = _ECHO.unpack_from(octets, at)
        is_ours = octets[at + _ECHO.size :] == self.data
        return bool(kind == _ECHO_REPLY and sequence == self.sequence and is_ours)


def _answer(opened: socket.socket, request: _Request, sent_s: float, timeout_s: float) -> Echo:
    is_raw = opened.type == socket.SOCK_RAW
    end_s = sent_s + timeout_s
    opened.setblocking(False)
    while (left_s := end_s - time.monotonic()) > 0.0:
        if not select.select([opened], [], [], left_s)[0]:
            break
        if (told := _told(opened, request)) is not None:
            return told
        try:
            octets = opened.recv(_LONGEST)
        except BlockingIOError:
            continue
        except OSError:
            continue  # the error of which the queue tells more
        if request.is_answered_by(octets, is_raw):
            return Echo(rtt_s=time.monotonic() - sent_s)
    return Echo()


def _told(opened: socket.socket, request: _Request) -> Echo | None:
    """Return what the error queue says about the request; None when it says nothing."""
    try:
        sent, beside, _flags, _to = opened.recvmsg(_LONGEST, 512, socket.MSG_ERRQUEUE)
    except OSError:
        return None
    quoted = sent[: _ECHO.size]
    if len(quoted) == _ECHO.size and _ECHO.unpack(quoted)[4] != request.sequence:
        return None
    for level, kind, body in beside:
        if (level, kind) != (socket.IPPROTO_IP, _IP_RECVERR) or len(body) < _ERROR.size:
            continue
        number, origin, icmp_type, code, _padding, info, _data = _ERROR.unpack_from(body)
        if number == errno.EMSGSIZE and origin in (_FROM_SYSTEM, _FROM_ICMP):
            return Echo(too_big_for=info)
        if origin == _FROM_ICMP and icmp_type == _EXPIRED:
            return Echo(expired_at=_router(body, request))
        if origin == _FROM_ICMP and icmp_type == _UNREACHABLE and code != _FRAGMENTATION_NEEDED:
            return Echo(unreachable_by=_router(body, request))
    return None


def _router(body: bytes, request: _Request) -> str:
    """Return who sent the error; the wanted host where the queue does not say."""
    at = _ERROR.size + 4  # family and port of the sockaddr_in that follows
    return socket.inet_ntoa(body[at : at + 4]) if len(body) >= at + 4 else request.host


def _own_identifier(opened: socket.socket) -> int:
    return int.from_bytes(os.urandom(2), "big") if opened.type == socket.SOCK_RAW else 0


def _checksum(octets: bytes) -> int:
    """Return the Internet checksum (RFC 1071)."""
    padded = octets + b"\0" * (len(octets) % 2)
    total: int = sum(struct.unpack(f"!{len(padded) // 2}H", padded))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def _mtu(interface: str) -> int:
    try:
        return int(Path("/sys/class/net", interface, "mtu").read_text(encoding="ascii"))
    except (OSError, ValueError):
        return 1500


def _no_way(host: str, error: OSError) -> Unreachable:
    refused = isinstance(error, ConnectionRefusedError)
    return Unreachable(
        _("{host}: {fault}").format(host=host, fault=error.strerror or error),
        _("check the address, and that the line is up"),
        reason=Reason.REFUSED if refused else None,
    )
