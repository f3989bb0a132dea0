"""Frames with tags: over the simulated wire, and between two interfaces of the kernel."""

import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linetest.errors import DeviceError, Unreachable, UsageError
from linetest.transports import frames_linux
from linetest.transports.frames import BROADCAST, FrameLink, Tag, dissect, open_link, tags_words
from linetest.transports.packet_filter import of_igmp

QINQ = (Tag(0x88A8, 10), Tag(0x8100, 41))
ETHERTYPE = 0x88B5  # local experimental, IEEE 802 clause 9.2.4
CAN_NAME_SPACES = subprocess.run(["unshare", "-n", "ip", "link", "add", "a0", "type", "veth"], capture_output=True)


@pytest.fixture
def simulated() -> Iterator[tuple[FrameLink, socket.socket]]:
    """Yield a link with QinQ, and the socket at its other end."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as far:
        far.bind(("127.0.0.1", 0))
        far.settimeout(5)
        with closing(open_link(f"bench:udp://127.0.0.1:{far.getsockname()[1]}", QINQ)) as link:
            yield link, far


def test_a_frame_is_sent_with_its_stack(simulated: tuple[FrameLink, socket.socket]) -> None:
    link, far = simulated
    link.send(BROADCAST, ETHERTYPE, b"who")
    octets = far.recv(2000)
    assert octets == (BROADCAST + link.mac + bytes.fromhex("88a8000a81000029 88b5") + b"who").ljust(60, b"\0")


@pytest.mark.parametrize(
    ("stack", "is_taken"),
    [
        ("88a8000a 81000029", True),
        ("88a8e00a 8100f029", True),  # priorities are the network's own
        ("", False),
        ("88a8000a", False),
        ("81000029", False),
        ("8100000a 81000029", False),  # the same numbers, another standard
        ("88a8000a 8100002a", False),
        ("88a8000a 81000029 81000001", False),
    ],
)
def test_only_the_very_stack_is_taken(simulated: tuple[FrameLink, socket.socket], stack: str, is_taken: bool) -> None:
    link, far = simulated
    link.send(BROADCAST, ETHERTYPE, b"who")
    _octets, client = far.recvfrom(2000)
    far.sendto(link.mac + b"\x02" * 6 + bytes.fromhex(stack) + ETHERTYPE.to_bytes(2, "big") + b"me", client)
    came = link.receive(0.5 if is_taken else 0.05)
    assert (came is not None and came.payload == b"me" + bytes(len(came.payload) - 2)) == is_taken
    assert bool(link.strays) != is_taken


def test_frames_for_others_and_our_own_are_not_taken(simulated: tuple[FrameLink, socket.socket]) -> None:
    link, far = simulated
    link.send(BROADCAST, ETHERTYPE, b"who")
    octets, client = far.recvfrom(2000)
    head = bytes.fromhex("88a8000a81000029 88b5")
    far.sendto(b"\x02\x09" * 3 + b"\x02" * 6 + head + b"for another", client)
    far.sendto(octets, client)  # as a loop in the network would
    far.sendto(b"\x01\x00\x5e\x00\x00\x01" + b"\x02" * 6 + head + b"for a group", client)
    came = link.receive(0.5)
    assert came is not None
    assert came.payload == b"for a group"
    assert link.receive(0.02) is None
    assert not link.strays


@given(st.binary(max_size=40))
def test_any_octets_can_be_dissected(octets: bytes) -> None:
    frame = dissect(octets, 0.0)
    assert (frame is None) == (len(octets) < 14)
    assert frame is None or frame.dst + frame.src == octets[:12]


def test_a_stack_in_words() -> None:
    assert tags_words(QINQ) == "802.1ad 10 + 802.1Q 41"
    assert tags_words(()) == "untagged"


@pytest.mark.parametrize("place", ["bench:udp://127.0.0.1", "bench:udp://192.0.2.1:9", "bench:tcp://127.0.0.1:9"])
def test_an_address_that_is_none_is_refused(place: str) -> None:
    with pytest.raises(UsageError, match="not an address of a simulated network"):
        open_link(place)


def test_a_network_that_went_away_is_unreachable(simulated: tuple[FrameLink, socket.socket]) -> None:
    link, far = simulated
    far.close()
    with pytest.raises(Unreachable):  # the system tells it at the next call
        for _attempt in range(3):
            link.send(BROADCAST, ETHERTYPE, b"who")
            link.receive(0.2)


def test_another_interface_is_named() -> None:
    with pytest.raises(DeviceError, match="there is no such interface; here are: ") as refused:
        open_link("nix0")
    assert refused.value.reason == "no-such-object"


_BETWEEN_TWO = """
import json, subprocess, sys
def promiscuous(name):
    told = subprocess.run(["ip", "-j", "-d", "link", "show", name], capture_output=True, check=True).stdout
    return json.loads(told)[0]["promiscuity"]
from linetest.errors import Unreachable
from linetest.transports.frames import BROADCAST, Tag, open_link, tags_words
near, far = open_link("a0", (Tag(0x88A8, 10), Tag(0x8100, 41))), open_link("b0", (Tag(0x88A8, 10), Tag(0x8100, 41)))
plain = open_link("b0")
near.send(BROADCAST, 0x88B5, b"who")
asked = far.receive(2)
far.send(asked.src, 0x88B5, b"me" * 700)
plain.send(asked.src, 0x88B5, b"I, too")
answer, second = near.receive(2), near.receive(0.2)
print(tags_words(asked.tags), answer.payload == b"me" * 700, answer.src == far.mac, second)
print([tags_words(stray.tags) for stray in near.strays], near.mtu)
print(promiscuous("a0"), promiscuous("b0"))
far.close()
print(promiscuous("b0"))
subprocess.run(["ip", "link", "set", "a0", "down"], check=True)
try:
    near.receive(0.5)
except Unreachable as error:
    print(error.what, "|", error.hint)
"""


@pytest.mark.peer
def test_tags_that_the_kernel_takes_out_are_put_back(need: Callable[[bool, str], None]) -> None:
    need(CAN_NAME_SPACES.returncode == 0, "name spaces of the network need root")
    script = (
        'ip link add a0 type veth peer name b0; ip link set a0 up; ip link set b0 up; exec .venv/bin/python -c "$0"'
    )
    done = subprocess.run(
        ["unshare", "-n", "sh", "-c", script, _BETWEEN_TWO], capture_output=True, text=True, timeout=30
    )
    assert done.stdout.splitlines() == [
        "802.1ad 10 + 802.1Q 41 True True None",
        "['untagged'] 1492",
        "1 1",  # of those with tags only
        "0",
        "a0: the interface is down | ip link set a0 up",
    ], done.stderr


@pytest.mark.peer
def test_a_kernel_older_than_4_20_has_one_option_less(
    need: Callable[[bool, str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    need(CAN_NAME_SPACES.returncode == 0, "raw sockets need root on Linux")
    nobody_has = 250
    monkeypatch.setattr(frames_linux, "_PACKET_IGNORE_OUTGOING", nobody_has)
    with (
        closing(frames_linux.open_filtered("lo", of_igmp(()))) as opened,
        pytest.raises(OSError, match="not available"),
    ):
        opened.setsockopt(263, nobody_has, 1)
    with closing(frames_linux.open_interface("lo")) as wire:
        wire.leave_out(of_igmp(()))
        wire.leave_out(None)
