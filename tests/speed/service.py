"""How fast a multicast channel is counted: the same packets beside scapy's dissector, and 100 Mbit/s without own loss.

    tests/speed/service.py               prints the figures beside their goals; exit 1 when one is missed
    tests/speed/service.py --floor       the same; exit 1 only below what was reached before
    tests/speed/service.py --seconds N   how long the 100 Mbit/s are sent (10 else)

The counter reads datagrams from a socket that has joined their group on the loopback interface, counts RTP and checks
the transport stream in each; the time is that of reading and counting. scapy dissects the same datagrams as IP, UDP and
RTP, from memory. At 100 Mbit/s the sender is a process of its own; what it did not send is none of the counter's.
"""

import argparse
import itertools
import os
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from linetest.bench.media_sender import multicast_socket
from linetest.bench.media_stream import PACKETS_PER_DATAGRAM, datagrams
from linetest.service.iptv_count import StreamCount
from linetest.transports.multicast import Channel, Group, host_drops
from tests.accuracy.figures import Figure, report

ROOT = Path(__file__).resolve().parents[2]
_CHANNEL = Channel("239.255.88.88", 15_088)
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
    options = parser.parse_args()
    if options.send:
        return send(options.send)
    sent = [one for ones in itertools.islice(datagrams(mbps=_MBPS), _DATAGRAMS) for one in ones]
    own = max(counted_per_second(sent) for _run in range(_RUNS))
    scapy = max(dissected_per_second(sent[:_SCAPY_DATAGRAMS]) for _run in range(_RUNS))
    print(f"{own:.0f} packets/s counted, {scapy:.0f} dissected by scapy; {os.cpu_count()} cores")
    sent_count, count, dropped, of_host, busy = live(options.seconds)
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
    return report(figures, floor=options.floor)


def counted_per_second(sent: list[bytes]) -> float:
    """Send in parts that fit into the socket, and return how many are read and counted in a second of that work."""
    count = StreamCount()
    worked_s = 0.0
    group = Group("lo", _CHANNEL)
    group.join()
    with multicast_socket() as out:
        for at in range(0, len(sent), _BATCH):
            for one in sent[at : at + _BATCH]:
                out.sendto(one, (_CHANNEL.group, _CHANNEL.port))
            begun_s = time.perf_counter()
            while len((batch := group.read()).lengths):
                count.take(batch)
            worked_s += time.perf_counter() - begun_s
    group.leave()
    group.close()
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
    frames = [bytes(IP(dst=_CHANNEL.group) / UDP(sport=9, dport=_CHANNEL.port) / one) for one in sent[:500]]
    begun_s = time.perf_counter()
    for frame in itertools.islice(itertools.cycle(frames), len(sent)):
        if RTP not in IP(frame):
            raise TypeError("scapy found no RTP")
    return len(sent) / (time.perf_counter() - begun_s)


def live(seconds: float) -> tuple[int, StreamCount, int, int, float]:
    """Count a channel of 100 Mbit/s as the test of television does.

    Returns what was sent, what was counted, what the socket and the host dropped, and the share of a core that it took.
    """
    count = StreamCount()
    group = Group("lo", _CHANNEL)
    group.join()
    before = host_drops("lo")
    begun_s, worked_s = time.perf_counter(), time.process_time()
    with subprocess.Popen(
        [sys.executable, __file__, "--send", str(seconds)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as sender:
        ended = False
        while not ended:
            ended = sender.poll() is not None
            time.sleep(_TURN_S)
            count.take(group.read())
        sent = int(sender.communicate()[0])
    busy = 100.0 * (time.process_time() - worked_s) / (time.perf_counter() - begun_s)
    group.leave()
    group.close()
    count.finish()
    return sent, count, group.dropped, host_drops("lo") - before, busy


def send(seconds: float) -> int:
    """Send 100 Mbit/s of transport stream from datagrams made before; print how many."""
    made = [
        one for ones in itertools.islice(datagrams(mbps=_MBPS), round(seconds * _MBPS * 1e6 / 8 / 1316)) for one in ones
    ]
    period_s = seconds / len(made)
    begun_s = time.monotonic()
    with multicast_socket() as out:
        for n, one in enumerate(made):
            ahead_s = begun_s + n * period_s - time.monotonic()
            if ahead_s > 0.001:
                time.sleep(ahead_s)
            out.sendto(one, (_CHANNEL.group, _CHANNEL.port))
    print(len(made))
    return 0


if __name__ == "__main__":
    sys.exit(main())
