"""How much TCP a connection of linetest's own carries, packet by packet: a figure without a goal.

    tests/speed/carrier.py               prints Mbit/s in each direction, and what moving the packets took of one core
    tests/speed/carrier.py --seconds N   how long each direction is measured (5 else)

Two network name spaces with a cable between them: linetest's end on one side, an iperf3 server on the other, whose
system sends single frames of Ethernet, as a line does. Needs root on Linux, and iperf3. Both ends and iperf3 share the
cores, so a laptop that has the server elsewhere carries more.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from ipaddress import IPv4Address
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from linetest.transports.carrier import Carrier, Envelope
from linetest.transports.frames import open_link

_NEAR, _FAR = "10.99.0.2", "10.99.0.1"
_IPV4, _MTU = 0x0800, 1500


def main() -> int:
    """Print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--at", metavar="MAC", help="be the near end, in its name space")
    options = parser.parse_args()
    if options.at:
        return near_end(bytes.fromhex(options.at.replace(":", "")), options.seconds)
    if os.geteuid() != 0 or shutil.which("iperf3") is None:
        print("not measured: it needs root and iperf3")
        return 0
    return in_name_spaces(options.seconds)


def near_end(far_mac: bytes, seconds: int) -> int:
    """Measure both directions over a port of the system."""
    link = open_link("near")
    carrier = Carrier(
        Envelope(link, far_mac, is_only_far=False, ethertype=_IPV4), IPv4Address(_NEAR).packed, _MTU, _FAR
    )
    try:
        for direction, more in (("down", ["--reverse"]), ("up", [])):
            carrier.busy_percent()
            words = ["--client", _FAR, "--bind", f"{carrier.address}%{carrier.interface}", "--parallel", "4", "--json"]
            said = subprocess.run(
                ["iperf3", *words, "--time", str(seconds), *more], capture_output=True, text=True, check=True
            ).stdout
            mbps = json.loads(said)["end"]["sum_received"]["bits_per_second"] / 1e6
            print(
                f"{direction}: {mbps:.0f} Mbit/s of TCP in frames of {_MTU} octets, {carrier.busy_percent():.0f} % of "
                f"one core, {carrier.dropped()} dropped; {os.cpu_count()} cores"
            )
    finally:
        carrier.close()
        link.close()
    return 0


def in_name_spaces(seconds: int) -> int:
    """Lay the cable, start the server, and measure."""
    near, far = (f"speed{os.getpid()}-{end}" for end in ("near", "far"))
    try:
        for space in (near, far):
            ip("netns", "add", space)
        ip("-n", near, "link", "add", "near", "type", "veth", "peer", "name", "far", "netns", far)
        ip("-n", far, "link", "set", "far", "gso_max_segs", "1")
        ip("-n", far, "address", "add", f"{_FAR}/24", "dev", "far")
        for space, port in ((near, "near"), (far, "far")):
            ip("-n", space, "link", "set", port, "up")
        ip("-n", far, "neighbour", "add", _NEAR, "lladdr", mac(near, "near"), "dev", "far")
        with subprocess.Popen(["ip", "netns", "exec", far, "iperf3", "--server"], stdout=subprocess.DEVNULL) as server:
            try:
                time.sleep(0.5)
                words = [sys.executable, __file__, "--at", mac(far, "far"), "--seconds", str(seconds)]
                return subprocess.run(["ip", "netns", "exec", near, *words], check=False).returncode
            finally:
                server.kill()
    finally:
        for space in (near, far):
            subprocess.run(["ip", "netns", "delete", space], check=False)


def mac(space: str, port: str) -> str:
    """Return the MAC address of a port."""
    return str(json.loads(ip("-n", space, "-json", "link", "show", port))[0]["address"])


def ip(*words: str) -> str:
    """Return what the program of that name says."""
    return subprocess.run(["ip", *words], capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    sys.exit(main())
