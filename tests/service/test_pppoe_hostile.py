"""Whatever comes from the line: the client ends in time, with a reason, and its parsers never stumble."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from ipaddress import IPv4Address, IPv4Interface

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linetest.errors import DeviceError
from linetest.secrets import Secret
from linetest.service.host import IpHost
from linetest.service.host_arp import EthernetMedium, who_has
from linetest.service.packets_ipv4 import checksum, fragments, icmp, ipv4, read_ipv4, read_udp, udp
from linetest.service.ppp_auth import Account
from linetest.service.ppp_packets import CHAP, IPCP, LCP, PAP, options_octets, read_options, read_packet
from linetest.service.pppoe_dial import PHASES, dial
from linetest.service.pppoe_packets import Code, TagType, discovery, in_session, read_discovery, read_session, text_of
from linetest.service.pppoe_settings import PppoeSettings
from linetest.service.restore import Restore
from linetest.transports.frames import FrameLink

MAC, AC = b"\x02\0\0\0\0\x01", b"\x02\0\0\0\0\x02"
QUICK = PppoeSettings(dials=1, retry_s=0.005, phase_timeout_s=0.02)
ACCOUNT = Account("line1@isp", Secret("correct horse"))


@pytest.fixture(scope="module", autouse=True)
def _short_goodbyes() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("linetest.service.ppp_session._GOODBYE_S", 0.01)
        yield


class HostileWire:
    """Answers every frame that is sent with what a test thought of, and after that says nothing."""

    name, mac, mtu = "hostile", MAC, 1500

    def __init__(self, packets: list[tuple[int, bytes]], *, is_helpful: bool) -> None:
        self.sent: list[bytes] = []
        self._packets = packets
        self._is_helpful = is_helpful
        self._waiting: list[bytes] = []

    def send(self, octets: bytes) -> None:
        """Take a frame; a helpful wire gives a session to whoever asks, so that the rest is tried, too."""
        self.sent.append(octets)
        packet = read_discovery(octets[14:]) if octets[12:14] == b"\x88\x63" else None
        if packet is not None and self._is_helpful and packet.code in (Code.PADI, Code.PADR):
            code, number = (Code.PADO, 0) if packet.code == Code.PADI else (Code.PADS, 1)
            tags = [(kind, value) for kind, value in packet.tags if kind == TagType.HOST_UNIQ]
            answer = discovery(code, number, ((TagType.AC_NAME, b"BNG"), *tags))
            self._waiting.append(MAC + AC + b"\x88\x63" + answer)
        if len(self.sent) < 100:
            self._waiting += [self._frame(protocol, packet) for protocol, packet in self._packets]

    def leave_out(self, program: bytes | None) -> None:
        """No kernel stands between."""

    def _frame(self, protocol: int, packet: bytes) -> bytes:
        if protocol == 0:
            return packet
        return MAC + AC + b"\x88\x64" + in_session(1, protocol, packet)

    def receive(self, timeout_s: float) -> tuple[bytes, float] | None:
        """Return the next frame."""
        if self._waiting:
            return self._waiting.pop(0), time.monotonic()
        time.sleep(max(timeout_s, 0.0))
        return None

    def close(self) -> None:
        """Nothing is open."""


_CONTROL = st.builds(
    lambda code, identifier, body: bytes([code, identifier]) + (len(body) + 4).to_bytes(2, "big") + body,
    st.integers(0, 15),
    st.integers(0, 3),
    st.one_of(
        st.binary(max_size=30),
        st.dictionaries(st.integers(0, 255), st.binary(max_size=6), max_size=4).map(options_octets),
    ),
)
_PACKETS = st.lists(
    st.tuples(st.sampled_from([0, LCP, PAP, CHAP, IPCP, 0x0021, 0x8057]), st.one_of(_CONTROL, st.binary(max_size=60))),
    max_size=6,
)


@settings(max_examples=60, deadline=None)
@given(_PACKETS, st.booleans())
def test_a_dial_into_anything_ends_with_a_reason(packets: list[tuple[int, bytes]], is_helpful: bool) -> None:
    wire = HostileWire(packets, is_helpful=is_helpful)
    restore = Restore()
    with ExitStack() as stack:
        done = dial(FrameLink(wire), ACCOUNT, QUICK, None, restore, stack)
        assert (done.access_time_s is None) == (done.trouble is not None)
        assert set(done.phases) <= set(PHASES)
        assert all((phase.time_s is None) == (phase.reason is not None) for phase in done.phases.values())
    assert len(restore.steps) == (done.session is not None)
    assert len(wire.sent) < 2000


@given(st.binary(max_size=100))
def test_parsers_take_anything(octets: bytes) -> None:
    packet = read_discovery(octets)
    if packet is not None:
        packet.error()
    read_session(octets)
    control = read_packet(octets)
    assert control is None or len(control.octets()) <= len(octets)
    options = read_options(octets)
    assert options is None or len(options_octets(options)) <= len(octets)
    assert len(text_of(octets)) <= 200
    inside = read_ipv4(octets)
    if inside is not None:
        read_udp(inside)


@given(st.binary(max_size=300), st.integers(1, 0xFFFF), st.integers(1, 0xFFFF))
def test_a_datagram_is_read_as_it_was_written(payload: bytes, near: int, far: int) -> None:
    here, there = b"\x0a\0\0\x01", b"\x0a\0\0\x02"
    packet = ipv4(17, here, there, udp(here, there, near, far, payload), number=near)
    assert checksum(packet[:20]) == 0
    read = read_ipv4(packet + b"padding")
    assert read is not None
    assert read_udp(read) == (near, far, payload)
    broken = bytearray(packet)
    broken[-1] ^= 0xFF
    damaged = read_ipv4(bytes(broken))
    assert damaged is None or read_udp(damaged) is None


@given(st.integers(0, 4000), st.integers(68, 1500))
def test_fragments_make_the_packet_again(size: int, mtu: int) -> None:
    packet = ipv4(1, b"\x0a\0\0\x01", b"\x0a\0\0\x02", bytes(range(256)) * 16 + bytes(size), dont_fragment=False)
    pieces = fragments(packet, mtu)
    assert all(len(piece) <= mtu and checksum(piece[:20]) == 0 for piece in pieces)
    assert b"".join(piece[20:] for piece in pieces) == packet[20:]
    assert [int.from_bytes(piece[6:8], "big") >> 13 for piece in pieces] == [1] * (len(pieces) - 1) + [0]


class _Quiet:
    """A medium that answers with what a test thought of."""

    mtu = 1500

    def __init__(self, answers: list[bytes]) -> None:
        self._answers = answers

    def send(self, _dst: bytes, _packet: bytes) -> None:
        """Nothing hears it."""

    def envelope(self, _dst: bytes) -> None:
        """Nobody answers for the next router."""

    def receive(self, until_s: float) -> tuple[bytes, float] | None:
        """Return the next of them."""
        if self._answers:
            return self._answers.pop(), time.monotonic()
        time.sleep(0.001)
        return None


@settings(max_examples=40, deadline=None)
@given(st.lists(st.one_of(st.binary(max_size=60), st.binary(max_size=40).map(lambda body: icmp(3, 4, bytes(4), body)))))
def test_a_host_survives_what_comes(bodies: list[bytes]) -> None:
    packets = [ipv4(1, b"\x0a\0\0\x02", b"\x0a\0\0\x01", body) for body in bodies]
    host = IpHost(_Quiet([*packets, *bodies]), IPv4Address("10.0.0.1"), how="dhcp", gateway=None, dns_servers=[])
    host.start()
    try:
        answer = host.echo("10.0.0.2", 64, 0.01)
    finally:
        host.stop()
    assert answer.rtt_s is None


@settings(max_examples=40, deadline=None)
@given(st.lists(st.binary(max_size=60), max_size=5))
def test_arp_takes_anything(bodies: list[bytes]) -> None:
    frames = [(0, MAC + AC + kind + body) for body in bodies for kind in (b"\x08\x06", b"\x08\0")]
    link = FrameLink(HostileWire(frames, is_helpful=False))
    assert len(who_has(link, "10.0.0.1", 0.01)) <= len(frames)
    medium = EthernetMedium(link, IPv4Interface("10.0.0.1/24"), None)
    while medium.receive(time.monotonic()) is not None:
        continue


def test_a_port_that_goes_away_is_told_to_whoever_waits() -> None:
    class Gone(_Quiet):
        def receive(self, until_s: float) -> tuple[bytes, float] | None:
            raise DeviceError("the port is gone")

    host = IpHost(Gone([]), IPv4Address("10.0.0.1"), how="dhcp", gateway=None, dns_servers=[])
    host.start()
    with pytest.raises(DeviceError, match="the port is gone"):
        host.echo("10.0.0.2", 64, 5.0)
    host.stop()
