"""How fast a multicast channel is counted: the same packets beside scapy's dissector, and 100 Mbit/s without own loss.

    tests/speed/service.py               prints the figures beside their goals; exit 1 when one is missed
    tests/speed/service.py --floor       the same; exit 1 only below what was reached before
    tests/speed/service.py --seconds N   how long the 100 Mbit/s are sent (10 else)

The counter reads datagrams from a socket that has joined their group on the loopback interface, counts RTP and checks
the transport stream in each; the time is that of reading and counting. scapy dissects the same datagrams as IP, UDP and
RTP, from memory. At 100 Mbit/s the sender is a process of its own; what it did not send is none of the counter's.

As root the same is done by frames with two VLAN tags between two interfaces of a network name space of their own.
"""

import argparse
import itertools
import os
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from linetest.bench.media_sender import multicast_socket
from linetest.bench.media_stream import PACKETS_PER_DATAGRAM, datagrams
from linetest.service.iptv_count import StreamCount
from linetest.transports.frames import Tag
from linetest.transports.multicast import Channel, Group, host_drops
from linetest.transports.multicast_frames import Stream
from tests.accuracy.figures import Figure, report

ROOT = Path(__file__).resolve().parents[2]
_CHANNEL = Channel("239.255.88.88", 15_088)
_TAGS = (Tag(0x88A8, 10), Tag(0x8100, 85))
_BATCH = 1000
_DATAGRAMS = 30_000
_SCAPY_DATAGRAMS = 2000
_MBPS = 100.0
_RUNS = 3
_TURN_S = 0.005


def main() -> int:
    """Print the figures and say whether they are good enough."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--floor", action="store_true")
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--send", type=float, help="be the sender, for so many seconds")
    parser.add_argument("--frames", action="store_true", help="by frames, in this name space")
    options = parser.parse_args()
    if options.send:
        return send(options.send, framed=options.frames)
    by_frames = 0
    if (
        not options.frames
        and os.geteuid() == 0
        and subprocess.run(["unshare", "-n", "true"], check=False).returncode == 0
    ):
        again = ["unshare", "-n", sys.executable, __file__, *sys.argv[1:], "--frames"]
        by_frames = subprocess.run(again, check=False).returncode
    if options.frames:
        for words in (["add", "a0", "type", "veth", "peer", "name", "b0"], ["set", "a0", "up"], ["set", "b0", "up"]):
            subprocess.run(["ip", "link", *words], check=True)
    sent = [one for ones in itertools.islice(datagrams(mbps=_MBPS), _DATAGRAMS) for one in ones]
    own = max(counted_per_second(sent, framed=options.frames) for _run in range(_RUNS))
    scapy = max(dissected_per_second(sent[:_SCAPY_DATAGRAMS]) for _run in range(_RUNS))
    print("frames with 802.1ad 10 + 802.1Q 85:" if options.frames else "sockets:")
    print(f"{own:.0f} packets/s counted, {scapy:.0f} dissected by scapy; {os.cpu_count()} cores")
    sent_count, count, dropped, of_host, busy = live(options.seconds, framed=options.frames)
    tally = count.rtp.tally
    print(
        f"{_MBPS:.0f} Mbit/s for {options.seconds:g} s: {sent_count} sent, {tally.received} counted, "
        f"{dropped} + {of_host} dropped here, {busy:.0f} % of one core"
    )
    figures = [
        Figure("times as fast as scapy", own / scapy, 5.0, 5.0),
        Figure(
            "packets lost or dropped at 100 Mbit/s", sent_count - tally.received + tally.lost, 0.0, 0.0, at_most=True
        ),
        Figure("continuity errors at 100 Mbit/s", count.ts.tally.continuity_errors, 0.0, 0.0, at_most=True),
    ]
    return max(report(figures, floor=options.floor), by_frames)


@contextmanager
def receiver(*, framed: bool) -> Iterator[Group | Stream]:
    """Yield what reads the channel."""
    opened: Group | Stream = Stream("a0", _CHANNEL, _TAGS) if framed else Group("lo", _CHANNEL)
    if isinstance(opened, Group):
        opened.join()
    with closing(opened):
        yield opened


@contextmanager
def sender(*, framed: bool) -> Iterator[Callable[[bytes], object]]:
    """Yield what sends a datagram of the channel."""
    if not framed:
        with multicast_socket() as out:
            yield lambda body: out.sendto(body, (_CHANNEL.group, _CHANNEL.port))
        return
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as out:
        out.bind(("b0", 0))
        yield lambda body: out.send(frame_of(body))


def frame_of(body: bytes) -> bytes:
    """Return a datagram of the channel in a frame with two tags."""
    udp = struct.pack("!HHHH", 9, _CHANNEL.port, 8 + len(body), 0)
    ip = struct.pack("!BBHHHBBH", 0x45, 0, 28 + len(body), 0, 0, 9, 17, 0) + bytes([10, 0, 0, 1])
    group = socket.inet_aton(_CHANNEL.group)
    head = (
        b"\x01\x00\x5e" + bytes([group[1] & 0x7F]) + group[2:] + bytes.fromhex("0200 0000 0001 88a8000a 81000055 0800")
    )
    return head + ip + group + udp + body


def counted_per_second(sent: list[bytes], *, framed: bool) -> float:
    """Send in parts that fit into the socket, and return how many are read and counted in a second of that work."""
    count = StreamCount()
    worked_s = 0.0
    with receiver(framed=framed) as group, sender(framed=framed) as out:
        for at in range(0, len(sent), _BATCH):
            for one in sent[at : at + _BATCH]:
                out(one)
            begun_s = time.perf_counter()
            while len((batch := group.read()).lengths):
                count.take(batch)
            worked_s += time.perf_counter() - begun_s
    count.finish()
    if count.rtp.tally.received != len(sent) or count.ts.tally.packets != PACKETS_PER_DATAGRAM * len(sent):
        raise ValueError(f"{count.rtp.tally.received} of {len(sent)} were counted")
    return len(sent) / worked_s


def dissected_per_second(sent: list[bytes]) -> float:
    """Return how many of these packets scapy dissects in a second."""
    from scapy.layers.inet import IP, UDP
    from scapy.layers.rtp import RTP
    from scapy.packet import bind_layers

    bind_layers(UDP, RTP, dport=_CHANNEL.port)
    frames = [
        bytes(IP(src="192.0.2.1", dst=_CHANNEL.group) / UDP(sport=9, dport=_CHANNEL.port) / one) for one in sent[:500]
    ]
    begun_s = time.perf_counter()
    for frame in itertools.islice(itertools.cycle(frames), len(sent)):
        if RTP not in IP(frame):
            raise TypeError("scapy found no RTP")
    return len(sent) / (time.perf_counter() - begun_s)


def live(seconds: float, *, framed: bool) -> tuple[int, StreamCount, int, int, float]:
    """Count a channel of 100 Mbit/s as the test of television does.

    Returns what was sent, what was counted, what the socket and the host dropped, and the share of a core that it took.
    """
    count = StreamCount()
    place = "a0" if framed else "lo"
    before = host_drops(place)
    words = [sys.executable, __file__, "--send", str(seconds), *(["--frames"] if framed else [])]
    with receiver(framed=framed) as group:
        begun_s, worked_s = time.perf_counter(), time.process_time()
        with subprocess.Popen(
            words, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)}
        ) as process:
            ended = False
            while not ended:
                ended = process.poll() is not None
                time.sleep(_TURN_S)
                count.take(group.read())
            sent = int(process.communicate()[0])
        busy = 100.0 * (time.process_time() - worked_s) / (time.perf_counter() - begun_s)
        dropped = group.dropped
    count.finish()
    return sent, count, dropped, host_drops(place) - before, busy


def send(seconds: float, *, framed: bool) -> int:
    """Send 100 Mbit/s of transport stream from datagrams made before; print how many."""
    made = [
        one for ones in itertools.islice(datagrams(mbps=_MBPS), round(seconds * _MBPS * 1e6 / 8 / 1316)) for one in ones
    ]
    period_s = seconds / len(made)
    begun_s = time.monotonic()
    with sender(framed=framed) as out:
        for n, one in enumerate(made):
            ahead_s = begun_s + n * period_s - time.monotonic()
            if ahead_s > 0.001:
                time.sleep(ahead_s)
            out(one)
    print(len(made))
    return 0


if __name__ == "__main__":
    sys.exit(main())
