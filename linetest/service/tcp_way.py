"""TCP to a test server: over the system's connection, or to the bench on this computer."""

import ipaddress
import socket

from linetest.errors import DeviceError
from linetest.model.codes import Reason
from linetest.service.path import IpPath
from linetest.service.system_path import SystemPath
from linetest.words.text import _


def check_tcp(path: IpPath, address: str) -> str | None:
    """Return the interface that TCP has to use; None for the bench on this computer.

    Raises:
        DeviceError: the path is a lease or a session of linetest's own, which carries no TCP (no-tcp).
    """
    if isinstance(path, SystemPath):
        return path.interface
    if path.simulated and ipaddress.IPv4Address(address).is_loopback:
        return None
    raise DeviceError(
        _("the rate cannot be tested over a connection that linetest made itself"),
        _('let the system connect, then test with connect = "system"'),
        reason=Reason.NO_TCP,
    )


def connected(path: IpPath, address: str, port: int, timeout_s: float) -> socket.socket:
    """Return a TCP connection that takes the path's interface.

    Raises:
        DeviceError: the path carries no TCP.
        OSError: the server is not to be had.
    """
    check_tcp(path, address)
    opened = (
        path.bound(socket.SOCK_STREAM, 0)
        if isinstance(path, SystemPath)
        else socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    )
    try:
        opened.settimeout(timeout_s)
        opened.connect((address, port))
    except BaseException:
        opened.close()
        raise
    return opened
