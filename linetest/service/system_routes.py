"""What Linux knows of one interface's IPv4: its routes (proc(5), /proc/net/route) and its address."""

import ipaddress
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from linetest.errors import Unreachable
from linetest.words.text import _

_ROUTES = Path("/proc/net/route")
_UP, _VIA_GATEWAY = 0x1, 0x2
_MOST_CHARACTERS = 1_000_000
_DISCARD = 9  # a port for the look-up of a way; nothing is sent there


class _Route(NamedTuple):
    network: ipaddress.IPv4Network
    gateway: str | None


def gateway_of(interface: str) -> str | None:
    """Return the default gateway over an interface."""
    return next((one.gateway for one in _routes(interface) if one.network.prefixlen == 0 and one.gateway), None)


def own_address(interface: str, bound: Callable[[], socket.socket]) -> str:
    """Return the IPv4 address with which packets leave an interface; `bound` opens a socket of it.

    Raises:
        Unreachable: it has none.
    """
    for route in _routes(interface):
        network = route.network
        neighbour = network.network_address + (1 if network.prefixlen < 31 else 0)
        with bound() as opened:
            try:
                opened.connect((route.gateway or str(neighbour), _DISCARD))
            except OSError:
                continue
            return str(opened.getsockname()[0])
    raise Unreachable(
        _("{interface}: it has no IPv4 address, or no way for IPv4").format(interface=interface),
        _("connect the system first; or let linetest connect by DHCP or PPPoE"),
    )


def _routes(interface: str) -> list[_Route]:
    found = []
    for line in _read(_ROUTES).splitlines()[1:]:
        cells = line.split()
        if len(cells) < 8 or cells[0] != interface:
            continue
        flags = int(cells[3], 16)
        if flags & _UP:
            network = ipaddress.ip_network(f"{_dotted(cells[1])}/{_dotted(cells[7])}", strict=False)
            assert isinstance(network, ipaddress.IPv4Network)
            found.append(_Route(network, _dotted(cells[2]) if flags & _VIA_GATEWAY else None))
    return found


def _dotted(digits: str) -> str:
    """Return the address that stands as hexadecimal digits in the machine's own order."""
    return socket.inet_ntoa(int(digits, 16).to_bytes(4, sys.byteorder))


def _read(path: Path) -> str:
    try:
        with path.open(encoding="ascii", errors="replace") as stream:
            return stream.read(_MOST_CHARACTERS)
    except OSError:
        return ""
