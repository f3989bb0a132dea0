"""Packets of PPPoE (RFC 2516): discovery with its tags, and the head of a session's frames."""

import struct
from enum import IntEnum
from typing import NamedTuple

DISCOVERY = 0x8863
SESSION = 0x8864
"""EtherTypes (RFC 2516 section 4)."""
_VERSION_TYPE = 0x11
_HEAD = struct.Struct("!BBHH")
LENGTH_AT = 4
"""Where in the head of a session's frame its length stands."""
_TAG_HEAD = struct.Struct("!HH")
_LONGEST = 1484  # octets of tags: RFC 2516 section 5.1 leaves room for a relay's tag in a PADI
_MOST_TEXT = 200


class Code(IntEnum):
    """Codes of discovery packets (RFC 2516 appendix B)."""

    PADI = 0x09
    PADO = 0x07
    PADR = 0x19
    PADS = 0x65
    PADT = 0xA7


class TagType(IntEnum):
    """Types of tags (RFC 2516 appendix A)."""

    END_OF_LIST = 0x0000
    SERVICE_NAME = 0x0101
    AC_NAME = 0x0102
    HOST_UNIQ = 0x0103
    AC_COOKIE = 0x0104
    RELAY_SESSION_ID = 0x0110
    SERVICE_NAME_ERROR = 0x0201
    AC_SYSTEM_ERROR = 0x0202
    GENERIC_ERROR = 0x0203


ERRORS = {
    TagType.SERVICE_NAME_ERROR: "Service-Name-Error",
    TagType.AC_SYSTEM_ERROR: "AC-System-Error",
    TagType.GENERIC_ERROR: "Generic-Error",
}
"""Tags by which a concentrator refuses, and their names in the RFC."""


class Discovery(NamedTuple):
    """A discovery packet."""

    code: int
    session_id: int
    tags: tuple[tuple[int, bytes], ...]
    """Type and value, in order; those behind a damaged one are missing."""

    def values(self, kind: int) -> list[bytes]:
        """Return the values of all tags of one type."""
        return [value for found, value in self.tags if found == kind]

    def error(self) -> str | None:
        """Return name and text of the first error tag, such as ``AC-System-Error: no resources``; None without one."""
        for kind, value in self.tags:
            if kind in ERRORS:
                name = ERRORS[TagType(kind)]
                return f"{name}: {text_of(value)}" if value.strip(b"\0") else name
        return None


def discovery(code: Code, session_id: int = 0, tags: tuple[tuple[int, bytes], ...] = ()) -> bytes:
    """Return a discovery packet's octets."""
    body = b"".join(_TAG_HEAD.pack(kind, len(value)) + value for kind, value in tags)[:_LONGEST]
    return _HEAD.pack(_VERSION_TYPE, code, session_id, len(body)) + body


def read_discovery(payload: bytes) -> Discovery | None:
    """Return the discovery packet in a frame's payload; None where it is none."""
    found = _body(payload)
    if found is None:
        return None
    code, session_id, body = found
    tags: list[tuple[int, bytes]] = []
    at = 0
    while at + _TAG_HEAD.size <= len(body):
        kind, length = _TAG_HEAD.unpack_from(body, at)
        at += _TAG_HEAD.size
        if kind == TagType.END_OF_LIST or at + length > len(body):
            break
        tags.append((kind, body[at : at + length]))
        at += length
    return Discovery(code, session_id, tuple(tags))


def in_session(session_id: int, protocol: int, packet: bytes) -> bytes:
    """Return the payload of a frame that carries a PPP packet of a session."""
    return _HEAD.pack(_VERSION_TYPE, 0, session_id, len(packet) + 2) + protocol.to_bytes(2, "big") + packet


def read_session(payload: bytes) -> tuple[int, int, bytes] | None:
    """Return session, PPP protocol and packet of a session frame's payload; None where it is none."""
    found = _body(payload)
    if found is None or found[0] != 0 or len(found[2]) < 2:
        return None
    _code, session_id, body = found
    if body[0] & 1:  # a protocol field of one octet, RFC 1661 section 6.5: nobody asked for it, some send it
        return session_id, body[0], body[1:]
    return session_id, int.from_bytes(body[:2], "big"), body[2:]


def text_of(octets: bytes) -> str:
    """Return a text that a concentrator sent, cut to 200 characters; it is UTF-8 or, in China, GB 18030."""
    octets = octets.strip(b"\0")
    for coding in ("utf-8", "gb18030"):
        try:
            return octets.decode(coding)[:_MOST_TEXT]
        except UnicodeDecodeError:
            continue
    return octets.decode("latin-1")[:_MOST_TEXT]


def _body(payload: bytes) -> tuple[int, int, bytes] | None:
    """Return code, session and the octets that the length covers."""
    if len(payload) < _HEAD.size:
        return None
    version_type, code, session_id, length = _HEAD.unpack_from(payload)
    body = payload[_HEAD.size : _HEAD.size + length]
    return (code, session_id, body) if version_type == _VERSION_TYPE and len(body) == length else None
