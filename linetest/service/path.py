"""The way to the network that a test uses: the system's own connection, a DHCP lease, or a PPPoE session."""

from contextlib import AbstractContextManager
from typing import Literal, Protocol

import msgspec

from linetest.model.reading import Measurement

How = Literal["system", "dhcp", "pppoe"]


class Echo(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one echo request."""

    rtt_s: float | None = None
    """None when no answer came in time."""
    too_big_for: int | None = None
    """The MTU that a router told in "fragmentation needed", or the system's own; None when nobody said so."""
    unreachable_by: str | None = None
    """The address of the router that said "unreachable"."""
    expired_at: str | None = None
    """The address of the router at which the packet's time to live was over."""


class Conversation(Protocol):
    """Datagrams to and from one server; others' are never returned."""

    def send(self, payload: bytes) -> None:
        """Send one datagram."""

    def receive(self, timeout_s: float) -> bytes | None:
        """Return the next datagram of the server; None when none came in time."""


class IpPath(Protocol):
    """A connection over which IPv4 goes. Calls end within their time and raise `DeviceError` when the port is gone."""

    how: How
    address: str
    """Our own."""
    gateway: str | None
    mtu: int
    dns_servers: list[str]
    simulated: bool

    def udp(self, server: str, port: int) -> AbstractContextManager[Conversation]:
        """Open a conversation with an IPv4 address."""

    def echo(
        self, host: str, octets: int, timeout_s: float, *, dont_fragment: bool = False, hops: int | None = None
    ) -> Echo:
        """Send one echo request as an IP packet of `octets` in all (28 or more), and wait for its answer.

        `hops` is its time to live; the usual one when None.
        """


class Joined(msgspec.Struct, frozen=True, kw_only=True):
    """What came of entering the line."""

    path: IpPath | None
    """None where the line could not be entered; the measurement says why."""
    measured: Measurement
