"""Filters that Linux applies before a frame reaches a program: classic BPF on a raw packet socket.

The kernel takes the outermost VLAN tag out of a frame and tells it beside it, so it is compared there; further tags
stand in the frame. A frame with VLAN 0 carries a priority only and counts as untagged. Numbers: linux/filter.h,
linux/bpf_common.h.
"""

import ctypes
import socket
import struct
from collections.abc import Sequence
from typing import NamedTuple

VlanTags = Sequence[tuple[int, int]]
"""TPID and VLAN of each tag, the outermost first."""

_SO_ATTACH_FILTER, _SO_DETACH_FILTER = 26, 27
_LOAD_WORD, _LOAD_HALF, _LOAD_OCTET, _LOAD_HEAD_LENGTH, _LOAD_HALF_BEHIND = 0x20, 0x28, 0x30, 0xB1, 0x48
_EQUAL, _ANY_BIT, _AND, _RETURN = 0x15, 0x45, 0x54, 0x06
_BESIDE = 0xFFFF_F000  # SKF_AD_OFF: what is loaded from there stands beside the frame
_KIND, _TCI, _TPID = _BESIDE + 4, _BESIDE + 44, _BESIDE + 60
_TO_US, _OUTGOING = 0, 4  # PACKET_HOST, PACKET_OUTGOING
_VLAN_BITS = 0x0FFF
_ETHERTYPE_AT, _TAG = 12, 4
_IPV4, _UDP, _IGMP = 0x0800, 17, 2
_TCP = 6
_TPIDS = (0x8100, 0x88A8)
_NEXT, _TAKE, _DROP = "next", "take", "drop"
_WHOLE = 0xFFFF
_EVERYTHING = 0x0004_0000  # frames that the system has put together are longer than one can be


class Carried(NamedTuple):
    """Frames that carry IPv4 packets to one address."""

    tags: VlanTags
    source: bytes | None
    """The only MAC address that may have sent them; any when None."""
    ethertype: int
    shim: bytes
    """What stands between the EtherType and the packet."""
    length_at: int
    """Where in it two octets differ from frame to frame, and are not compared; 0 for none."""
    address: bytes

    @property
    def packet_at(self) -> int:
        """Where the packet begins, the outermost tag taken out."""
        return _ip_at(self.tags) + len(self.shim)


class _Step(NamedTuple):
    """One instruction; where it is a test, what follows when it holds and when not."""

    code: int
    value: int
    holds: str = _NEXT
    fails: str = _NEXT


def of_channel(
    group: str, port: int, source: str | None, tags: VlanTags, octets: int, *, is_whole: bool = False
) -> bytes:
    """Return a filter for the UDP datagrams of a multicast group that carry exactly these tags, cut to `octets`.

    With `is_whole` fragments and datagrams behind IP options are left out, so that all payloads begin at one place;
    else first fragments are let through.
    """
    at = _ip_at(tags)
    steps = [
        *_of_tags(tags, _DROP),
        *([_Step(_LOAD_OCTET, at), _Step(_EQUAL, 0x45, fails=_DROP)] if is_whole else []),
        _Step(_LOAD_OCTET, at + 9),
        _Step(_EQUAL, _UDP, fails=_DROP),
        _Step(_LOAD_HALF, at + 6),
        _Step(_ANY_BIT, 0x3FFF if is_whole else 0x1FFF, holds=_DROP),
        _Step(_LOAD_WORD, at + 16),
        _Step(_EQUAL, _number(group), fails=_DROP),
        *([_Step(_LOAD_WORD, at + 12), _Step(_EQUAL, _number(source), fails=_DROP)] if source else []),
        _Step(_LOAD_HEAD_LENGTH, at),
        _Step(_LOAD_HALF_BEHIND, at + 2),
        _Step(_EQUAL, port, holds=_TAKE, fails=_DROP),
    ]
    return _assembled(steps, octets)


def of_group_elsewhere(group: str, tags: VlanTags, octets: int) -> bytes:
    """Return a filter for frames to a group's MAC address that carry other tags than these."""
    mac = group_mac(group)
    steps = [
        *_incoming(),
        _Step(_LOAD_WORD, 0),
        _Step(_EQUAL, int.from_bytes(mac[:4], "big"), fails=_DROP),
        _Step(_LOAD_HALF, 4),
        _Step(_EQUAL, int.from_bytes(mac[4:], "big"), fails=_DROP),
        *_of_tags(tags, _TAKE),
        _Step(_EQUAL, _IPV4, holds=_DROP, fails=_DROP),
    ]
    return _assembled(steps, octets)


def of_igmp(tags: VlanTags) -> bytes:
    """Return a filter for IGMP with exactly these tags."""
    steps = [
        *_of_tags(tags, _DROP),
        _Step(_LOAD_OCTET, _ip_at(tags) + 9),
        _Step(_EQUAL, _IGMP, holds=_TAKE, fails=_DROP),
    ]
    return _assembled(steps, _WHOLE)


def of_tcp(carried: Carried, *, otherwise: bool = False) -> bytes:
    """Return a filter for TCP in such frames.

    With `otherwise` it takes all other frames that come.
    """
    yes, no = (_DROP, _TAKE) if otherwise else (_TAKE, _DROP)
    at = carried.packet_at
    steps = [
        *_of_tags(carried.tags, no, carried.ethertype, no),
        *_outside(carried, no),
        _Step(_LOAD_WORD, at + 16),
        _Step(_EQUAL, int.from_bytes(carried.address, "big"), fails=no),
        _Step(_LOAD_HALF, at + 6),
        _Step(_ANY_BIT, 0x1FFF, holds=no),
        _Step(_LOAD_OCTET, at + 9),
        _Step(_EQUAL, _TCP, holds=yes, fails=no),
    ]
    return _assembled(steps, _EVERYTHING)


def attach(opened: socket.socket, program: bytes) -> None:
    """Give a socket a filter.

    Raises:
        OSError: the system does not take it.
    """
    kept = ctypes.create_string_buffer(program, len(program))  # the system reads it during the call
    many = len(program) // 8
    opened.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, struct.pack("@HP", many, ctypes.addressof(kept)))


def detach(opened: socket.socket) -> None:
    """Take a socket's filter away.

    Raises:
        OSError: it has none.
    """
    opened.setsockopt(socket.SOL_SOCKET, _SO_DETACH_FILTER, 0)


def group_mac(group: str) -> bytes:
    """Return the MAC address of a multicast group (RFC 1112 section 6.4)."""
    octets = socket.inet_aton(group)
    return b"\x01\x00\x5e" + bytes([octets[1] & 0x7F]) + octets[2:]


def _incoming() -> list[_Step]:
    return [_Step(_LOAD_WORD, _KIND), _Step(_EQUAL, _OUTGOING, holds=_DROP)]


def _outside(carried: Carried, no: str) -> list[_Step]:
    """Return the steps that compare who the frame is from and for, and what stands before the packet."""
    steps = [_Step(_LOAD_WORD, _KIND), _Step(_EQUAL, _TO_US, fails=no)]
    if carried.source is not None:
        for code, at, octets in ((_LOAD_WORD, 6, carried.source[:4]), (_LOAD_HALF, 10, carried.source[4:])):
            steps += [_Step(code, at), _Step(_EQUAL, int.from_bytes(octets, "big"), fails=no)]
    begins = carried.packet_at - len(carried.shim)
    for at in range(0, len(carried.shim), 2):
        if at != carried.length_at or not at:
            wanted = int.from_bytes(carried.shim[at : at + 2], "big")
            steps += [_Step(_LOAD_HALF, begins + at), _Step(_EQUAL, wanted, fails=no)]
    return steps


def _of_tags(tags: VlanTags, otherwise: str, ethertype: int = _IPV4, other_type: str = _DROP) -> list[_Step]:
    """Return the steps that compare the tags, and the EtherType behind them; other tags lead to `otherwise`."""
    steps = _incoming()
    if tags:
        steps += [_Step(_LOAD_WORD, _TPID), _Step(_EQUAL, tags[0][0], fails=otherwise)]
    steps += [
        _Step(_LOAD_WORD, _TCI),
        _Step(_AND, _VLAN_BITS),
        _Step(_EQUAL, tags[0][1] if tags else 0, fails=otherwise),
    ]
    for at, (tpid, vlan) in enumerate(tags[1:]):
        begins = _ETHERTYPE_AT + at * _TAG
        steps += [
            _Step(_LOAD_HALF, begins),
            _Step(_EQUAL, tpid, fails=otherwise),
            _Step(_LOAD_HALF, begins + 2),
            _Step(_AND, _VLAN_BITS),
            _Step(_EQUAL, vlan, fails=otherwise),
        ]
    return [
        *steps,
        _Step(_LOAD_HALF, _ip_at(tags) - 2),
        *(_Step(_EQUAL, tpid, holds=otherwise) for tpid in _TPIDS),
        _Step(_EQUAL, ethertype, fails=other_type),
    ]


def _ip_at(tags: VlanTags) -> int:
    return _ETHERTYPE_AT + 2 + _TAG * max(len(tags) - 1, 0)


def _number(address: str) -> int:
    return int.from_bytes(socket.inet_aton(address), "big")


def _assembled(steps: list[_Step], octets: int) -> bytes:
    """Return the steps as instructions, with the two ends behind them: take so many octets, drop."""
    ends = {_TAKE: len(steps), _DROP: len(steps) + 1}
    code = b""
    for at, step in enumerate(steps):
        jumps = [ends.get(label, at + 1) - at - 1 for label in (step.holds, step.fails)]
        code += struct.pack("=HBBI", step.code, *jumps, step.value)
    return code + struct.pack("=HBBI", _RETURN, 0, 0, octets) + struct.pack("=HBBI", _RETURN, 0, 0, 0)
