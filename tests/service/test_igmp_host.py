"""A host that speaks IGMP, and queriers that ask more than they should."""

import socket
import struct
from collections.abc import Iterator

import pytest

from linetest.service.igmp import opened_igmp
from linetest.service.packets_ipv4 import checksum
from linetest.transports.multicast import Channel

_CHANNEL = Channel("239.1.2.3", 5000)
_REPORT = bytes.fromhex("22")
_IGMP_AT = 14 + 24  # behind Ethernet and an IPv4 head with Router Alert


@pytest.fixture
def far() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        opened.bind(("127.0.0.1", 0))
        yield opened


def _query(within_tenths: int) -> bytes:
    """Return a general query of version 3 in a frame."""
    message = struct.pack("!BBH4sBBH", 0x11, within_tenths, 0, bytes(4), 2, 125, 0)
    message = message[:2] + checksum(message).to_bytes(2, "big") + message[4:]
    to = bytes([224, 0, 0, 1])
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0xC0, 32, 0, 0, 1, 2, 0, bytes([192, 0, 2, 1]), to)
    head = head[:10] + checksum(head).to_bytes(2, "big") + head[12:]
    return bytes.fromhex("01005e000001 020000000001 0800") + head + message


def _heard(far: socket.socket, seconds: float) -> list[bytes]:
    """Return the reports of version 3 that come until it has been silent for so long."""
    far.settimeout(seconds)
    found: list[bytes] = []
    while True:
        try:
            octets = far.recv(2000)
        except TimeoutError:
            return found
        if octets[_IGMP_AT : _IGMP_AT + 1] == _REPORT:
            found.append(octets)


def test_a_flood_of_queries_gets_one_answer(far: socket.socket) -> None:
    with opened_igmp(f"bench:udp://127.0.0.1:{far.getsockname()[1]}", (), "10.99.0.20") as host:
        host.join(_CHANNEL)
        _octets, client = far.recvfrom(2000)
        _heard(far, 1.2)  # the join goes out twice
        for _number in range(100):
            far.sendto(_query(20), client)
        answers = _heard(far, 2.2)
        assert host.querier == "192.0.2.1"
    assert 1 <= len(answers) <= 3  # the next query may come behind an answer
