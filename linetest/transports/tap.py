"""Frames as a network interface delivers them, through scapy's sockets: they work on every system.

Scapy's socket is imported when an interface is opened, as that asks the system for all of its interfaces.
"""

import time
from typing import Any

from linetest.transports.interface import no_ethernet, no_right, no_such_interface, not_usable
from linetest.words.text import _

LINKTYPE_ETHERNET = 1
_MOST_OCTETS = 65_535  # of one frame


class Tap:
    """An open interface that takes every frame that passes, whoever it is for (promiscuous).

    Frames come as the card delivers them: an ordinary one has taken off the preamble and the FCS, and may keep frames
    to 01-80-C2-00-00-01 to itself.
    """

    def __init__(self, interface: str) -> None:
        """Open the interface.

        Raises:
            DeviceError: there is no such interface (no-such-object), the right is missing (no-permission), or it
                delivers something else than Ethernet frames (unreadable).
            Unreachable: the system does not open it.
        """
        self._interface = interface
        self._socket = _open(interface)

    def read(self, timeout_s: float) -> tuple[int, bytes] | None:
        """Return the next frame and its time in ns since 1970; None when none came in time.

        The time is the system's, good to some microseconds.

        Raises:
            Unreachable: the interface is down or gone.
        """
        try:
            if not self._socket.select([self._socket], timeout_s):
                return None
            _layer, octets, time_s = self._socket.recv_raw(_MOST_OCTETS)
        except OSError as error:
            raise not_usable(self._interface, error) from error
        if not octets:
            return None
        return round((time_s or time.time()) * 1_000_000) * 1000, octets

    def close(self) -> None:
        """Close the interface."""
        self._socket.close()


def _open(interface: str) -> Any:
    import scapy.arch  # noqa: F401 -- tells scapy this system's sockets
    from scapy.config import conf
    from scapy.interfaces import get_if_list
    from scapy.layers.l2 import Ether

    conf.ifaces.reload()  # a card may have been plugged in since
    known = get_if_list()
    if interface not in known:
        raise no_such_interface(interface, known)
    try:
        opened: Any = conf.L2listen(iface=interface)
    except PermissionError as error:
        refused = no_right(interface)
        refused.hint += _("; or capture with dumpcap -i {interface} -w pon.pcapng and audit the file").format(
            interface=interface
        )
        raise refused from error
    except (OSError, ValueError) as error:
        raise not_usable(interface, error) from error
    if not issubclass(opened.LL, Ether):
        opened.close()
        raise no_ethernet(interface)
    return opened
