"""A host that joins and leaves multicast groups by frames of its own, with the tags of their link (RFC 2236, RFC 3376).

One thread hears the querier and answers, whatever a test does meanwhile. Until a querier was heard nobody knows which
version is spoken at the other end, so a join and a leave go out in both: a router of version 3 takes the one of version
2, too (RFC 3376 section 7.3.2), and a switch that knows version 2 only does not see the other.
"""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from ipaddress import IPv4Address

from linetest.errors import DeviceError
from linetest.service.igmp_packets import Packet, Query, Version, belonging, joining, leaving, read_query
from linetest.transports.frames import FrameLink, Tag, open_link
from linetest.transports.multicast import Channel
from linetest.transports.packet_filter import group_mac, of_igmp

_IPV4 = 0x0800
_SLICE_S = 0.2  # the thread sees within this time that it is over
_JOIN_S = 2.0
_AGAIN_S = 1.0  # RFC 3376 section 8.11, the unsolicited report interval
_OLDER_S = 2 * 125.0  # RFC 3376 section 8.12, with the usual robustness and query interval; the response time is added

Message = Callable[[Channel, Version, IPv4Address], Packet]


class IgmpHost:
    """The host. Made by `opened_igmp`."""

    def __init__(self, link: FrameLink, own: IPv4Address) -> None:
        self.querier: str | None = None
        """The address of who asked last."""
        self._link = link
        self._own = own
        self._joined: set[Channel] = set()
        self._due: list[tuple[float, Channel, Message, tuple[Version, ...]]] = []
        self._lock = threading.Lock()
        self._heard_v3 = False
        self._older_until_s = 0.0
        self._fault: DeviceError | None = None
        self._is_over = False
        self._thread = threading.Thread(target=self._run, name="igmp host", daemon=True)

    @property
    def igmp(self) -> str:
        """Return which version is spoken: ``V2`` or ``V3`` as the querier taught it, ``V2+V3`` while none was heard."""
        return "+".join(f"V{version}" for version in sorted(self._versions()))

    def join(self, channel: Channel) -> int:
        """Report that a channel is wanted; return when, on the monotonic clock in ns.

        Raises:
            DeviceError: the interface is gone.
        """
        with self._lock:
            self._joined.add(channel)
        return self._change(channel, joining)

    def leave(self, channel: Channel) -> int:
        """Tell that a channel is wanted no more; return when, on the monotonic clock in ns.

        Raises:
            DeviceError: the interface is gone.
        """
        with self._lock:
            self._joined.discard(channel)
        return self._change(channel, leaving)

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def stop(self) -> None:
        """End listening. What was to be said once more of a leave is said now."""
        self._is_over = True
        self._thread.join(_JOIN_S)
        with suppress(DeviceError):  # the first one went, or its error was told
            self._send_due(time.monotonic() + _AGAIN_S, leaving)

    def _versions(self, channel: Channel | None = None) -> tuple[Version, ...]:
        """Return the versions to speak of a channel; only version 3 can name its source."""
        if time.monotonic() < self._older_until_s:
            return (2,)
        return (3,) if self._heard_v3 or (channel is not None and channel.source) else (3, 2)

    def _change(self, channel: Channel, message: Message) -> int:
        """Send what changed, and once more a little later, as one may be lost (RFC 3376 section 5.1)."""
        if self._fault is not None:
            raise self._fault
        versions = self._versions(channel)
        at_ns = time.monotonic_ns()
        with self._lock:
            self._due = [one for one in self._due if one[1] != channel]
            self._due.append((time.monotonic() + random.uniform(0.1, _AGAIN_S), channel, message, versions))
        self._send(channel, message, versions)
        return at_ns

    def _send(self, channel: Channel, message: Message, versions: tuple[Version, ...]) -> None:
        for version in versions:
            packet = message(channel, version, self._own)
            self._link.send(group_mac(packet.to), _IPV4, packet.octets)

    def _run(self) -> None:
        try:
            while not self._is_over:
                frame = self._link.receive(self._wait_s())
                query = read_query(frame.payload) if frame is not None and frame.ethertype == _IPV4 else None
                if query is not None:
                    self._take(query)
                self._send_due(time.monotonic())
        except DeviceError as error:
            self._fault = error

    def _wait_s(self) -> float:
        with self._lock:
            first_s = min((one[0] for one in self._due), default=float("inf"))
        return min(max(first_s - time.monotonic(), 0.0), _SLICE_S)

    def _take(self, query: Query) -> None:
        """Plan the answers to a query, each after a while of its own within the time that the querier gives."""
        self.querier = query.querier
        now_s = time.monotonic()
        if query.version == 2:
            self._older_until_s = now_s + _OLDER_S + query.within_s
        else:
            self._heard_v3 = True
        with self._lock:
            for channel in self._joined:
                if query.group in (None, channel.group) and (
                    not query.sources or channel.source in (None, *query.sources)
                ):
                    self._plan(channel, now_s + query.within_s, query.version)

    def _plan(self, channel: Channel, until_s: float, version: Version) -> None:
        """Plan one answer; where one waits that goes out in time it does for this query, too, however many ask."""
        waiting = [one for one in self._due if (one[1], one[2]) == (channel, belonging)]
        if any(one[0] <= until_s and one[3] == (version,) for one in waiting):
            return
        self._due = [one for one in self._due if one not in waiting]
        self._due.append((random.uniform(time.monotonic(), until_s), channel, belonging, (version,)))

    def _send_due(self, now_s: float, only: Message | None = None) -> None:
        with self._lock:
            due = [one for one in self._due if one[0] <= now_s and only in (None, one[2])]
            self._due = [one for one in self._due if one not in due]
        for _at_s, channel, message, versions in due:
            self._send(channel, message, versions)


@contextmanager
def opened_igmp(place: str, tags: tuple[Tag, ...], own: str) -> Iterator[IgmpHost]:
    """Let a host speak IGMP within the block.

    Args:
        place: the interface, or ``bench:udp://127.0.0.1:PORT``.
        tags: the tags of its frames, the outer one first.
        own: its address; 0.0.0.0 where it has none there (RFC 3376 section 4.2.13).

    Raises:
        DeviceError: the interface is none, or may not be used.
        Unreachable: the interface is down or gone.
    """
    with closing(open_link(place, tags, of_igmp(tags))) as link:
        host = IgmpHost(link, IPv4Address(own))
        host.start()
        try:
            yield host
        finally:
            host.stop()
