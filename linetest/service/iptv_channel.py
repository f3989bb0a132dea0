"""One television channel on one interface: joined, counted, left, with the moments of each."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from linetest.errors import DeviceError
from linetest.model.codes import Reason
from linetest.service.igmp import IgmpHost
from linetest.service.iptv_count import StreamCount
from linetest.service.iptv_settings import IptvSettings
from linetest.service.restore import Restore
from linetest.transports.frames import Tag
from linetest.transports.multicast import Channel, Group
from linetest.transports.multicast_frames import open_stream
from linetest.transports.multicast_intake import Batch
from linetest.transports.multicast_watch import BenchWatch, Watch, open_watch

_TURN_S = 0.005
"""How often is read: what comes meanwhile waits in the system, stamped."""
_MOST_MOMENTS = 1_000_000


class Member(Protocol):
    """A place of a group: joined, read, left; by the system's sockets or by frames of our own."""

    channel: Channel

    @property
    def dropped(self) -> int:
        """Datagrams that came and that this program did not read in time."""

    @property
    def igmp(self) -> str | None:
        """Which IGMP is spoken: ``V2``, ``V3``, or ``V2+V3``."""

    @property
    def hides_strangers(self) -> bool:
        """Tell whether what reaches the interface may be thrown away before it is read."""

    def join(self) -> int:
        """Join; return when, in ns."""

    def leave(self) -> int:
        """Leave, if it is joined; return when, in ns."""

    def read(self) -> Batch:
        """Return what has come since the last call, without waiting."""

    def close(self) -> None:
        """Close it."""


class FramesMember:
    """A `Member` by frames."""

    hides_strangers = False

    def __init__(self, place: str, channel: Channel, tags: tuple[Tag, ...], host: IgmpHost) -> None:
        """Begin to hear what comes with these tags; nothing is joined yet.

        Raises:
            DeviceError: the interface may not be used, is down or gone.
        """
        self.channel = channel
        self._host = host
        self._is_joined = False
        self._stream = open_stream(place, channel, tags)

    @property
    def dropped(self) -> int:
        """Return how many datagrams came that were not read in time."""
        return self._stream.dropped

    @property
    def igmp(self) -> str:
        """Return which IGMP is spoken."""
        return self._host.igmp

    def join(self) -> int:
        """Join; what came before is not part of the sample."""
        while len(self._stream.read().lengths):
            pass
        self._is_joined = True
        return self._host.join(self.channel)

    def leave(self) -> int:
        """Leave, if it is joined; return when."""
        if not self._is_joined:
            return time.monotonic_ns()
        self._is_joined = False
        return self._host.leave(self.channel)

    def read(self) -> Batch:
        """Return what has come since the last call."""
        return self._stream.read()

    def close(self) -> None:
        """Stop hearing."""
        self._stream.close()


@dataclass(slots=True)
class Viewing:
    """What became of one channel."""

    group: Member
    watch: Watch | BenchWatch | None
    """None without the right to see packets of a group that is not joined."""
    count: StreamCount = field(default_factory=StreamCount)
    before: int = 0
    """Packets that came before the join, while nobody at this interface had asked for them."""
    joined_ns: int | None = None
    left_ns: int | None = None
    after_leave_ns: list[int] = field(default_factory=list)
    """When packets still came after the leave."""
    raw: int = 0
    """Packets that reached the interface after the join."""
    stopped: bool = False
    """The person stopped it."""

    @property
    def channel(self) -> Channel:
        """Return what is watched."""
        return self.group.channel

    @property
    def first_ns(self) -> int | None:
        """Return when the first packet came after the join."""
        return self.count.first_ns

    def turn(self) -> None:
        """Read what has come."""
        if self.joined_ns is not None and self.left_ns is None:
            self.count.take(self.group.read())
        if self.watch is None:
            return
        moments = self.watch.read()
        if self.joined_ns is None:
            self.before += len(moments)
        elif self.left_ns is None:
            self.raw += len(moments)
        elif len(self.after_leave_ns) < _MOST_MOMENTS:
            self.after_leave_ns += moments[moments > self.left_ns].tolist()

    def leave(self) -> None:
        """Leave the group, and end the sample with what came until then."""
        if self.joined_ns is not None and self.left_ns is None:
            self.left_ns = self.group.leave()
            self.count.take(self.group.read())
            self.count.close()
            self.count.finish()

    def close(self) -> None:
        """Close the sockets."""
        self.group.close()
        if self.watch is not None:
            self.watch.close()


@contextmanager
def opened(
    interface: str, channel: Channel, tags: tuple[Tag, ...] = (), host: IgmpHost | None = None
) -> Iterator[Viewing]:
    """Open a channel; nothing is joined yet.

    Args:
        interface: its name, or ``bench:udp://127.0.0.1:PORT``.
        channel: the channel.
        tags: of its frames, the outer one first.
        host: joins and leaves by frames; the system does it when None.

    Raises:
        DeviceError: the interface is not there, or is down. A missing right to watch costs the watching only.
    """
    group: Member = Group(interface, channel) if host is None else FramesMember(interface, channel, tags, host)
    try:
        watch = open_watch(interface, channel, tags)
    except DeviceError as error:
        if error.reason != Reason.NO_PERMISSION:
            group.close()
            raise
        watch = None
    viewing = Viewing(group, watch)
    try:
        yield viewing
    finally:
        viewing.close()


def view(viewing: Viewing, before: Viewing | None, settings: IptvSettings, restore: Restore) -> None:
    """Join a channel, count it, leave it; `before` is the one that was just left and may still come."""
    with restore.changed(f"multicast group {viewing.channel}", viewing.leave):
        viewing.joined_ns = viewing.group.join()
        _run([viewing, before], settings.join_timeout_s, lambda: viewing.first_ns is not None)
        if viewing.first_ns is not None:
            _run([viewing, before], settings.seconds, lambda: False)


def wait_for_silence(viewing: Viewing, settings: IptvSettings) -> None:
    """Watch a channel that was left until it has been silent, at most until its time is over."""
    if viewing.watch is None:
        return

    def is_silent() -> bool:
        last_ns = viewing.after_leave_ns[-1] if viewing.after_leave_ns else viewing.left_ns or 0
        return time.monotonic_ns() - last_ns >= settings.silence_s * 1e9

    _run([viewing], settings.leave_timeout_s + settings.silence_s, is_silent)


def listen(viewing: Viewing, settings: IptvSettings) -> None:
    """Listen before the join for packets that nobody asked for."""
    if viewing.watch is not None:
        _run([viewing], settings.quiet_s, lambda: False)


def _run(viewings: list[Viewing | None], seconds: float, is_done: Callable[[], bool]) -> None:
    """Read all of them in turn, until it is done or the time is over."""
    end_s = time.monotonic() + seconds
    while not is_done() and (left_s := end_s - time.monotonic()) > 0.0:
        time.sleep(min(_TURN_S, left_s))
        for viewing in viewings:
            if viewing is not None:
                viewing.turn()
