"""A socket of the system that uses one interface only, whatever the routes say (socket(7), SO_BINDTODEVICE)."""

import errno
import socket

from linetest.transports.interface import no_right, not_usable

_BARRED = (errno.EPERM, errno.EACCES)


def bound_socket(interface: str, kind: int, protocol: int = 0) -> socket.socket:
    """Return a new IPv4 socket.

    Raises:
        DeviceError: the right is missing (no-permission).
        Unreachable: the interface is gone.
    """
    try:
        opened = socket.socket(socket.AF_INET, kind, protocol)
    except PermissionError as error:
        raise no_right(interface) from error
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode())
    except OSError as error:
        opened.close()
        raise no_right(interface) if error.errno in _BARRED else not_usable(interface, error) from error
    return opened
