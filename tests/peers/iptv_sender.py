"""Television channels on an interface, all the time: for the tests whose peer is a kernel that snoops IGMP.

    iptv_sender.py ADDRESS MBPS GROUP[/N] ...

Each group is sent from the interface with that address to port 5000, at so many Mbit/s; with /N every Nth datagram is
left out.
"""

import socket
import sys
import time

from linetest.bench.media_stream import PACKETS_PER_DATAGRAM, MediaFault, datagrams


def main() -> None:
    """Send until killed."""
    address, mbps, *named = sys.argv[1:]
    out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    out.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(address))
    out.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 4)
    streams = []
    for one in named:
        group, _slash, every = one.partition("/")
        fault = MediaFault(drop_every=int(every)) if every else None
        streams.append((group, datagrams(first_number=64_000, fault=fault, mbps=float(mbps))))
    turn_s = PACKETS_PER_DATAGRAM * 188 * 8 / (float(mbps) * 1e6)
    due_s = time.monotonic()
    while True:
        for group, stream in streams:
            for datagram in next(stream):
                out.sendto(datagram, (group, 5000))
        due_s += turn_s
        time.sleep(max(due_s - time.monotonic(), 0.0))


if __name__ == "__main__":
    main()
