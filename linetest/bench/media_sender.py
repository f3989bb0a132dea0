"""Television channels on the loopback interface: each is sent while somebody on this computer has joined its group.

Needs no rights. Loopback has no IGMP, so who has joined is read where Linux tells it; elsewhere every channel is sent.
"""

import socket
import struct
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from linetest.bench.media_stream import MEDIA_MBPS, PACKETS_PER_DATAGRAM, MediaFault, datagrams

_MEMBERS = Path("/proc/net/igmp")
_LOOPBACK = "127.0.0.1"
_LOOK_S = 0.005
_SHUTDOWN_S = 5.0


@dataclass(frozen=True, kw_only=True)
class MediaChannel:
    """One channel."""

    group: str
    port: int
    fault: MediaFault | None = None
    first_number: int = 65_000
    mbps: float = MEDIA_MBPS
    join_s: float = 0.02
    """From the join to the first datagram."""
    leave_s: float = 0.1
    """From the leave to the last."""


@contextmanager
def sending(channels: list[MediaChannel]) -> Iterator[None]:
    """Send the channels from threads while the context is open."""
    stop = threading.Event()
    threads = [
        threading.Thread(target=_send, args=(channel, stop), name=f"bench {channel.group}", daemon=True)
        for channel in channels
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(_SHUTDOWN_S)


def _send(channel: MediaChannel, stop: threading.Event) -> None:
    """Send the channel whenever it is joined, each time from its first datagram on: faults by count stay exact."""
    turn_s = PACKETS_PER_DATAGRAM * 188 * 8 / (channel.mbps * 1e6)
    with multicast_socket() as out:
        while not stop.is_set():
            if not _wait_joined(channel, stop) or stop.wait(channel.join_s):
                return
            stream = datagrams(first_number=channel.first_number, fault=channel.fault, mbps=channel.mbps)
            _send_while_joined(out, channel, stream, turn_s, stop)


def _send_while_joined(
    out: socket.socket, channel: MediaChannel, stream: Iterator[list[bytes]], turn_s: float, stop: threading.Event
) -> None:
    due_s = looked_s = time.monotonic()
    left_s: float | None = None
    while not stop.is_set():
        for datagram in next(stream):
            out.sendto(datagram, (channel.group, channel.port))
        due_s += turn_s
        now_s = time.monotonic()
        if now_s - looked_s >= _LOOK_S:
            looked_s = now_s
            left_s = None if is_joined(channel.group) else left_s or now_s
        if left_s is not None and now_s - left_s >= channel.leave_s:
            return
        if due_s > now_s:
            time.sleep(due_s - now_s)


def _wait_joined(channel: MediaChannel, stop: threading.Event) -> bool:
    while not is_joined(channel.group):
        if stop.wait(_LOOK_S):
            return False
    return True


def is_joined(group: str) -> bool:
    """Tell whether somebody on this computer has joined a group, on any interface; yes where the system hides it."""
    try:
        text = _MEMBERS.read_text(encoding="ascii")
    except OSError:
        return True
    return f"{int.from_bytes(socket.inet_aton(group), sys.byteorder):08X}" in text


def multicast_socket() -> socket.socket:
    """Return a socket that sends to groups on the loopback interface only."""
    out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    out.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(_LOOPBACK))
    out.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 1)
    out.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, struct.pack("B", 0))
    return out
