"""Where an HTTP request may go: the address in the station file, taken apart, resolved and checked."""

import ipaddress
import socket
import threading
from urllib.parse import urlsplit

from linetest.errors import Offline, Paused, UsageError
from linetest.words.text import _

# Addresses of cloud metadata services that lie outside the link-local ranges: Alibaba Cloud, Oracle Cloud, AWS (IPv6).
_METADATA = frozenset(map(ipaddress.ip_address, ("100.100.100.200", "192.0.0.192", "fd00:ec2::254")))


def split_address(base_url: str) -> tuple[str, str, int]:
    """Return the base address without a final slash, its host and its port."""
    shown = "***" if "@" in base_url or "?" in base_url else base_url  # it may hold a password
    try:
        if not base_url.isprintable():
            raise ValueError("control characters")
        parts = urlsplit(base_url)
        port = parts.port
    except ValueError as error:
        raise UsageError(_("{url}: not an address: {fault}").format(url=shown, fault=error)) from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(
            _("{url}: not an http or https address").format(url=shown),
            _("write it as https://tickets.example.net"),
        )
    if parts.username or parts.password or parts.query or parts.fragment:
        raise UsageError(
            _("{host}: the address must not hold a user, a password or a query").format(host=parts.hostname),
            _("name the token's place with token = in the station file"),
        )
    return parts.geturl().rstrip("/"), parts.hostname, port or (443 if parts.scheme == "https" else 80)


def is_loopback(host: str) -> bool:
    """Return whether a host, as it is written, is this computer."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def resolve(host: str, port: int, deadline_s: float) -> list[str]:
    """Return the addresses of `host`; refuse those that no ticket system has.

    The name is resolved here and the address connected to, so that a second look-up cannot lead elsewhere; in a thread,
    because the system's resolver cannot be stopped.
    """
    found: list[str] = []
    fault = _("no answer from the name service")

    def ask() -> None:
        nonlocal fault
        try:
            answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.extend(dict.fromkeys(str(answer[4][0]) for answer in answers))
        except (OSError, UnicodeError) as error:
            fault = getattr(error, "strerror", None) or str(error)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(deadline_s)
    if not found:
        raise Offline(
            _("{host} cannot be found: {fault}").format(host=host, fault=fault),
            _("check the network; what waits is kept"),
        )
    for address in found:
        if _is_barred(address):
            raise Paused(
                _("{host} leads to {address}: an address of this link, of a group or of a cloud's metadata").format(
                    host=host, address=address
                ),
                _("no ticket system is there: check url in [ticket] of the station file, and the name server"),
            )
    return list(found)


def _is_barred(address: str) -> bool:
    """Return whether it is link-local, a metadata service, multicast or unspecified."""
    plain = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(plain, ipaddress.IPv6Address) and plain.ipv4_mapped is not None:
        plain = plain.ipv4_mapped
    return plain.is_link_local or plain.is_multicast or plain.is_unspecified or plain in _METADATA
