"""A TUN port of Linux: an interface whose packets a program sends and receives (Linux, networking/tuntap.rst).

It is not persistent: the kernel takes it away, with its address and its routes, when nobody has it open any more. No
other traffic goes there: a socket uses it only when it is bound to it (socket(7), SO_BINDTODEVICE), and then needs no
route. Numbers: linux/if_tun.h, linux/sockios.h, linux/route.h.
"""

import contextlib
import ctypes
import errno
import os
import socket
import struct
import sys
from ipaddress import IPv4Address
from pathlib import Path

from linetest.errors import DeviceError, Unreachable
from linetest.model.codes import Reason
from linetest.words.text import _

_DEVICE = Path("/dev/net/tun")
_NAME = b"linetest%d"
_TUNSETIFF = 0x400454CA
_TUN, _NO_HEAD, _VNET_HEAD = 0x0001, 0x1000, 0x4000
_SET_ADDRESS, _SET_MTU, _GET_FLAGS, _SET_FLAGS, _SET_QUEUE, _ADD_ROUTE = 0x8916, 0x8922, 0x8913, 0x8914, 0x8943, 0x890B
_UP = 0x1
_ROUTE_UP, _ROUTE_HOST = 0x1, 0x4
_QUEUE = 1000  # packets, as of an Ethernet port
_IPV4_SETTINGS, _IPV6_SETTINGS = Path("/proc/sys/net/ipv4/conf"), Path("/proc/sys/net/ipv6/conf")
_BENCHMARK = (0xC613, 0xC612)  # 198.19.0.0/16 and 198.18.0.0/16, of RFC 2544 appendix C.2.2
_MODULUS = 0xFFFF
_DISCARD = 9  # a port for the look-up of a way
_BARRED = (errno.EPERM, errno.EACCES)
_ABSENT = (errno.ENOENT, errno.ENODEV, errno.ENXIO)


class Tun:
    """An open port with an address; each packet read from it or written to it stands behind 10 octets of virtio_net."""

    def __init__(self, address: bytes, mtu: int, server: str) -> None:
        """Make the port.

        Args:
            address: its IPv4 address.
            mtu: the longest packet.
            server: the address that is talked to; it gets a route where the system drops what comes without one.

        Raises:
            DeviceError: the right is missing (no-permission), or this system has no TUN (no-tcp).
            Unreachable: the system does not make it.
        """
        self.address = str(IPv4Address(address))
        self.descriptor = _opened()
        try:
            self.name = _made(self.descriptor)
            self._set_up(address, mtu, server)
        except OSError as error:
            self.close()
            raise _refused(error) from error

    def close(self) -> None:
        """Take the port away: at once, unless somebody else has its descriptor, too."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1

    def _set_up(self, address: bytes, mtu: int, server: str) -> None:
        import fcntl

        name = self.name.encode()
        with contextlib.suppress(OSError):  # a system without IPv6
            (_IPV6_SETTINGS / self.name / "disable_ipv6").write_text("1", encoding="ascii")
        with contextlib.suppress(OSError):  # then there will be a route
            (_IPV4_SETTINGS / self.name / "rp_filter").write_text("0", encoding="ascii")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
            fcntl.ioctl(control, _SET_MTU, struct.pack("@16si20x", name, mtu))
            fcntl.ioctl(control, _SET_QUEUE, struct.pack("@16si20x", name, _QUEUE))
            fcntl.ioctl(control, _SET_ADDRESS, struct.pack("@16s16s8x", name, _socket_address(address)))
            (flags,) = struct.unpack_from("@H", fcntl.ioctl(control, _GET_FLAGS, struct.pack("@16s24x", name)), 16)
            fcntl.ioctl(control, _SET_FLAGS, struct.pack("@16sH22x", name, flags | _UP))
            if self._needs_route(server):
                fcntl.ioctl(control, _ADD_ROUTE, _route(server, ctypes.create_string_buffer(name)))

    def _needs_route(self, server: str) -> bool:
        """Tell whether the system drops what the server sends: 1 wants a route over this port, 2 wants any route.

        The larger of two settings counts (Linux, networking/ip-sysctl.rst).
        """
        settings = [_IPV4_SETTINGS / name / "rp_filter" for name in ("all", self.name)]
        mode = max(one.read_text(encoding="ascii").strip() for one in settings)
        return mode == "1" or (mode != "0" and not _has_route(server))


def twin_address(address: bytes) -> bytes:
    """Return another address with the same sum of 16-bit words, from a range that no network uses.

    Where it stands in the place of `address`, the Internet checksum holds (RFC 1071 section 2).
    """
    total = sum(struct.unpack("!HH", address))
    first = next(one for one in _BENCHMARK if (total - one) % _MODULUS)
    return struct.pack("!HH", first, (total - first) % _MODULUS)


def _has_route(server: str) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as looking:
        try:
            looking.connect((server, _DISCARD))  # nothing is sent
        except OSError:
            return False
    return True


def _opened() -> int:
    try:
        return os.open(_DEVICE, os.O_RDWR | os.O_CLOEXEC)
    except OSError as error:
        raise _refused(error) from error


def _made(descriptor: int) -> str:
    import fcntl

    asked = struct.pack("@16sH22x", _NAME, _TUN | _NO_HEAD | _VNET_HEAD)
    return fcntl.ioctl(descriptor, _TUNSETIFF, asked)[:16].rstrip(b"\0").decode("ascii")


def _socket_address(address: bytes) -> bytes:
    return struct.pack("@HH4s8x", socket.AF_INET, 0, address)


def _route(server: str, name: "ctypes.Array[ctypes.c_char]") -> bytes:
    """Return struct rtentry: to one host, over the port."""
    ends = _socket_address(IPv4Address(server).packed), _socket_address(bytes(4)), _socket_address(b"\xff" * 4)
    return struct.pack(
        "@L16s16s16sHhLPhPLLH", 0, *ends, _ROUTE_UP | _ROUTE_HOST, 0, 0, 0, 0, ctypes.addressof(name), 0, 0, 0
    )


def _refused(error: OSError) -> DeviceError:
    if error.errno in _BARRED:
        return DeviceError(
            _("a port for TCP cannot be made: the capability CAP_NET_ADMIN is missing"),
            _("sudo setcap cap_net_raw,cap_net_admin+ep {python}, or use sudo").format(
                python=Path(sys.executable).resolve()
            ),
            reason=Reason.NO_PERMISSION,
        )
    if error.errno in _ABSENT:
        return DeviceError(
            _("a port for TCP cannot be made: this system has no {device}").format(device=_DEVICE),
            _('modprobe tun; or let the system connect, then test with connect = "system"'),
            reason=Reason.NO_TCP,
        )
    return Unreachable(
        _("a port for TCP cannot be made: {fault}").format(fault=error.strerror or error),
        _('let the system connect, then test with connect = "system"'),
    )
