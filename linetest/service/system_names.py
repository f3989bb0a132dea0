"""The name servers that Linux uses, where that is written, and which of them it does not reach over an interface.

systemd-resolved knows the servers of each interface: resolvectl(1). Elsewhere all interfaces share one list,
resolv.conf(5), where a VPN or a Wi-Fi network may have put its own.
"""

import ipaddress
import shutil
import socket
import subprocess
from pathlib import Path
from typing import NamedTuple

_RESOLVER = Path("/etc/resolv.conf")
_RESOLVER_OF_SYSTEMD = Path("/run/systemd/resolve/resolv.conf")
_STUBS = ["127.0.0.53"], ["127.0.0.54"]  # systemd-resolved.service(8)
_MOST_CHARACTERS = 1_000_000
_MOST_SERVERS = 16
_TELLS_S = 3.0
_PORT = 53


class NameServers(NamedTuple):
    """What was found."""

    addresses: list[str]
    source: str
    """The file, or the command that told them."""
    elsewhere: frozenset[str] = frozenset()
    """Those that the system does not reach over the interface: what they do says nothing of its line."""


def name_servers(interface: str, own_address: str) -> NameServers:
    """Return the IPv4 name servers for an interface that has this address.

    Where systemd-resolved tells those of the interface, they are taken; else those of the whole system, and those
    behind systemd's stub instead of the stub itself.
    """
    found = _servers_in(_RESOLVER)
    if found in _STUBS:
        told = _told_by_systemd(interface)
        if told:
            return NameServers(told, f"resolvectl dns {interface}")
        found, source = _servers_in(_RESOLVER_OF_SYSTEMD), _RESOLVER_OF_SYSTEMD
    else:
        source = _RESOLVER
    found = found[:_MOST_SERVERS]
    elsewhere = frozenset(one for one in found if _leaves_from(one) != own_address)
    return NameServers(found, str(source), elsewhere)


def _told_by_systemd(interface: str) -> list[str]:
    """Return what ``resolvectl dns INTERFACE`` tells: ``Link 2 (eth0): 192.0.2.1 2001:db8::1``."""
    program = shutil.which("resolvectl")
    if program is None:
        return []
    try:
        done = subprocess.run(
            [program, "dns", "--", interface],
            capture_output=True,
            timeout=_TELLS_S,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired):
        return []
    line = done.stdout[:_MOST_CHARACTERS].decode("utf-8", "replace").partition("): ")[2]
    words = [word.partition("#")[0].partition("%")[0] for word in line.split()]
    return [word for word in words if _is_ipv4(word)][:_MOST_SERVERS]


def _leaves_from(server: str) -> str | None:
    """Return the address from which the system's own routes reach a server; None where they do not."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as looking:
        try:
            looking.connect((server, _PORT))  # nothing is sent
        except OSError:
            return None
        return str(looking.getsockname()[0])


def _servers_in(path: Path) -> list[str]:
    try:
        with path.open(encoding="ascii", errors="replace") as stream:
            text = stream.read(_MOST_CHARACTERS)
    except OSError:
        return []
    words = [line.split() for line in text.splitlines()]
    return [line[1] for line in words if len(line) > 1 and line[0] == "nameserver" and _is_ipv4(line[1])]


def _is_ipv4(text: str) -> bool:
    try:
        ipaddress.IPv4Address(text)
    except ValueError:
        return False
    return True
