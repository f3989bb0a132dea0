"""DHCP messages as octets (RFC 2131, RFC 2132, RFC 3396 for long options, RFC 3925 for option 125).

What a server says is hostile until all of its lengths were checked; a message has at most 1472 octets of an Ethernet
frame, so everything in it is bounded.
"""

import struct
from enum import IntEnum
from ipaddress import IPv4Address
from typing import Any, NamedTuple

_PAD, _END = 0, 255
_HEAD = struct.Struct("!BBBBIHH4s4s4s4s16s64s128s")
_COOKIE = b"\x63\x82\x53\x63"
_CALL, _REPLY, _ETHERNET = 1, 2, 1
_SHORTEST = 300  # of a BOOTP message; some relays drop shorter ones
_IN_FILE, _IN_NAME = 1, 2
_MOST_SUBOPTIONS = 64

Options = dict[int, bytes]


class Kind(IntEnum):
    """What a message is (RFC 2132, section 9.6)."""

    DISCOVER = 1
    OFFER = 2
    REQUEST = 3
    ACK = 5
    NAK = 6
    RELEASE = 7


class Option(IntEnum):
    """The options that are read or told."""

    MASK = 1
    ROUTER = 3
    DNS = 6
    HOST_NAME = 12
    DOMAIN = 15
    VENDOR = 43
    REQUESTED = 50
    LEASE_S = 51
    OVERLOAD = 52
    KIND = 53
    SERVER_ID = 54
    WANTED = 55
    TEXT = 56
    RENEW_S = 58
    REBIND_S = 59
    VENDOR_CLASS = 60
    CLIENT_ID = 61
    VENDOR_OPTION = 125


class Message(NamedTuple):
    """What a server says."""

    kind: int
    number: int
    """The transaction (xid)."""
    mac: bytes
    """Whose it is (chaddr)."""
    address: IPv4Address
    """What the client gets (yiaddr)."""
    relay: IPv4Address | None
    """The relay agent that the server heard (giaddr)."""
    options: Options

    @property
    def server(self) -> IPv4Address | None:
        """Return the server's identifier."""
        return self.addresses(Option.SERVER_ID)[0] if self.addresses(Option.SERVER_ID) else None

    def addresses(self, option: int) -> list[IPv4Address]:
        """Return the addresses in an option; none where its length is wrong."""
        octets = self.options.get(option, b"")
        if len(octets) % 4:
            return []
        return [IPv4Address(octets[at : at + 4]) for at in range(0, len(octets), 4)]

    def seconds(self, option: int) -> int | None:
        """Return a time in an option."""
        octets = self.options.get(option, b"")
        return int.from_bytes(octets, "big") if len(octets) == 4 else None

    def text(self, option: int) -> str | None:
        """Return a text in an option, as it came."""
        octets = self.options.get(option)
        return None if octets is None else octets.rstrip(b"\0").decode("utf-8", "replace")


def call(
    kind: int, number: int, mac: bytes, options: Options, *, waited_s: int = 0, own: IPv4Address | None = None
) -> bytes:
    """Return a message of a client.

    Args:
        kind: such as `Kind.DISCOVER`.
        number: of the transaction.
        mac: the client's.
        options: without the kind.
        waited_s: since the first message of the transaction.
        own: the address that the client has, for a release.
    """
    none = bytes(4)
    head = _HEAD.pack(
        _CALL, _ETHERNET, 6, 0, number, min(waited_s, 0xFFFF), 0,
        own.packed if own is not None else none, none, none, none, mac.ljust(16, b"\0"), b"", b"",
    )  # fmt: skip
    body = b"".join(_option(code, octets) for code, octets in {Option.KIND: bytes([kind]), **options}.items())
    return (head + _COOKIE + body + bytes([_END])).ljust(_SHORTEST, b"\0")


def read_message(octets: bytes) -> Message | None:
    """Return what a server says; None for what is no reply of one.

    Raises:
        ValueError: an option is cut off.
    """
    if len(octets) < _HEAD.size + len(_COOKIE) or octets[_HEAD.size : _HEAD.size + 4] != _COOKIE:
        return None
    way, medium, length, _hops, number, _s, _flags, _ci, yours, _si, relay, mac, name, file = _HEAD.unpack_from(octets)
    if (way, medium, length) != (_REPLY, _ETHERNET, 6):
        return None
    options = _options(octets[_HEAD.size + 4 :])
    overload = options.get(Option.OVERLOAD, b"\0")[:1]
    for bit, field in ((_IN_FILE, file), (_IN_NAME, name)):
        if overload and overload[0] & bit:
            for code, body in _options(field).items():
                options[code] = options.get(code, b"") + body
    kind = options.get(Option.KIND, b"")
    if len(kind) != 1:
        return None
    heard = IPv4Address(relay) if any(relay) else None
    return Message(kind[0], number, mac[:6], IPv4Address(yours), heard, options)


def vendor_octets(vendors: dict[str, str]) -> bytes:
    """Return option 125 from enterprise numbers and octets in hexadecimal digits."""
    parts = ((int(number), bytes.fromhex(body)) for number, body in vendors.items())
    return b"".join(struct.pack("!IB", number, len(body)) + body for number, body in parts)


def read_vendors(octets: bytes) -> list[dict[str, Any]]:
    """Return what each enterprise says in option 125, its sub-options as hexadecimal digits and as text.

    What is cut off is shown as far as it goes.
    """
    found = []
    at = 0
    while at + 5 <= len(octets):
        number, length = struct.unpack_from("!IB", octets, at)
        body = octets[at + 5 : at + 5 + length]
        found.append({"enterprise": number, "options": _suboptions(body)})
        at += 5 + length
    return found


def _suboptions(octets: bytes) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    at = 0
    while at + 2 <= len(octets) and len(found) < _MOST_SUBOPTIONS:
        code, length = octets[at], octets[at + 1]
        body = octets[at + 2 : at + 2 + length]
        text = body.decode("utf-8", "replace")
        found.append({"code": code, "hex": body.hex(), "text": text if text.isprintable() else None})
        at += 2 + length
    return found


def _option(code: int, octets: bytes) -> bytes:
    """Return an option, in pieces of 255 octets where it is longer."""
    pieces = [octets[at : at + 255] for at in range(0, len(octets), 255)] or [b""]
    return b"".join(bytes([code, len(piece)]) + piece for piece in pieces)


def _options(octets: bytes) -> Options:
    """Return the options in a field; what comes in several pieces is one."""
    found: Options = {}
    at = 0
    while at < len(octets) and octets[at] != _END:
        code = octets[at]
        if code == _PAD:
            at += 1
            continue
        if at + 2 > len(octets) or at + 2 + octets[at + 1] > len(octets):
            raise ValueError("an option is cut off")
        length = octets[at + 1]
        found[code] = found.get(code, b"") + octets[at + 2 : at + 2 + length]
        at += 2 + length
    return found
