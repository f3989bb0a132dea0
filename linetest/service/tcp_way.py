"""TCP to a test server: over the system's connection, over one of our own, or to the bench on this computer.

A session or a lease of linetest's own gets a port of the system for as long as the test runs
(`linetest.transports.carrier`): its TCP is the system's.
"""

import ipaddress
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from linetest.errors import DeviceError
from linetest.model.codes import Reason
from linetest.service.host import IpHost
from linetest.service.path import IpPath
from linetest.service.restore import Restore
from linetest.service.system_path import SystemPath
from linetest.transports.bound import bound_socket
from linetest.transports.carrier import Carrier
from linetest.words.text import _

PORT_STEP = "port for TCP"
"""What the record calls the restoration."""


class TcpWay(NamedTuple):
    """How TCP goes to one server."""

    server: str
    """Its IPv4 address."""
    interface: str | None = None
    """The port of the system that TCP has to use; None for the bench on this computer."""
    address: str | None = None
    """That port's own address."""
    host: IpHost | None = None
    """Whose packets they are, where the connection is linetest's own."""
    carrier: Carrier | None = None

    def check(self) -> None:
        """Raise `DeviceError` where a connection of linetest's own has ended."""
        if self.host is not None:
            self.host.check()
        if self.carrier is not None:
            self.carrier.check()

    def pump_percent(self) -> float | None:
        """Return what moving the packets took of one processor since this was asked before; None where nobody does."""
        return None if self.carrier is None else self.carrier.busy_percent()

    def pump_dropped(self) -> int:
        """Return how many frames came faster than they were moved."""
        return 0 if self.carrier is None else self.carrier.dropped()

    def connected(self, port: int, timeout_s: float) -> socket.socket:
        """Return a TCP connection to the server.

        Raises:
            DeviceError: the interface is gone.
            OSError: the server is not to be had.
        """
        if self.interface is None or self.address is None:
            opened = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        else:
            opened = bound_socket(self.interface, socket.SOCK_STREAM)
        try:
            if self.address is not None:
                opened.bind((self.address, 0))
            opened.settimeout(timeout_s)
            opened.connect((self.server, port))
        except BaseException:
            opened.close()
            raise
        return opened


@contextmanager
def tcp_way(path: IpPath, server: str, restore: Restore) -> Iterator[TcpWay]:
    """Have a way for TCP to a server's IPv4 address within the block.

    Raises:
        DeviceError: the path carries no TCP (no-tcp), a right is missing (no-permission), or nobody answers for the
            next router.
    """
    if isinstance(path, SystemPath):
        yield TcpWay(server, path.interface, path.address)
    elif path.simulated and ipaddress.IPv4Address(server).is_loopback:
        yield TcpWay(server)
    elif isinstance(path, IpHost) and not path.simulated:
        carrier = path.carrier(server)
        with restore.changed(PORT_STEP, carrier.close):
            yield TcpWay(server, carrier.interface, carrier.address, path, carrier)
    else:
        raise DeviceError(
            _("the rate cannot be tested over this connection: it carries no TCP"),
            _("name a server of the bench, on this computer"),
            reason=Reason.NO_TCP,
        )
