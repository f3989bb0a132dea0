"""The port for TCP: an address that leaves checksums as they are, and a system that has none."""

import struct
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linetest.errors import DeviceError
from linetest.transports import tun
from linetest.transports.tun import Tun, twin_address


def folded(octets: bytes) -> int:
    """Return the sum of RFC 1071, in which 0 and 0xFFFF are one number."""
    words: tuple[int, ...] = struct.unpack(f"!{len(octets) // 2}H", octets)
    return sum(words) % 0xFFFF


@given(st.integers(0, 2**32 - 1), st.binary(min_size=20, max_size=40).filter(lambda octets: len(octets) % 2 == 0))
def test_a_checksum_holds_with_the_twin_in_the_place_of_the_address(number: int, around: bytes) -> None:
    address = IPv4Address(number).packed
    twin = twin_address(address)
    assert folded(around + twin) == folded(around + address)
    assert IPv4Address(twin) in IPv4Network("198.18.0.0/15")
    assert twin[2:] != b"\0\0"


def test_a_system_without_such_ports_is_told_from_a_missing_right(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tun, "_DEVICE", tmp_path / "none")
    with pytest.raises(DeviceError, match="this system has no") as refused:
        Tun(twin_address(b"\x0a\x00\x00\x01"), 1492, "192.0.2.1")
    assert refused.value.reason == "no-tcp"
