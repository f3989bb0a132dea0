"""What the users of a simulated PON send: UDP in their own VLAN, ARP, and television for all."""

from collections.abc import Iterator
from random import Random

from linetest.bench.pon_frames import EVERYBODY, arp_request, ipv4_udp, tagged
from linetest.bench.pon_plant import ROUTER, SHARED_VID, VIDEO, PonOnu

_IPV4, _ARP = 0x0800, 0x0806
_ROUTER_IP, _VIDEO_IP = bytes((10, 9, 0, 1)), bytes((10, 9, 0, 2))
_CHANNEL_IP, _CHANNEL = bytes((239, 1, 1, 7)), bytes.fromhex("01005e010107")
_PORT, _VIDEO_PORT = 40_000, 40_100
_PAYLOAD_OCTETS = (24, 80, 260, 640, 1200, 1440)
_LETTERS = bytes(Random(0).choices(b"abcdefghijklmnopqrstuvwxyz0123456789", k=8192))


def _payload(random: Random) -> bytes:
    start = random.randrange(len(_LETTERS) // 2)
    return _LETTERS[start : start + random.choice(_PAYLOAD_OCTETS)]


def host_ip(onu: PonOnu) -> bytes:
    """Return the address of the computer behind the ONU."""
    return bytes((10, 9, 1, onu.number))


def upstream(onu: PonOnu, random: Random, vid: int | None) -> bytes:
    """Return a frame from the ONU's computer to the router."""
    packet = ipv4_udp(host_ip(onu), _ROUTER_IP, _payload(random), _PORT + onu.number)
    return tagged(ROUTER, onu.host, vid, _IPV4, packet)


def downstream(onu: PonOnu, random: Random, vid: int, destination: bytes | None = None) -> bytes:
    """Return a frame from the router to the ONU's computer, or to another MAC."""
    packet = ipv4_udp(_ROUTER_IP, host_ip(onu), _payload(random), _PORT + onu.number)
    return tagged(destination or onu.host, ROUTER, vid, _IPV4, packet)


def question(onu: PonOnu) -> bytes:
    """Return the ARP broadcast with which the ONU's computer looks for the router."""
    return tagged(EVERYBODY, onu.host, onu.vid, _ARP, arp_request(onu.host, host_ip(onu), _ROUTER_IP))


def television(random: Random) -> bytes:
    """Return a multicast frame for all."""
    return tagged(_CHANNEL, VIDEO, SHARED_VID, _IPV4, ipv4_udp(_VIDEO_IP, _CHANNEL_IP, _payload(random), _VIDEO_PORT))


def for_all(cycle: int, random: Random) -> Iterator[tuple[str, bytes]]:
    """Give what goes to all ONUs in a cycle, each with its meaning."""
    if cycle % 10 == 0:
        yield "multicast", television(random)
    if cycle % 25 == 5:
        wanted = bytes((10, 9, 1, random.randrange(100, 250)))
        yield "broadcast", tagged(EVERYBODY, ROUTER, SHARED_VID, _ARP, arp_request(ROUTER, _ROUTER_IP, wanted))
