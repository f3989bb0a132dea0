"""Packets of PPP's control protocols: code, identifier, length, and options (RFC 1661 sections 5 and 6)."""

import struct
from enum import IntEnum
from typing import NamedTuple

IPV4 = 0x0021
IPCP = 0x8021
LCP = 0xC021
PAP = 0xC023
CHAP = 0xC223
_HEAD = struct.Struct("!BBH")


class Code(IntEnum):
    """Codes of LCP; IPCP has those up to 7 (RFC 1661 section 5)."""

    CONFIGURE_REQUEST = 1
    CONFIGURE_ACK = 2
    CONFIGURE_NAK = 3
    CONFIGURE_REJECT = 4
    TERMINATE_REQUEST = 5
    TERMINATE_ACK = 6
    CODE_REJECT = 7
    PROTOCOL_REJECT = 8
    ECHO_REQUEST = 9
    ECHO_REPLY = 10
    DISCARD_REQUEST = 11


class Packet(NamedTuple):
    """A packet of a control protocol."""

    code: int
    identifier: int
    body: bytes

    def octets(self) -> bytes:
        """Return it as it is sent."""
        return _HEAD.pack(self.code, self.identifier, _HEAD.size + len(self.body)) + self.body


Options = dict[int, bytes]
"""Type and value. A type that comes twice is not one that is negotiated here."""


def read_packet(octets: bytes) -> Packet | None:
    """Return the packet in `octets`; None where its length does not fit."""
    if len(octets) < _HEAD.size:
        return None
    code, identifier, length = _HEAD.unpack_from(octets)
    if not _HEAD.size <= length <= len(octets):
        return None
    return Packet(code, identifier, octets[_HEAD.size : length])


def options_octets(options: Options) -> bytes:
    """Return options as they are sent."""
    return b"".join(bytes([kind, len(value) + 2]) + value for kind, value in options.items())


def read_options(body: bytes) -> Options | None:
    """Return the options in the body of a Configure packet; None where a length does not fit."""
    options: Options = {}
    at = 0
    while at < len(body):
        if at + 2 > len(body) or body[at + 1] < 2 or at + body[at + 1] > len(body):
            return None
        options[body[at]] = body[at + 2 : at + body[at + 1]]
        at += body[at + 1]
    return options
